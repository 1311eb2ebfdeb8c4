"""What spiking programs of the bundled checkpoints do: quality, events, time and instructions, by levels and steps.

    python3 tools/spiking/figures.py [--models digits-relu,...] [--levels 3,7,15,63,255] [--steps 10,20,50,100]
        [--samples 16] [--calibration 32] [--cpus cortex-a53,cortex-a72,cortex-a76] [--results FILE.json] [--table]

Needs `swift build -c release` and, unless --cpus is empty, `tools/cross-build aarch64 spindrift-run` and the counter that
`tools/arm-report` builds. Each combination of model, levels and steps is converted with --target spiking, compared with the float
checkpoint on a held-out seed, and timed beside this project's own int8 program of the same checkpoint and steps in the same run, in
turns, on one thread, with the AVX2 kernels on both sides. Instructions are those of one step under an emulator. Results are kept in the
JSON file, and what is there is not measured again, but for times where the machine was busy: where int8 took a quarter longer than in
the model's fastest row, --retime takes the times anew. --table prints the file as Markdown, without such times.
"""
import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "arm"))
import instruction_counts  # noqa: E402

SPINDRIFT = os.environ.get("SPINDRIFT", str(ROOT / ".build" / "release" / "spindrift"))
BOARD = os.environ.get("SPINDRIFT_RUN", str(ROOT / "out" / "aarch64" / "spindrift-run"))
COUNTER = ROOT / "out" / "arm-report" / "instruction_count.so"


def spindrift(*arguments):
    done = subprocess.run([SPINDRIFT, *map(str, arguments), "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"spindrift {' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def instructions(model, steps, cpus):
    found = {}
    for cpu in instruction_counts.CPUS:
        if cpu.name not in cpus:
            continue
        row = instruction_counts.count(cpu, str(COUNTER), str(BOARD), model, steps, 1)
        if "refused" in row:
            raise SystemExit(f"{cpu.name}: {row['refused']}")
        found[cpu.name] = row["instructions_per_step"]
    return found


def dense(model, steps, arguments, folder):
    path = f"{folder}/{model}-{steps}-int8.drift"
    spindrift("convert", ROOT / "models" / model, "-o", path, "--steps", steps, "--calibration-samples", arguments.calibration)
    return path


def converted(model, levels, steps, arguments, folder):
    path = f"{folder}/{model}-{steps}-{levels}.drift"
    report = spindrift(
        "convert", ROOT / "models" / model, "-o", path, "--steps", steps, "--target", "spiking", "--levels", levels,
        "--calibration-samples", arguments.calibration)
    return path, report["conversion"]


def times(path, int8):
    spiking = spindrift("bench", path, "--against", int8, "--kernel", "avx2", "--seconds", 2)["spiking"]
    return {
        "ms_per_step": spiking["ms_per_step"], "int8_ms_per_step": spiking["against"]["ms_per_step"],
        "time_ratio": spiking["against"]["time_ratio"],
    }


def disturbed(results):
    """Rows whose times say more about other programs on the machine."""
    fastest = {}
    for r in results:
        if "time_ratio" in r:
            fastest[r["model"]] = min(fastest.get(r["model"], math.inf), r["int8_ms_per_step"])
    return [r for r in results if "time_ratio" in r and r["int8_ms_per_step"] > 1.25 * fastest[r["model"]]]


def measure(model, levels, steps, int8, arguments, folder):
    path, conversion = converted(model, levels, steps, arguments, folder)
    compared = spindrift("compare", ROOT / "models" / model, path, "--samples", arguments.samples)
    result = {
        "model": model, "levels": levels, "steps": steps, "samples": arguments.samples, "calibration": arguments.calibration,
        "step_groups": len(conversion["group_bounds"]) - 1,
        "psnr_db": compared["psnr_db"]["median"], "psnr_p5_db": compared["psnr_db"]["p5"],
        "frechet": compared["frechet"]["value"], "frechet_floor": compared["frechet"]["float_floor"],
        "events_per_neuron_per_step": compared["spiking"]["events_per_neuron_per_step"],
        "operations_ratio": compared["spiking"]["operations_ratio"],
        **times(path, int8),
        "instructions": instructions(path, steps, arguments.cpus),
    }
    os.remove(path)
    return result


def table(results):
    print("| model | steps | levels | groups | events per neuron and step | additions / dense | PSNR median (p5), dB | Frechet (float) "
          "| AVX2: ms, int8 ms, int8 over it | M instructions a53 / a72 / a76 | int8 over it |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    base = {(r["model"], r["steps"]): r["instructions"] for r in results if r["levels"] == "int8"}
    busy = {(r["model"], r["steps"], r["levels"]) for r in disturbed(results)}
    order = {name: index for index, name in enumerate(("digits-relu", "digits", "sofia-mnist-vit", "pulfer-ddpm-fashion"))}
    for r in sorted(results, key=lambda r: (order.get(r["model"], 9), r["steps"], 999 if r["levels"] == "int8" else r["levels"])):
        counts = r["instructions"]
        cells = " / ".join(f"{counts[c] / 1e6:.2f}" for c in counts)
        if r["levels"] == "int8":
            print(f"| {r['model']} | {r['steps']} | int8, dense | {r['step_groups']} | | 1 | {r['psnr_db']:.1f} ({r['psnr_p5_db']:.1f}) "
                  f"| {r['frechet']:.3g} ({r['frechet_floor']:.3g}) | | {cells} | 1 |")
            continue
        dense_counts = base.get((r["model"], r["steps"]), {})
        ratio = " / ".join(f"{dense_counts[c] / counts[c]:.2f}" for c in counts if c in dense_counts)
        time = f"{r['ms_per_step']:.3f}, {r['int8_ms_per_step']:.3f}, {1 / r['time_ratio']:.2f}"
        if (r["model"], r["steps"], r["levels"]) in busy:
            time = "busy"
        print(f"| {r['model']} | {r['steps']} | {r['levels']} | {r['step_groups']} | {r['events_per_neuron_per_step']:.3f} "
              f"| {r['operations_ratio']:.3f} | {r['psnr_db']:.1f} ({r['psnr_p5_db']:.1f}) "
              f"| {r['frechet']:.3g} ({r['frechet_floor']:.3g}) "
              f"| {time} | {cells} | {ratio} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = lambda text: [part for part in text.split(",") if part]
    numbers = lambda text: [int(part) for part in names(text)]
    parser.add_argument("--models", type=names, default=["digits-relu", "digits", "sofia-mnist-vit", "pulfer-ddpm-fashion"])
    parser.add_argument("--levels", type=numbers, default=[3, 7, 15, 63, 255])
    parser.add_argument("--steps", type=numbers, default=[10, 20, 50, 100])
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--calibration", type=int, default=32)
    parser.add_argument("--cpus", type=names, default=["cortex-a53", "cortex-a72", "cortex-a76"])
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "out" / "spiking-figures.json")
    parser.add_argument("--retime", action="store_true")
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    results = json.loads(arguments.results.read_text()) if arguments.results.exists() else []
    if arguments.table:
        table(results)
        return

    def save(result):
        arguments.results.parent.mkdir(parents=True, exist_ok=True)
        arguments.results.write_text(json.dumps(results, indent=1))
        print(json.dumps(result), flush=True)

    def keep(result):
        results.append(result)
        save(result)

    if arguments.retime:
        with tempfile.TemporaryDirectory() as folder:
            for r in [r for r in disturbed(results) if r["model"] in arguments.models]:
                arguments.calibration = r["calibration"]
                int8 = dense(r["model"], r["steps"], arguments, folder)
                path, _ = converted(r["model"], r["levels"], r["steps"], arguments, folder)
                r.update(times(path, int8))
                save(r)
        return

    done = {(r["model"], r["levels"], r["steps"]) for r in results}
    with tempfile.TemporaryDirectory() as folder:
        for model in arguments.models:
            for steps in arguments.steps:
                missing = [levels for levels in arguments.levels if (model, levels, steps) not in done]
                if not missing and (model, "int8", steps) in done:
                    continue
                int8 = dense(model, steps, arguments, folder)
                if (model, "int8", steps) not in done:
                    compared = spindrift("compare", ROOT / "models" / model, int8, "--samples", arguments.samples)
                    keep({
                        "model": model, "levels": "int8", "steps": steps, "samples": arguments.samples,
                        "step_groups": spindrift("inspect", int8)["step_groups"],
                        "psnr_db": compared["psnr_db"]["median"], "psnr_p5_db": compared["psnr_db"]["p5"],
                        "frechet": compared["frechet"]["value"], "frechet_floor": compared["frechet"]["float_floor"],
                        "instructions": instructions(int8, steps, arguments.cpus)})
                for levels in missing:
                    keep(measure(model, levels, steps, int8, arguments, folder))


if __name__ == "__main__":
    main()
