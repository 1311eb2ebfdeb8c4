"""How busy other programs keep the CPUs while something is measured."""
import os
import time


class OtherLoad:
    """Counts from its making on."""

    def __init__(self) -> None:
        self._begin = time.perf_counter()
        self._busy, self._own = _busy_seconds(), _own_seconds()

    def share(self) -> float:
        """CPU time that went to other programs or to the host's other guests, as a share of what all CPUs had to give."""
        available = (time.perf_counter() - self._begin) * (os.cpu_count() or 1)
        others = (_busy_seconds() - self._busy) - (_own_seconds() - self._own)
        return min(max(others / available, 0.0), 1.0)


def _busy_seconds() -> float:
    with open("/proc/stat") as statistics:
        user, nice, system, _idle, _waiting, interrupt, soft_interrupt, steal, *_ = map(int, statistics.readline().split()[1:])
    return (user + nice + system + interrupt + soft_interrupt + steal) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
