"""What lies in the folder of the run store, in what state, and what of it can go."""

import math
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from timetravel.engine.entries import Damaged, size_of
from timetravel.engine.locks import alive, look
from timetravel.engine.store import Store
from timetravel.errors import TimetravelError

State = Literal["ok", "damaged", "older version", "newer version", "left over", "set aside", "not timetravel's"]
OURS: Final = {  # files by the folder that they lie in; the first of an entry is its JSON file
    "results": re.compile(r"[0-9a-f]{16}\.json"),
    "derived": re.compile(r"[0-9a-f]{64}\.(json|safetensors)"),
    "locks": re.compile(r"\.?[0-9a-f]{64}(\.[0-9a-f]{32})?"),
    "set-aside": re.compile(r"[0-9a-f.]+\.(json|safetensors)(\.\d+)?"),
}
NET: Final = re.compile(r"[0-9a-f]{64}(\.[0-9a-f]{16})?\.(json|safetensors)")
TEMPORARY: Final = re.compile(r"\.[0-9a-f.]+\.(json|safetensors)\.\w{8}")  # as write_whole names them
HOUR: Final = 3600.0  # after which nobody is writing any more: what is at work is younger


@dataclass(frozen=True)
class Found:
    """An entry of the store, or another file in its folder: its state, why that is so, and its size in bytes."""

    path: Path
    state: State
    why: str = ""

    @property
    def files(self) -> list[Path]:
        """Its files, the JSON file first: without it there is no entry."""
        pair = self.path.suffix == ".json" and self.state != "set aside"
        return [self.path, self.path.with_suffix(".safetensors")] if pair else [self.path]

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return size_of(self.files)


def inspect(store: Store) -> Iterator[Found]:
    """Read and check all that lies in the store, and tell what it is. Raises TimetravelError if that can't be seen.

    Locks and files that are being written count for nothing.
    """
    try:
        for place in sorted(store.folder.iterdir()):
            ours = OURS.get(place.name) or (NET if re.fullmatch("[0-9a-f]{2}", place.name) else None)
            if not ours or not place.is_dir():
                yield Found(place, "not timetravel's", "nothing of that name is kept here")
            else:
                yield from filter(None, (_state(store, path, ours) for path in sorted(place.iterdir())))
    except OSError as error:
        message = f"{error.filename or store.folder}, in the store, can't be read: {error.strerror}."
        raise TimetravelError(message, "Ask whose it is, or set TIMETRAVEL_STORE to a folder of your own.") from error


def _state(store: Store, path: Path, ours: re.Pattern[str]) -> Found | None:
    place = path.parent.name
    temporary, age = TEMPORARY.fullmatch(path.name), HOUR
    entry = place not in ("set-aside", "locks") and path.suffix == ".json" and not temporary
    if not (temporary or ours.fullmatch(path.name)) or (path.is_dir() and not entry):
        return Found(path, "not timetravel's", "no file that is kept has such a name")
    if temporary:
        why = "writing it was interrupted"
    elif place == "set-aside":
        return Found(path, "set aside", "it could not be used")
    elif place == "locks":
        why, now = "its process is gone", look(path)
        there = alive(now[0]) if now else True
        age = {False: -math.inf, True: math.inf, None: HOUR}[there]
    elif entry:
        try:
            store.verify(path)
        except Damaged as error:
            states: dict[str, State] = {"older": "older version", "newer": "newer version"}
            return Found(path, states.get(error.version, "damaged"), error.why)
        return Found(path, "ok")
    else:
        why = "" if os.path.lexists(path.with_suffix(".json")) else "no JSON file belongs to it"
    with suppress(FileNotFoundError):  # it was renamed into place, or a lock given back
        if why and time.time() - path.lstat().st_mtime > age:
            return Found(path, "left over", why)
    return None


def clean(store: Store, *, dry_run: bool = False) -> Iterator[tuple[Found, str, int]]:
    """Remove what is left over, was set aside, or is of an older version; set aside what is damaged.

    Yields what was found, what became of it, and how many bytes were freed. Good runs, also those of a newer version,
    and files that timetravel did not write stay. Raises TimetravelError where something can't be removed.
    """
    for found in list(inspect(store)):
        if found.state in ("ok", "newer version", "not timetravel's"):
            continue
        size = 0 if found.state == "damaged" else found.size
        try:
            if found.state == "damaged" and not dry_run:
                store.set_aside(found.path)
            elif not dry_run:
                for file in (each for each in found.files if each.is_symlink() or not each.is_dir()):
                    file.unlink(missing_ok=True)
        except OSError as error:
            raise TimetravelError(f"{found.path} can't be removed: {error.strerror}.", "") from error
        yield found, "set aside" if found.state == "damaged" else "removed", size
