"""Digits of one's own: a folder of IDX files as MNIST ships them, or an .npz file.

An .npz holds train_images, train_labels, test_images, test_labels; or Keras's x_train, y_train, x_test,
y_test; or images and labels only, which are split once, in 1989's proportion, whatever the subset.
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

from timetravel.digits.collection import check_arrays
from timetravel.digits.forms import classes, pictures
from timetravel.digits.levels import scale_of
from timetravel.digits.prepare import BYTES, LARGEST_PLAIN, SIDE, Pool
from timetravel.digits.source import Source
from timetravel.digits.sources.mnist import PARTS, parse_idx
from timetravel.digits.subsets import TEST_SIZE_1989, TRAIN_SIZE_1989
from timetravel.errors import DataError, UsageError
from timetravel.seeds import generator

Arrays = Sequence[NDArray[Any]]  # as stored: training images and labels, test images and labels

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


class Own(Source):
    """Digits from a folder or an .npz file.

    Images and labels: in the forms that digits.forms reads. Grey levels: a usual range, which each split fills by
    itself (digits.levels).
    Raises DataError naming the file, the value found and what is allowed.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._take([_read_idx(path, file) for file in IDX_NAMES] if path.is_dir() else _read_npz(path), path, name)

    @classmethod
    def of_arrays(cls, images: Any, labels: Any) -> "Own":
        """Return a source of images (n, height, width) and labels (n,), split as those of an .npz are."""
        if labels is None:
            raise UsageError("Images alone are no digits: their labels are missing.", "Type digits(images, labels).")
        source = cls.__new__(cls)
        source._take(_split(np.asarray(images), np.asarray(labels), Path("arrays")), Path("arrays"), "own")
        return source

    def _take(self, arrays: Arrays, path: Path, name: str) -> None:
        splits = {}
        for split, (images, labels) in {"train": arrays[:2], "test": arrays[2:]}.items():
            where = f"{path} ({split})"
            splits[split] = pictures(images, where), classes(labels, where)
            check_arrays(*splits[split], where)
        stored = [images for images, _ in splits.values()]
        scale = scale_of(stored, str(path))
        sides = {images.shape[1:] for images in stored}
        if len(sides) > 1:
            found = " and ".join(f"{height}x{width}" for height, width in sorted(sides))
            raise DataError(f"{path}: pictures of {found}, one size a split.", "Allowed is one size for both splits.")
        sizes = " and ".join(sorted(f"{height}x{width}" for height, width in sides))
        how = "antialiased bilinear" if max(map(max, sides)) > LARGEST_PLAIN else "bilinear"
        self.name = name
        levels = f"grey levels {scale[0]:g} to {scale[1]:g}"
        self.provenance = f"own data {path.name}, {levels}, {sizes} brought to {SIDE}x{SIDE} in [-1, 1] ({how})"
        self.pools = {s: Pool(images, labels.astype(np.int64), scale) for s, (images, labels) in splits.items()}
        self.counts = {split: len(pool) for split, pool in self.pools.items()}


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
        return _split(_array(archive, "images", path), _array(archive, "labels", path), path)
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


def _split(images: NDArray[Any], labels: NDArray[Any], path: Path) -> Arrays:
    """Split once for ever, 7,291 to 2,007, each part in its stored order."""
    images, labels = pictures(images, str(path)), classes(labels, str(path))
    check_arrays(images, labels, str(path))
    count = len(labels)
    if count < 2:
        raise DataError(f"{path} holds {count} digit; allowed are 2 and more, to train on and to test on.")
    test_count = max(1, round(count * TEST_SIZE_1989 / (TRAIN_SIZE_1989 + TEST_SIZE_1989)))
    order = generator(0, "split").permutation(count)
    test, train = np.sort(order[:test_count]), np.sort(order[test_count:])
    return images[train], labels[train], images[test], labels[test]


def pool_of(images: NDArray[Any], where: str) -> Pool:
    """Return images (n, height, width) that have no labels as a pool, to be prepared. Raises DataError."""
    check_arrays(images, np.zeros(len(images) if images.ndim else 0, dtype=np.int64), where)
    scale = BYTES if images.dtype == np.uint8 else scale_of([images], where)
    return Pool(images, np.zeros(len(images), dtype=np.int64), scale)
