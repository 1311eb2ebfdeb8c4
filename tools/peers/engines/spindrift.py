"""Spindrift through its own command, which times steps inside its process."""
import json
import pathlib
import subprocess
import tempfile

import numpy as np

from model_files import ModelFiles

# `spindrift bench` times steps for five sixteenths of --seconds; the rest goes to operators, its peak and the memory.
STEPS_SHARE = 5 / 16


class SpindriftEngine:
    name = "Spindrift int8"
    is_int8 = True

    def __init__(self, command: str, files: ModelFiles, threads: int) -> None:
        self.command, self.files, self.threads = command, files, threads
        self.benches: list[dict] = []
        self.version = subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout.strip()

    @property
    def kernel(self) -> str:
        return self.benches[-1]["kernel"]

    def turn(self, seconds: float) -> float:
        bench = json.loads(self._run(
            "bench", self.files.drift, "--threads", self.threads, "--seconds", f"{seconds / STEPS_SHARE:.3f}", "--json"))
        self.benches.append(bench)
        return bench["ms_per_step"]

    def answer(self) -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            sample, noise = pathlib.Path(folder, "sample.npy"), pathlib.Path(folder, "noise.npy")
            np.save(sample, self.files.sample)
            self._run("eval", self.files.drift, "--input", sample, "--timestep", self.files.timestep, "-o", noise)
            return np.load(noise)

    def _run(self, *arguments) -> str:
        done = subprocess.run([self.command, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"spindrift {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout
