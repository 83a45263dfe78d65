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
from timetravel.digits.prepare import LARGEST_PLAIN, SIDE, Pool, Scale
from timetravel.digits.source import Source
from timetravel.digits.sources.mnist import PARTS, parse_idx
from timetravel.digits.subsets import TEST_SIZE_1989, TRAIN_SIZE_1989
from timetravel.errors import DataError, UsageError
from timetravel.seeds import generator

Arrays = Sequence[NDArray[Any]]  # as stored: training images and labels, test images and labels

IDX_NAMES = tuple(part.file for part in PARTS[2:] + PARTS[:2])
NPZ_NAMES = ["train_images", "train_labels", "test_images", "test_labels"], ["x_train", "y_train", "x_test", "y_test"]
ALLOWED = (
    f"Allowed are a folder with {', '.join(IDX_NAMES)} (also as .gz), and an .npz with "
    f"{', '.join(NPZ_NAMES[0])}, or {', '.join(NPZ_NAMES[1])}, or images, labels."
)
GREY_LEVELS = "Allowed are uint8 from 0 to 255, and floats from -1 to 1, from 0 to 1 or from 0 to 255."

_UNREADABLE = (  # what reading a damaged archive can raise
    *(OSError, EOFError, ValueError, KeyError, RuntimeError, MemoryError, OverflowError),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile),
)


class Own(Source):
    """Digits from a folder or an .npz file.

    Images: (n, height, width), uint8 in 0..255, or floats in [-1, 1], [0, 1] or [0, 255], recognized over
    both splits together. Labels: integers 0..9, one an image.
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
        splits = {"train": arrays[:2], "test": arrays[2:]}
        for split, (images, labels) in splits.items():
            check_arrays(images, labels, f"{path} ({split})")
        scale = _scale_of(arrays[::2], path)
        sides = {images.shape[1:] for images in arrays[::2]}
        sizes = " and ".join(sorted(f"{height}x{width}" for height, width in sides))
        how = "antialiased bilinear" if max(map(max, sides)) > LARGEST_PLAIN else "bilinear"
        self.name = name
        self.provenance = f"own data {path.name}, {sizes} brought to {SIDE}x{SIDE} in [-1, 1] ({how})"
        self.pools = {s: Pool(images, labels.astype(np.int64), scale) for s, (images, labels) in splits.items()}
        self.counts = {split: len(pool) for split, pool in self.pools.items()}


def _read_idx(folder: Path, name: str) -> NDArray[np.uint8]:
    plain, packed = folder / name, folder / f"{name}.gz"
    try:
        if plain.is_file():
            return parse_idx(plain.read_bytes(), str(plain))
        if packed.is_file():
            return parse_idx(gzip.decompress(packed.read_bytes()), str(packed))
    except _UNREADABLE as problem:
        raise DataError(f"{folder / name} (or .gz) cannot be read: {problem}.", ALLOWED) from problem
    raise DataError(f"{plain} is missing.", ALLOWED)


def _read_npz(path: Path) -> Arrays:
    try:
        if not zipfile.is_zipfile(path):
            raise DataError(f"{path} is neither a folder nor an undamaged .npz file.", ALLOWED)
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            names = set(archive.files)
            for wanted in NPZ_NAMES:
                if names.issuperset(wanted):
                    return [archive[name] for name in wanted]
            if names.issuperset(("images", "labels")):
                return _split(archive["images"], archive["labels"], path)
            raise DataError(f"{path} holds {', '.join(sorted(names)) or 'nothing'}.", ALLOWED)
    except _UNREADABLE as problem:
        raise DataError(f"{path} cannot be read: {problem}.", ALLOWED) from problem


def _split(images: NDArray[Any], labels: NDArray[Any], path: Path) -> Arrays:
    """Split once for ever, 7,291 to 2,007, each part in its stored order."""
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
    scale: Scale = "bytes" if images.dtype == np.uint8 else _scale_of([images, images], Path(where))
    return Pool(images, np.zeros(len(images), dtype=np.int64), scale)


def _scale_of(parts: Arrays, path: Path) -> Scale:
    """Return what the grey levels of all images together mean. Raises DataError where that is unclear."""
    for part in parts:
        if part.dtype != np.uint8 and part.dtype.kind != "f":
            raise DataError(f"{path}: grey levels are {part.dtype}.", GREY_LEVELS)
    if parts[0].dtype.kind != parts[1].dtype.kind:
        raise DataError(f"{path}: one split is {parts[0].dtype}, the other {parts[1].dtype}.", GREY_LEVELS)
    low, high = min(float(part.min()) for part in parts), max(float(part.max()) for part in parts)
    if parts[0].dtype != np.uint8 and low >= -1 and high <= 1:
        return "signed" if low < 0 else "unit"
    if low >= 0 and 2 <= high <= 255:
        return "bytes"
    raise DataError(f"{path}: grey levels ({parts[0].dtype}) run from {low:g} to {high:g}.", GREY_LEVELS)
