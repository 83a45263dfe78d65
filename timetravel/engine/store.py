"""The run store: finished runs, each under the digest of all that defines it, so that nothing is trained twice.

A run is two files: `<digest>.safetensors` (weights and outputs) and `<digest>.json` (everything else), which is renamed
into place last. Both are written whole or not at all, so processes can share a store.
"""

import dataclasses
import hashlib
import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any

import platformdirs
from safetensors import SafetensorError
from safetensors.numpy import load, save

from timetravel.engine.runs import Figures, Job, Point, Run
from timetravel.errors import DataError, TimetravelError
from timetravel.files import write_whole
from timetravel.recipes import Recipe

FORMAT = 1
ELSEWHERE = "Free some space there, or set TIMETRAVEL_STORE to a folder that can be written."
DAMAGE = (OSError, ValueError, KeyError, TypeError, RecursionError)  # what reading an entry that is none can raise


def default_folder() -> Path:
    """Return TIMETRAVEL_STORE, or the platform's data folder."""
    chosen = os.environ.get("TIMETRAVEL_STORE")
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("timetravel") / "runs"


def key(job: Job, backend: str) -> str:
    """Return what identifies a run: sha256 over recipe, digits, seed and the backend's version."""
    parts = {
        "format": FORMAT,
        "recipe": job.recipe.to_dict(),
        "digits": job.digits.fingerprint,
        "test": job.test.fingerprint,
        "seed": job.seed,
        "backend": backend,
    }
    return digest(parts)


def digest(values: dict[str, Any]) -> str:
    """Return the sha256 of plain values, written as canonical JSON."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


class Store:
    """The runs kept in one folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()

    def __repr__(self) -> str:
        return f"Store({str(self.folder)!r})"

    def check(self) -> None:
        """Make sure that runs can be kept, before any is trained; raises TimetravelError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            raise TimetravelError(f"Runs can't be kept in {self.folder}: {error.strerror}.", ELSEWHERE) from error

    def get(self, job: Job, backend: str, *, watched: bool = False) -> Run | None:
        """Return the kept run of a job, or None; with `watched` only a run that has its curve.

        Raises DataError, naming the file, if the entry is damaged.
        """
        path = self.path(key(job, backend))
        try:
            text = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise DataError(f"The kept run {path} can't be read: {error.strerror}.", self.remedy()) from error
        try:
            about = json.loads(text)
            tensors = path.with_suffix(".safetensors").read_bytes()
            parts = hashlib.sha256(tensors).hexdigest(), digest(about["run"]), path.stem
            if parts != (about["tensors"], about["about"], about["key"]):
                raise ValueError("its parts do not belong together")
            run = unpack(about["run"], load(tensors))
            if key(Job(run.recipe, job.digits, job.test, run.seed), run.backend) != path.stem:
                raise ValueError("it is not the run that its name says")
        except (*DAMAGE, SafetensorError, TimetravelError) as error:
            raise DataError(f"The kept run {path} is damaged: {error}.", self.remedy()) from error
        return None if watched and not run.curve and run.diverged is None else run

    def put(self, run: Run, job: Job) -> None:
        """Keep a run. Raises TimetravelError if it can't be written."""
        identity = key(job, run.backend)
        path = self.path(identity)
        about, arrays = pack(run)
        tensors = save(arrays)
        entry = {
            "key": identity,
            "tensors": hashlib.sha256(tensors).hexdigest(),
            "about": digest(about),
            "run": about,
        }
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path.with_suffix(".safetensors"), tensors)
            write_whole(path, json.dumps(entry, indent=1).encode())
        except OSError as error:
            message = f"A finished run can't be kept as {path}: {error.strerror}."
            raise TimetravelError(message, ELSEWHERE) from error

    def path(self, identity: str) -> Path:
        """Return the JSON file of a run."""
        return self.folder / identity[:2] / f"{identity}.json"

    def remedy(self) -> str:
        """Say what to do about a damaged entry."""
        return "Repeat the command with --fresh to train it again, or delete the file."


def pack(run: Run) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a run into plain values and arrays. A loss that is no number becomes null."""
    arrays = {"outputs": run.outputs} | {f"weights.{name}": array for name, array in run.weights.items()}
    plain = {f.name: getattr(run, f.name) for f in dataclasses.fields(run) if f.name not in ("outputs", "weights")}
    plain["recipe"] = run.recipe.to_dict()
    plain["gradient_norms"] = [[finite(norm) for norm in norms] for norms in run.gradient_norms]
    plain["train"], plain["test"] = pack_figures(run.train), pack_figures(run.test)
    plain["curve"] = [[p.epochs, pack_figures(p.train), pack_figures(p.test)] for p in run.curve]
    return plain, arrays


def unpack(plain: dict[str, Any], arrays: dict[str, Any]) -> Run:
    """Put a run back together."""
    values = dict(plain)
    values["recipe"] = Recipe.from_dict(values["recipe"])
    values["train"], values["test"] = unpack_figures(values["train"]), unpack_figures(values["test"])
    values["curve"] = tuple(Point(p, unpack_figures(a), unpack_figures(b)) for p, a, b in values["curve"])
    values["gradient_norms"] = tuple((number(first), number(last)) for first, last in values["gradient_norms"])
    weights = {n.removeprefix("weights."): a for n, a in arrays.items() if n != "outputs"}
    return Run(**values, outputs=arrays["outputs"], weights=weights)


def pack_figures(figures: Figures) -> list[float | int | None]:
    """Write figures as a short list."""
    return [finite(figures.loss), figures.mistakes, figures.size]


def unpack_figures(values: list[Any]) -> Figures:
    """Read figures back."""
    loss, mistakes, size = values
    return Figures(number(loss), mistakes, size)


def finite(value: float) -> float | None:
    """Return a number that JSON can hold: null for what is none."""
    return value if math.isfinite(value) else None


def number(value: float | None) -> float:
    """Return a number from JSON, null as what is none."""
    return math.nan if value is None else value
