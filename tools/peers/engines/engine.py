"""What the turn-taking loop knows about an engine."""
import statistics
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

LEAST_STEPS_PER_TURN = 3


class Engine(Protocol):
    name: str
    version: str
    is_int8: bool

    def turn(self, seconds: float) -> float:
        """Runs denoising steps for about this long and returns the median step in milliseconds."""

    def answer(self) -> np.ndarray:
        """The predicted noise for the probe."""


class LibraryEngine:
    """An engine that is a library in this process; `step` runs the denoiser on the probe."""

    def __init__(self, name: str, version: str, is_int8: bool, step: Callable[[], np.ndarray]) -> None:
        self.name, self.version, self.is_int8, self.answer = name, version, is_int8, step

    def turn(self, seconds: float) -> float:
        self.answer()  # brings caches and threads back after the other engines' turns
        milliseconds = []
        end = time.perf_counter() + seconds
        while len(milliseconds) < LEAST_STEPS_PER_TURN or time.perf_counter() < end:
            begin = time.perf_counter()
            self.answer()
            milliseconds.append((time.perf_counter() - begin) * 1e3)
        return statistics.median(milliseconds)
