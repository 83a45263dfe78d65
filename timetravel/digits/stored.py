"""Files of digits of one's own, read to arrays as they are stored: the one place that knows their names and formats.

A folder of IDX files as MNIST ships them, or an .npz file: train_images, train_labels, test_images, test_labels; or
Keras's x_train, y_train, x_test, y_test; or images and labels only.
"""

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.sources.mnist import PARTS, parse_idx
from timetravel.errors import DataError

Arrays = Sequence[NDArray[Any]]  # training images and labels, test images and labels; or images and labels only

IDX_NAMES = tuple(part.file for part in PARTS[2:] + PARTS[:2])
GZIP = b"\x1f\x8b"
NPZ_NAMES = ["train_images", "train_labels", "test_images", "test_labels"], ["x_train", "y_train", "x_test", "y_test"]
ALLOWED = (
    f"Allowed are a folder with {', '.join(IDX_NAMES)} (also as .gz), and an .npz with "
    f"{', '.join(NPZ_NAMES[0])}, or {', '.join(NPZ_NAMES[1])}, or images, labels."
)

_UNREADABLE = (  # what reading a damaged archive can raise
    *(OSError, EOFError, ValueError, KeyError, RuntimeError, MemoryError, OverflowError),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile),
)


def read(path: Path) -> Arrays:
    """Return the two or four arrays of a folder or file as they are stored. Raises DataError, which names the file."""
    return [_read_idx(path, file) for file in IDX_NAMES] if path.is_dir() else _read_npz(path)


def _read_idx(folder: Path, name: str) -> NDArray[np.uint8]:
    """Read one of MNIST's files: under its name, with a dot for its second dash, or in a folder of its name."""
    dotted = name.replace("-idx", ".idx")
    places = [folder / name, folder / dotted, folder / name / name, folder / dotted / dotted]
    for path in (*places, *(place.with_name(f"{place.name}.gz") for place in places)):
        try:
            if path.is_file():
                content = path.read_bytes()
                if path.suffix != ".gz" and content.startswith(GZIP):
                    raise DataError(f"{path} is packed with gzip.", f"Name it {path.name}.gz.")
                return parse_idx(gzip.decompress(content) if path.suffix == ".gz" else content, str(path))
        except _UNREADABLE as problem:
            raise DataError(f"{path} cannot be read: {problem}.", ALLOWED) from problem
    raise DataError(f"{folder / name} is missing.", ALLOWED)


def _read_npz(path: Path) -> Arrays:
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise DataError(f"{path} is neither a folder nor an undamaged .npz file.", ALLOWED)
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:  # objects are never read: see _array
                return _arrays(archive, path)
    except _UNREADABLE as problem:
        raise DataError(f"{path} cannot be read: {problem}.", ALLOWED) from problem


def _arrays(archive: Any, path: Path) -> Arrays:
    """Return the arrays of an archive, by the names that it has."""
    names = set(archive.files)
    for wanted in NPZ_NAMES:
        if names.issuperset(wanted):
            return [_array(archive, name, path) for name in wanted]
    if names.issuperset(("images", "labels")):
        return _array(archive, "images", path), _array(archive, "labels", path)
    raise DataError(f"{path} holds {', '.join(sorted(names)) or 'nothing'}.", ALLOWED)


def _array(archive: Any, name: str, path: Path) -> NDArray[Any]:
    """Return an array of an archive; DataError, which names it, where it holds Python objects."""
    try:
        return np.asarray(archive[name])
    except ValueError as problem:
        if "pickle" not in str(problem):
            raise
        kind = "astype(int)" if "label" in name or name.startswith("y_") else "astype('uint8')"
        told = f"{path}: the array {name} holds Python objects, which are never read."
        raise DataError(told, f"Allowed are arrays of numbers: {name}.{kind}.") from None
