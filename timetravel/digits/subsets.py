"""Subsets: which digits of a source's splits are used, and in which order.

A subset is a whole number from 0 on, as text. It shuffles each split once and takes the first n, so a smaller
size is the beginning of a larger one. Two further subsets, on MNIST only, repeat the 2022 essay's preparation
(numpy's legacy generator seeded with 1337); it shuffled the two splits in an order that its seed did not pin.
"""

import re

import numpy as np
from numpy.typing import NDArray

from timetravel import paper
from timetravel.errors import UsageError
from timetravel.numbers import nearest
from timetravel.seeds import generator

TRAIN_SIZE_1989 = paper.TRAINING_DIGITS
TEST_SIZE_1989 = paper.TEST_DIGITS
KARPATHY_SUBSETS = ("karpathy-test-first", "karpathy-train-first")


def check_subset(source_name: str, subset: str) -> None:
    """Raise UsageError unless `subset` is a whole number from 0 on or, on "mnist", one of KARPATHY_SUBSETS."""
    if re.fullmatch(r"[0-9]{1,18}", subset) or (subset in KARPATHY_SUBSETS and source_name == "mnist"):
        return
    if subset in KARPATHY_SUBSETS:
        problem = f"The subset {subset} exists on mnist only, not on {source_name}."
        raise UsageError(problem, "Give a whole number from 0 on, such as 0.")
    allowed = f"Allowed: a number from 0 on, several (0-4 or 0,2,5) or, on mnist, {' or '.join(KARPATHY_SUBSETS)}."
    raise UsageError(f"{subset!r} is not a subset.", f"{nearest(subset.lower(), KARPATHY_SUBSETS)} {allowed}".lstrip())


def named_subsets(source_name: str, text: str) -> list[str]:
    """Read '3', '0,2,5', '0-4' or one of KARPATHY_SUBSETS; raises UsageError (see check_subset)."""
    names: list[str] = []
    for part in map(str.strip, text.split(",")):
        ends = re.fullmatch(r"([0-9]{1,4})-([0-9]{1,4})", part)
        names += map(str, range(int(ends[1]), int(ends[2]) + 1)) if ends and int(ends[1]) <= int(ends[2]) else [part]
    for name in names:
        check_subset(source_name, name)
    if len(set(names)) < len(names):
        raise UsageError(f"--subset {text}: a subset is named twice.", "Name each once.")
    return names


def checked_size(size: int | str | None, size_1989: int, available: int, split: str) -> int:
    """Return how many digits of a split to use.

    size: a number from 1 to `available`; "full" for all; None for 1989's size or, if fewer, all there are.
    Raises UsageError for anything else, naming the value and the maximum.
    """
    if size is None:
        return min(size_1989, available)
    if size == "full":
        return available
    if isinstance(size, str) and re.fullmatch(r"[0-9]{1,18}", size):
        size = int(size)
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= available:
        raise UsageError(
            f"{size} is not a number of {split} digits that this source has.",
            f"Give a whole number from 1 to {available:,}{', or full' if split == 'test' else ''}.",
        )
    return size


def shuffled(subset: str, split: str, train: int, test: int) -> NDArray[np.intp]:
    """Return a whole split's row numbers in the order of a checked subset; `train` and `test` are the splits' sizes.

    A numbered subset shuffles the training split with the seed's "subset" generator and the test split with the
    first child spawned from it, so neither depends on the other's length.
    """
    if subset in KARPATHY_SUBSETS:
        legacy = np.random.RandomState(1337)
        order = {"test": test, "train": train} if subset == "karpathy-test-first" else {"train": train, "test": test}
        return {name: legacy.permutation(count) for name, count in order.items()}[split].astype(np.intp)
    of_subset = generator(int(subset), "subset")
    return of_subset.permutation(train) if split == "train" else of_subset.spawn(1)[0].permutation(test)


def stratified(rows: NDArray[np.intp], labels: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return a subset's rows (n,) reordered so that each beginning holds every class in its share of the n, to a digit.

    labels: int64 (n,), of the rows in their order. Within a class the subset's order stays.
    """
    place = np.empty(len(rows))
    for label in np.unique(labels):
        of_class = labels == label
        count = of_class.sum()
        place[of_class] = (np.arange(count) + 0.5) / count
    return np.asarray(rows[np.argsort(place, kind="stable")])
