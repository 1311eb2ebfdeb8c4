"""Writes a denoiser as ONNX: export_onnx.py DENOISER_FOLDER OUT.onnx"""
import sys
import warnings

import torch
from denoisers import NoisePredictor, example_inputs
from diffusers import UNet2DModel


def main(folder: str, output: str) -> None:
    unet = UNet2DModel.from_pretrained(folder, subfolder="unet").eval()
    # The tracing exporter: the newer one leaves control flow in the graph that quantizers stumble over. It warns about itself.
    warnings.simplefilter("ignore")
    torch.onnx.export(
        NoisePredictor(unet), example_inputs(unet, torch.int64), output, dynamo=False, opset_version=17,
        input_names=["sample", "timestep"], output_names=["noise"])


main(*sys.argv[1:])
