"""The registry of sources: every module of this folder is read, and each `Known` source in it counts.

So a new source is one file: a class with a name and what is said of it, how it is opened, fetched and checked.
"""

import importlib
import os
import pkgutil
import tempfile
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from timetravel.digits.levels import NOTHING, Told
from timetravel.digits.source import Known, Source
from timetravel.digits.sources.own import Own
from timetravel.errors import UsageError
from timetravel.numbers import listed, nearest

for _found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_found.name}")
SOURCES: Final[dict[str, type[Known]]] = {kind.name: kind for kind in Known.__subclasses__()}


def data_root(root: Path | None = None) -> Path:
    """Return the folder of data sets: `root`, else TIMETRAVEL_DATA, else one in the platform's cache.

    A user without a home has one beside temporary files.
    """
    chosen = os.environ.get("TIMETRAVEL_DATA")
    try:
        return root or (Path(chosen).expanduser() if chosen else user_cache_path("timetravel") / "data")
    except RuntimeError:  # no HOME, and nobody of this user's number is known
        return Path(tempfile.gettempdir()) / "timetravel-data"


def open_source(name_or_path: str, root: Path | None = None, told: Told = NOTHING) -> Source:
    """Open "mnist", "usps" or the path of one's own data (see timetravel.digits.sources.own).

    root: the folder of data sets (see data_root). A name wins over a file of the same name (`./mnist`). told: what is
    said of one's own data alone.
    Raises UsageError where there is no such name or path, DataError for missing or damaged files.
    """
    if name_or_path in SOURCES:
        if told.options:
            raise UsageError(
                f"{told.options}: the levels of {name_or_path} are known.", "It is for digits of your own."
            )
        return SOURCES[name_or_path](data_root(root))
    try:
        path = Path(name_or_path).expanduser()
        there = bool(name_or_path) and path.exists()
    except PermissionError:  # of a folder above it, which reading tells
        there = True
    except (OSError, ValueError, RuntimeError):  # a name too long, with a NUL, of an unknown ~user
        there = False
    if not there:
        raise no_such_source(name_or_path)
    name = path.resolve().name
    return Own(path, f"./{name}" if name in SOURCES else name, told)


def no_such_source(name: str) -> UsageError:
    """Return the error for a name that is neither a source nor a path, with the nearest name."""
    return UsageError(
        f"{name!r} is neither a source of digits nor a file or folder.",
        f"{nearest(name.lower(), SOURCES, cutoff=0.4)} The sources are {listed(list(SOURCES))}; "
        "your own digits are a folder of IDX files, pictures or tables, or an .npz, .csv or .parquet file.".lstrip(),
    )
