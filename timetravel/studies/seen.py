"""The digits that whole eras misread, and those that each era repairs or breaks."""

from collections.abc import Sequence
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
    before: Row | None = None
    for row in rows:
        wrong = misread(row)
        repaired, broken = np.zeros((2, len(row.test)), dtype=bool)
        if before is not None:
            most, most_before = wrong.mean(axis=0) > 0.5, misread(before).mean(axis=0) > 0.5
            repaired, broken = most_before & ~most, most & ~most_before
        found[row.name] = {
            "nets": len(row.runs),
            "shared": told(row, wrong.all(axis=0)),
            "repaired": told(before or row, repaired),
            "broken": told(row, broken),
        }
        before = row
    return found


def told(row: Row, chosen: Any) -> list[dict[str, Any]]:
    """Return the chosen test digits, bool (digits,), with what most nets that misread them took them for."""
    places = [int(place) for place in np.flatnonzero(chosen)]
    digits: list[dict[str, Any]] = []
    for place in places:
        true = int(row.test.labels[place])
        false = [answer for run in row.runs if (answer := int(run.predictions[place])) != true]
        digits.append({"digit": place, "true": true, "read_as": max(set(false), key=false.count)})
    for digit in digits[:PICTURES]:
        digit["pixels"] = encoded(row.test.images[digit["digit"]])
    return digits
