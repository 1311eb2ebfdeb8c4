"""LiteRT with XNNPACK: float32 and static int8, from the files that export_litert.py wrote."""
import importlib.metadata

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from engines.engine import LibraryEngine
from model_files import ModelFiles


def _integers(values: np.ndarray, tensor) -> np.ndarray:
    """Values as the tensor holds them: quantized if it is."""
    scale, zero_point = tensor["quantization"]
    if scale:
        bounds = np.iinfo(tensor["dtype"])
        values = np.clip(np.rint(values / scale) + zero_point, bounds.min, bounds.max)
    return values.astype(tensor["dtype"])


def _values(integers: np.ndarray, tensor) -> np.ndarray:
    scale, zero_point = tensor["quantization"]
    return (integers.astype(np.float32) - zero_point) * np.float32(scale) if scale else integers


def _step(kind: str, files: ModelFiles, threads: int):
    interpreter = Interpreter(str(files.litert(kind)), num_threads=threads)
    interpreter.allocate_tensors()
    for tensor in interpreter.get_input_details():
        values = files.sample if len(tensor["shape"]) == files.sample.ndim else np.array([files.timestep])
        interpreter.set_tensor(tensor["index"], _integers(values, tensor))
    result, = interpreter.get_output_details()

    def step() -> np.ndarray:
        interpreter.invoke()
        return _values(interpreter.get_tensor(result["index"]), result)
    return step


def engines(files: ModelFiles, threads: int) -> list[LibraryEngine]:
    for kind in ("float32", "int8"):
        if not files.litert(kind).exists():
            raise FileNotFoundError(f"no {files.litert(kind).name}: its export failed")
    version = importlib.metadata.version("ai-edge-litert")
    return [LibraryEngine(f"LiteRT {kind}", version, kind == "int8", _step(kind, files, threads)) for kind in ("float32", "int8")]
