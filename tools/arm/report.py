"""The report on ARM CPUs; tools/arm-report prepares the files and explains the options."""
import argparse
import json
import re
import subprocess
import sys

import cycles
import instruction_counts
from inner_loops import busiest_inner_loop
from program import functions

MATRIX_PRODUCT = re.compile("gemm|tile|multiply")
# Registers alone, and plain C that no such CPU uses.
NOT_KERNELS = re.compile("peak|scalar")
FUNCTIONS_SHOWN = 12


def table(rows: list[list[str]], text_columns: set[int]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        ("  " + "  ".join(cell.ljust(width) if i in text_columns else cell.rjust(width)
                          for i, (cell, width) in enumerate(zip(row, widths)))).rstrip()
        for row in rows]


def demangled(names: list[str]) -> dict[str, str]:
    done = subprocess.run(["swift", "demangle", "--compact", "--simplified", *names], capture_output=True, text=True)
    return dict(zip(names, done.stdout.splitlines())) if done.returncode == 0 else {name: name for name in names}


def counts_report(options) -> list[dict]:
    inspected = json.loads(subprocess.run(
        [options.spindrift, "inspect", options.model, "--json"], check=True, capture_output=True).stdout)
    rows = []
    for cpu in instruction_counts.CPUS:
        print(f"counting on {cpu.name}", file=sys.stderr)
        program = {"aarch64": options.aarch64, "armv7": options.armv7}[cpu.target]
        row = instruction_counts.count(
            cpu, options.plugin, program, options.model, inspected["steps"], inspected["multiply_adds_per_step"])
        rows.append(row)
    names = sorted({function["name"] for row in rows for function in row.get("functions", [])})
    readable = demangled(names)
    for row in rows:
        for function in row.get("functions", []):
            function["name"] = readable[function["name"]]
    return rows


def counts_lines(rows: list[dict], label: str, with_functions: bool) -> list[str]:
    text = [["cpu", "kernels", "M instructions", "M multiplies at least", "share"]]
    for row in rows:
        if "refused" not in row:
            text.append([
                f"{row['cpu']} ({row['target']})", row["kernel"] or "its fastest", f"{row['instructions_per_step'] / 1e6:.1f}",
                f"{row['least_multiply_instructions'] / 1e6:.1f}", f"{100 * row['multiply_share']:.0f} %"])
    lines = [f"instructions of one denoising step of {label}", *table(text, {0, 1})]
    lines += [
        f"  {row['cpu']}, kernels {row['kernel'] or 'its fastest'}: NOT COUNTED: {row['refused']}"
        for row in rows if "refused" in row]
    for row in rows if with_functions else []:
        if "refused" not in row:
            lines += [f"{row['cpu']} ({row['target']}), by function", *table(
                [[f"{function['instructions'] / 1e6:.2f} M", f"{100 * function['share']:.1f} %", function["name"]]
                 for function in row["functions"][:FUNCTIONS_SHOWN]], {2})]
    return lines


def loops_report(options) -> list[dict]:
    candidates = [
        (function, loop) for function in functions(options.aarch64, options.objdump) if not NOT_KERNELS.search(function.name)
        if (loop := busiest_inner_loop(function))]
    # Should the kernels ever be named otherwise, every loop that multiplies is shown rather than none.
    named = [pair for pair in candidates if MATRIX_PRODUCT.search(pair[0].name)] or candidates
    return [row for function, loop in named for row in cycles.loop_report(options.mca, function, loop)]


def loops_lines(rows: list[dict], mca: str) -> list[str]:
    if not rows:
        return ["no function with a loop of int8 vector multiplies was found"]
    text = [["function", "cpu", "instructions", "multiply-adds", "cycles", "per cycle", "limit", "share"]]
    for row in rows:
        text.append([
            row["function"], row["cpu"], str(row["instructions"]), str(row["multiply_adds"]), f"{row['cycles']:.2f}",
            f"{row['multiply_adds_per_cycle']:.2f}", str(row["limit"]), f"{100 * row['share_of_limit']:.0f} %"])
    stand_ins = sorted({f"{row['model']} for {row['cpu']}" for row in rows if row["model"] != row["cpu"]})
    note = f"; model of {', '.join(stand_ins)}" if stand_ins else ""
    return [f"one iteration of the inner loops ({mca}{note})", *table(text, {0, 1})]


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("aarch64", "armv7", "model", "label", "spindrift", "plugin", "mca", "objdump"):
        parser.add_argument(f"--{name}")
    for name in ("counts", "loops", "functions", "json"):
        parser.add_argument(f"--{name}", action="store_true")
    options = parser.parse_args()

    result = {}
    if options.counts:
        result["instructions"] = counts_report(options)
    if options.loops:
        result["loops"] = loops_report(options)
    if options.json:
        print(json.dumps(result, sort_keys=True))
        return
    lines = []
    if options.counts:
        lines += counts_lines(result["instructions"], options.label, options.functions)
    if options.loops:
        version = subprocess.run([options.mca, "--version"], capture_output=True, text=True).stdout
        found = re.search(r"LLVM version \S+", version)
        lines += loops_lines(result["loops"], f"llvm-mca of {found[0] if found else 'an unknown version'}")
    print("\n".join(lines))


try:
    main()
except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
    detail = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) and isinstance(error.stderr, str) else ""
    sys.exit(f"arm-report: {error} {detail}".strip())
