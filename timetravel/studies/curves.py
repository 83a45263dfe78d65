"""What a learning curve's law is, what it predicts, and whether what it predicted came true."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from timetravel.numbers import listed
from timetravel.seeds import generator
from timetravel.stats.laws import LAWS, POWER, Array, Law, dispersion, fit
from timetravel.stats.predictions import Interval, Needed, Noise, Predicted, Teller, summary
from timetravel.studies.rows import Row

FEWEST_SIZES: Final = 3
REPLICATES: Final = 1000
NEARLY: Final = 1.01
WORST_FACTOR: Final = 1.5  # a law that misses the held-out sizes by more predicts nothing


@dataclass(frozen=True)
class Curve:
    """One era's learning curve: the law chosen for it, or why there is none."""

    era: str
    refused: str  # the reason; empty where a law was fitted
    law: Law | None
    held_out: Mapping[str, float]  # by law: the factor by which it misses the sizes held out, on the average
    held_sizes: tuple[int, ...]
    fitted: Array  # (1 + replicates, 3): scale, exponent and constant of the law; the first from the means themselves
    powers: Array | None  # (1 + replicates,): the plain power law's exponent, to compare eras by; None where it misses
    noise: float  # standard deviation of a mean around the law, as a multiple of a binomial's of the test digits
    checks: tuple[Predicted, ...]
    checked_law: Law | None
    predictions: tuple[Predicted, ...]
    needed: tuple[Needed, ...]

    @property
    def floor_identified(self) -> bool:
        """Whether the floor's interval leaves 0 out."""
        return bool(self.law and self.law.has_exponent and self.law.has_constant and self.parameter(2)["low"] > 0)

    def parameter(self, place: int) -> dict[str, float]:
        """Return scale (0), exponent (1) or constant (2) with its interval."""
        return summary(self.fitted[:, place])

    def to_dict(self) -> dict[str, Any]:
        """Return the curve for JSON; errors and the constant in percent."""
        found: dict[str, Any] = {"era": self.era, "refused": self.refused or None}
        if self.law is None:
            return found | {"held_out_factor": dict(self.held_out) or None}
        constant = {part: 100 * value for part, value in self.parameter(2).items()}
        return found | {
            "law": self.law.name,
            "held_out_factor": dict(self.held_out),
            "held_out_sizes": list(self.held_sizes),
            "dispersion": self.noise**2,
            "scale": {part: 100 * value for part, value in self.parameter(0).items()},
            "exponent": self.parameter(1) if self.law.has_exponent else None,
            "constant": constant if self.law.has_constant else None,
            "floor_identified": self.floor_identified if self.law.has_constant and self.law.has_exponent else None,
            "checks": [check.to_dict() for check in self.checks],
            "checked_law": self.checked_law and self.checked_law.name,
            "predictions": [prediction.to_dict() for prediction in self.predictions],
            "digits_needed": [
                {"error": need.error, "digits": dict(need.digits), "scenario": need.scenario} for need in self.needed
            ],
        }


def shares_of(rows: Sequence[Row]) -> Array:
    """Return the shares of mistakes of every row's independent units (seeds, or subsets): (k, units)."""
    return np.array([row.units([run.test.mistakes / run.test.size for run in row.runs]) for row in rows])


def noise(law: Law, fitted: Array, sizes: Array, shares: Array, digits: int) -> Noise:
    """Return the larger of what the law's residuals say and what the spread of the units does.

    With one unit there is no spread, and a binomial's is the least that is believed.
    """
    means, units = shares.mean(axis=1), shares.shape[1]
    around = dispersion(law, fitted, sizes, means, digits)
    left = max(0, len(sizes) - law.parameters)
    if units < 2:
        return Noise(float(np.sqrt(around)), left) if left and around > 1 else Noise(1.0, np.inf)
    spread = float(np.mean(shares.var(axis=1, ddof=1) / units / (means * (1 - means) / digits)))
    if left and around > spread:
        return Noise(float(np.sqrt(around)), left)
    return Noise(float(np.sqrt(spread)), len(sizes) * (units - 1))


def replicates(law: Law, fitted: Array, sizes: Array, found: Noise, digits: int, stream: int) -> Array:
    """Return fits of the law to means that are drawn anew around it, (REPLICATES, 3).

    Drawing seeds with replacement would do for many seeds; with three or six its intervals held 77 of 100 planted
    exponents, and these hold 95.
    """
    expected = law.curve(fitted, sizes)
    drawn = found.draw(generator(stream, "curve"), (REPLICATES, len(sizes)))
    return fit(law, sizes, np.clip(expected + found.width(expected, digits) * drawn, 0, 1))


def held_out(count: int) -> int:
    """Return how many of the largest sizes are held out of a fit that is judged: two, of fewer than six sizes one."""
    return 2 if count >= 6 else 1


def choose(sizes: Array, shares: Array) -> tuple[Law | None, dict[str, float]]:
    """Choose the law that misses the held-out larger sizes least; returns it, and by which factor each misses them.

    shares: (k,). Of laws that are equally good, to 1 %, the first in LAWS. None where too few sizes are left to fit.
    """
    held = held_out(len(sizes))
    kept = len(sizes) - held
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


def refusal(rows: Sequence[Row]) -> str:
    """Say why no law should be fitted to rows of growing size; empty if one may."""
    if len(rows) < FEWEST_SIZES:
        return f"{len(rows)} sizes are too few for a law, which takes {FEWEST_SIZES}"
    if diverged := [f"{row.train_size:,}" for row in rows if row.diverged]:
        return f"runs diverged at {listed(diverged)} digits"
    if none := [f"{row.train_size:,}" for row in rows if not row.test_mistakes.mean]:
        return f"no mistake is left to count at {listed(none)} digits"
    first, last = (rows[end].test_mistakes.mean for end in (0, -1))
    if first - last <= 2 * math.sqrt(first + last):  # as if both were counted once, on other digits
        return "the error does not fall beyond what chance does to two counts"
    return ""


def curve_of(
    era: str, rows: Sequence[Row], predict: Sequence[int] = (), errors: Sequence[float] = (), stream: int = 0
) -> Curve:
    """Fit a law to an era's rows, in the order of their sizes; check it on its largest sizes; predict what is asked.

    predict: numbers of digits; errors: in percent; stream: tells the random subsets of one curve from another's.
    """
    sizes = np.array([row.train_size for row in rows], dtype=float)
    refused = refusal(rows)
    law, misses = (None, {}) if refused else choose(sizes, shares_of(rows).mean(axis=1))
    if law and misses[law.name] > WORST_FACTOR:
        refused = f"the best law ({law.name}) misses the sizes held out by a factor of {misses[law.name]:.2f}"
    if refused or law is None:
        return Curve(era, refused, None, misses, (), np.zeros((0, 3)), None, 0, (), None, (), ())
    held = held_out(len(sizes))
    teller = teller_of(law, rows, stream)
    checked_law = choose(sizes[:-held], shares_of(rows[:-held]).mean(axis=1))[0] or POWER
    past = teller_of(checked_law, rows[:-held], stream)
    straight = misses.get(POWER.name, math.inf) <= WORST_FACTOR
    return Curve(
        era=era,
        refused="",
        law=law,
        held_out=misses,
        held_sizes=tuple(row.train_size for row in rows[-held:]),
        fitted=teller.fitted,
        powers=(teller if law is POWER else teller_of(POWER, rows, stream)).fitted[:, 1] if straight else None,
        noise=teller.noise.factor,
        checks=tuple(past.predict(row.train_size, row.test_error.mean) for row in rows[-held:]),
        checked_law=checked_law,
        predictions=tuple(teller.predict(size) for size in predict),
        needed=tuple(teller.needed(error) for error in errors),
    )


def teller_of(law: Law, rows: Sequence[Row], stream: int) -> Teller:
    """Fit a law to rows, with replicates around it."""
    sizes = np.array([row.train_size for row in rows], dtype=float)
    shares, digits = shares_of(rows), rows[0].test_size
    fitted = fit(law, sizes, shares.mean(axis=1))
    found = noise(law, fitted, sizes, shares, digits)
    others = replicates(law, fitted, sizes, found, digits, stream)
    return Teller(law, np.concatenate([fitted[None, :], others]), found, digits, sizes)


@dataclass(frozen=True)
class SameExponent:
    """Whether two eras' curves fall at the same rate: the difference of their power laws' exponents."""

    eras: tuple[str, str]
    difference: Interval  # of the second from the first

    @property
    def verdict(self) -> str:
        """'differ' where the interval leaves 0 out."""
        return "differ" if self.difference["low"] > 0 or self.difference["high"] < 0 else "not resolved"

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        return {"eras": list(self.eras), "difference": dict(self.difference), "verdict": self.verdict}


def exponents(curves: Sequence[Curve]) -> list[SameExponent]:
    """Compare the exponent of the first curve with those of the others, where a plain power law fits both."""
    first = curves[0]
    if first.powers is None:
        return []
    return [
        SameExponent((first.era, curve.era), summary(curve.powers - first.powers))
        for curve in curves[1:]
        if curve.powers is not None
    ]
