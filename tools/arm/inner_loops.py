"""Which loop of a function does the multiplying."""
import re

from program import Function, Instruction

# Multiply-adds of one instruction by mnemonic and the arrangement of its result: products of 8-bit numbers, or of numbers that a
# kernel has widened to 16 bits beforehand.
_WIDENING = re.compile(r"^[su](mull|mlal|mlsl)2?$")
_DOT = re.compile(r"^([su]|us|su)dot$")
_MATRIX = re.compile(r"^([su]|us)mmla$")
_NARROW = re.compile(r"^(mul|mla|mls)$")
_LANES = {"16b": 16, "8b": 8, "8h": 8, "4h": 4, "4s": 4, "2s": 2, "2d": 2}


def multiply_adds(instruction: Instruction) -> tuple[str, int] | None:
    """The kind of a vector multiply of integers, and how many it does."""
    arrangement = re.match(r"v\d+\.(\w+),", instruction.operands)
    lanes = _LANES.get(arrangement[1]) if arrangement else None
    if lanes is None:
        return None
    if _MATRIX.match(instruction.mnemonic):
        return "matrix", 32
    if _DOT.match(instruction.mnemonic):
        return "dot", 4 * lanes
    if _WIDENING.match(instruction.mnemonic) or _NARROW.match(instruction.mnemonic):
        return "widening", lanes
    return None


def multiply_kind(loop: list[Instruction]) -> str:
    """The kind that does most of the multiply-adds of a loop."""
    totals: dict[str, int] = {}
    for kind, count in filter(None, map(multiply_adds, loop)):
        totals[kind] = totals.get(kind, 0) + count
    return max(totals, key=totals.__getitem__)


def total_multiply_adds(loop: list[Instruction]) -> int:
    return sum(found[1] for found in map(multiply_adds, loop) if found)


def busiest_inner_loop(function: Function) -> list[Instruction] | None:
    """The loop without loops inside that multiplies most in one iteration; None if no loop multiplies integers.

    A loop is what lies between the target of a backward branch and the branch.
    """
    body = function.instructions
    index = {instruction.address: i for i, instruction in enumerate(body)}
    spans = [
        (index[instruction.target], i) for i, instruction in enumerate(body)
        if instruction.target in index and index[instruction.target] <= i]
    # A second branch back to the same place is another way to go on with the same loop, not a loop inside.
    inner = [
        (first, last) for first, last in spans
        if not any(first < head <= end <= last for head, end in spans)]
    loops = [body[first:last + 1] for first, last in inner]
    best = max(loops, key=total_multiply_adds, default=[])
    return best if total_multiply_adds(best) > 0 else None
