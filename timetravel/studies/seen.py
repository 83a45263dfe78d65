"""The digits that whole eras misread, and those that each era repairs or breaks."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from timetravel.digits.pixels import encoded
from timetravel.studies.evidence import misread
from timetravel.studies.rows import Row

PICTURES: Final = 24  # of each list, the first; the others are told by their places alone


def seen_by_eras(rows: Sequence[Row]) -> dict[str, Any]:
    """Return for each era, in the order of their rows, how many nets it has and three lists of test digits.

    shared: read wrongly by every net. repaired: read wrongly by most nets of the era before, rightly by most of this
    one; broken: the other way round. The rows share their test digits.
    """
    found = {}
    for before, row in pairwise([*rows[:1], *rows]):  # before the first stands itself: it repairs and breaks none
        most_before, most = (misread(each).mean(axis=0) > 0.5 for each in (before, row))
        found[row.name] = {
            "nets": len(row.runs),
            "shared": told(row, misread(row).all(axis=0)),
            "repaired": told(before, most_before & ~most),
            "broken": told(row, most & ~most_before),
        }
    return found


def told(row: Row, chosen: Any) -> list[dict[str, Any]]:
    """Return the chosen test digits, bool (digits,), with what most nets that misread them took them for."""
    digits: list[dict[str, Any]] = []
    for place in np.flatnonzero(chosen).tolist():
        true = int(row.test.labels[place])
        false = [answer for run in row.runs if (answer := int(run.predictions[place])) != true]
        pixels = {"pixels": encoded(row.test.images[place])} if len(digits) < PICTURES else {}
        digits.append({"digit": place, "true": true, "read_as": max(set(false), key=false.count), **pixels})
    return digits
