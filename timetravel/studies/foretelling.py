"""Asking a fitted law: the error at a number of digits, or the digits for an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from timetravel.laws import Array, Law
from timetravel.seeds import generator
from timetravel.stats import percentile_interval

Interval = Mapping[str, float]  # mean, low and high

DRAWN: Final = 2000  # values that a prediction interval is read from
FURTHEST: Final = 10  # times the measured range: beyond it the word is 'scenario'
LARGEST_NEEDED: Final = 1e12  # digits; more are not told


@dataclass(frozen=True)
class Foretold:
    """The error in percent that a law gives for a number of digits, with its 95 % prediction interval."""

    size: int
    error: Interval
    scenario: bool  # beyond ten times the measured range
    truth: float | None = None  # measured, and unseen by the fit

    @property
    def inside(self) -> bool | None:
        """Whether the truth fell inside the interval."""
        return None if self.truth is None else bool(self.error["low"] <= self.truth <= self.error["high"])

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction for JSON."""
        return {
            "train_size": self.size,
            "error": dict(self.error),
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
    """Return the first of some values as the mean, and the 95 % interval of the others (of a single one, itself)."""
    low, high = percentile_interval(values[1:]) if len(values) > 1 else (values[0], values[0])
    return {"mean": float(values[0]), "low": float(low), "high": float(high)}


@dataclass(frozen=True)
class Teller:
    """A fitted law that can be asked."""

    law: Law
    fitted: Array  # (1 + replicates, 3)
    noise: float
    test_size: int
    sizes: Array

    def foretell(self, size: int, truth: float | None = None) -> Foretold:
        """Return the error at a size, in percent, with a prediction interval for a mean of as many runs as fitted."""
        shares = self.law.curve(self.fitted, np.array([float(size)]))[:, 0]
        freedom = max(1, len(self.sizes) - self.law.parameters)
        rng = generator(size, "curve")
        drawn = shares[1:] if len(shares) > 1 else shares
        drawn = np.resize(drawn, max(DRAWN, len(drawn)))
        width = self.noise * np.sqrt(np.maximum(shares[0] * (1 - shares[0]), 0) / self.test_size)
        seen = np.clip(drawn + width * rng.standard_t(freedom, len(drawn)), 0, 1)
        low, high = percentile_interval(100 * seen)
        error = {"mean": float(100 * shares[0]), "low": low, "high": high}
        return Foretold(size, error, bool(size > FURTHEST * self.sizes[-1]), truth)

    def needed(self, error: float) -> Needed:
        """Return how many digits the law asks for an error in percent."""
        digits = self.inverse(error / 100)
        mean = digits[0]
        low, high = np.percentile(digits[1:] if len(digits) > 1 else digits, [2.5, 97.5], method="nearest")
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
