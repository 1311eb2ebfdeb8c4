"""Writes a denoiser as LiteRT models, float32 and static int8: export_litert.py DENOISER_FOLDER OUT_STEM

The files are OUT_STEM-float32.tflite and OUT_STEM-int8.tflite.
"""
import sys

import litert_torch
import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter
from ai_edge_quantizer import quantizer, recipe
from denoisers import NoisePredictor, example_inputs
from diffusers import UNet2DModel
from probe import calibration_inputs


def main(folder: str, stem: str) -> None:
    unet = UNet2DModel.from_pretrained(folder, subfolder="unet").eval()
    inputs = example_inputs(unet, torch.int32)
    float_file, int8_file = f"{stem}-float32.tflite", f"{stem}-int8.tflite"
    litert_torch.convert(NoisePredictor(unet).eval(), inputs).export(float_file)

    (signature, arguments), = Interpreter(float_file).get_signature_list().items()
    samples = [dict(zip(arguments["inputs"], pair)) for pair in calibration_inputs(tuple(inputs[0].shape), np.int32)]
    static_int8 = quantizer.Quantizer(float_file)
    static_int8.load_quantization_recipe(recipe.static_wi8_ai8())
    ranges = static_int8.calibrate({signature: samples})
    static_int8.quantize(ranges).export_model(int8_file, overwrite=True)


main(*sys.argv[1:])
