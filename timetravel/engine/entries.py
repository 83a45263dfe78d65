"""One entry of the run store: a JSON file of plain values with checksums, and the file of its arrays beside it."""

import hashlib
import json
import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BufferedReader
from itertools import chain, count
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from timetravel.engine import plain
from timetravel.engine.locks import ELSEWHERE
from timetravel.engine.runs import Figures, Point
from timetravel.errors import DataError, TimetravelError, UsageError
from timetravel.files import NoFile, clean, digest, regular, write_whole
from timetravel.recipes import OWN, Recipe

FORMAT: Final = 2
NAMING: Final = ("recipe", "digits", "seed", "backend")  # what tells a trained net from any other
LARGEST: Final = {".json": 2**28, ".safetensors": 2**32}  # bytes that are read: far more than any entry has
REMEDY: Final = "The command that trained it sets it aside and trains it again. See: timetravel store check"
UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, SafetensorError)
NUMBER: Final = int | float | None  # None is no number
FIGURES: Final = (NUMBER, int, int)
NET: Final = {
    **{"recipe": dict, "digits": str, "seed": int, "backend": str, "train": FIGURES, "examples_seen": int},
    **{"seconds": int | float, "beside": int, "diverged": int | None, "curve": [(int, FIGURES, FIGURES)]},
    **{"gradient_norms": [(NUMBER, NUMBER)], "provenance": dict},
}
ANSWERS: Final = {"test_digits": str, "test": FIGURES}
WORK: Final = {"seconds": int | float}

Plain = dict[str, Any]
Arrays = dict[str, np.ndarray]


class Damaged(DataError):  # noqa: N818
    """Something kept can't be used: which file, and why, in words. `version`: 'older' or 'newer' where that is why."""

    def __init__(self, path: Path, why: str, version: str = "") -> None:
        what = {"derived": "work", "results": "result"}.get(path.parent.name, "run")
        super().__init__(f"The kept {what} {path} is damaged: {why}.", REMEDY)
        self.path, self.why, self.version, self.what = path, why, version, what


def opened(path: Path) -> BufferedReader:
    """Open a regular file of a size that is kept: a pipe would wait for ever. Raises Damaged, FileNotFoundError."""
    it = "it" if path.suffix == ".json" else "the file of its arrays"
    try:
        file = regular(path)
        if (size := os.fstat(file.fileno()).st_size) > LARGEST[path.suffix]:
            file.close()
            raise Damaged(path, f"{it} is too large, {size / 1e9:,.0f} GB")
        return file
    except (NoFile, IsADirectoryError) as error:
        raise Damaged(path, f"{it} is {'a folder' if path.is_dir() else 'no ordinary file'}") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        if path.is_symlink():
            raise Damaged(path, f"{it} is a symbolic link to nothing") from error
        raise FileNotFoundError from error
    except OSError as error:
        raise Damaged(path, f"{it} can't be read: {error.strerror}") from error


def content(path: Path) -> bytes | None:
    """Return what a JSON file holds; None where there is none. Raises Damaged."""
    if os.path.lexists(path.parent) and not path.parent.is_dir():
        raise Damaged(path.parent, "it is no folder")
    try:
        with opened(path) as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Damaged(path, f"it can't be read: {error.strerror}") from error


def values(path: Path, text: bytes) -> Plain:
    """Return what a JSON file says, an object; raises Damaged."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        whole = text.rstrip().endswith(b"\n}")
        why = "it was changed since it was written, and is no JSON" if whole else "it is cut short, or no JSON"
        raise Damaged(path, why if text.strip() else "it is empty") from error
    if not isinstance(found, dict):
        raise Damaged(path, "it is not a kept run at all")
    return found


def parsed(path: Path, text: bytes, form: Plain) -> tuple[Plain, Plain]:
    """Return what an entry's JSON file says of its arrays and of what it keeps, in its form; raises Damaged."""
    entry = values(path, text)
    if not isinstance(about := entry.get("run"), dict) or not isinstance(entry.get("key"), str):
        raise Damaged(path, "it is not a kept run at all")
    if (found := entry.get("format")) != FORMAT:
        newer = isinstance(found, int | float) and found > FORMAT
        told = f"it is of format {found!r:.9}, from {'a newer' if newer else 'an older'} version of timetravel"
        raise Damaged(path, told, "newer" if newer else "older")
    if entry["key"] != path.stem:
        raise Damaged(path, "it is not the run that its name says")
    try:
        if entry.get("about") != digest(about):
            raise Damaged(path, "it was changed since it was written")
    except RecursionError as error:
        raise Damaged(path, "it is not a kept run at all") from error
    if wrong := [name for name, part in form.items() if not fits(about.get(name, ...), part)]:
        raise Damaged(path, f"what it says of {wrong[0]} is missing, or of another kind")
    return entry, about


def fits(value: Any, form: Any) -> bool:
    """Whether a value from JSON has a form: a type, a tuple of forms, or a list, of any length, of one form."""
    if isinstance(form, tuple):
        return isinstance(value, list) and len(value) == len(form) and all(map(fits, value, form))
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(each, form[0]) for each in value)
    return isinstance(value, form) and not isinstance(value, bool)


def read(path: Path, form: Plain) -> tuple[Plain, Arrays] | None:
    """Return the plain values, in their form, and the arrays of an entry; None where there is none. Raises Damaged.

    Another process may be writing the entry anew. It takes the JSON file away before it changes the arrays, and puts
    the new one there after them (see write). So arrays that don't fit what was read before them are damaged only if
    the JSON file still says the same after them; else the entry is read again.
    """
    while (text := content(path)) is not None:
        entry, about = parsed(path, text, form)
        try:
            return about, _arrays(path, entry)
        except Damaged:
            if content(path) == text:
                raise
    return None


def _arrays(path: Path, entry: Plain) -> Arrays:
    """Return the arrays of an entry if they are those that it was written with; raises Damaged, naming the entry."""
    beside = path.with_suffix(".safetensors")
    try:
        with opened(beside) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != entry.get("tensors"):
                short = file.tell() < entry.get("bytes", 0)
                told = "is cut short" if short else "was changed since it was written"
                raise Damaged(path, f"the file of its arrays {told}")
            file.seek(0)
            return dict(load(file.read()))
    except FileNotFoundError as error:
        raise Damaged(path, "the file of its arrays is missing") from error
    except Damaged as error:
        raise Damaged(path, error.why) from error
    except UNREADABLE as error:
        raise Damaged(path, f"its arrays can't be read: {getattr(error, 'strerror', None) or error}") from error


def write(path: Path, about: Plain, arrays: Arrays) -> None:
    """Write an entry, its arrays first, in the steps that `read` relies on. Raises OSError."""
    about, tensors, beside, same = clean(about), save(arrays), path.with_suffix(".safetensors"), False
    hashes = {"tensors": hashlib.sha256(tensors).hexdigest(), "about": digest(about)}
    entry = {"format": FORMAT, "key": path.stem, "bytes": len(tensors), **hashes, "run": about}
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError, DataError), opened(beside) as file:
        same = hashlib.file_digest(file, "sha256").hexdigest() == hashes["tensors"]
    if not same:  # a net that is trained again mostly has the same weights: then the entry is whole all the time
        path.unlink(missing_ok=True)
        write_whole(beside, tensors)
    write_whole(path, json.dumps(entry, indent=1).encode())


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Raise TimetravelError where a file can't be written."""
    try:
        yield
    except OSError as error:
        raise TimetravelError(f"Nothing can be kept as {path}: {error.strerror}.", ELSEWHERE) from error


def named(about: Plain) -> str:
    """Return what names a trained net, given what tells it from any other: a sha256."""
    return digest({"format": FORMAT} | {name: about[name] for name in NAMING})


def described(path: Path, about: Plain) -> tuple[Recipe, Plain]:
    """Return the recipe of a kept net, and its plain values as Run has them, but for the recipe; raises Damaged."""
    try:
        hash(recipe := Recipe.from_dict(about["recipe"]))  # as no list has one
    except TimetravelError as error:
        told = f"its recipe is of a newer version of timetravel ({error.message.rstrip('.')})"
        raise Damaged(path, told, "newer") from error
    except (TypeError, ValueError, ArithmeticError) as error:
        raise Damaged(path, "its recipe has values of another kind") from error
    if named(about) != path.stem:
        raise Damaged(path, "it is not the run that its name says")
    values = {name: about[name] for name in NET if name != "recipe"}
    values["train"] = figures(path, about["train"])
    values["curve"] = tuple(Point(n, figures(path, a), figures(path, b)) for n, a, b in about["curve"])
    values["gradient_norms"] = numbers(about["gradient_norms"])
    return recipe, values


def answered(path: Path, about: Plain, arrays: Arrays, test_digits: str) -> Plain:
    """Return a net's answers as Run has them; raises Damaged if they are not those to such digits."""
    test, size = figures(path, about["test"]), about["test"][2]
    forms = {name: (each.shape, each.dtype) for name, each in arrays.items()}
    right = {"outputs": ((size, 10), np.dtype("float32")), "labels": ((size,), np.dtype("uint8"))}
    if forms != right or not about["test_digits"].startswith(test_digits) or (arrays["labels"] > 9).any():
        raise Damaged(path, "its answers are not what their name says")
    return arrays | {"labels": arrays["labels"].astype(np.int64), "test": test}


@cache
def shapes_of(recipe: Recipe) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]] | None:
    """Return shape and dtype of a net's weights by name; None for a net of one's own that is not known here."""
    try:
        shapes = plain.shapes(recipe)
    except UsageError:
        from timetravel.nets import build  # PyTorch, which no other net needs

        try:
            shapes = {name: tuple(each.shape[1:]) for name, each in build(recipe).named_parameters()}
        except UsageError:
            if not recipe.net.startswith(OWN):
                raise
            return None
    return {name: (shape, np.dtype("float32")) for name, shape in shapes.items()}


def figures(path: Path, told: list[Any]) -> Figures:
    """Return a kept loss, mistakes and size; raises Damaged for what can't be."""
    loss, mistakes, size = numbers(told)
    if not 0 <= mistakes <= size or not size:
        raise Damaged(path, f"{mistakes:,} mistakes of {size:,} digits can't be")
    return Figures(loss, mistakes, size)


def numbers(value: Any) -> Any:
    """Return lists of numbers from JSON as tuples, null as what is no number."""
    if isinstance(value, list):
        return tuple(map(numbers, value))
    return math.nan if value is None else value


def size_of(files: Iterable[Path]) -> int:
    """Return the bytes of those files that are there."""
    total = 0
    for file in files:
        with suppress(OSError):
            total += file.lstat().st_size
    return total


def set_aside(path: Path, aside: Path) -> None:
    """Move an entry with all its files, and those of a net's answers, to a folder; raises OSError.

    What another process has moved already is left to it.
    """
    aside.mkdir(parents=True, exist_ok=True)
    stem = path.name.removesuffix("json")
    beside = (each for each in path.parent.iterdir() if path.suffix == ".json" and each.name.startswith(stem))
    for file in (path, *sorted(set(beside) - {path})):  # the JSON file first: without it there is no entry
        names = chain([file.name], (f"{file.name}.{number}" for number in count(2)))
        with suppress(FileNotFoundError):
            file.rename(next(to for name in names if not os.path.lexists(to := aside / name)))
