"""ONNX Runtime on the CPU: float32, and static int8 in the QDQ format."""
import logging
import pathlib

import numpy as np
import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process

from engines.engine import LibraryEngine
from model_files import ModelFiles
from probe import calibration_inputs


class _Calibration(quantization.CalibrationDataReader):
    def __init__(self, shape) -> None:
        self.pairs = calibration_inputs(shape)

    def get_next(self):
        pair = next(self.pairs, None)
        return None if pair is None else dict(zip(("sample", "timestep"), pair))


def _quantized(files: ModelFiles) -> pathlib.Path:
    result = files.derived(f"onnxruntime-{onnxruntime.__version__}-int8.onnx")
    if not files.is_current(result):
        logging.disable(logging.WARNING)  # one line for each weight without channels
        folded = files.derived("folded.onnx")
        quant_pre_process(files.onnx, folded, skip_symbolic_shape=True)
        quantization.quantize_static(
            folded, result, _Calibration(files.shape), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
            weight_type=quantization.QuantType.QInt8, activation_type=quantization.QuantType.QUInt8,
            calibrate_method=quantization.CalibrationMethod.MinMax)
        folded.unlink()
        logging.disable(logging.NOTSET)
    return result


def _step(model: pathlib.Path, files: ModelFiles, threads: int):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    inputs = {"sample": files.sample, "timestep": np.array([files.timestep], np.int64)}
    return lambda: session.run(None, inputs)[0]


def engines(files: ModelFiles, threads: int) -> list[LibraryEngine]:
    version = onnxruntime.__version__
    return [
        LibraryEngine("ONNX Runtime float32", version, False, _step(files.onnx, files, threads)),
        LibraryEngine("ONNX Runtime int8", version, True, _step(_quantized(files), files, threads)),
    ]
