"""One denoiser in all engines: times, fidelity, and the ratio that matters."""
import importlib
import pathlib

from engines.engine import Engine
from engines.spindrift import SpindriftEngine
from model_files import ModelFiles
from other_load import OtherLoad
from probe import signal_to_error_db
from turns import Spread, take_turns

# Module of engines/ and what a person calls it.
PEERS = {"onnx_runtime": "ONNX Runtime", "openvino_cpu": "OpenVINO", "litert": "LiteRT"}
REFERENCE = "ONNX Runtime float32"


def _start_peers(files: ModelFiles, threads: int, missing: dict[str, str]) -> list[Engine]:
    """The engines that start; why the others do not goes into `missing`."""
    started: list[Engine] = []
    for module, name in PEERS.items():
        if name in missing:
            continue
        try:
            started += importlib.import_module(f"engines.{module}").engines(files, threads)
        except Exception as error:  # whatever keeps one engine from starting must not stop the others
            missing[name] = f"{type(error).__name__}: {error}".splitlines()[0]
    return started


def compare(
        folder: pathlib.Path, spindrift: str, threads: int, rounds: int, seconds: float, missing: dict[str, str]) -> dict:
    """The result as an object for JSON. `missing` names the peers that could not be installed, with the reason."""
    files = ModelFiles(folder, spindrift)
    missing = dict(missing)
    own = SpindriftEngine(spindrift, files, threads)
    engines = [*_start_peers(files, threads, missing), own]
    answers = {engine.name: engine.answer() for engine in engines}
    load = OtherLoad()
    times = take_turns(engines, rounds, seconds, f"{files.name}, {threads} threads")
    other_load = load.share()

    rows = []
    for engine in engines:
        spread = Spread.of(times[engine.name])
        fidelity = None
        if engine.is_int8 and REFERENCE in answers:
            fidelity = signal_to_error_db(answers[REFERENCE], answers[engine.name])
        rows.append({
            "engine": engine.name, "version": engine.version, "ms_per_step": spread.median, "least": spread.least,
            "p10": spread.p10, "p90": spread.p90, "sqnr_db": fidelity})
    return {
        "model": files.name, "threads": threads, "rounds": rounds, "timestep": files.timestep, "engines": rows,
        "other_load": other_load,
        "spindrift": {
            "kernel": own.kernel, "multiply_adds_per_step": own.benches[-1]["multiply_adds_per_step"],
            "share_of_peak": Spread.of([bench["share_of_peak"] for bench in own.benches[1:]]).median},
        "fastest_int8_peer": _fastest_peer(engines, times, own.name), "missing": missing}


def _fastest_peer(engines: list[Engine], times: dict[str, list[float]], own: str) -> dict | None:
    """Its time over Spindrift's, round by round: above 1 Spindrift is faster."""
    peers = [engine.name for engine in engines if engine.is_int8 and engine.name != own]
    if not peers:
        return None
    fastest = min(peers, key=lambda name: Spread.of(times[name]).median)
    ratio = Spread.of([peer / mine for peer, mine in zip(times[fastest], times[own])])
    return {
        "engine": fastest, "time_over_spindrift": ratio.median, "p10": ratio.p10, "p90": ratio.p90,
        "of_least_times": min(times[fastest]) / min(times[own])}
