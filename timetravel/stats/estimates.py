"""The statistics that every table owes its reader."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LEVEL = 0.95
FEWEST_RUNS = 6  # for a verdict


@dataclass(frozen=True)
class Estimate:
    """A mean over runs with its 95 % t interval; no interval for a single value, nor where all are equal."""

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
    if count < 2 or not math.isfinite(mean) or min(values) == max(values):
        return Estimate(tuple(values), mean, None, None)
    from scipy.special import stdtrit

    half = float(stdtrit(count - 1, (1 + LEVEL) / 2)) * float(np.std(values, ddof=1)) / math.sqrt(count)
    return Estimate(tuple(values), mean, max(mean - half, least), min(mean + half, most))


def percentile_interval(replicates: np.ndarray) -> tuple[float, float]:
    """Return the 95 % percentile interval of bootstrap replicates."""
    low, high = np.percentile(replicates, [100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2])
    return float(low), float(high)


def holm(p_values: Sequence[float]) -> list[bool]:
    """Return which of several tests stand at 5 % together (Holm 1979, https://www.jstor.org/stable/4615733)."""
    stand = [False] * len(p_values)
    for place, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if p_values[i] > (1 - LEVEL) / (len(p_values) - place):
            break
        stand[i] = True
    return stand


def verdict(stands: bool, difference: float) -> str:
    """Return 'better', 'worse' or 'not resolved' for a difference in mistakes."""
    if not stands:
        return "not resolved"
    return "better" if difference < 0 else "worse"
