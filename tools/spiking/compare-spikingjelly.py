"""How far SpikingJelly's rate-coded conversion of models/digits-relu lies from the float network, and what a network call takes.

    python3 -m venv .venv && .venv/bin/pip install torch numpy onnx spikingjelly
    .venv/bin/python tools/spiking/compare-spikingjelly.py [--spiking-steps 4,8,16,32] [--trajectories 8] [--held-out 4] [--rounds 5]
        [--drift MODEL.drift ...] [--json]

The network is rebuilt in PyTorch from the weights of the ONNX file and checked against the checkpoint's goldens. Both sides see the states of 50
DDIM steps: calibration on one seed, errors on another, at five timesteps. The step's time vectors stay analog, computed once a call, as in this
project. The relative error is the norm of the difference over that of the float answers, the ratio its square in dB. Times are the median of
single calls on one thread. Each --drift is a conversion of models/digits-relu to 50 DDIM steps: `spindrift eval` answers the same
inputs, `spindrift bench` gives spiking.ms_per_step, the mean over a walk.
"""
import argparse
import copy
import json
import math
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy
import onnx
import torch
from onnx import numpy_helper
from spikingjelly.activation_based import ann2snn, functional
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "models" / "digits-relu"
SPINDRIFT = os.environ.get("SPINDRIFT", str(ROOT / ".build" / "release" / "spindrift"))
TIMESTEPS = [980, 740, 500, 260, 20]
PIXELS = 28 * 28
CALIBRATION_SEED, HELD_OUT_SEED = 1, 2
BLOCKS = {"d1": (32, 32), "d2": (64, 64), "mid": (96, 96), "mid2": (96, 96), "b2": (128, 64), "b1": (64, 32)}


class Time(nn.Module):
    """The vectors that the blocks add, one after the other: [B, sum of the blocks' channels]."""

    def __init__(self):
        super().__init__()
        self.t1, self.t2 = nn.Linear(64, 128), nn.Linear(128, 128)
        self.blocks = nn.ModuleDict({name: nn.Linear(128, out) for name, (_, out) in BLOCKS.items()})

    def forward(self, timestep):
        frequencies = torch.exp(torch.arange(32, dtype=torch.float32) * (-math.log(10000.0) / 32))
        angles = timestep.float()[:, None] * frequencies
        time = F.relu(self.t2(F.relu(self.t1(torch.cat([angles.sin(), angles.cos()], 1)))))
        return torch.cat([linear(time) for linear in self.blocks.values()], 1)


class Block(nn.Module):
    def __init__(self, inside, out):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(inside, out, 3, padding=1), nn.Conv2d(out, out, 3, padding=1)
        self.skip = nn.Conv2d(inside, out, 1) if inside != out else nn.Identity()
        self.relu1, self.relu2 = nn.ReLU(), nn.ReLU()

    def forward(self, x, time):
        return self.relu2(self.conv2(self.relu1(self.conv1(x) + time[:, :, None, None])) + self.skip(x))


class Network(nn.Module):
    """All behind the time vectors. Takes sample and vectors in one tensor, since a converter calibrates on single inputs."""

    def __init__(self):
        super().__init__()
        self.stem, self.out = nn.Conv2d(1, 32, 3, padding=1), nn.Conv2d(64, 1, 3, padding=1)
        self.p1, self.p2 = nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.Conv2d(64, 96, 3, stride=2, padding=1)
        self.u2, self.u1 = nn.Conv2d(96, 64, 3, padding=1), nn.Conv2d(64, 32, 3, padding=1)
        self.blocks = nn.ModuleDict({name: Block(*channels) for name, channels in BLOCKS.items()})
        self.relus = nn.ModuleList(nn.ReLU() for _ in range(5))
        self.enlarge = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, packed):
        start, time = PIXELS, {}
        for name, (_, out) in BLOCKS.items():
            time[name] = packed[:, start:start + out]
            start += out
        stem = self.stem(packed[:, :PIXELS].reshape(-1, 1, 28, 28))
        d1 = self.blocks["d1"](self.relus[0](stem), time["d1"])
        d2 = self.blocks["d2"](self.relus[1](self.p1(d1)), time["d2"])
        x = self.blocks["mid"](self.relus[2](self.p2(d2)), time["mid"])
        x = self.relus[3](self.u2(self.enlarge(self.blocks["mid2"](x, time["mid2"]))))
        x = self.relus[4](self.u1(self.enlarge(self.blocks["b2"](torch.cat([x, d2], 1), time["b2"]))))
        return self.out(torch.cat([self.blocks["b1"](torch.cat([x, d1], 1), time["b1"]), stem], 1))


def load():
    """Both parts with the weights of the ONNX file, found by the names of its nodes."""
    graph = onnx.load(MODEL / "model.onnx").graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    time, network = Time(), Network()
    with torch.no_grad():
        for node in graph.node:
            if node.op_type not in ("Conv", "Gemm"):
                continue
            path = node.name.strip("/").split("/")[:-1]
            owner = time if node.op_type == "Gemm" else network
            names = [name for name in path if name != "time"]
            module = owner.get_submodule(".".join(["blocks"] * (names[0] in BLOCKS) + names))
            for parameter, name in ((module.weight, node.input[1]), (module.bias, node.input[2])):
                assert parameter.shape == values[name].shape, node.name
                parameter.copy_(torch.from_numpy(values[name].copy()))
    return time.eval(), network.eval()


def pack(time, samples, timestep):
    return torch.cat([samples.flatten(1), time(torch.full((len(samples),), timestep))], 1)


def walk(time, network, count, seed):
    """States before each of 50 DDIM steps: {timestep: [count, 1, 28, 28]}."""
    alpha_bar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000, dtype=torch.float64), 0)
    x = torch.randn(count, 1, 28, 28, generator=torch.Generator().manual_seed(seed))
    states = {}
    for t in range(980, -1, -20):
        states[t] = x
        v = network(pack(time, x, t))
        a, before = float(alpha_bar[t]), float(alpha_bar[t - 20]) if t else float(alpha_bar[0])
        clean = (a**0.5 * x - (1 - a) ** 0.5 * v).clamp(-1, 1)
        noise = (x - a**0.5 * clean) / (1 - a) ** 0.5
        x = before**0.5 * clean + (1 - before) ** 0.5 * noise
    return states


def median_ms(call, rounds):
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def row(name, steps, answers, exact, ms):
    """Errors over all held-out inputs, and of each timestep."""
    def error(a, b):
        return float((a - b).norm() / b.norm())
    total = error(torch.cat(list(answers.values())), torch.cat(list(exact.values())))
    decibels = -20 * math.log10(total) if total > 0 else None
    return {
        "conversion": name, "spiking_steps": steps, "relative_error": total, "sqnr_db": decibels,
        "ms_per_call": ms, "by_timestep": {t: error(answers[t], exact[t]) for t in exact},
    }


def convert(network, inputs, mode, channels):
    """A conversion of a copy; with a scale for each channel its membranes start at half the threshold, which rounds instead of cutting off."""
    recipe = ann2snn.RateCodingRecipe(
        dataloader=[(batch, None) for batch in inputs], mode=mode, channel_wise=channels, half_threshold=channels)
    return ann2snn.Converter(recipe).convert(copy.deepcopy(network)).eval()


def fire(spiking, packed, steps):
    """Mean answer over the steps, from membranes at rest."""
    functional.reset_net(spiking)
    return sum(spiking(packed) for _ in range(steps)) / steps


def measure_drift(path, samples, exact):
    answers = {}
    with tempfile.TemporaryDirectory() as folder:
        given, answer = os.path.join(folder, "x.npy"), os.path.join(folder, "v.npy")
        for t in TIMESTEPS:
            numpy.save(given, samples[t].numpy())
            subprocess.run([SPINDRIFT, "eval", path, "--input", given, "--timestep", str(t), "-o", answer], check=True)
            answers[t] = torch.from_numpy(numpy.load(answer))
    bench = subprocess.run([SPINDRIFT, "bench", path, "--threads", "1", "--json"], check=True, capture_output=True, text=True)
    return row(pathlib.Path(path).name, None, answers, exact, json.loads(bench.stdout)["spiking"]["ms_per_step"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spiking-steps", default="4,8,16,32")
    parser.add_argument("--trajectories", type=int, default=8)
    parser.add_argument("--held-out", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--drift", nargs="*", default=[])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    with torch.no_grad():
        embedding, network = load()
        golden = [torch.from_numpy(numpy.load(MODEL / "goldens" / f"golden_{part}.npy")) for part in ("input", "timestep", "output")]
        packed = torch.cat([pack(embedding, x[None], float(t)) for x, t in zip(golden[0], golden[1].flatten())])
        golden_error = float((network(packed).reshape(golden[2].shape) - golden[2]).abs().max())
        assert golden_error < 1e-3, f"the rebuilt network differs from the goldens by {golden_error}"

        # Scales are moving averages over batches: in the walk's order its last steps would decide them alone.
        calibration = torch.cat([pack(embedding, x, t) for t, x in walk(embedding, network, arguments.trajectories, CALIBRATION_SEED).items()])
        order = torch.randperm(len(calibration), generator=torch.Generator().manual_seed(CALIBRATION_SEED))
        calibration = calibration[order].split(10)
        states = walk(embedding, network, arguments.held_out, HELD_OUT_SEED)
        inputs = {t: pack(embedding, states[t], t) for t in TIMESTEPS}
        exact = {t: network(inputs[t]) for t in TIMESTEPS}
        single = inputs[500][:1]
        rows = [row("float, PyTorch", None, exact, exact, median_ms(lambda: network(single), 4 * arguments.rounds))]
        for name, mode, channels in (("max", "max", False), ("99.9 %", "99.9%", False), ("99.9 % by channel, half threshold", "99.9%", True)):
            spiking = convert(network, calibration, mode, channels)
            for steps in map(int, arguments.spiking_steps.split(",")):
                answers = {t: fire(spiking, inputs[t], steps) for t in TIMESTEPS}
                rows.append(row(f"SpikingJelly, {name}", steps, answers, exact, median_ms(lambda: fire(spiking, single, steps), arguments.rounds)))
        rows += [measure_drift(path, states, exact) for path in arguments.drift]

    if arguments.json:
        print(json.dumps({"golden_error": golden_error, "timesteps": TIMESTEPS, "held_out": arguments.held_out, "rows": rows}))
        return
    print(f"goldens: {golden_error:.1e}; {arguments.held_out} states at each of the timesteps {TIMESTEPS}")
    print("| network | spiking steps | relative error | SQNR, dB | ms a call |\n|---|---|---|---|---|")
    for r in rows:
        decibels = "exact" if r["sqnr_db"] is None else f"{r['sqnr_db']:.1f}"
        print(f"| {r['conversion']} | {r['spiking_steps'] or ''} | {r['relative_error']:.3f} | {decibels} | {r['ms_per_call']:.2f} |")


if __name__ == "__main__":
    main()
