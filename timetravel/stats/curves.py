"""The law of a learning curve, what it predicts, and whether that comes true.

Replicates are fits to means that are drawn anew around the law. Drawing seeds with replacement would do for many seeds;
with three or six its intervals held 77 of 100 planted exponents, and these hold 95.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from timetravel.numbers import listed, significant
from timetravel.seeds import generator
from timetravel.stats.estimates import percentile_interval
from timetravel.stats.laws import LAWS, POWER, Array, Law, dispersion, fit

Interval = dict[str, float]  # mean, low and high

FEWEST_SIZES: Final = 3
NEARLY: Final = 1.01
WORST_FACTOR: Final = 1.5  # a law that misses the held-out sizes by more predicts nothing
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
    failed: tuple[int, ...] = ()  # numbers of training digits at which runs diverged, or all collapsed

    @property
    def means(self) -> Array:
        """The mean share of mistakes at every size, (k,)."""
        return np.asarray(self.shares.mean(axis=1))


@dataclass(frozen=True)
class Questions:
    """What is asked of a law: errors at numbers of digits, digits for errors in percent, dollars a label."""

    predict: Sequence[int] = ()
    errors: Sequence[float] = ()
    label_cost: float | None = None


class Fit:
    """A law fitted to points, that can be asked."""

    def __init__(self, law: Law, points: Points, stream: int) -> None:
        """Fit with replicates; stream tells the random numbers of one curve from another's."""
        self.law, self.points, self.furthest = law, points, FURTHEST * points.sizes[-1]
        fitted = fit(law, points.sizes, points.means)
        self.factor, self.freedom = noise(law, fitted, points)
        expected = law.curve(fitted, points.sizes)
        drawn = self.scatter(generator(stream, "curve"), expected, (REPLICATES, len(points.sizes)))
        others = fit(law, points.sizes, np.clip(expected + drawn, 0, 1))
        # Scale, exponent and constant, (1 + replicates, 3); the first from the means themselves.
        self.numbers = np.concatenate([fitted[None, :], others])

    def scatter(self, rng: np.random.Generator, expected: Array, shape: tuple[int, ...]) -> Array:
        """Return deviations of means from expected shares, drawn from Student's t."""
        unit = rng.standard_normal(shape) if np.isinf(self.freedom) else rng.standard_t(self.freedom, shape)
        return np.asarray(self.factor * np.sqrt(np.maximum(expected * (1 - expected), 0) / self.points.digits) * unit)

    def predict(self, size: int, truth: float | None = None) -> dict[str, Any]:
        """Return the error at a size, in percent, with a 95 % prediction interval for a mean of as many runs as fitted.

        None is predicted where the law leaves what an error can be. truth: the error measured there, unseen by the fit.
        """
        error = None
        shares = self.law.curve(self.numbers, np.array([float(size)]))[:, 0]
        if 0 < shares[0] < 1:
            shares[1:] += self.scatter(generator(size, "curve"), shares[1:], (REPLICATES,))
            error = summary(100 * np.clip(shares, 0, 1))
        inside = None if truth is None else error is not None and bool(error["low"] <= truth <= error["high"])
        scenario = bool(size > self.furthest)
        return {"train_size": size, "error": error, "scenario": scenario, "truth": truth, "inside": inside}

    def needed(self, error: float, label_cost: float | None) -> dict[str, Any]:
        """Return how many labelled digits the law asks for an error in percent; None where it never gets there.

        label_cost: what a label costs, to tell what all of them do.
        """
        share, (scale, exponent, constant) = error / 100, self.numbers.T
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.law.has_exponent:
                above = share - constant
                digits = np.where(above > 0, (scale / np.maximum(above, 1e-300)) ** (1 / exponent), np.inf)
            else:
                digits = np.where(scale > 0, np.exp((constant - share) / np.maximum(scale, 1e-300)), np.inf)
        low, high = np.percentile(digits[1:], [2.5, 97.5], method="nearest")
        told = {"mean": digits[0], "low": low, "high": high}
        reached = {part: float(size) if size <= LARGEST_NEEDED else None for part, size in told.items()}
        costs = {part: label_cost and size and size * label_cost for part, size in reached.items()}
        asked = {"error": error, "digits": reached, "scenario": bool(digits[0] > self.furthest)}
        return asked | ({"cost": costs} if label_cost else {})

    def line(self, furthest: float) -> list[Interval]:
        """Return the law as a chart draws it from the smallest size on, in percent, with the band of the replicates."""
        sizes = np.geomspace(self.points.sizes[0], furthest, DRAWN)
        shares = 100 * self.law.curve(self.numbers, sizes)
        low, high = np.percentile(shares[1:], [2.5, 97.5], axis=0)
        columns = {"train_size": sizes, "mean": shares[0], "low": low, "high": high}
        return [{name: significant(float(values[i])) for name, values in columns.items()} for i in range(DRAWN)]


def noise(law: Law, fitted: Array, points: Points) -> tuple[float, float]:
    """Return how a mean scatters around its law, a multiple of a binomial's standard deviation on the test digits, and
    the degrees of freedom that this was found with, inf where it is assumed.

    It is the larger of what the law's residuals say and what the spread of the units does. With one unit there is no
    spread, and a binomial's is the least that is believed.
    """
    means, (count, units) = points.means, points.shares.shape
    around = dispersion(law, fitted, points.sizes, means, points.digits)
    left = max(0, count - law.parameters)
    spread, freedom = 1.0, math.inf
    if units > 1:
        spread = float(np.mean(points.shares.var(axis=1, ddof=1) / units / (means * (1 - means) / points.digits)))
        freedom = count * (units - 1)
    return (float(np.sqrt(around)), left) if left and around > spread else (float(np.sqrt(spread)), freedom)


def summary(values: Array, factor: float = 1) -> Interval:
    """Return the first of some values as the mean, and the 95 % interval of the others, times a factor."""
    low, high = percentile_interval(values[1:])
    return {"mean": factor * float(values[0]), "low": factor * low, "high": factor * high}


def held_out(count: int) -> int:
    """Return how many of the largest sizes are held out of a fit that is judged: two, of fewer than six sizes one."""
    return 2 if count >= 6 else 1


def choose(sizes: Array, shares: Array) -> tuple[Law | None, dict[str, float]]:
    """Choose the law that misses the held-out larger sizes least; returns it, and by which factor each misses them.

    shares: (k,). Of laws that are equally good, to 1 %, the first in LAWS. None where too few sizes are left to fit.
    """
    kept = len(sizes) - held_out(len(sizes))
    misses: dict[str, float] = {}
    for law in LAWS:
        if kept >= max(law.parameters, 2):
            told = np.maximum(law.curve(fit(law, sizes[:kept], shares[:kept]), sizes[kept:]), 1e-9)
            misses[law.name] = float(np.exp(np.abs(np.log(told / shares[kept:])).mean()))
    enough = NEARLY * min(misses.values(), default=0.0)
    return next((law for law in LAWS if misses.get(law.name, np.inf) <= enough), None), misses


def refusal(points: Points) -> str:
    """Say why no law should be fitted to points; empty if one may."""
    if len(points.sizes) < FEWEST_SIZES:
        return f"{len(points.sizes)} sizes are too few for a law, which takes {FEWEST_SIZES}"
    if points.failed:
        return f"nets diverged or collapsed at {listed([f'{size:,}' for size in points.failed])} digits"
    if none := [f"{size:,.0f}" for size in points.sizes[points.mistakes == 0]]:
        return f"no mistake is left to count at {listed(none)} digits"
    first, last = points.mistakes[[0, -1]]
    if first - last <= 2 * math.sqrt(first + last):  # as if both were counted once, on other digits
        return "the error does not fall beyond what chance does to two counts"
    return ""


def curve_of(points: Points, stream: int = 0, asked: Questions = Questions()) -> tuple[dict[str, Any], Array | None]:
    """Fit a law to a learning curve, and to its smaller sizes alone what they choose; stream as in Fit.

    Returns the curve for JSON, errors and the constant in percent, or why there is none; and the plain power law's
    exponent, (1 + replicates,), None where that law misses too much.
    """
    refused = refusal(points)
    law, misses = (None, {}) if refused else choose(points.sizes, points.means)
    if law and misses[law.name] > WORST_FACTOR:
        refused = f"the best law ({law.name}) misses the sizes held out by a factor of {misses[law.name]:.2f}"
    if refused or law is None:
        return {"refused": refused, "held_out_factor": misses or None}, None
    sizes = [int(size) for size in points.sizes]
    kept = len(sizes) - held_out(len(sizes))
    smaller = replace(points, sizes=points.sizes[:kept], shares=points.shares[:kept])
    found = Fit(law, points, stream)
    past = Fit(choose(smaller.sizes, smaller.means)[0] or POWER, smaller, stream)
    powers = None
    if misses.get(POWER.name, math.inf) <= WORST_FACTOR:
        powers = (found if law is POWER else Fit(POWER, points, stream)).numbers[:, 1]
    constant = summary(found.numbers[:, 2], 100) if law.has_constant else None
    return {
        "refused": None,
        "law": law.name,
        "held_out_factor": misses,
        "held_out_sizes": sizes[kept:],
        "dispersion": found.factor**2,
        "scale": summary(found.numbers[:, 0], 100),
        "exponent": summary(found.numbers[:, 1]) if law.has_exponent else None,
        "constant": constant,
        "floor_identified": constant["low"] > 0 if constant and law.has_exponent else None,
        "power_law_holds": powers is not None,
        "checks": [past.predict(sizes[i], float(points.errors[i])) for i in range(kept, len(sizes))],
        "checked_law": past.law.name,
        "predictions": [found.predict(size) for size in asked.predict],
        "digits_needed": [found.needed(error, asked.label_cost) for error in asked.errors],
        "line": found.line(max([sizes[-1], *asked.predict])),
    }, powers


def exponents(powers: Mapping[str, Array | None]) -> list[dict[str, Any]]:
    """Compare the power law's exponent of the first curve with those of the others, where it holds for both.

    They 'differ' where the interval of the difference leaves 0 out.
    """
    (first, base), *others = powers.items()
    compared = []
    for era, other in others:
        if base is not None and other is not None:
            found = summary(other - base)
            verdict = "not resolved" if found["low"] <= 0 <= found["high"] else "differ"
            compared.append({"eras": [first, era], "difference": found, "verdict": verdict})
    return compared
