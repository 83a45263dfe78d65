"""The statistics that every table owes its reader."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from timetravel.seeds import generator

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95 % t interval; no interval for a single value."""

    values: tuple[float, ...]
    mean: float
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return mean, low, high and the values for a document."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "values": list(self.values)}


def estimate(values: Sequence[float], least: float = -math.inf, most: float = math.inf) -> Estimate:
    """Return the mean of one value a seed and the 95 % interval of Student's t for it, cut to `least` and `most`.

    The ends are cut here and nowhere else: to what the quantity can be, as 0 to 100 for an error in percent.
    """
    count = len(values)
    mean = math.fsum(values) / count if count else math.nan
    if count < 2 or not math.isfinite(mean):
        return Estimate(tuple(values), mean, None, None)
    from scipy.special import stdtrit

    half = float(stdtrit(count - 1, (1 + LEVEL) / 2)) * float(np.std(values, ddof=1)) / math.sqrt(count)
    return Estimate(tuple(values), mean, max(mean - half, least), min(mean + half, most))


def paired_change(new: Sequence[float], old: Sequence[float]) -> Estimate:
    """Return the mean change from old to new over the seeds that they share, with its paired t interval."""
    return estimate([a - b for a, b in zip(new, old, strict=True)])


REPLICATES = 10_000
FEWEST_SEEDS = 6  # for a verdict
AT_ONCE = 400_000  # draws held in memory


def bootstrap(wrong: np.ndarray, seed: int = 0, replicates: int = REPLICATES) -> np.ndarray:
    """Return the mean error of every row, in percent, in each replicate of a two-way bootstrap: (replicates, rows).

    `wrong`, bool (rows, seeds, digits), says which net misread which digit. A replicate draws seeds and digits with
    replacement, the same ones for all rows, so differences of its columns are paired. The spread of the result counts
    the variance that seeds and digits share more than once: it is conservative (Owen 2007, The Pigeonhole Bootstrap,
    https://doi.org/10.1214/07-AOAS122).
    """
    rows, seeds, digits = wrong.shape
    rng = generator(seed, "bootstrap")
    flat = wrong.reshape(rows * seeds, digits).astype(np.float32).T
    means = np.empty((replicates, rows))
    chunk = max(1, AT_ONCE // digits)
    for start in range(0, replicates, chunk):
        count = min(chunk, replicates - start)
        of_digits = draws(rng, count, digits) @ flat / digits
        of_seeds = draws(rng, count, seeds) / seeds
        means[start : start + count] = 100 * np.einsum("crs,cs->cr", of_digits.reshape(count, rows, seeds), of_seeds)
    return means


def draws(rng: np.random.Generator, replicates: int, size: int) -> np.ndarray:
    """Return how often each of `size` things comes up in `size` draws with replacement, float32 (replicates, size)."""
    drawn = rng.integers(0, size, (replicates, size)) + size * np.arange(replicates)[:, None]
    return np.bincount(drawn.ravel(), minlength=replicates * size).reshape(replicates, size).astype(np.float32)


def percentile_interval(replicates: np.ndarray) -> tuple[float, float]:
    """Return the 95 % percentile interval of bootstrap replicates."""
    low, high = np.percentile(replicates, [100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2])
    return float(low), float(high)


def p_value(differences: np.ndarray) -> float:
    """Return the two-sided p of replicates of a difference: twice the share on the rarer side of 0, plus one."""
    rarer = min((differences <= 0).sum(), (differences >= 0).sum())
    return float(min(1.0, 2 * (1 + rarer) / (1 + len(differences))))


def holm(p_values: Sequence[float]) -> list[bool]:
    """Return which of several tests stand at 5 % together (Holm 1979, https://www.jstor.org/stable/4615733)."""
    stand = [False] * len(p_values)
    for place, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[i] > (1 - LEVEL) / (len(p_values) - place):
            break
        stand[i] = True
    return stand


def verdict(stands: bool, difference: float, seeds: int) -> str:
    """Return 'better', 'worse' or 'not resolved' for a difference in mistakes; 'too few seeds' below six."""
    if seeds < FEWEST_SEEDS:
        return "too few seeds"
    if not stands:
        return "not resolved"
    return "better" if difference < 0 else "worse"
