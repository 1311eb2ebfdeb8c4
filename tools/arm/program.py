"""The functions of an ARM program, as its disassembly shows them."""
import dataclasses
import re
import subprocess

_HEADING = re.compile(r"^([0-9a-f]+) <(.+)>:$")
_INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)$")
_TARGET = re.compile(r"\b0x([0-9a-f]+) <[^>]*>$")
_BRANCH = re.compile(r"^(b|b\.\w+|cbn?z|tbn?z)$")


@dataclasses.dataclass
class Instruction:
    address: int
    mnemonic: str
    operands: str
    # Where a branch goes that does not call.
    target: int | None


@dataclasses.dataclass
class Function:
    name: str
    instructions: list[Instruction]


def functions(path: str, objdump: str) -> list[Function]:
    """All functions of a program with symbols (64-bit ARM)."""
    command = [objdump, "--disassemble", "--no-show-raw-insn", "--mattr=+dotprod,+i8mm", path]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: list[Function] = []
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading:
            found.append(Function(heading[2], []))
            continue
        match = _INSTRUCTION.match(line)
        if match and found:
            operands = match[3].split("//")[0].strip()
            target = _TARGET.search(operands) if _BRANCH.match(match[2]) else None
            found[-1].instructions.append(
                Instruction(int(match[1], 16), match[2], operands, int(target[1], 16) if target else None))
    return found
