"""Estimates of several settings pooled: their mean, how settings differ, and what a new setting may bring.

Random effects: a setting has a true value of its own, with standard deviation tau between settings (Paule and Mandel
1982, https://doi.org/10.6028/jres.087.022). The interval of the mean is Hartung's and Knapp's (2001,
https://doi.org/10.1002/sim.791). With Paule's and Mandel's tau their correction is 1, or below 1 where tau is 0; it is
never let below 1, as few estimates agree too well by chance (Rover, Knapp and Friede 2015,
https://doi.org/10.1186/s12874-015-0091-1). What a new setting may bring: Higgins, Thompson and Spiegelhalter (2009),
https://doi.org/10.1111/j.1467-985X.2008.00552.x.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from timetravel.stats.estimates import LEVEL

HALVINGS: Final = 200
Ends = tuple[float, float]


@dataclass(frozen=True)
class Pooled:
    """A mean over `count` settings with its standard error, and the standard deviation between settings."""

    mean: float
    error: float
    tau: float
    count: int

    @property
    def interval(self) -> Ends:
        """The 95 % interval of the mean."""
        half = float(stdtrit(self.count - 1, (1 + LEVEL) / 2)) * self.error
        return self.mean - half, self.mean + half

    @property
    def spread(self) -> float:
        """The scale of Student's t for the true value of a new setting."""
        return math.hypot(self.tau, self.error)

    @property
    def freedom(self) -> int:
        """Its degrees of freedom."""
        return max(1, self.count - 2)

    @property
    def new(self) -> Ends:
        """The 95 % interval for the true value of a new setting."""
        half = float(stdtrit(self.freedom, (1 + LEVEL) / 2)) * self.spread
        return self.mean - half, self.mean + half

    def chance(self, low: float, high: float = math.inf) -> float:
        """Return the probability that the true value of a new setting lies between two values."""
        below, above = (float(stdtr(self.freedom, (end - self.mean) / self.spread)) for end in (low, high))
        return above - below


def pooled(estimates: Sequence[tuple[float, float, float]]) -> Pooled:
    """Pool two or more estimates, each a mean with its 95 % interval, which is taken for a normal one.

    Raises ValueError for fewer, and for an interval without width.
    """
    means, lows, highs = np.array(estimates, dtype=float).reshape(-1, 3).T
    if len(means) < 2 or not (highs > lows).all():
        raise ValueError("to pool takes two estimates or more, each with an interval")
    within = ((highs - lows) / (2 * ndtri((1 + LEVEL) / 2))) ** 2

    def excess(between: float) -> float:  # falls as `between` grows
        weights = 1 / (within + between)
        return float(weights @ (means - weights @ means / weights.sum()) ** 2) - (len(means) - 1)

    low, high = 0.0, float(np.ptp(means)) ** 2 * len(means)  # at the upper end the sum is below k - 1
    for _ in range(HALVINGS if excess(0.0) > 0 else 0):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    weights = 1 / (within + low)
    return Pooled(float(weights @ means / weights.sum()), float(weights.sum() ** -0.5), math.sqrt(low), len(means))
