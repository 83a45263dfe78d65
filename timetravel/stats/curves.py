"""What a learning curve's law is, and whether what it predicts comes true."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from timetravel.numbers import listed
from timetravel.stats.laws import LAWS, POWER, Array, Law, fit
from timetravel.stats.predictions import Fit, Points, summary

FEWEST_SIZES: Final = 3
NEARLY: Final = 1.01
WORST_FACTOR: Final = 1.5  # a law that misses the held-out sizes by more predicts nothing


@dataclass(frozen=True)
class Curve:
    """One learning curve: the law chosen for it, or why there is none."""

    refused: str  # the reason; empty where a law was fitted
    held_out: Mapping[str, float]  # by law: the factor by which it misses the sizes held out, on the average
    fit: Fit | None = None
    powers: Array | None = None  # (1 + replicates,): the plain power law's exponent; None where that misses too much
    past: Fit | None = None  # of the law that the smaller sizes alone choose

    def to_dict(
        self, predict: Sequence[int] = (), errors: Sequence[float] = (), label_cost: float | None = None
    ) -> dict[str, Any]:
        """Return the curve for JSON, errors and the constant in percent, with answers: errors at numbers of digits, and
        the digits, and what their labels cost, for errors.
        """
        if self.fit is None or self.past is None:
            return {"refused": self.refused, "held_out_factor": dict(self.held_out) or None}
        law, points, numbers = self.fit.law, self.fit.points, self.fit.numbers.T
        sizes = [int(size) for size in points.sizes]
        held = range(len(self.past.points.sizes), len(sizes))
        constant = summary(numbers[2], 100) if law.has_constant else None
        return {
            "refused": None,
            "law": law.name,
            "held_out_factor": dict(self.held_out),
            "held_out_sizes": [sizes[i] for i in held],
            "dispersion": self.fit.noise.factor**2,
            "scale": summary(numbers[0], 100),
            "exponent": summary(numbers[1]) if law.has_exponent else None,
            "constant": constant,
            "floor_identified": constant["low"] > 0 if constant and law.has_exponent else None,
            "power_law_holds": self.powers is not None,
            "checks": [self.past.predict(sizes[i], float(points.errors[i])) for i in held],
            "checked_law": self.past.law.name,
            "predictions": [self.fit.predict(size) for size in predict],
            "digits_needed": [self.fit.needed(error, label_cost) for error in errors],
            "line": self.fit.line(max([sizes[-1], *predict])),
        }


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
            fitted = fit(law, sizes[:kept], shares[:kept])
            told = np.maximum(law.curve(fitted, sizes[kept:]), 1e-9)
            misses[law.name] = float(np.exp(np.abs(np.log(told / shares[kept:])).mean()))
    if not misses:
        return None, {}
    enough = NEARLY * min(misses.values())
    return next(law for law in LAWS if misses.get(law.name, np.inf) <= enough), misses


def refusal(points: Points) -> str:
    """Say why no law should be fitted to points; empty if one may."""
    if len(points.sizes) < FEWEST_SIZES:
        return f"{len(points.sizes)} sizes are too few for a law, which takes {FEWEST_SIZES}"
    if points.diverged:
        return f"runs diverged at {listed([f'{size:,}' for size in points.diverged])} digits"
    if none := [f"{size:,.0f}" for size in points.sizes[points.mistakes == 0]]:
        return f"no mistake is left to count at {listed(none)} digits"
    first, last = points.mistakes[[0, -1]]
    if first - last <= 2 * math.sqrt(first + last):  # as if both were counted once, on other digits
        return "the error does not fall beyond what chance does to two counts"
    return ""


def curve_of(points: Points, stream: int = 0) -> Curve:
    """Fit a law to a learning curve, and to its smaller sizes alone what they choose.

    stream tells the random numbers of one curve from another's.
    """
    refused = refusal(points)
    law, misses = (None, {}) if refused else choose(points.sizes, points.means)
    if law and misses[law.name] > WORST_FACTOR:
        refused = f"the best law ({law.name}) misses the sizes held out by a factor of {misses[law.name]:.2f}"
    if refused or law is None:
        return Curve(refused, misses)
    smaller = points.first(len(points.sizes) - held_out(len(points.sizes)))
    found = Fit.to(law, points, stream)
    powers = None
    if misses.get(POWER.name, math.inf) <= WORST_FACTOR:
        powers = (found if law is POWER else Fit.to(POWER, points, stream)).numbers[:, 1]
    past = Fit.to(choose(smaller.sizes, smaller.means)[0] or POWER, smaller, stream)
    return Curve("", misses, found, powers, past)


def exponents(curves: Mapping[str, Curve]) -> list[dict[str, Any]]:
    """Compare the power law's exponent of the first curve with those of the others, where it holds for both.

    They 'differ' where the interval of the difference leaves 0 out.
    """
    (first, base), *others = curves.items()
    compared = []
    for era, curve in others:
        if base.powers is not None and curve.powers is not None:
            found = summary(curve.powers - base.powers)
            differ = found["low"] > 0 or found["high"] < 0
            verdict = "differ" if differ else "not resolved"
            compared.append({"eras": [first, era], "difference": found, "verdict": verdict})
    return compared
