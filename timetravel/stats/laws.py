"""Laws of the error against the number of training digits, fitted to counts of mistakes.

Three laws of the expected share of mistakes at n digits:

    power law                a n**-b
    power law with a floor   a n**-b + c
    logarithm (the null)     c - a log n

For a fixed exponent b all three are linear, so the exponent is gridded, ever more finely, and the rest solved
(Hestness et al. 2017, https://arxiv.org/abs/1712.00409, for the forms). Counts of mistakes are binomial but for
their dispersion: the estimating equations are those of quasi-binomial regression with the identity link (McCullagh
and Nelder 1989, Generalized Linear Models, chapter 9), weighted least squares with weights 1 / (p (1 - p)).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEAST_EXPONENT: Final = 0.02
LARGEST_EXPONENT: Final = 2.0
# The grid of exponents, then finer ones around the best so far: steps between them, and steps to either side.
COARSE: Final = np.linspace(LEAST_EXPONENT, LARGEST_EXPONENT, 23)
FINER: Final = ((0.018, 5), (0.003, 6), (0.0005, 6))
REWEIGHTED: Final = 4  # times; the weights change by less than 1 % after that
LEAST_SHARE: Final = 1e-6  # a fitted share of mistakes is never below this: weights stay finite


@dataclass(frozen=True)
class Law:
    """A form of the curve. `parameters` are what it has to be given; a law needs a size more than that to be judged."""

    name: str
    has_exponent: bool
    has_constant: bool

    @property
    def parameters(self) -> int:
        """How many numbers it has."""
        return 1 + self.has_exponent + self.has_constant

    def curve(self, fitted: Array, sizes: Array) -> Array:
        """Return the share of mistakes at `sizes` (k,) for fitted numbers (..., 3): scale, exponent, constant."""
        scale, exponent, constant = (fitted[..., i, None] for i in range(3))
        falling = sizes**-exponent if self.has_exponent else -np.log(sizes)
        return np.clip(scale * falling + constant, 0.0, 1.0)


POWER: Final = Law("power law", has_exponent=True, has_constant=False)
FLOOR: Final = Law("power law with a floor", has_exponent=True, has_constant=True)
LOGARITHM: Final = Law("logarithm", has_exponent=False, has_constant=True)
LAWS: Final = (POWER, FLOOR, LOGARITHM)


def fit(law: Law, sizes: Array, shares: Array) -> Array:
    """Fit a law to mean shares of mistakes, (..., k) at `sizes` (k,); returns scale, exponent and constant, (..., 3).

    Every size has as many counts of as many digits, so means hold all that the counts say of the curve. Scales are
    never negative, nor is a floor; of all exponents the one of the least quasi-deviance is taken. The logarithm's
    exponent is 0.
    """
    seen = shares.reshape(-1, 1, len(sizes))
    found = _best(law, sizes, COARSE[None, :] if law.has_exponent else np.zeros((1, 1)), seen)
    for step, reach in FINER if law.has_exponent else ():
        around = found[:, 1, None] + step * np.arange(-reach, reach + 1)
        found = _best(law, sizes, np.clip(around, LEAST_EXPONENT, LARGEST_EXPONENT), seen)
    return found.reshape(*shares.shape[:-1], 3)


def _best(law: Law, sizes: Array, exponents: Array, seen: Array) -> Array:
    """Return the numbers of the best of each curve's exponents, (n, 3).

    exponents: (n or 1, grid); seen: mean shares (n, 1, k).
    """
    falling = sizes ** -exponents[..., None] if law.has_exponent else -np.log(sizes)[None, None, :]
    expected = np.broadcast_to(np.maximum(seen, LEAST_SHARE), np.broadcast_shapes(falling.shape, seen.shape))
    for _ in range(REWEIGHTED):
        weights = 1 / (expected * (1 - np.minimum(expected, 0.999)))
        scale, constant = _solve(law, falling, seen, weights)
        expected = np.clip(scale[..., None] * falling + constant[..., None], LEAST_SHARE, 1 - LEAST_SHARE)
    seen = np.clip(seen, 1e-12, 1 - 1e-12)
    terms = seen * np.log(seen / expected) + (1 - seen) * np.log((1 - seen) / (1 - expected))
    deviance = terms.sum(axis=-1)  # quasi-binomial, but for a constant factor
    best, rows = np.argmin(deviance, axis=1), np.arange(len(seen))
    of_all = np.broadcast_to(exponents, deviance.shape)
    return np.stack([scale[rows, best], of_all[rows, best], constant[rows, best]], axis=-1)


def _solve(law: Law, falling: Array, seen: Array, weights: Array) -> tuple[Array, Array]:
    """Return the scale and the constant of the weighted least squares, each 0 where it would be negative."""
    sum_w, sum_x, sum_y = (np.sum(weights * v, axis=-1) for v in (np.ones_like(falling), falling, seen))
    sum_xx, sum_xy = np.sum(weights * falling**2, axis=-1), np.sum(weights * falling * seen, axis=-1)
    alone = np.maximum(sum_xy / sum_xx, 0.0)
    if not law.has_constant:
        return alone, np.zeros_like(alone)
    scale = (sum_w * sum_xy - sum_x * sum_y) / (sum_w * sum_xx - sum_x**2)
    constant = (sum_y - scale * sum_x) / sum_w
    if law is FLOOR:
        scale = np.where(constant < 0, alone, scale)
        constant = np.maximum(constant, 0.0)
    flat = scale < 0
    return np.where(flat, 0.0, scale), np.where(flat, sum_y / sum_w, constant)


def dispersion(law: Law, fitted: Array, sizes: Array, shares: Array, count: int) -> float:
    """Return Pearson's dispersion of mean shares (k,) around a fitted law, as a multiple of a binomial's of `count`.

    Runs share their test digits, so their means don't vary as binomial counts do: usually less, more where the law
    does not fit.
    """
    expected = np.clip(law.curve(fitted, sizes), LEAST_SHARE, 1 - LEAST_SHARE)
    chi = float(np.sum(count * (shares - expected) ** 2 / (expected * (1 - expected))))
    return chi / max(1, len(sizes) - law.parameters)
