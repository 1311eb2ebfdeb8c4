"""Checks `spindrift export` against another implementation of NIR and against the float reference.

    python3 -m venv venv && venv/bin/pip install nir nirtorch spikingjelly torch onnx
    swift build -c release --product spindrift
    venv/bin/python tools/spiking/check-nir.py .build/release/spindrift [timestep [threshold]]

The network is the first part of models/digits-relu (stem, residual block with the time embedding) and the half of its last convolution
that reads a picture of that size. Two numbers:
the graph's nodes with ReLU in place of the neurons, which must be the float reference up to rounding, and SpikingJelly's import of the file
run for some numbers of time steps, whose mean answer nears it as far as neurons that reset to 0 can.
"""

import pathlib
import subprocess
import sys
import tempfile

import nir
import numpy as np
import onnx.numpy_helper
import onnx.shape_inference
import onnx.utils
import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]


def network(folder):
    """The part of digits-relu before its first change of resolution, as a checkpoint."""
    whole = onnx.shape_inference.infer_shapes(onnx.load(ROOT / "models/digits-relu/model.onnx"))
    last = [node for node in whole.graph.node if node.op_type == "Conv"][-1]
    part = onnx.utils.Extractor(whole).extract_model(["sample", "timestep"], ["/d1/Relu_1_output_0"])
    for tensor in whole.graph.initializer:
        if tensor.name == last.input[1]:
            # It reads two pictures of the block's shape.
            weight = onnx.numpy_helper.to_array(tensor)
            weight = np.ascontiguousarray(weight[:, weight.shape[1] // 2:])
            part.graph.initializer.append(onnx.numpy_helper.from_array(weight, tensor.name))
        elif tensor.name == last.input[2]:
            part.graph.initializer.append(tensor)
    last.input[0] = "/d1/Relu_1_output_0"
    last.output[0] = "output"
    part.graph.node.append(last)
    del part.graph.output[:]
    part.graph.output.append(onnx.helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, [1, 1, 28, 28]))
    onnx.checker.check_model(part)
    onnx.save(part, folder / "model.onnx")
    (folder / "schedule.json").write_text((ROOT / "models/digits-relu/schedule.json").read_text())


def run(graph, x, clips):
    """The answer with ReLU in place of neurons: each IF is ReLU(x) / threshold, which rates of spikes clip at 1."""
    incoming = {name: [a for a, b in graph.edges if b == name] for name in graph.nodes}
    values = {}

    def value(name):
        if name in values:
            return values[name]
        node = graph.nodes[name]
        got = x if isinstance(node, nir.Input) else sum(value(source) for source in incoming[name])
        if isinstance(node, nir.Conv2d):
            got = F.conv2d(
                got, torch.tensor(node.weight), torch.tensor(node.bias), tuple(node.stride), tuple(node.padding),
                tuple(node.dilation), int(node.groups))
        elif isinstance(node, nir.IF):
            got = (got.clamp(min=0) / torch.tensor(node.v_threshold)).clamp(max=1 if clips else float("inf"))
        elif isinstance(node, nir.Scale):
            got = got * torch.tensor(node.scale)
        elif isinstance(node, nir.AvgPool2d):
            got = F.avg_pool2d(got, tuple(node.kernel_size), tuple(node.stride), tuple(node.padding))
        values[name] = got
        return got

    return value(next(name for name, node in graph.nodes.items() if isinstance(node, nir.Output)))


def without_scales(graph):
    """SpikingJelly imports no Scale: the same factor as a 1x1 convolution."""
    nodes = dict(graph.nodes)
    for name, node in graph.nodes.items():
        if isinstance(node, nir.Scale):
            channels, height, width = node.scale.shape
            weight = np.eye(channels, dtype=np.float32).reshape(channels, channels, 1, 1) * node.scale.flat[0]
            nodes[name] = nir.Conv2d(
                input_shape=(height, width), weight=weight, stride=1, padding=0, dilation=1, groups=1,
                bias=np.zeros(channels, np.float32))
    return nir.NIRGraph(nodes, list(graph.edges))


def main():
    if len(sys.argv) not in (2, 3, 4):
        sys.exit(__doc__)
    threshold = ["--threshold", sys.argv[3]] if len(sys.argv) == 4 else []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "net").mkdir()
        network(folder / "net")
        timestep = sys.argv[2] if len(sys.argv) > 2 else "980"
        x = np.random.default_rng(0).standard_normal((1, 1, 28, 28)).astype(np.float32)
        np.save(folder / "x.npy", x)
        tool = [sys.argv[1]]
        subprocess.run(tool + ["export", folder / "net", "-o", folder / "net.nir", "--timestep", timestep] + threshold, check=True)
        subprocess.run(
            tool + ["eval", folder / "net", "--input", folder / "x.npy", "--timestep", timestep, "-o", folder / "y.npy"],
            check=True)
        expected = torch.tensor(np.load(folder / "y.npy"))
        graph = nir.read(folder / "net.nir")
        x = torch.tensor(x)
        scale = float(expected.abs().max())
        exact, clipped = (float((run(graph, x, clips) - expected).abs().max()) / scale for clips in (False, True))
        print(f"ReLU in place of neurons: largest difference {exact:.2e} of the largest value; clipped {clipped:.2e}")

        from spikingjelly.activation_based.nir_exchange import import_from_nir

        module = import_from_nir(without_scales(graph), dt=1.0)
        total, state = torch.zeros_like(expected), None
        with torch.no_grad():
            for step in range(1, 1025):
                answer, state = module(x, state)
                total += answer
                if step in (4, 16, 64, 256, 1024):
                    mean = total / step
                    error = float((mean - expected).norm() / expected.norm())
                    correlation = float(torch.corrcoef(torch.stack([mean.flatten(), expected.flatten()]))[0, 1])
                    print(f"SpikingJelly, {step} time steps: relative error {error:.4f}, correlation {correlation:.4f}")
        if exact > 1e-5:
            sys.exit("the exported graph is not the network")


if __name__ == "__main__":
    main()
