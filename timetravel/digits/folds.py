"""Five fixed folds of training digits, on which every choice is made."""

import numpy as np

from timetravel.digits.collection import Digits
from timetravel.seeds import generator

FOLDS = 5


def folds(training: Digits) -> list[tuple[Digits, Digits]]:
    """Split training digits into five pairs (the digits to train on, the digits to choose by).

    The folds are drawn once and for all, and nearly equal in size; training digits keep their order. Test digits are
    not known here. Raises ValueError for digits of another split.
    """
    if training.split != "train":
        raise ValueError(f"folds are made of training digits, not of the {training.split} split")
    parts = np.array_split(generator(0, "folds").permutation(len(training)), FOLDS)
    chosen = [np.isin(np.arange(len(training)), part) for part in parts]
    return [(training.take(~part), training.take(part)) for part in chosen]
