"""What a learning curve's law is, what it foretells, and whether what it foretold came true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from timetravel.laws import LAWS, POWER, Array, Law, dispersion, fit
from timetravel.seeds import generator
from timetravel.studies.foretelling import Foretold, Interval, Needed, Teller, summary
from timetravel.studies.rows import Row
from timetravel.words import listed

FEWEST_SIZES: Final = 3
REPLICATES: Final = 1000
NEARLY: Final = 1.01
WORST_FACTOR: Final = 1.5  # a law that misses the held-out sizes by more foretells nothing


@dataclass(frozen=True)
class Curve:
    """One era's learning curve: the law chosen for it, or why there is none."""

    era: str
    refused: str  # the reason; empty where a law was fitted
    law: Law | None
    held_out: Mapping[str, float]  # by law: the factor by which it misses the sizes held out, on the average
    held_sizes: tuple[int, ...]
    fitted: Array  # (1 + replicates, 3): scale, exponent and constant of the law; the first from the means themselves
    powers: Array  # (1 + replicates,): the exponent of the plain power law, to compare eras by
    noise: float  # standard deviation of a mean around the law, as a multiple of a binomial's of the test digits
    checks: tuple[Foretold, ...]
    checked_law: Law | None
    predictions: tuple[Foretold, ...]
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


def replicates(rows: Sequence[Row], count: int = REPLICATES) -> Array:
    """Return mean shares of mistakes, (1 + count, k) for k rows: the measured ones, then bootstrap replicates.

    A replicate draws the independent units (seeds, or draws where there are several) with replacement, the same ones
    for every row that has as many. Their spread is widened by sqrt(m / (m - 1)), which m units lack.
    With one unit there are no replicates.
    """
    shares = np.array([row.units([run.test.mistakes / run.test.size for run in row.runs]) for row in rows])
    mean = shares.mean(axis=1)
    units = shares.shape[1]
    if units < 2:
        return np.asarray(mean[None, :])
    rng = generator(0, "curve")
    drawn = rng.integers(0, units, (count, units))
    moved = shares[:, drawn].mean(axis=2).T - mean
    return np.concatenate([mean[None, :], np.clip(mean + moved * np.sqrt(units / (units - 1)), 0, 1)])


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


def refusal(rows: Sequence[Row], means: Array) -> str:
    """Say why no law should be fitted to rows of growing size; empty if one may. means: as replicates returns them."""
    if len(rows) < FEWEST_SIZES:
        return f"{len(rows)} sizes are too few for a law, which takes {FEWEST_SIZES}"
    if diverged := [f"{row.train_size:,}" for row in rows if row.diverged]:
        return f"runs diverged at {listed(diverged)} digits"
    if none := [f"{row.train_size:,}" for row in rows if not row.test_mistakes.mean]:
        return f"no mistake is left to count at {listed(none)} digits"
    fall = summary(means[:, 0] - means[:, -1])
    if fall["low"] <= 0:
        return "the error does not fall beyond the spread of its runs"
    return ""


def curve_of(era: str, rows: Sequence[Row], predict: Sequence[int] = (), errors: Sequence[float] = ()) -> Curve:
    """Fit a law to an era's rows, in the order of their sizes; check it on its largest sizes; foretell what is asked.

    predict: numbers of digits; errors: in percent.
    """
    sizes = np.array([row.train_size for row in rows], dtype=float)
    means = replicates(rows)
    refused = refusal(rows, means)
    law, misses = (None, {}) if refused else choose(sizes, means[0])
    if law and misses[law.name] > WORST_FACTOR:
        refused = f"the best law ({law.name}) misses the sizes held out by a factor of {misses[law.name]:.2f}"
    if refused or law is None:
        return Curve(era, refused, None, misses, (), np.zeros((0, 3)), np.zeros(0), 0, (), None, (), ())
    held = held_out(len(sizes))
    fitted, powers = fit(law, sizes, means), fit(POWER, sizes, means)[:, 1]
    teller = Teller(law, fitted, noise(law, fitted[0], sizes, rows), rows[0].test_size, sizes)
    checked_law = choose(sizes[:-held], means[0, :-held])[0] or POWER
    before = fit(checked_law, sizes[:-held], means[:, :-held])
    past = Teller(checked_law, before, noise(checked_law, before[0], sizes[:-held], rows[:-held]), rows[0].test_size,
                  sizes[:-held])  # fmt: skip
    return Curve(
        era=era,
        refused="",
        law=law,
        held_out=misses,
        held_sizes=tuple(int(size) for size in sizes[-held:]),
        fitted=fitted,
        powers=powers,
        noise=teller.noise,
        checks=tuple(
            past.foretell(int(n), float(100 * truth)) for n, truth in zip(sizes[-held:], means[0, -held:], strict=True)
        ),
        checked_law=checked_law,
        predictions=tuple(teller.foretell(size) for size in predict),
        needed=tuple(teller.needed(error) for error in errors),
    )


def noise(law: Law, fitted: Array, sizes: Array, rows: Sequence[Row]) -> float:
    """Return how far means lie from the law, as a multiple of a binomial's standard deviation.

    The larger of what the residuals say and what the spread of the units does.
    """
    shares = [row.units([run.test.mistakes / run.test.size for run in row.runs]) for row in rows]
    means = np.array([np.mean(units) for units in shares])
    around = dispersion(law, fitted, sizes, means, rows[0].test_size)
    spread = 0.0
    if len(shares[0]) > 1:
        binomial = means * (1 - means) / rows[0].test_size
        spread = float(np.mean([np.var(units, ddof=1) / len(units) for units in shares] / binomial))
    return float(np.sqrt(max(around, spread)))


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
    """Compare the exponents of the first fitted curve with those of the others, replicate by replicate."""
    fitted = [curve for curve in curves if curve.law]
    return [
        SameExponent((fitted[0].era, curve.era), summary(curve.powers - fitted[0].powers))
        for curve in fitted[1:]
        if len(curve.powers) == len(fitted[0].powers) > 1
    ]
