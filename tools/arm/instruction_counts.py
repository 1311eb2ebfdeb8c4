"""Instructions of one denoising step on emulated CPUs."""
import dataclasses
import pathlib
import re
import subprocess
import tempfile


@dataclasses.dataclass(frozen=True)
class EmulatedCPU:
    name: str
    target: str
    emulator: str
    # What SPINDRIFT_KERNEL is set to; None leaves the choice to the program.
    kernel: str | None
    # Multiply-adds of the CPU's widest int8 multiply instruction.
    width: int


CPUS = (
    EmulatedCPU("cortex-a53", "aarch64", "qemu-aarch64", None, 8),
    EmulatedCPU("cortex-a72", "aarch64", "qemu-aarch64", None, 8),
    EmulatedCPU("cortex-a76", "aarch64", "qemu-aarch64", None, 16),
    EmulatedCPU("max", "aarch64", "qemu-aarch64", "i8mm", 32),
    EmulatedCPU("cortex-a7", "armv7", "qemu-arm", None, 8),
)

# Start-up and loading cancel in the difference of two runs; what remains is the steps, the noise they start from and the written
# arrays.
FEWER_PICTURES, MORE_PICTURES = 1, 3


class Refused(Exception):
    """The program does not run on this CPU with these kernels, for the reason given."""


def _run(cpu: EmulatedCPU, plugin: str, program: str, model: str, pictures: int) -> dict[str, int]:
    """Instructions by function of one run of the program."""
    with tempfile.TemporaryDirectory() as folder:
        counts = pathlib.Path(folder, "counts")
        environment = ["-E", f"SPINDRIFT_KERNEL={cpu.kernel}"] if cpu.kernel else ["-U", "SPINDRIFT_KERNEL"]
        command = [
            cpu.emulator, "-cpu", cpu.name, *environment, "-d", "plugin", "-D", str(counts), "-plugin", plugin,
            program, model, "--raw", "/dev/null", "--count", str(pictures), "--threads", "1"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Refused((done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1])
        found: dict[str, int] = {}
        for line in counts.read_text().splitlines():
            match = re.match(r"(\d+) (.+)", line)
            if match:
                found[match[2]] = found.get(match[2], 0) + int(match[1])
        if not found:
            raise Refused(f"{cpu.emulator} wrote no counts: it may have been built without plugins")
        return found


def count(cpu: EmulatedCPU, plugin: str, program: str, model: str, steps: int, multiply_adds: int) -> dict:
    """One row of the report, with the functions that take most."""
    try:
        fewer = _run(cpu, plugin, program, model, FEWER_PICTURES)
        more = _run(cpu, plugin, program, model, MORE_PICTURES)
    except Refused as reason:
        return {"cpu": cpu.name, "target": cpu.target, "kernel": cpu.kernel, "refused": str(reason)}
    divisor = steps * (MORE_PICTURES - FEWER_PICTURES)
    by_function = {name: (more[name] - fewer.get(name, 0)) / divisor for name in more}
    total, least = sum(by_function.values()), multiply_adds / cpu.width
    busiest = sorted(by_function.items(), key=lambda item: -item[1])
    return {
        "cpu": cpu.name, "target": cpu.target, "kernel": cpu.kernel, "instructions_per_step": total,
        "least_multiply_instructions": least, "multiply_share": least / total,
        "functions": [{"name": name, "instructions": number, "share": number / total} for name, number in busiest if number > 0]}
