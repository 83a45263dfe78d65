"""The run store: finished runs, each under the digest of all that defines it, so that nothing is trained twice.

A net is kept once: `<key>.safetensors` holds its weights, `<key>.json` how it was trained. Beside it lie its answers to
each set of test digits: `<key>.<first 16 letters of their fingerprint>.safetensors` and `.json`. A JSON file is renamed
into place after its arrays, and every file is written whole or not at all, so processes can share a store; `locks` says
which entries are being made. The last whole result of each kind lies in `results`, for the page.
"""

import hashlib
import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from safetensors import SafetensorError
from safetensors.numpy import load, save

from timetravel.engine.locks import ELSEWHERE, Lock
from timetravel.engine.runs import Figures, Job, Point, Run, measure
from timetravel.errors import DataError, TimetravelError
from timetravel.files import clean, digest, write_whole
from timetravel.recipes import Recipe

FORMAT = 2
NAMING = ("recipe", "digits", "seed", "backend")  # what tells a trained net from any other
TRAINING = (*NAMING, "train", "examples_seen", "seconds", "beside", "diverged", "curve", "gradient_norms", "provenance")
REMEDY = "Repeat the command with --fresh to train it again, or delete the file."
# What reading an entry that is none can raise.
DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SafetensorError, TimetravelError)

Answers = Callable[[dict[str, np.ndarray]], np.ndarray]  # from a net's weights to its outputs for the test digits
Plain = dict[str, Any]


def key(of: Job | Run, backend: str) -> str:
    """Return what names a trained net: sha256 over what its recipe changes, digits, seed and the backend's version."""
    recipe, digits, _, seed = of.identity
    return _key({"recipe": recipe.to_dict(), "digits": digits, "seed": seed, "backend": backend})


def _key(about: Plain) -> str:
    return digest({"format": FORMAT} | {name: about[name] for name in NAMING})


class Store:
    """The runs kept in one folder: TIMETRAVEL_STORE, or one in the platform's data folder, where none is named.

    Raises TimetravelError where there is no such folder, as for a user without a home.
    """

    def __init__(self, folder: Path | None = None) -> None:
        chosen = os.environ.get("TIMETRAVEL_STORE")
        try:
            default = Path(chosen).expanduser() if chosen else platformdirs.user_data_path("timetravel") / "runs"
        except RuntimeError as error:  # no HOME, and nobody of this user's number is known
            raise TimetravelError("There is no home folder to keep runs in.", ELSEWHERE) from error
        self.folder = folder or default

    def check(self) -> None:
        """Make sure that runs can be kept, before any is trained; raises TimetravelError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):  # without a name, so that no interrupt leaves it behind
                pass
        except OSError as error:
            raise TimetravelError(f"Runs can't be kept in {self.folder}: {error.strerror}.", ELSEWHERE) from error

    def get(self, job: Job, backend: str, answers: Answers, *, watched: bool = False) -> Run | None:
        """Return the kept run of a job, or None where its net is not kept; with `watched` only one with its curve.

        A net that has not answered these test digits yet is asked by `answers`. Writes nothing. Raises DataError,
        naming the file, if an entry is damaged.
        """
        path = self.path(key(job, backend))
        if not (training := self.read(path)):
            return None
        about, weights = training
        measured = self._answers(path, job.test.fingerprint)
        try:
            if _key(about) != path.stem:
                raise ValueError("it is not the run that its name says")
            if watched and not about["curve"] and about["diverged"] is None:
                return None
            values = restored(about) | {
                "recipe": job.recipe,
                "test_digits": job.test.fingerprint,
                "labels": job.test.labels,
                "weights": weights,
            }
            if measured:
                return Run(**values, test=Figures(*numbers(measured[0]["test"])), outputs=measured[1]["outputs"])
        except DAMAGE as error:
            raise DataError(f"The kept run {path} is damaged: {error}.", REMEDY) from error
        outputs = answers(weights)  # what goes wrong now, as a card that is lost, is no damage of the entry
        return Run(**values, test=measure(outputs, job.test, job.recipe), outputs=outputs)

    def run(self, identity: str, test_digits: str) -> Run | None:
        """Return the kept run of a net on test digits, both named as for answers_of; None where one is not kept.

        Raises DataError for damage, and for a recipe of a net that is not known here.
        """
        path = self.path(identity)
        training, answered = self.read(path), self.answers_of(identity, test_digits)
        if not training or not answered:
            return None
        about, (outputs, labels) = training[0], answered
        told: Plain = {"test_digits": test_digits, "outputs": outputs, "labels": labels, "weights": training[1]}
        try:
            recipe = Recipe.from_dict(about["recipe"])
            test = Figures(*numbers(self._answers(path, test_digits)[0]["test"]))  # type: ignore[index]
            return Run(**restored(about) | told, recipe=recipe, test=test)
        except DAMAGE as error:
            raise DataError(f"The kept run {path} is damaged: {error}.", REMEDY) from error

    def net(self, identity: str) -> tuple[Recipe, dict[str, np.ndarray], Plain] | None:
        """Return a kept net by its key: recipe, weights and how it was trained; None if not kept. Raises DataError."""
        path = self.path(identity)
        if not (training := self.read(path)):
            return None
        try:
            if _key(training[0]) != identity:
                raise ValueError("it is not the run that its name says")
            return Recipe.from_dict(training[0]["recipe"]), training[1], training[0]
        except DAMAGE as error:
            raise DataError(f"The kept run {path} is damaged: {error}.", REMEDY) from error

    def put(self, run: Run) -> None:
        """Keep a net, how it was trained, and its answers. Raises TimetravelError if it can't be written."""
        plain = {name: getattr(run, name) for name in TRAINING} | {"recipe": run.recipe.to_dict()}
        self.write(self.path(key(run, run.backend)), plain, run.weights)
        self.put_answers(run, again=True)

    def put_answers(self, run: Run, *, again: bool = False) -> None:
        """Keep a net's answers to its test digits, unless they are. Raises TimetravelError if it can't be written."""
        path = self.path(key(run, run.backend))
        if again or not self._answers(path, run.test_digits):
            plain = {"test_digits": run.test_digits, "test": run.test}
            arrays = {"outputs": run.outputs, "labels": run.labels.astype(np.uint8)}
            self.write(path.with_suffix(f".{run.test_digits[:16]}.json"), plain, arrays)

    def answers_of(self, identity: str, test_digits: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Return a net's outputs, float32 (n, 10), for test digits and their labels, int64 (n,); None if not kept.

        identity: the net's key; test_digits: their fingerprint, framed as its recipe says. Raises DataError for damage.
        """
        path = self.path(identity)
        if not (found := self._answers(path, test_digits)):
            return None
        about, arrays = found
        if about.get("test_digits") != test_digits or arrays["outputs"].shape != (len(arrays["labels"]), 10):
            raise DataError(f"The answers of the kept run {path} are not what their name says.", REMEDY)
        return arrays["outputs"], arrays["labels"].astype(np.int64)

    def _answers(self, path: Path, test_digits: str) -> tuple[Plain, dict[str, np.ndarray]] | None:
        """Return the entry of a net's answers; None where there is none, or one without labels, as they once were."""
        found = self.read(path.with_suffix(f".{test_digits[:16]}.json"))
        return found if found and "labels" in found[1] else None

    def listing(self) -> Iterator[tuple[Path, Plain | Exception]]:
        """Yield the plain values of every kept net on each set of test digits, by file, without weights and outputs.

        They have the names of Run; figures are loss, mistakes, size. An exception stands for what can't be read.
        Entries of another format, as earlier releases left them, are passed over.
        """
        for path in sorted(self.folder.glob("??/*.json")):
            if "." in path.stem:
                continue  # answers, which come with their net
            try:
                if entry := parsed(path, path.read_bytes()):
                    for answers in sorted(path.parent.glob(f"{path.stem}.*.json")):
                        of_test = parsed(answers, answers.read_bytes())
                        yield answers, entry["run"] | (of_test or {})["run"]
            except DAMAGE as error:
                yield path, error

    def derived(
        self, about: Plain, make: Callable[[], dict[str, np.ndarray]], *, fresh: bool = False
    ) -> tuple[dict[str, np.ndarray], float]:
        """Return arrays that are no run, made and kept unless they are, and the seconds that they took to make.

        about: all that defines them. Raises DataError for a damaged entry, TimetravelError if it can't be written.
        """
        path = self.folder / "derived" / f"{digest({'format': FORMAT, **about})}.json"
        if not fresh and (found := self.read(path)):
            return found[1], float(found[0]["seconds"])
        with self.lock(path.stem):
            if not fresh and (found := self.read(path)):  # another process made them meanwhile
                return found[1], float(found[0]["seconds"])
            began = time.perf_counter()
            arrays = {name: np.ascontiguousarray(values) for name, values in make().items()}
            seconds = time.perf_counter() - began
            self.write(path, {**about, "seconds": seconds}, arrays)
            return arrays, seconds

    def lock(self, name: str) -> Lock:
        """Return the lock of whoever makes an entry, by the name of its file without suffix."""
        return Lock(self.folder / "locks", name)

    def keep_result(self, document: Plain) -> None:
        """Keep a whole result as the last of its command, mode and digits. Raises TimetravelError if that fails."""
        first = (document.get("rows") or [{}])[0]
        kind = {"command": document["command"], "mode": document.get("mode"), "data": first.get("data")}
        path = self.folder / "results" / f"{digest(kind)[:16]}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(document).encode())
        except OSError as error:
            raise TimetravelError(f"The result can't be kept as {path}: {error.strerror}.", ELSEWHERE) from error

    def results(self) -> list[Path]:
        """Return the files of kept results, in no order that means anything but always the same."""
        return sorted((self.folder / "results").glob("*.json"))

    def path(self, identity: str) -> Path:
        """Return the JSON file of a net."""
        return self.folder / identity[:2] / f"{identity}.json"

    def read(self, path: Path) -> tuple[Plain, dict[str, np.ndarray]] | None:
        """Return the plain values and the arrays of an entry; None where there is none. Raises DataError for damage."""
        try:
            text = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise DataError(f"The kept run {path} can't be read: {error.strerror}.", REMEDY) from error
        try:
            if not (entry := parsed(path, text)):
                raise ValueError("it is of another format")
            tensors = path.with_suffix(".safetensors").read_bytes()
            if hashlib.sha256(tensors).hexdigest() != entry["tensors"]:
                raise ValueError("its parts do not belong together")
            return entry["run"], load(tensors)
        except DAMAGE as error:
            raise DataError(f"The kept run {path} is damaged: {error}.", REMEDY) from error

    def write(self, path: Path, plain: Plain, arrays: dict[str, np.ndarray]) -> None:
        """Write an entry, its arrays first. Raises TimetravelError where that fails."""
        plain, tensors = clean(plain), save(arrays)
        hashes = {"tensors": hashlib.sha256(tensors).hexdigest(), "about": digest(plain)}
        entry = {"format": FORMAT, "key": path.stem, **hashes, "run": plain}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path.with_suffix(".safetensors"), tensors)
            write_whole(path, json.dumps(entry, indent=1).encode())
        except OSError as error:
            message = f"A finished run can't be kept as {path}: {error.strerror}."
            raise TimetravelError(message, ELSEWHERE) from error


def parsed(path: Path, text: bytes) -> Plain | None:
    """Return what an entry's JSON file says; None for another format. Raises ValueError and the like for damage."""
    entry: Plain = json.loads(text)
    if entry.get("format") != FORMAT:
        return None
    if (entry["key"], entry["about"]) != (path.stem, digest(entry["run"])):
        raise ValueError("its parts do not belong together")
    return entry


def restored(about: Plain) -> Plain:
    """Return a kept net's plain values with those that JSON writes otherwise as Run has them, but for its recipe."""
    return {name: value for name, value in about.items() if name != "recipe"} | {
        "train": Figures(*numbers(about["train"])),
        "curve": tuple(Point(p, Figures(*a), Figures(*b)) for p, a, b in numbers(about["curve"])),
        "gradient_norms": numbers(about["gradient_norms"]),
    }


def numbers(value: Any) -> Any:
    """Return lists of numbers from JSON as tuples, null as what is no number."""
    if isinstance(value, list):
        return tuple(map(numbers, value))
    return math.nan if value is None else value
