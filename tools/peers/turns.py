"""The turn-taking loop: a change of the machine's speed reaches all engines."""
import dataclasses
import statistics
import sys

from engines.engine import Engine


@dataclasses.dataclass
class Spread:
    median: float
    least: float
    p10: float
    p90: float

    @staticmethod
    def of(values: list[float]) -> "Spread":
        deciles = statistics.quantiles(values, n=10, method="inclusive") if len(values) > 1 else [values[0]] * 9
        return Spread(statistics.median(values), min(values), deciles[0], deciles[-1])


def take_turns(engines: list[Engine], rounds: int, seconds: float, label: str) -> dict[str, list[float]]:
    """Each engine's milliseconds per step, one figure a round. A first round that does not count warms everything up."""
    times: dict[str, list[float]] = {engine.name: [] for engine in engines}
    for turn in range(rounds + 1):
        if sys.stderr.isatty():
            print(f"\r{label}: round {turn} of {rounds} ", end="", file=sys.stderr, flush=True)
        for engine in engines:
            milliseconds = engine.turn(seconds)
            if turn > 0:
                times[engine.name].append(milliseconds)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return times
