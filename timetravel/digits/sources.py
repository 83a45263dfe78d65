"""Sources of digits: MNIST from the package, the original USPS digits, or files of one's own."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from timetravel.digits import mnist, own, usps
from timetravel.digits.collection import Digits
from timetravel.digits.prepare import Pool
from timetravel.digits.subsets import (
    KARPATHY_SUBSETS,
    TEST_SIZE_1989,
    TRAIN_SIZE_1989,
    check_classes,
    check_subset,
    checked_size,
    shuffled,
    stratified,
)
from timetravel.errors import UsageError
from timetravel.numbers import nearest

SOURCES: tuple[str, ...] = ("mnist", "usps")


@dataclass(frozen=True, eq=False, repr=False)
class Source:
    """Where digits come from. Training and test digits are drawn by two separate calls.

    train_count, test_count: digits that each split has.
    published_train_count, published_test_count: digits that the splits have as published; None for own data.
    warnings: lines to show before these digits are used, such as an unknown edition's fingerprint.
    load: gives all stored digits of "train" or "test"; read only when that split is asked for.
    fixed_order: a whole split, up to 1989's size, comes in its published order whatever the numbered subset.
    """

    name: str
    provenance: str
    train_count: int
    test_count: int
    load: Callable[[str], Pool]
    published_train_count: int | None = None
    published_test_count: int | None = None
    warnings: tuple[str, ...] = field(default=())
    fixed_order: bool = False

    def __repr__(self) -> str:
        return f"Source({self.name}, {self.train_count:,} training and {self.test_count:,} test digits)"

    def training_digits(self, subset: str = "0", size: int | str | None = None, *, by_class: bool = False) -> Digits:
        """Return the first `size` training digits of a subset, prepared.

        size: a number, "full", or None for 1989's 7,291 (all there are, where a source has fewer).
        by_class: let a numbered subset hold each class in its share of the source (the essay's subsets stay as they are),
        and refuse a size that lacks a class.
        Raises UsageError for a subset or size that does not exist, DataError for damaged files.
        """
        return self._drawn("train", subset, checked_size(size, TRAIN_SIZE_1989, self.train_count, "training"), by_class)

    def test_digits(self, subset: str = "0", size: int | str | None = TEST_SIZE_1989) -> Digits:
        """Return the first `size` test digits of a subset, prepared.

        size: a number, "full", or 1989's 2,007 (all there are, where a source has fewer).
        Raises UsageError for a subset or size that does not exist, DataError for damaged files.
        """
        if size == TEST_SIZE_1989:
            size = None
        return self._drawn("test", subset, checked_size(size, TEST_SIZE_1989, self.test_count, "test"))

    def _drawn(self, split: str, subset: str, size: int, by_class: bool = False) -> Digits:
        check_subset(self.name, subset)
        count = self.train_count if split == "train" else self.test_count
        if self.fixed_order and size == count:
            rows = np.arange(count)
            how = f"all {count:,} in their published order"
        else:
            rows, how = (
                shuffled(subset, split, self.train_count, self.test_count),
                f"subset {subset}, {size:,} of {count:,}",
            )
            if by_class:
                labels = self.load(split).labels
                if subset not in KARPATHY_SUBSETS:
                    rows, how = stratified(rows, labels[rows]), f"{how}, stratified"
                check_classes(size, labels[rows])
            rows = rows[:size]
        pool = self.load(split)
        told = f"{self.provenance}; {split}: {how}"
        return Digits(pool.prepared(rows), pool.labels[rows], self.name, split, told, pool, rows)


def data_root(root: Path | None = None) -> Path:
    """Return the folder of data sets: `root`, else TIMETRAVEL_DATA, else one in the platform's cache."""
    if root is not None:
        return root
    if from_environment := os.environ.get("TIMETRAVEL_DATA"):
        return Path(from_environment).expanduser()
    return user_cache_path("timetravel") / "data"


def open_source(name_or_path: str, root: Path | None = None) -> Source:
    """Open "mnist", "usps" or the path of one's own data (see timetravel.digits.own).

    root: the folder of data sets (see data_root). A name wins over a file of the same name (`./mnist`).
    Raises UsageError where there is no such name or path, DataError for missing or damaged files.
    """
    if name_or_path == "mnist":
        return _mnist()
    if name_or_path == "usps":
        return _usps(data_root(root))
    return _own(_existing(name_or_path))


def _existing(path: str) -> Path:
    try:
        if path and Path(path).expanduser().exists():
            return Path(path).expanduser()
    except (OSError, ValueError, RuntimeError):  # a name too long, with a NUL, of an unknown ~user
        pass
    raise no_such_source(path)


def no_such_source(name: str) -> UsageError:
    """Return the error for a name that is neither a source nor a path, with the nearest name."""
    return UsageError(
        f"{name!r} is neither a source of digits nor a file or folder.",
        f"{nearest(name.lower(), SOURCES, cutoff=0.4)} The sources are {' and '.join(SOURCES)}; "
        "your own data is a folder of IDX files or an .npz file.".lstrip(),
    )


def _mnist() -> Source:
    return Source(
        "mnist",
        mnist.PROVENANCE,
        mnist.TRAIN_COUNT,
        mnist.TEST_COUNT,
        load=mnist.load,
        published_train_count=mnist.TRAIN_COUNT,
        published_test_count=mnist.TEST_COUNT,
    )


def _usps(root: Path) -> Source:
    folder = usps.find(root)
    splits = {split: usps.load(split, folder) for split in usps.PUBLISHED}
    return Source(
        "usps",
        usps.PROVENANCE,
        usps.TRAIN_COUNT,
        usps.TEST_COUNT,
        load=lambda split: splits[split].pool,
        published_train_count=usps.TRAIN_COUNT,
        published_test_count=usps.TEST_COUNT,
        warnings=tuple(loaded.warning for loaded in splits.values() if loaded.warning),
        fixed_order=True,
    )


def _own(path: Path) -> Source:
    pools, origin = own.load(path)
    name = path.resolve().name
    return Source(
        f"./{name}" if name in SOURCES else name,
        origin,
        len(pools["train"]),
        len(pools["test"]),
        load=lambda split: pools[split],
    )
