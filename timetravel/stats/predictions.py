"""Asking a fitted law: the error at a number of digits, or the digits for an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from timetravel.seeds import generator
from timetravel.stats.estimates import percentile_interval
from timetravel.stats.laws import Array, Law

Interval = Mapping[str, float]  # mean, low and high

FURTHEST: Final = 10  # times the measured range: beyond it the word is 'scenario'
LARGEST_NEEDED: Final = 1e12  # digits; more are not told


@dataclass(frozen=True)
class Predicted:
    """The error in percent that a law gives for a number of digits, with its 95 % prediction interval."""

    size: int
    error: Interval | None  # None where the law leaves 0 to 100 %
    scenario: bool  # beyond ten times the measured range
    truth: float | None = None  # measured, and unseen by the fit

    @property
    def inside(self) -> bool | None:
        """Whether the truth fell inside the interval."""
        if self.truth is None:
            return None
        return self.error is not None and bool(self.error["low"] <= self.truth <= self.error["high"])

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction for JSON."""
        return {
            "train_size": self.size,
            "error": self.error and dict(self.error),
            "scenario": self.scenario,
            "truth": self.truth,
            "inside": self.inside,
        }


@dataclass(frozen=True)
class Needed:
    """How many labelled digits a law asks for an error in percent; None where it never gets there."""

    error: float
    digits: Mapping[str, float | None]  # mean, low, high
    scenario: bool


def summary(values: Array) -> dict[str, float]:
    """Return the first of some values as the mean, and the 95 % interval of the others."""
    low, high = percentile_interval(values[1:])
    return {"mean": float(values[0]), "low": low, "high": high}


@dataclass(frozen=True)
class Noise:
    """How a mean scatters around its law: a multiple of a binomial's standard deviation on the test digits."""

    factor: float
    freedom: float  # degrees of freedom that the factor was found with; inf where it is assumed

    def width(self, expected: Array, digits: int) -> Array:
        """Return the standard deviation of means around expected shares."""
        return np.asarray(self.factor * np.sqrt(np.maximum(expected * (1 - expected), 0) / digits))

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Draw deviations of Student's t, of scale 1."""
        return rng.standard_normal(shape) if np.isinf(self.freedom) else rng.standard_t(self.freedom, shape)


@dataclass(frozen=True)
class Teller:
    """A fitted law that can be asked."""

    law: Law
    fitted: Array  # (1 + replicates, 3)
    noise: Noise
    test_size: int
    sizes: Array

    def predict(self, size: int, truth: float | None = None) -> Predicted:
        """Return the error at a size, in percent, with a prediction interval for a mean of as many runs as fitted.

        Nothing is predicted where the law leaves what an error can be.
        """
        shares = self.law.curve(self.fitted, np.array([float(size)]))[:, 0]
        scenario = bool(size > FURTHEST * self.sizes[-1])
        if not 0 < shares[0] < 1:
            return Predicted(size, None, scenario, truth)
        others = shares[1:]
        seen = others + self.noise.width(others, self.test_size) * self.noise.draw(
            generator(size, "curve"), others.shape
        )
        low, high = percentile_interval(100 * np.clip(seen, 0, 1))
        return Predicted(size, {"mean": float(100 * shares[0]), "low": low, "high": high}, scenario, truth)

    def needed(self, error: float) -> Needed:
        """Return how many digits the law asks for an error in percent."""
        digits = self.inverse(error / 100)
        mean = digits[0]
        low, high = np.percentile(digits[1:], [2.5, 97.5], method="nearest")
        told = {part: float(n) if n <= LARGEST_NEEDED else None for part, n in
                (("mean", mean), ("low", low), ("high", high))}  # fmt: skip
        return Needed(error, told, bool(mean > FURTHEST * self.sizes[-1]))

    def inverse(self, share: float) -> Array:
        """Return the sizes at which the law, and each replicate, comes to a share of mistakes; inf: never."""
        scale, exponent, constant = self.fitted.T
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.law.has_exponent:
                above = share - constant
                return np.where(above > 0, (scale / np.maximum(above, 1e-300)) ** (1 / exponent), np.inf)
            return np.where(scale > 0, np.exp((constant - share) / np.maximum(scale, 1e-300)), np.inf)
