"""OpenVINO on the CPU: float32, and int8 as NNCF quantizes it."""
import logging
import pathlib

import nncf
import numpy as np
import openvino

from engines.engine import LibraryEngine
from model_files import ModelFiles
from probe import CALIBRATION_INPUTS, calibration_inputs


def _quantized(files: ModelFiles) -> pathlib.Path:
    result = files.derived(f"openvino-{openvino.__version__.split('-')[0]}-nncf-{nncf.__version__}-int8.xml")
    if not files.is_current(result):
        logging.getLogger("nncf").setLevel(logging.ERROR)
        inputs = [dict(zip(("sample", "timestep"), pair)) for pair in calibration_inputs(files.shape)]
        quantized = nncf.quantize(
            openvino.Core().read_model(files.onnx), nncf.Dataset(inputs), preset=nncf.QuantizationPreset.MIXED,
            subset_size=CALIBRATION_INPUTS)
        openvino.save_model(quantized, result, compress_to_fp16=False)
    return result


def _step(model: pathlib.Path, files: ModelFiles, threads: int):
    # float32 stays float32 where the CPU could do bfloat16.
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
    inputs = {"sample": files.sample, "timestep": np.array([files.timestep], np.int64)}
    return lambda: request.infer(inputs)[0]


def engines(files: ModelFiles, threads: int) -> list[LibraryEngine]:
    version = openvino.__version__.split("-")[0]
    return [
        LibraryEngine("OpenVINO float32", version, False, _step(files.onnx, files, threads)),
        LibraryEngine("OpenVINO int8", f"{version}, NNCF {nncf.__version__}", True, _step(_quantized(files), files, threads)),
    ]
