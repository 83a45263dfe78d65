"""The statistics that every table owes its reader."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95 % t interval; no interval for a single value."""

    values: tuple[float, ...]
    mean: float
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return mean, low, high and the values for JSON; whole numbers stay whole, what is no number becomes null."""
        return {
            "mean": plain(self.mean),
            "low": plain(self.low),
            "high": plain(self.high),
            "values": [plain(value) for value in self.values],
        }


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean of one value a seed and the 95 % interval of Student's t for it."""
    count = len(values)
    mean = math.fsum(values) / count if count else math.nan
    if count < 2 or not math.isfinite(mean):
        return Estimate(tuple(values), mean, None, None)
    from scipy.special import stdtrit

    half = float(stdtrit(count - 1, (1 + LEVEL) / 2)) * float(np.std(values, ddof=1)) / math.sqrt(count)
    return Estimate(tuple(values), mean, mean - half, mean + half)


def paired_change(new: Sequence[float], old: Sequence[float]) -> Estimate:
    """Return the mean change from old to new over the seeds that they share, with its paired t interval."""
    return estimate([a - b for a, b in zip(new, old, strict=True)])


def plain(value: float | None) -> float | int | None:
    """Return a number that JSON can hold: integers as they are, None for what is no finite number."""
    if value is None or not math.isfinite(value):
        return None
    return value if isinstance(value, int) else float(value)
