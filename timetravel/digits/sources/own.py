"""Digits of one's own, from files (see digits.stored) or arrays.

Images and labels that are not split yet are split once, in 1989's proportion, whatever the subset.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.collection import check_arrays
from timetravel.digits.forms import classes, pictures
from timetravel.digits.levels import scale_of
from timetravel.digits.prepare import BYTES, LARGEST_PLAIN, SIDE, Pool
from timetravel.digits.source import Source
from timetravel.digits.stored import Arrays, read
from timetravel.digits.subsets import TEST_SIZE_1989, TRAIN_SIZE_1989
from timetravel.errors import DataError, UsageError
from timetravel.seeds import generator


class Own(Source):
    """Digits from a folder or an .npz file.

    Images and labels: in the forms that digits.forms reads. Grey levels: a usual range, which each split fills by
    itself (digits.levels).
    Raises DataError naming the file, the value found and what is allowed.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._take(read(path), path, name)

    @classmethod
    def of_arrays(cls, images: Any, labels: Any) -> "Own":
        """Return a source of images (n, height, width) and labels (n,), split as those of an .npz are."""
        if labels is None:
            raise UsageError("Images alone are no digits: their labels are missing.", "Type digits(images, labels).")
        source = cls.__new__(cls)
        source._take([np.asarray(images), np.asarray(labels)], Path("arrays"), "own")
        return source

    def _take(self, arrays: Arrays, path: Path, name: str) -> None:
        if len(arrays) == 2:
            arrays = _split(arrays[0], arrays[1], path)
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
