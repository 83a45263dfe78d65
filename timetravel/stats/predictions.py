"""A fitted law that can be asked: the error at a number of digits, or the digits for an error.

Replicates are fits to means that are drawn anew around the law. Drawing seeds with replacement would do for many seeds;
with three or six its intervals held 77 of 100 planted exponents, and these hold 95.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from timetravel.numbers import significant
from timetravel.seeds import generator
from timetravel.stats.estimates import percentile_interval
from timetravel.stats.laws import Array, Law, dispersion, fit

Interval = dict[str, float]  # mean, low and high

REPLICATES: Final = 1000
FURTHEST: Final = 10  # times the measured range: beyond it the word is 'scenario'
LARGEST_NEEDED: Final = 1e12  # digits; more are not told
DRAWN: Final = 60  # points of a law's line in a chart


@dataclass(frozen=True)
class Points:
    """A learning curve as it was measured, at k growing numbers of training digits."""

    sizes: Array  # (k,)
    shares: Array  # of mistakes, of every independent unit (a seed, or a subset): (k, units)
    mistakes: Array  # means, (k,)
    errors: Array  # means in percent, (k,)
    digits: int  # that each was measured on
    diverged: tuple[int, ...] = ()  # numbers of training digits at which runs diverged

    @property
    def means(self) -> Array:
        """The mean share of mistakes at every size, (k,)."""
        return np.asarray(self.shares.mean(axis=1))

    def first(self, count: int) -> "Points":
        """Return the smaller sizes alone."""
        parts = {name: getattr(self, name)[:count] for name in ("sizes", "shares", "mistakes", "errors")}
        return replace(self, **parts)


@dataclass(frozen=True)
class Noise:
    """How a mean scatters around its law: a multiple of a binomial's standard deviation on the test digits."""

    factor: float
    freedom: float  # degrees of freedom that the factor was found with; inf where it is assumed

    @classmethod
    def around(cls, law: Law, fitted: Array, points: Points) -> "Noise":
        """Return the larger of what the law's residuals say and what the spread of the units does.

        With one unit there is no spread, and a binomial's is the least that is believed.
        """
        means, units, count = points.means, points.shares.shape[1], len(points.sizes)
        around = dispersion(law, fitted, points.sizes, means, points.digits)
        left = max(0, count - law.parameters)
        if units < 2:
            return cls(float(np.sqrt(around)), left) if left and around > 1 else cls(1.0, np.inf)
        spread = float(np.mean(points.shares.var(axis=1, ddof=1) / units / (means * (1 - means) / points.digits)))
        if left and around > spread:
            return cls(float(np.sqrt(around)), left)
        return cls(float(np.sqrt(spread)), count * (units - 1))

    def drawn(self, rng: np.random.Generator, expected: Array, digits: int, shape: tuple[int, ...]) -> Array:
        """Return deviations of means from expected shares, drawn from Student's t."""
        unit = rng.standard_normal(shape) if np.isinf(self.freedom) else rng.standard_t(self.freedom, shape)
        return np.asarray(self.factor * np.sqrt(np.maximum(expected * (1 - expected), 0) / digits) * unit)


def summary(values: Array, factor: float = 1) -> Interval:
    """Return the first of some values as the mean, and the 95 % interval of the others, times a factor."""
    low, high = percentile_interval(values[1:])
    return {"mean": factor * float(values[0]), "low": factor * low, "high": factor * high}


@dataclass(frozen=True)
class Fit:
    """A fitted law that can be asked."""

    law: Law
    numbers: Array  # (1 + replicates, 3): scale, exponent and constant; the first from the means themselves
    noise: Noise
    points: Points

    @classmethod
    def to(cls, law: Law, points: Points, stream: int) -> "Fit":
        """Fit a law to points, with replicates; stream tells the random numbers of one curve from another's."""
        fitted = fit(law, points.sizes, points.means)
        noise = Noise.around(law, fitted, points)
        expected = law.curve(fitted, points.sizes)
        drawn = noise.drawn(generator(stream, "curve"), expected, points.digits, (REPLICATES, len(points.sizes)))
        others = fit(law, points.sizes, np.clip(expected + drawn, 0, 1))
        return cls(law, np.concatenate([fitted[None, :], others]), noise, points)

    def is_scenario(self, size: float) -> bool:
        """Whether a number of digits is beyond ten times the measured range."""
        return bool(size > FURTHEST * self.points.sizes[-1])

    def predict(self, size: int, truth: float | None = None) -> dict[str, Any]:
        """Return the error at a size, in percent, with a 95 % prediction interval for a mean of as many runs as fitted.

        None is predicted where the law leaves what an error can be. truth: the error measured there, unseen by the fit.
        """
        error = None
        shares = self.law.curve(self.numbers, np.array([float(size)]))[:, 0]
        if 0 < shares[0] < 1:
            others = shares[1:]
            drawn = self.noise.drawn(generator(size, "curve"), others, self.points.digits, others.shape)
            low, high = percentile_interval(100 * np.clip(others + drawn, 0, 1))
            error = {"mean": float(100 * shares[0]), "low": low, "high": high}
        inside = None
        if truth is not None:
            inside = error is not None and bool(error["low"] <= truth <= error["high"])
        told = {"train_size": size, "error": error, "scenario": self.is_scenario(size)}
        return told | {"truth": truth, "inside": inside}

    def needed(self, error: float, label_cost: float | None = None) -> dict[str, Any]:
        """Return how many labelled digits the law asks for an error in percent; None where it never gets there.

        label_cost: what a label costs, to tell what all of them do.
        """
        digits = self.inverse(error / 100)
        low, high = np.percentile(digits[1:], [2.5, 97.5], method="nearest")
        told = {"mean": digits[0], "low": low, "high": high}
        reached = {part: float(size) if size <= LARGEST_NEEDED else None for part, size in told.items()}
        costs = {part: label_cost and size and size * label_cost for part, size in reached.items()}
        asked = {"error": error, "digits": reached, "scenario": self.is_scenario(digits[0])}
        return asked | ({"cost": costs} if label_cost else {})

    def inverse(self, share: float) -> Array:
        """Return the sizes at which the law, and each replicate, comes to a share of mistakes; inf: never."""
        scale, exponent, constant = self.numbers.T
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.law.has_exponent:
                above = share - constant
                return np.where(above > 0, (scale / np.maximum(above, 1e-300)) ** (1 / exponent), np.inf)
            return np.where(scale > 0, np.exp((constant - share) / np.maximum(scale, 1e-300)), np.inf)

    def line(self, furthest: float) -> list[Interval]:
        """Return the law as a chart draws it from the smallest size on, in percent, with the band of the replicates."""
        sizes = np.geomspace(self.points.sizes[0], furthest, DRAWN)
        shares = 100 * self.law.curve(self.numbers, sizes)
        low, high = np.percentile(shares[1:], [2.5, 97.5], axis=0)
        columns = {"train_size": sizes, "mean": shares[0], "low": low, "high": high}
        return [{name: significant(float(values[i])) for name, values in columns.items()} for i in range(DRAWN)]
