"""The inputs that all engines get: calibration inputs, and the probe that is timed and compared."""
import numpy as np

CALIBRATION_INPUTS = 16
TRAINING_STEPS = 1000


def pure_noise(shape, generator) -> np.ndarray:
    return generator.standard_normal(shape).astype(np.float32)


def probe_sample(shape) -> np.ndarray:
    """Pure noise that no calibration has seen."""
    return pure_noise(shape, np.random.default_rng(2026))


def calibration_inputs(shape, timestep_type=np.int64):
    """Pairs of a sample and a timestep, the timesteps spread over the whole training range."""
    generator = np.random.default_rng(1)
    for timestep in np.linspace(0, TRAINING_STEPS - 1, CALIBRATION_INPUTS).round():
        yield pure_noise(shape, generator), np.array([timestep], timestep_type)


def signal_to_error_db(reference: np.ndarray, answer: np.ndarray) -> float:
    error = np.square(answer.astype(np.float64) - reference).sum()
    return float(10 * np.log10(np.square(reference.astype(np.float64)).sum() / error)) if error else float("inf")
