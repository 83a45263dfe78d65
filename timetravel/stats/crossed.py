"""A mean over training runs and digits: how sure it is, for new runs and new digits.

Every run reads every digit, so a value has an effect of its run, one of its digit, and the rest (crossed random
effects). Mean squares tell the three apart, the variance of the mean follows from them, and Student's t has the degrees
of freedom of Satterthwaite (1946), https://doi.org/10.2307/3002019. For differences of two rows it is a paired test;
its false positives are 3 to 7 % at a nominal 5 %, for 6 runs and more (tests/stats/test_crossed.py).
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from timetravel.stats.estimates import LEVEL

NOTHING: Final = 1e-12  # a mean square that is rounding alone
LARGEST_RATIO: Final = 1e6
# Degrees of freedom, as a multiple of the runs' own. Where the mean square of few runs comes out small by chance,
# Satterthwaite's are too many: of ladders of fifteen steps that do nothing, 8 to 9 % had a verdict with six runs.
MOST_FREEDOM: Final = 2
POWER: Final = 0.8  # of four in five experiments that resolve what is called detectable


@dataclass(frozen=True)
class Variances:
    """What a value of a table of runs x digits varies by: its run, its digit, the rest. Negative: estimated so."""

    run: float
    digit: float
    rest: float

    def error(self, runs: int, digits: int) -> float:
        """Return the standard error of a mean over so many runs and digits."""
        return math.sqrt(max(self.run, 0.0) / runs + max(self.digit, 0.0) / digits + self.rest / (runs * digits))


@dataclass(frozen=True)
class Effect:
    """A mean over runs and digits, in `unit` times a digit's value, with its standard error.

    error: None where nothing varies, so that nothing can be said. freedom: degrees of freedom of Student's t.
    """

    mean: float
    error: float | None
    freedom: float
    runs: int
    digits: int
    variances: Variances | None = None  # None for one run, whose own part can't be told
    unit: float = 1.0  # of the mean and its error: 100 for percent, the number of digits for mistakes

    def times(self, unit: float) -> "Effect":
        """Return the same in another unit."""
        return replace(self, mean=self.mean * unit, error=self.error and self.error * unit, unit=self.unit * unit)

    def interval(self, least: float = -math.inf, most: float = math.inf) -> tuple[float, float] | None:
        """Return the 95 % interval for new runs and new digits, cut to what the mean can be; None without an error."""
        if self.error is None:
            return None
        half = self._quantile((1 + LEVEL) / 2) * self.error
        return max(self.mean - half, least), min(self.mean + half, most)

    @cached_property
    def p(self) -> float | None:
        """The two-sided p of no difference; None without an error."""
        if self.error is None:
            return None
        from scipy.special import stdtr

        return float(min(1.0, 2 * stdtr(self.freedom, -abs(self.mean) / self.error)))

    def detectable(self, level: float = 1 - LEVEL, runs: int = 0, digits: int = 0) -> float | None:
        """Return the smallest true difference that four in five such experiments would resolve at a level.

        runs, digits: of another experiment, which varies as this one does. None without an error.
        """
        if self.error is None or ((runs or digits) and self.variances is None):
            return None
        error, freedom = self.error, self.freedom
        if self.variances and (runs or digits):
            error = self.unit * self.variances.error(runs or self.runs, digits or self.digits)
            freedom = max(1.0, self.freedom * ((runs or self.runs) - 1) / max(self.runs - 1, 1))
        return error * (self._quantile(1 - level / 2, freedom) + self._quantile(POWER, freedom))

    def runs_to_resolve(self, level: float = 1 - LEVEL, most: int = 1000) -> int | None:
        """Return how many runs would resolve a true difference as large as this mean; None where `most` would not."""
        tried: list[int] = [*range(2, 40), *range(40, most + 1, 20)]
        for runs in tried:
            found = self.detectable(level, runs) if self.runs <= runs <= most else None
            if found is not None and found <= abs(self.mean):
                return runs
        return None

    def _quantile(self, share: float, freedom: float = 0.0) -> float:
        from scipy.special import stdtrit

        return float(stdtrit(freedom or self.freedom, share))


def crossed(values: np.ndarray) -> Effect:
    """Return the mean of values, float (runs, digits), with its standard error for new runs and new digits.

    One run: for new digits alone.
    """
    return Tables(values).mean(1.0)


class Tables:
    """Tables of runs x digits of the same runs and digits: the mean of any weighted sum of them."""

    def __init__(self, *tables: np.ndarray) -> None:
        stacked = np.stack(tables).astype(np.float64)
        _, self.runs, self.digits = stacked.shape
        self.means = stacked.mean(axis=(1, 2))
        of_run, of_digit = stacked.mean(axis=2) - self.means[:, None], stacked.mean(axis=1) - self.means[:, None]
        rest = stacked - of_run[:, :, None] - of_digit[:, None, :] - self.means[:, None, None]
        flat = rest.reshape(len(tables), -1)
        freedoms = self.runs - 1, self.digits - 1, (self.runs - 1) * (self.digits - 1)
        sums = self.digits * of_run @ of_run.T, self.runs * of_digit @ of_digit.T, flat @ flat.T
        self.parts = [(of / max(own, 1), own) for of, own in zip(sums, freedoms, strict=True)]  # mean squares

    def mean(self, *weights: float) -> Effect:
        """Return the mean of the sum of the tables, each times its weight."""
        w = np.array(weights)
        (of_run, _), (of_digit, _), (rest, _) = found = [(float(w @ of @ w), own) for of, own in self.parts]
        mean, count = float(w @ self.means), self.runs * self.digits
        if max(of_run, of_digit, rest) < NOTHING or self.digits < 2:
            return Effect(mean, None, 1.0, self.runs, self.digits)
        if self.runs == 1:
            return Effect(mean, math.sqrt(of_digit / count), self.digits - 1, 1, self.digits)
        noise = sum(square**2 / own for square, own in found)
        # Where runs and digits seem to vary less than chance alone lets them, this sum is small, or below 0.
        spread = max(of_run + of_digit - rest, math.sqrt(noise))
        variances = Variances((of_run - rest) / self.digits, (of_digit - rest) / self.runs, rest)
        freedom = min(spread**2 / noise, MOST_FREEDOM * (self.runs - 1))
        return Effect(mean, math.sqrt(spread / count), freedom, self.runs, self.digits, variances)


def ratio(values: np.ndarray, base: np.ndarray, least: float = 0.0) -> tuple[float, float, float] | None:
    """Return the ratio of two means with its 95 % interval: the ratios that the paired test does not refuse.

    So it holds 1 where that test does not resolve their difference (Fieller 1954,
    https://doi.org/10.1111/j.2517-6161.1954.tb00159.x), cut to `least`. values, base: float (runs, digits). None where
    the base's mean can't be told from 0, so that any ratio may be, or where nothing varies.
    """
    tables = Tables(values, base)
    ends = tables.mean(0.0, 1.0).interval()
    if ends is None or ends[0] <= 0 or tables.mean(1.0, 0.0).error is None:
        return None
    found = float(tables.means[0] / tables.means[1])
    if tables.mean(1.0, -found).error is None:
        return None

    def fits(value: float) -> bool:
        ends = tables.mean(1.0, -value).interval()
        return ends is not None and ends[0] <= 0 <= ends[1]

    def end(step: float) -> float:
        inside, outside = found, found + step
        while fits(outside) and abs(outside) < LARGEST_RATIO:
            inside, outside = outside, found + 2 * (outside - found)
        for _ in range(40):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if fits(middle) else (inside, middle)
        return inside

    return found, max(least, end(-0.05)), end(0.05)
