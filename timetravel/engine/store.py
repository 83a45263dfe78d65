"""The run store: finished runs, each under the digest of all that defines it, so that nothing is trained twice.

A net is kept once: `<key>.safetensors` holds its weights, `<key>.json` how it was trained. Beside it lie its answers to
each set of test digits: `<key>.<first 16 letters of their fingerprint>.safetensors` and `.json`. A JSON file is renamed
into place after its arrays, and every file is written whole or not at all, so processes can share a store; `locks` says
which entries are being made. The last whole result of each kind lies in `results`, for the page. An entry that can't be
used is moved to `set-aside`.
"""

import json
import os
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import platformdirs

from timetravel.engine import entries
from timetravel.engine.entries import (
    ANSWERS,
    FORMAT,
    NET,
    WORK,
    Arrays,
    Damaged,
    Plain,
    described,
    named,
    shapes_of,
)
from timetravel.engine.locks import ELSEWHERE, Lock
from timetravel.engine.runs import Job, Run, measure
from timetravel.errors import TimetravelError
from timetravel.files import check_folder, digest, write_whole
from timetravel.recipes import Recipe

KEY: Final = re.compile("[0-9a-f]{64}")

T = TypeVar("T")
Warn = Callable[[str], None]
Answers = Callable[[Arrays], np.ndarray]  # from a net's weights to its outputs for the test digits


def key(of: Job | Run, backend: str) -> str:
    """Return what names a trained net: sha256 over what its recipe changes, digits, seed and the backend's version."""
    recipe, digits, _, seed = of.identity
    return named({"recipe": recipe.to_dict(), "digits": digits, "seed": seed, "backend": backend})


class Store:
    """The runs kept in one folder: TIMETRAVEL_STORE, or one in the platform's data folder, where none is named.

    read_only: nothing is set aside, as in a dry run. Raises TimetravelError where there is no such folder, as for a
    user without a home.
    """

    def __init__(self, folder: Path | None = None, *, read_only: bool = False) -> None:
        chosen = os.environ.get("TIMETRAVEL_STORE")
        try:
            default = Path(chosen).expanduser() if chosen else platformdirs.user_data_path("timetravel") / "runs"
        except RuntimeError as error:  # no HOME, and nobody of this user's number is known
            raise TimetravelError("There is no home folder to keep runs in.", ELSEWHERE) from error
        self.folder, self.read_only = folder or default, read_only
        self.passed_over: set[Path] = set()  # what is damaged and still there, and counts as missing

    def check(self) -> None:
        """Make sure that runs can be kept, before any is trained; raises TimetravelError."""
        check_folder(self.folder, f"Runs can't be kept in {self.folder}", ELSEWHERE)

    def get(self, job: Job, backend: str, answers: Answers, *, watched: bool = False) -> Run | None:
        """Return the kept run of a job, or None where its net is not kept; with `watched` only one with its curve.

        A net that has not answered these test digits yet is asked by `answers`. Writes nothing. Raises Damaged, a
        DataError that names the file, if an entry is damaged.
        """
        path = self.path(key(job, backend))
        if not (found := self._net(path)):
            return None
        _, about, weights = found
        if watched and not about["curve"] and about["diverged"] is None:
            return None
        told = about | {"recipe": job.recipe, "test_digits": job.test.fingerprint, "weights": weights}
        if known := self._answers(path, job.test.fingerprint):
            if not np.array_equal(known["labels"], job.test.labels):
                raise Damaged(self._beside(path, job.test.fingerprint), "its labels are those of other digits")
            return Run(**told | known | {"labels": job.test.labels})
        outputs = answers(weights)
        return Run(**told, labels=job.test.labels, test=measure(outputs, job.test, job.recipe), outputs=outputs)

    def run(self, identity: str, test_digits: str) -> Run | None:
        """Return the kept run of a net on test digits, both named as for answers_of; None where one is not kept.

        Raises Damaged, and so for a recipe that is not known here.
        """
        path = self.path(identity)
        if not (found := self._net(path)) or not (known := self._answers(path, test_digits)):
            return None
        told = found[1] | {"recipe": found[0], "test_digits": test_digits, "weights": found[2]}
        return Run(**told | known)

    def net(self, identity: str) -> tuple[Recipe, Arrays, Plain] | None:
        """Return a kept net by its key: recipe, weights and how it was trained; None if not kept. Raises Damaged."""
        found = self._net(self.path(identity))
        return (found[0], found[2], found[1]) if found else None

    def put(self, run: Run) -> None:
        """Keep a net, how it was trained, and its answers. Raises TimetravelError if it can't be written."""
        about = {name: getattr(run, name) for name in NET} | {"recipe": run.recipe.to_dict()}
        self.write(self.path(key(run, run.backend)), about, run.weights)
        self.put_answers(run, again=True)

    def put_answers(self, run: Run, *, again: bool = False) -> None:
        """Keep a net's answers to its test digits, unless they are. Raises TimetravelError if it can't be written."""
        path = self.path(key(run, run.backend))
        if again or not self._answers(path, run.test_digits):
            arrays = {"outputs": run.outputs, "labels": run.labels.astype(np.uint8)}
            about = {"test_digits": run.test_digits, "test": run.test}
            self.write(self._beside(path, run.test_digits), about, arrays)

    def answers_of(self, identity: str, test_digits: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Return a net's outputs, float32 (n, 10), for test digits and their labels, int64 (n,); None if not kept.

        identity: the net's key; test_digits: their fingerprint, framed as its recipe says. Raises Damaged.
        """
        known = self._answers(self.path(identity), test_digits)
        return (known["outputs"], known["labels"]) if known else None

    def verify(self, path: Path) -> None:
        """Read and check whatever is kept in a file, wholly; raises Damaged."""
        if path.parent.name == "results":
            document = entries.values(path, entries.content(path) or b"")
            if document.pop("digest", digest(document)) != digest(document):
                raise Damaged(path, "it was changed since it was written")
            with suppress(*entries.UNREADABLE):
                if self._result(document) == path:
                    return
            raise Damaged(path, "it is not what its name says")
        if path.parent.name == "derived":
            self._work(path)
        elif "." in path.stem:
            self._answers(path.with_name(f"{path.stem[:64]}.json"), path.stem[65:])
        else:
            self._net(path)

    def _net(self, path: Path) -> tuple[Recipe, Plain, Arrays] | None:
        if not KEY.fullmatch(path.stem) or not (found := self._read(path, NET)):
            return None
        recipe, values = described(path, found[0])
        shapes = shapes_of(recipe)
        if shapes is not None and {name: (each.shape, each.dtype) for name, each in found[1].items()} != shapes:
            raise Damaged(path, "its weights are not those of the net that its recipe says")
        return recipe, values, found[1]

    def _beside(self, path: Path, test_digits: str) -> Path:
        return path.with_suffix(f".{test_digits[:16]}.json")

    def _answers(self, path: Path, test_digits: str) -> Plain | None:
        """Return a net's answers, as Run has them; None for none, or some without labels, as they once were.

        test_digits: their fingerprint, or how it begins, as in the file's name. Raises Damaged.
        """
        path = self._beside(path, test_digits)
        if not (found := self._read(path, ANSWERS)) or "labels" not in found[1]:
            return None
        return entries.answered(path, *found, test_digits)

    def listing(self) -> Iterator[tuple[Path, Plain | Damaged]]:
        """Yield the plain values of every kept net on each set of test digits, by file, without weights and outputs.

        They have the names of Run; figures are loss, mistakes, size. An exception stands for what can't be read.
        """
        for path in sorted(self.folder.glob("??/*.json")):
            if "." in path.stem or path != self.path(path.stem):
                continue  # answers, which come with their net, or a copy in another folder
            try:
                if (text := entries.content(path)) is None:
                    continue  # it is being written anew
                about = entries.parsed(path, text, NET)[1]
                described(path, about)
                for answers in sorted(path.parent.glob(f"{path.stem}.*.json")):
                    if (text := entries.content(answers)) is not None:
                        yield answers, about | entries.parsed(answers, text, ANSWERS)[1]
            except Damaged as error:
                yield error.path, error

    def derived(
        self, about: Plain, make: Callable[[], Arrays], *, fresh: bool = False, warn: Warn = warnings.warn
    ) -> tuple[Arrays, float]:
        """Return arrays that are no run, made and kept unless they are, and the seconds that they took to make.

        about: all that defines them; warn: hears of a damaged entry. Raises TimetravelError if it can't be written.
        """
        path = self.folder / "derived" / f"{digest({'format': FORMAT, **about})}.json"

        def kept() -> tuple[Arrays, float] | None:
            found = None if fresh else self.sound(lambda: self._work(path), warn)
            return (found[1], float(found[0]["seconds"])) if found else None

        if found := kept():
            return found
        with self.lock(path.stem):
            if found := kept():  # another process made them meanwhile
                return found
            began = time.perf_counter()
            arrays = {name: np.ascontiguousarray(values) for name, values in make().items()}
            seconds = time.perf_counter() - began
            self.write(path, {**about, "seconds": seconds}, arrays)
            return arrays, seconds

    def lock(self, name: str) -> Lock:
        """Return the lock of whoever makes an entry, by the name of its file without suffix; raises TimetravelError."""
        with entries.written(path := self.folder / "locks" / name):
            self._make_way(path)
        return Lock(path.parent, name)

    def _work(self, path: Path) -> tuple[Plain, Arrays] | None:
        if found := self._read(path, WORK):
            about = {name: value for name, value in found[0].items() if name != "seconds"}
            if digest({"format": FORMAT, **about}) != path.stem:
                raise Damaged(path, "it is not what its name says")
        return found

    def keep_result(self, document: Plain) -> None:
        """Keep a whole result as the last of its command, mode and digits. Raises TimetravelError if that fails."""
        path = self._result(document)
        told = json.loads(json.dumps(document))  # what a reader will have: keys are texts
        with entries.written(path):
            self._make_way(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, json.dumps(told | {"digest": digest(told)}).encode())

    def _result(self, document: Plain) -> Path:
        first = (document.get("rows") or [{}])[0]
        kind = {"command": document["command"], "mode": document.get("mode"), "data": first.get("data")}
        return self.folder / "results" / f"{digest(kind)[:16]}.json"

    def results(self) -> list[Path]:
        """Return the files of kept results, in no order that means anything but always the same."""
        return sorted((self.folder / "results").glob("*.json"))

    def path(self, identity: str) -> Path:
        """Return the JSON file of a net."""
        return self.folder / identity[:2] / f"{identity}.json"

    def _read(self, path: Path, form: Plain) -> tuple[Plain, Arrays] | None:
        return None if {path, path.parent} & self.passed_over else entries.read(path, form)

    def write(self, path: Path, about: Plain, arrays: Arrays) -> None:
        """Write an entry. Raises TimetravelError where that fails."""
        with entries.written(path):
            self._make_way(path)
            entries.write(path, about, arrays)
            self.passed_over -= {path, path.parent}

    def _make_way(self, path: Path) -> None:
        """Set aside what is no folder, or no file, in the place of one."""
        if os.path.lexists(path.parent) and not path.parent.is_dir():
            self.set_aside(path.parent)
        for each in (path, path.with_suffix(".safetensors")):
            if os.path.lexists(each) and not each.is_file():
                self.set_aside(each)

    def set_aside(self, path: Path) -> Path:
        """Move an entry with all its files to a folder, which is returned; raises OSError."""
        entries.set_aside(path, aside := self.folder / "set-aside")
        return aside

    def sound(self, read: Callable[[], T], warn: Warn) -> T:
        """Return what a reading gives once what it finds damaged, twice, as others may mend it, is out of its way."""
        before = ""
        while True:
            try:
                return read()
            except Damaged as damaged:
                if damaged.message == before:
                    self._recover(damaged, warn)
                before = damaged.message

    def _recover(self, damaged: Damaged, warn: Warn) -> None:
        """Set what is damaged aside, or where that can't be count it as missing, and say so once."""
        path = damaged.path
        again = "its net answers" if "." in path.stem else "is made" if damaged.what == "work" else "is trained"
        told = "it counts as missing"
        try:
            if self.read_only:
                self.passed_over.add(path)
            else:
                told = f"it was set aside in {self.set_aside(path)}, and {again} again"
        except OSError as error:
            self.passed_over.add(path)
            told = f"it can't be set aside ({error.strerror}), and {again} again"
        warn(f"The kept {damaged.what} {path} is damaged ({damaged.why}): {told}.")
