"""How like MNIST's digits somebody's digits are, by the mean pictures of their classes.

It tells what labels from 1 to 10 mean, and which digits lie on their side; of other pictures it tells nothing.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.prepare import Pool
from timetravel.digits.sources import mnist
from timetravel.errors import DataError

LEAST, MOST = 5, 300  # digits of a class: fewer are not looked at, nor more
CLASSES: Final = 5  # so many have to be there
WINDOWS: Final = (1.0, 20 / 28)  # MNIST's digits with their margin, and without
CLEARLY: Final = 0.15  # by so much has one correlation to be above another
ALIKE: Final = 0.3  # and so high at least: right ones were above, others below, in 1,200 drawings of 60 to 1,000 digits
Floats = NDArray[np.float32]


def means(pool: Pool, window: float = 1.0) -> Floats:
    """Return the mean picture of each class, float32 (10, 16, 16); NaN for one of too few digits."""
    of_class = [np.flatnonzero(pool.labels == digit)[:MOST] for digit in range(10)]
    none = np.full((16, 16), np.nan, np.float32)
    return np.stack([pool.prepared(rows, window).mean(axis=0) if len(rows) >= LEAST else none for rows in of_class])


@lru_cache(1)
def _mnist() -> list[Floats]:
    """Return the means of MNIST's test digits; none where the package is damaged."""
    try:
        pool = mnist.load("test", mnist.PACKED)
    except DataError:
        return []
    return [means(pool, window) for window in WINDOWS]


def likeness(found: Floats) -> float:
    """Return how the classes' means, less their mean, correlate with MNIST's: at most 1, 0 for too few classes."""
    there = np.isfinite(found[:, 0, 0])
    best = 0.0
    for known in _mnist() if there.sum() >= CLASSES else ():
        ours, theirs = (each[there] - each[there].mean(axis=0) for each in (found, known))
        size = float(np.sqrt((ours**2).sum() * (theirs**2).sum()))
        best = max(best, float((ours * theirs).sum()) / size if size else 0.0)
    return best


def on_their_side(pool: Pool) -> bool:
    """Whether rows are columns: of the eight ways to turn and flip the digits that one is the best, and clearly so."""
    found = means(pool)
    ways = [likeness(np.rot90(each, turn, (1, 2))) for each in (found, found.transpose(0, 2, 1)) for turn in range(4)]
    return ways[4] == max(ways) and ways[4] > max(ALIKE, ways[0] + CLEARLY)


def zero_is_first(pool: Pool) -> bool | None:
    """Whether labels from 1 to 10 are the digits 0 to 9, rather than 10 being 0; None where that is not clear."""
    less, last = (
        max(likeness(found), likeness(found.transpose(0, 2, 1)))
        for found in (means(Pool(pool.pixels, labels, pool.scale)) for labels in (pool.labels - 1, pool.labels % 10))
    )
    return less > last if max(less, last) > ALIKE and abs(less - last) > CLEARLY else None
