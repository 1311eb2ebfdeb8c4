"""What llvm-mca's model of a core makes of a loop."""
import dataclasses
import re
import subprocess

from inner_loops import multiply_kind, total_multiply_adds
from program import Function, Instruction


@dataclasses.dataclass(frozen=True)
class Core:
    name: str
    # The scheduling model. LLVM's own choice for A76 and A710 is that of an A57, so their server siblings stand in for them.
    model: str
    # Multiply-adds per cycle if nothing but the multiply units were in the way.
    limits: dict[str, int]


CORES = (
    Core("cortex-a53", "cortex-a53", {"widening": 8}),
    Core("cortex-a72", "cortex-a72", {"widening": 8}),
    Core("cortex-a55", "cortex-a55", {"dot": 16}),
    Core("cortex-a76", "neoverse-n1", {"dot": 32}),
    Core("cortex-a710", "neoverse-n2", {"matrix": 64}),
)


def _as_source(loop: list[Instruction]) -> str:
    """The loop as assembly. Where a branch or an address leads does not matter to the model."""
    lines = ["start:"]
    for instruction in loop:
        operands = re.sub(r"0x[0-9a-f]+ <[^>]*>", "start", instruction.operands)
        lines.append(f"{instruction.mnemonic} {operands}")
    return "\n".join(lines) + "\n"


def _total_cycles(mca: str, model: str, source: str, iterations: int) -> int:
    command = [mca, "-mtriple=aarch64", f"-mcpu={model}", "-mattr=+dotprod,+i8mm", f"-iterations={iterations}"]
    done = subprocess.run(command, input=source, capture_output=True, text=True)
    cycles = re.search(r"^Total Cycles:\s+(\d+)$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not cycles:
        raise RuntimeError(f"llvm-mca failed for {model}: {done.stderr.strip()}")
    return int(cycles[1])


def cycles_per_iteration(mca: str, model: str, loop: list[Instruction]) -> float:
    """In the steady state: what the second thousand of iterations adds to the first."""
    source = _as_source(loop)
    return (_total_cycles(mca, model, source, 2000) - _total_cycles(mca, model, source, 1000)) / 1000


def loop_report(mca: str, function: Function, loop: list[Instruction]) -> list[dict]:
    """One row for each core that this kind of loop is for."""
    kind, work = multiply_kind(loop), total_multiply_adds(loop)
    rows = []
    for core in CORES:
        if kind not in core.limits:
            continue
        cycles = cycles_per_iteration(mca, core.model, loop)
        rate = work / cycles
        rows.append({
            "function": function.name, "cpu": core.name, "model": core.model, "multiply": kind, "instructions": len(loop),
            "multiply_adds": work, "cycles": cycles, "multiply_adds_per_cycle": rate, "limit": core.limits[kind],
            "share_of_limit": rate / core.limits[kind]})
    return rows
