"""What a source of digits is: training and test digits, drawn by two separate calls."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.collection import Digits
from timetravel.digits.prepare import Pool
from timetravel.digits.subsets import (
    KARPATHY_SUBSETS,
    TEST_SIZE_1989,
    TRAIN_SIZE_1989,
    check_subset,
    checked_size,
    shuffled,
    stratified,
)
from timetravel.errors import DataError, UsageError


class Source:
    """Where digits come from. A concrete source sets the attributes when it is opened.

    pools: all stored digits of each split, "train" and "test"; not needed where `load` reads them.
    counts: digits that each split, "train" and "test", has; of a source that is known by name, as published.
    warnings: lines to show before these digits are used, such as an unknown edition's fingerprint.
    remark: one line that says how digits of one's own were read.
    fixed_order: a whole split, up to 1989's size, comes in its published order whatever the numbered subset.
    """

    name: str
    provenance: str  # one line on origin and preparation
    pools: dict[str, Pool]
    counts: dict[str, int]
    warnings: tuple[str, ...] = ()
    remark: str = ""
    fixed_order: bool = False

    def load(self, split: str) -> Pool:
        """Return all stored digits of "train" or "test". Raises DataError where they are damaged."""
        return self.pools[split]

    def __repr__(self) -> str:
        return f"Source({self.name}, {self.train_count:,} training and {self.test_count:,} test digits)"

    @property
    def train_count(self) -> int:
        """Training digits that it has."""
        return self.counts["train"]

    @property
    def test_count(self) -> int:
        """Test digits that it has."""
        return self.counts["test"]

    def training_digits(self, subset: str = "0", size: int | str | None = None, *, by_class: bool = False) -> Digits:
        """Return the first `size` training digits of a subset, prepared.

        size: a number, "full", or None for 1989's 7,291 (all there are, where a source has fewer).
        by_class: let a numbered subset hold each class in its share of the source, and refuse a size that lacks a
        class; the essay's subsets stay as they are.
        Raises UsageError for a subset or size that does not exist, DataError for damaged files.
        """
        return self._drawn("train", subset, checked_size(size, TRAIN_SIZE_1989, self.train_count, "training"), by_class)

    def test_digits(self, subset: str = "0", size: int | str | None = TEST_SIZE_1989) -> Digits:
        """Return the first `size` test digits of a subset, prepared; all of them in their own order.

        size: a number, "full", or 1989's 2,007 (all there are, where a source has fewer).
        Raises UsageError for a subset or size that does not exist, DataError for damaged files.
        """
        wanted = None if size == TEST_SIZE_1989 else size
        return self._drawn("test", subset, checked_size(wanted, TEST_SIZE_1989, self.test_count, "test"))

    def _drawn(self, split: str, subset: str, size: int, by_class: bool = False) -> Digits:
        check_subset(self.name, subset)
        pool, count = self.load(split), self.counts[split]
        if size == count and (split == "test" or self.fixed_order):
            rows: NDArray[np.intp] = np.arange(count)
            how = f"all {count:,} in their published order"
        else:
            rows, how = shuffled(subset, split, **self.counts), f"subset {subset}, {size:,} of {count:,}"
            if by_class:
                if subset not in KARPATHY_SUBSETS:
                    rows, how = stratified(rows, pool.labels[rows]), f"{how}, stratified"
                classes, first = np.unique(pool.labels[rows], return_index=True)
                if size <= first.max():
                    raise UsageError(
                        f"A subset of {size} digits is too small to hold every class.",
                        f"The smallest that holds all {len(classes)} has {first.max() + 1} digits.",
                    )
            rows = rows[:size]
        told = f"{self.provenance}; {split}: {how}"
        return Digits(pool.prepared(rows), pool.labels[rows], self.name, split, told, pool, rows)


@dataclass(frozen=True)
class Check:
    """One comparison: `expected` and `found` are digests; `note` says what else there is to know."""

    what: str
    expected: str
    found: str
    ok: bool
    note: str = ""


class Missing(DataError):  # noqa: N818
    """Nothing of a source is there."""


class Known(Source, ABC):
    """A source with a name, opened with the folder of data sets: it says where it is, how it is got and how checked."""

    what: str  # one line for a list of sources
    how: str  # how one that is ready came to be here

    def __init__(self, root: Path) -> None:
        """Open it. Raises Missing where nothing of it is there."""

    @classmethod
    @abstractmethod
    def where(cls, root: Path) -> Path:
        """Return the file or folder where it is, or belongs."""

    @classmethod
    @abstractmethod
    def download(cls, root: Path) -> Path:
        """Get it, whole and checked or not at all, and return where it is. Raises DataError with the reason."""

    @classmethod
    @abstractmethod
    def checks(cls, root: Path) -> list[Check]:
        """Compare what is at hand of it with what was published."""

    @classmethod
    def whole(cls, root: Path) -> "Known":
        """Open it and read both splits. Raises DataError where one is missing or damaged."""
        source = cls(root)
        for split in cls.counts:
            source.load(split)
        return source
