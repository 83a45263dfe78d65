"""Labels that no human gave: what a text recognizer reads in the training digits of 1989 (see NOTICE)."""

from functools import lru_cache
from importlib import resources
from typing import Final
from zipfile import BadZipFile

import numpy as np

from timetravel.digits.collection import Digits, content_fingerprint
from timetravel.errors import DataError, UsageError

FILE: Final = "recognized.npz"  # docs/tools/ship_labels.py makes it


@lru_cache(64)
def recognized(digits: Digits) -> Digits:
    """Return training digits of usps, all or some, with the recognizer's probabilities in place of people's labels.

    Digits that a teacher has labelled stay as they are. Raises UsageError for digits of another source or edition:
    they are known by their images alone; DataError where the file of probabilities is damaged.
    """
    if digits.targets is not None:
        return digits
    try:
        with resources.files(__package__).joinpath(FILE).open("rb") as file, np.load(file) as held:
            odds, known = held["odds"].astype(np.float32), held["taught"].item()
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(f"The recognizer's labels can't be read: {error}.", "Install the package again.") from error
    targets, stored = odds / odds.sum(axis=1, keepdims=True), digits.stored
    same = digits.split == "train" and stored is not None and stored.pixels.shape == (len(targets), 16, 16)
    if not same or stored is None or content_fingerprint(stored.pixels, targets.argmax(axis=1), targets) != known:
        raise UsageError(
            "The recognizer's labels (era distilled, labels=recognizer) come with the package for usps alone.",
            "Type --data usps, in its known edition; `timetravel foundation` reads other digits.",
        )
    return digits.taught(targets[digits.rows])
