"""Everything that only a CUDA card can show, step by step: `python docs/tools/gpu_check.py FOLDER [STEP ...]`.

Each step is a process of its own with its own time limit, so that a hang costs little; FOLDER/gpu.json gathers all. The
package must be importable, and its compiled kernel built for what is compared with the cores.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from timetravel.digits import open_source
from timetravel.engine import provenance
from timetravel.engine.cuda.backend import CudaBackend
from timetravel.engine.epochs import Epochs
from timetravel.engine.native_backend import NativeBackend
from timetravel.engine.runs import Job
from timetravel.engine.train import Hooks, train, train_jobs
from timetravel.eras import ERAS
from timetravel.ladders import TODAY_LADDER, climb
from timetravel.studies.base import SCHEMA
from timetravel.studies.bench import CardBench, card_rate

SOURCE = open_source("mnist")
DIGITS, TEST = SOURCE.training_digits(), SOURCE.test_digits()
ESSAY = ERAS["1989-essay"].recipe
LADDER = dict(zip(("1989-essay", *TODAY_LADDER), climb(ESSAY, TODAY_LADDER), strict=True))
ROWS = {"1989": ERAS["1989"].recipe} | LADDER
CORES = provenance.available_cores()


def bench() -> dict[str, Any]:
    """Examples a second by number of nets, beside the cores."""
    return {"schema": SCHEMA, "command": "bench", **CardBench(DIGITS, TEST, CORES, 1, lambda _: None).result([])}


def parity() -> dict[str, Any]:
    """The first hundred updates of every covered recipe: how far the card's weights are from the cores', relative to
    the largest change in their layer, and whether a second run on the card is the same to the bit."""
    found = {}
    for name, row in ROWS.items():
        recipe = row.but(epsilon=1e-3) if row.optimizer == "adamw" else row
        digits = DIGITS.take(np.arange(100 * min(recipe.batch_size, 10) + 3)).framed(recipe.window, recipe.deslant)
        block = next(Epochs(recipe, digits, 1).blocks(0))
        cpu, card, again = NativeBackend(recipe, [1]), CudaBackend(recipe, [0, 1]), CudaBackend(recipe, [1])
        before = cpu.weights(0)
        losses = cpu.step([block])[0], card.step([block, block])[1], again.step([block])[0]
        one, two, three = cpu.weights(0), card.weights(1), again.weights(0)
        changes = {layer: float(np.abs(one[layer] - before[layer]).max()) for layer in one}
        found[name] = {
            "loss": [float(loss) for loss in losses],
            "off": max(float(np.abs(two[layer] - one[layer]).max()) / changes[layer] for layer in one),
            "same_again": all(bool((two[layer] == three[layer]).all()) for layer in one),
            "outputs_off": float(np.abs(card.outputs(TEST.images)[1] - cpu.outputs(TEST.images)[0]).max()),
        }
    return found


def rates() -> dict[str, Any]:
    """Examples a second of each era by nets at once, digits prepared."""
    return {
        name: {nets: card_rate(DIGITS, nets, era.recipe) for nets in (1, 264, 1056)}
        for name, era in ERAS.items()
        if era.recipe.labels == "people"
    }


def counted(name: str, seeds: int, device: str) -> dict[str, Any]:
    """Train nets of an era and tell the time, the mistakes and the mean of 64 with its 95 % interval."""
    began, workers = time.perf_counter(), CORES if device == "cpu" else 1
    runs = train(ERAS[name].recipe, DIGITS, range(seeds), test=TEST, device=device, workers=workers)
    took, mistakes = time.perf_counter() - began, np.array([run.test.mistakes for run in runs])
    few = mistakes[:64]
    half = 1.96 * few.std(ddof=1) / np.sqrt(len(few))
    return {
        "seconds": took,
        "nets": len(runs),
        "backend": runs[0].backend,
        "mean": float(mistakes.mean()),
        "first_64": [float(few.mean()), float(few.mean() - half), float(few.mean() + half)],
        "train_mean": float(np.mean([run.train.mistakes for run in runs])),
        "diverged": sum(run.diverged is not None for run in runs),
    }


def thousand() -> dict[str, Any]:
    """1,000 nets of 1989 in full, measured: all of it from the call to the results."""
    train(ESSAY.but(epochs=1), DIGITS, [0], test=TEST, device="cuda")  # wakes the card
    return {name: counted(name, 1000, "cuda") for name in ("1989-essay", "1989")}


def statistics(name: str, nets: int) -> dict[str, Any]:
    """The same era on the card and on the cores: each mean must lie in the other's interval."""
    return {"card": counted(name, nets, "cuda"), "cores": counted(name, nets // 2, "cpu")}


def ladder() -> dict[str, Any]:
    """The ladder `--tweaks all` with ten nets a row, all rows side by side."""
    done: dict[str, list[int]] = {}
    ends: dict[str, float] = {}
    began = time.perf_counter()

    def finished(job: Job, run: Any) -> None:
        done.setdefault(job.label, []).append(run.test.mistakes)
        ends[job.label] = time.perf_counter() - began

    jobs = [Job(recipe, DIGITS, TEST, seed, name) for name, recipe in reversed(ROWS.items()) for seed in range(10)]
    train_jobs(jobs, "auto", "cuda", CORES, Hooks(finished=finished))
    return {"seconds": ends, "nets_a_row": 10, "mistakes": {name: float(np.mean(done[name])) for name in ROWS}}


STEPS: dict[str, tuple[Callable[[], dict[str, Any]], float]] = {
    "bench": (bench, 90),
    "parity": (parity, 90),
    "rates": (rates, 60),
    "thousand": (thousand, 90),
    "statistics-2022": (lambda: statistics("2022", 64), 60),
    "statistics-today": (lambda: statistics("today", 32), 120),
    "ladder": (ladder, 180),
}


def main(folder: Path, names: list[str]) -> None:
    """Run the steps, each in a process of its own; print what each found and gather it in gpu.json."""
    gathered: dict[str, Any] = {"card": torch.cuda.get_device_name(), "beside_it": provenance.machine()}
    for name in names or list(STEPS):
        began, place = time.perf_counter(), Path(tempfile.gettempdir(), f"{name}.json")
        place.unlink(missing_ok=True)
        try:
            subprocess.run([sys.executable, __file__, str(place), "--only", name], timeout=STEPS[name][1], check=False)
        except subprocess.TimeoutExpired:
            print(f"{name} ran out of time")
        gathered[name] = json.loads(place.read_text()) if place.exists() else None
        (folder / "gpu.json").write_text(json.dumps(gathered, indent=1) + "\n")
        print(f"== {name}, {time.perf_counter() - began:.1f} s: {json.dumps(gathered[name])[:2200]}", flush=True)


if __name__ == "__main__":
    where = Path(sys.argv[1])
    if sys.argv[2:3] == ["--only"]:
        where.write_text(json.dumps(STEPS[sys.argv[3]][0]()))
    else:
        main(where, sys.argv[2:])
