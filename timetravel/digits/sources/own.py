"""Digits of one's own, from files (see digits.stored) or arrays.

Images and labels that are not split yet are split once, in 1989's proportion, whatever the subset.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.collection import check_arrays
from timetravel.digits.forms import array, classes, pictures
from timetravel.digits.levels import NOTHING, Told, scale_of
from timetravel.digits.likeness import on_their_side, zero_is_first
from timetravel.digits.prepare import BYTES, LARGEST_PLAIN, SIDE, Pool
from timetravel.digits.source import Source
from timetravel.digits.stored import Arrays, read
from timetravel.digits.subsets import TEST_SIZE_1989, TRAIN_SIZE_1989
from timetravel.errors import DataError, UsageError
from timetravel.numbers import listed
from timetravel.seeds import generator

Pair = tuple[NDArray[Any], NDArray[Any]]  # images and labels
FEWEST_BYTES: Final = 16  # levels: fewer are no bytes, but 0 and 1, or counts of ink
LYING: Final = "These digits seem to lie on their side, as EMNIST's files have them: --transpose turns them."
TURNED: Final = "These digits seem to lie on their side now: leave --transpose out."


class Own(Source):
    """Digits from a folder or a file.

    Images and labels: in the forms that digits.forms reads. Grey levels: as told, or a usual range, which each split
    fills by itself (digits.levels). Labels from 1 to 10: by their likeness to MNIST's (digits.likeness).
    Raises DataError naming the file, the value found and what is allowed.
    """

    def __init__(self, path: Path, name: str, told: Told = NOTHING) -> None:
        self._take(read(path), path, name, told)

    @classmethod
    def of_arrays(cls, images: Any, labels: Any, told: Told = NOTHING) -> "Own":
        """Return a source of images (n, height, width) and labels (n,), split as those of an .npz are."""
        if labels is None:
            raise UsageError("Images alone are no digits: their labels are missing.", "Type digits(images, labels).")
        source = cls.__new__(cls)
        given = [array(images, "images", "arrays"), array(labels, "labels", "arrays")]
        source._take(given, Path("arrays"), "own", told)
        return source

    def _take(self, arrays: Arrays, path: Path, name: str, told: Told = NOTHING) -> None:
        names = [str(path)] if len(arrays) == 2 else [f"{path} ({split})" for split in ("train", "test")]
        formed = [_formed(arrays[2 * i], arrays[2 * i + 1], where, told) for i, where in enumerate(names)]
        splits, numbered = _from_zero(dict(zip(names, formed, strict=True)))
        for where, (images, labels) in splits.items():
            check_arrays(images, labels, where)
        if len(splits) == 1:
            splits = _split(*splits[str(path)], path)
        sides = {images.shape[1:] for images, _ in splits.values()}
        sizes = " and ".join(f"{height}x{width}" for height, width in sorted(sides))
        if len(sides) > 1:
            raise DataError(f"{path}: pictures of {sizes}, one size a split.", "Allowed is one size for both splits.")
        scale = scale_of({where: images for where, (images, _) in splits.items()}, told)
        pools = [Pool(images, labels.astype(np.int64), scale) for images, labels in splits.values()]
        self.name, self.pools = name, dict(zip(("train", "test"), pools, strict=True))
        self.counts = {split: len(pool) for split, pool in self.pools.items()}
        how = "antialiased bilinear" if max(map(max, sides)) > LARGEST_PLAIN else "bilinear"
        levels = f"grey levels {min(scale):g} to {max(scale):g}"
        done = f"{', turned over' * told.inverted}{', transposed' * told.transpose}{numbered}"
        self.provenance = f"own data {path.name}, {levels}{done}, {sizes} brought to {SIDE}x{SIDE} in [-1, 1] ({how})"
        ink = "dark ink on bright" if told.inverted else "bright ink on dark"
        counts = f"{self.train_count:,} to train on and {self.test_count:,} to test on"
        self.remark = f"Own digits {name}: {counts}, {sizes} pixels, {levels}, {ink}{done}, {_classes(*pools)}."
        if any(map(on_their_side, pools)):
            self.warnings = (TURNED if told.transpose else LYING,)


def _formed(images: NDArray[Any], labels: NDArray[Any], where: str, told: Told) -> Pair:
    """Return pictures (n, height, width), upright, and labels (n,)."""
    labels = classes(labels, where)
    if images.ndim > 1 and len(images) != len(labels) == images.shape[-1]:
        seen = f"{where}: images of shape {images.shape}, {len(labels):,} labels; allowed is (digits, height, width)."
        raise DataError(seen, "The digits are along the last axis: np.moveaxis(images, -1, 0).")
    images = pictures(images, where)
    return images.transpose(0, 2, 1) if told.transpose else images, labels


def _from_zero(pairs: dict[str, Pair]) -> tuple[dict[str, Pair], str]:
    """Return the same with labels from 0 to 9 where theirs are from 1 up, and what was done. Raises DataError."""
    every = np.concatenate([labels.astype(np.int64) for _, labels in pairs.values()])
    if not every.size or every.min() < 1 or every.max() > 10:
        return pairs, ""
    where, (images, labels) = next(iter(pairs.items()))
    check_arrays(images, labels % 10, where)
    first = zero_is_first(Pool(images, labels.astype(np.int64), (0, 1)))
    if every.max() < 10 and not first:
        return pairs, ""  # there is no 0 among them
    if first is None:
        hint = "If 1 stands for the digit 0, as in LIBSVM's usps: labels - 1. If 10 does, as in SVHN: labels % 10."
        raise DataError(f"{where}: labels from 1 to 10, and the pictures do not say which is the digit 0.", hint)
    told = f", labels 1 to {every.max()} read as 0 to {every.max() - 1}" if first else ", label 10 read as 0"
    return {name: (x, y - 1 if first else y % 10) for name, (x, y) in pairs.items()}, told


def _classes(train: Pool, test: Pool) -> str:
    """Say which classes there are, and how many digits of each to train on."""
    here, tested = (np.bincount(pool.labels, minlength=10) for pool in (train, test))
    few, many = np.min(here[here > 0]), here.max()
    some = {" without {}": here == 0, ", no {} to test on": (here > 0) & (tested == 0)}
    some[", {} to test on alone"] = (here == 0) & (tested > 0)
    odd = {text: listed(np.flatnonzero(each).astype(str).tolist()) for text, each in some.items()}
    without, *others = (text.format(digits) if digits else "" for text, digits in odd.items())
    told = f"{few:,}" if few == many else f"{few:,} to {many:,}"
    return f"classes 0 to 9{without} ({told} of each to train on{''.join(others)})"


def _split(images: NDArray[Any], labels: NDArray[Any], path: Path) -> dict[str, Pair]:
    """Split once for ever, 7,291 to 2,007, each part in its stored order."""
    count = len(labels)
    if count < 2:
        raise DataError(f"{path} holds {count} digit; allowed are 2 and more, to train on and to test on.")
    test_count = max(1, round(count * TEST_SIZE_1989 / (TRAIN_SIZE_1989 + TEST_SIZE_1989)))
    order = generator(0, "split").permutation(count)
    parts = {"test": np.sort(order[:test_count]), "train": np.sort(order[test_count:])}
    return {f"{path} ({split})": (images[parts[split]], labels[parts[split]]) for split in ("train", "test")}


def pool_of(images: Any, where: str, told: Told = NOTHING) -> Pool:
    """Return images (n, height, width) that have no labels as a pool, to be prepared. Raises DataError."""
    images = array(images, "images", where)
    images = images if images.ndim == 2 else pictures(images, where)  # a single picture is no row of pictures
    check_arrays(images, np.zeros(len(images) if images.ndim else 0, dtype=np.int64), where)
    images = images.transpose(0, 2, 1) if told.transpose else images
    plain = images.dtype == np.uint8 and not told.levels and not told.inverted and not 0 < images.max() <= FEWEST_BYTES
    scale = BYTES if plain else scale_of({where: images}, told)
    return Pool(images, np.zeros(len(images), dtype=np.int64), scale)
