"""How files are read, those of a user with care, and written: whole or not at all, and as JSON that all understand."""

import codecs
import contextlib
import errno
import json
import math
import os
import re
import stat
import tempfile
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

from timetravel.errors import DataError, TimetravelError, printable

LARGEST: Final = 100_000_000  # bytes of a user's file, unless more are said to be allowed
COMMA: Final = re.compile(r"=[^\S\n]*[+-]?[0-9]+(,[0-9]+)[^\S\n]*$", re.MULTILINE)


class NoFile(Exception):  # noqa: N818
    """A pipe, a device or a socket lies where a file is wanted."""


def regular(path: Path) -> BufferedReader:
    """Open a regular file; neither that nor reading it waits, as a pipe that nobody writes to does.

    Raises NoFile, IsADirectoryError for a folder, other OSErrors, ValueError for a name that no file can have.
    """
    kind = os.stat(path).st_mode  # noqa: PTH116
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(kind):
        raise NoFile
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0)))


def contents(path: Path, named: str, hint: str, kind: type[TimetravelError] = DataError, most: int = LARGEST) -> bytes:
    """Return what a user's file holds.

    named: what it is called; hint: what to do next. Raises `kind` for a file that can't be read, for one of more than
    `most` bytes, and for a pipe or device, whose reading may never end.
    """
    try:
        with regular(path) as opened:
            size = os.fstat(opened.fileno()).st_size
            content = (opened.read(most + 1) or b"") if size <= most else b""  # None: it would wait
    except NoFile as error:
        raise kind(f"{named} is a pipe or a device, and no file.", "Write what it gives to a file first.") from error
    except (OSError, ValueError) as error:  # ValueError: of a name that no file can have
        raise kind(f"{named} can't be read: {getattr(error, 'strerror', None) or error}.", hint) from error
    if max(len(content), size) > most:
        raise kind(f"{named} is too large.", f"Allowed are {most // 1_000_000:,} MB. {hint}")
    return content


def decoded(content: bytes, named: str, kind: type[TimetravelError] = DataError) -> str:
    """Return text as spreadsheets and editors save it, without its byte order mark; raises `kind` for what is none."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise kind(
            f"{named}, line {line}: not UTF-8 or UTF-16 text.",
            "Allowed: UTF-8, or UTF-16 with a byte order mark. In Excel: Save As, CSV UTF-8.",
        ) from error


def toml(path: Path, named: str, hint: str, kind: type[TimetravelError]) -> dict[str, Any]:
    """Return the values of a user's TOML file; raises `kind`."""
    import tomllib

    text = decoded(contents(path, named, hint, kind, LARGEST // 100), named, kind)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        comma = COMMA.search(text)
        point = f"Write numbers with a point: {comma[0].strip('= ').replace(',', '.')}. " if comma else ""
        raise kind(f"{named} is not TOML: {error}.", f"{point}{hint}") from error
    except (ValueError, RecursionError) as error:  # of Python's own limits: digits of a number, depth of a table
        raise kind(f"{named} has a number too long, or a table too deep, to read.", hint) from error


def check_folder(folder: Path, named: str, remedy: str) -> None:
    """Make sure that files can be written to a folder, which is made, before any work; raises TimetravelError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:  # nameless: no interrupt leaves it behind
            file.write(bytes(4096))  # a full disk takes an empty file
    except OSError as error:
        raise TimetravelError(f"{named}: {error.strerror}.", remedy) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name in its folder, then rename it, so that nobody sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)  # noqa: PTH101  (mkstemp's files are private; results are not)
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise


def clean(value: Any) -> Any:
    """Replace what JSON can't hold, a float that is no number, by null; tuples become lists, texts printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def digest(values: dict[str, Any]) -> str:
    """Return the sha256 of plain values, written as canonical JSON."""
    import hashlib  # help does without it

    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
