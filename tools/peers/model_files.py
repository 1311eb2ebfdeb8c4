"""The files of one denoiser, and the probe that goes with them."""
import json
import pathlib
import subprocess

import numpy as np

from probe import probe_sample


class ModelFiles:
    """out/peers/NAME, as tools/bench-peers fills it."""

    def __init__(self, folder: pathlib.Path, spindrift: str) -> None:
        self.folder = folder
        self.name = folder.name
        self.onnx = folder / "denoiser.onnx"
        self.drift = folder / "denoiser.drift"
        configuration = json.loads((folder / "unet" / "config.json").read_text())
        size = configuration["sample_size"]
        self.shape = (1, configuration["in_channels"], size, size)
        self.sample: np.ndarray = probe_sample(self.shape)
        inspected = subprocess.run([spindrift, "inspect", self.drift, "--json"], check=True, capture_output=True).stdout
        # A .drift file answers at its sampler's timesteps only; at the first one its input is pure noise, as the probe is.
        self.timestep: int = json.loads(inspected)["timesteps"][0]

    def litert(self, kind: str) -> pathlib.Path:
        return self.folder / f"litert-{kind}.tflite"

    def derived(self, name: str) -> pathlib.Path:
        return self.folder / name

    def is_current(self, derived: pathlib.Path) -> bool:
        """Whether a file made from the ONNX model is newer than it."""
        return derived.exists() and derived.stat().st_mtime >= self.onnx.stat().st_mtime
