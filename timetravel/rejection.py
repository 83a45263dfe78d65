"""Rejecting doubtful digits: how many must go unread until few enough of the others are read wrongly.

The paper's rule keeps a digit if its most active output is at least t1, the second most active at most t2, and their
difference at least td, and takes the best thresholds (LeCun et al. 1989, https://doi.org/10.1162/neco.1989.1.4.541).
The margin rule looks at the difference alone and suits nets with any outputs.

The search is exact. Raising a threshold past digits that are read rightly only loses them, so the best thresholds are
among those that just shut out a mistake. Levels that alone reject more than a solution already known are left out; the
digits between the remaining levels are counted, and sums of the counts give every combination of thresholds at once.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from timetravel.seeds import generator

Rule = Literal["thresholds", "margin"]


@dataclass(frozen=True)
class Rejection:
    """The least share of digits to reject, in percent, and the thresholds that do it (None: not needed)."""

    rejected: float
    t1: float | None = None
    t2: float | None = None
    td: float | None = None


class Doubts:
    """How sure a net is of each digit, on one axis or three; on every axis larger is surer."""

    def __init__(self, outputs: np.ndarray, labels: np.ndarray, rule: Rule = "thresholds") -> None:
        """Take output units, float (n, 10), and the true digits, int (n,). What is no number counts as a mistake."""
        finite = np.isfinite(outputs).all(axis=1)
        values = np.where(finite[:, None], outputs, 0.0).astype(np.float64)
        second, first = np.sort(values, axis=1)[:, -2:].T
        unsure = np.where(finite, 0.0, 1e300)  # a digit without numbers is the least sure of all
        axes = [first - second] if rule == "margin" else [first, -second, first - second]
        self.axes = [axis - unsure for axis in axes]
        self.rule = rule
        self.wrong = ~finite | (values.argmax(axis=1) != labels)
        self.orders = [np.argsort(-axis, kind="stable") for axis in self.axes]
        self.everyone = np.ones(len(labels), dtype=np.int64)

    def reject_for(self, error: float, weights: np.ndarray | None = None) -> Rejection:
        """Return the least rejection that leaves at most `error` percent mistakes among the kept digits.

        0 where the error is that low already; 100 where only keeping nothing will do. `weights`, int (n,), counts a
        digit several times or not at all, as a bootstrap replicate does.
        """
        weights = self.everyone if weights is None else weights
        total, mistakes = int(weights.sum()), int(weights[self.wrong].sum())
        if mistakes * 100 <= error * total:
            return Rejection(0.0)
        levels = self.useful_levels(error, weights)
        kept, missed = self.count(levels, weights)
        allowed = np.where(missed * 100 <= error * kept, kept, 0)
        best = int(allowed.argmax())
        if not allowed.flat[best]:
            return Rejection(100.0)
        place = np.unravel_index(best, allowed.shape)
        above = [
            float(np.nextafter(axis_levels[i - 1], np.inf)) if i else None
            for axis_levels, i in zip(levels, place, strict=True)
        ]
        share = 100 * (1 - int(allowed.flat[best]) / total)
        if self.rule == "margin":
            return Rejection(share, td=above[0])
        return Rejection(share, t1=above[0], t2=None if above[1] is None else -above[1], td=above[2])

    def useful_levels(self, error: float, weights: np.ndarray) -> list[np.ndarray]:
        """Return on every axis the mistakes' values, less those that alone reject more than one axis needs to."""
        known = 0
        kept_above: list[np.ndarray] = []
        for axis, order in zip(self.axes, self.orders, strict=True):
            kept = weights[order].cumsum()
            missed = np.where(self.wrong[order], weights[order], 0).cumsum()
            last_of_value = np.append(np.diff(axis[order]) != 0, True)
            known = max(known, int(np.where(last_of_value & (missed * 100 <= error * kept), kept, 0).max()))
            kept_above.append(kept)
        levels = []
        for axis, order, kept in zip(self.axes, self.orders, kept_above, strict=True):
            values = np.unique(axis[self.wrong & (weights > 0)])
            surer = np.searchsorted(-axis[order], -values, side="left")  # digits that are surer than the level
            left = np.where(surer > 0, kept[surer - 1], 0)
            levels.append(values[left >= known])
        return levels

    def count(self, levels: list[np.ndarray], weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how many digits, and how many mistakes, every combination of levels keeps.

        Index i on an axis keeps what is surer than its level i - 1; index 0 keeps all.
        """
        shape = tuple(len(axis_levels) + 1 for axis_levels in levels)
        places = [
            np.searchsorted(axis_levels, axis, side="left") for axis_levels, axis in zip(levels, self.axes, strict=True)
        ]
        cells = np.ravel_multi_index(places, shape)
        packed = weights + (np.where(self.wrong, weights, 0) << 32)  # both counts in one integer: one sum serves
        counts = np.zeros(shape, dtype=np.int64)
        np.add.at(counts.ravel(), cells, packed)
        for axis in range(counts.ndim):
            backward = np.flip(counts, axis)
            np.cumsum(backward, axis=axis, out=backward)
        return counts & 0xFFFFFFFF, counts >> 32

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Return shares rejected, in percent, and the least error on the rest that each buys, least rejected first."""
        levels = [np.unique(axis[self.wrong]) for axis in self.axes]
        kept, missed = (counts.ravel() for counts in self.count(levels, self.everyone))
        order = np.lexsort((missed, -kept))[: int((kept > 0).sum())]
        errors = 100 * missed[order] / kept[order]
        steps = np.flatnonzero(np.diff(np.minimum.accumulate(errors), prepend=np.inf) < 0)
        return 100 * (1 - kept[order][steps] / len(self.everyone)), errors[steps]


def rejected_for(outputs: np.ndarray, labels: np.ndarray, error: float = 1.0, rule: Rule = "thresholds") -> float:
    """Return the share of digits, in percent, to reject for an error of `error` percent on the others."""
    return Doubts(outputs, labels, rule).reject_for(error).rejected


def bootstrap_rejected(
    outputs: list[np.ndarray],
    labels: np.ndarray,
    error: float = 1.0,
    rule: Rule = "thresholds",
    replicates: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean share rejected, for new nets and new digits.

    Each replicate draws nets and digits with replacement and chooses every net's thresholds afresh.
    """
    rng = generator(seed, "bootstrap")
    nets = [Doubts(out, labels, rule) for out in outputs]
    means = np.empty(replicates)
    for replicate in range(replicates):
        weights = np.bincount(rng.integers(0, len(labels), len(labels)), minlength=len(labels))
        chosen, times = np.unique(rng.integers(0, len(nets), len(nets)), return_counts=True)
        shares = [nets[i].reject_for(error, weights).rejected for i in chosen]
        means[replicate] = np.average(shares, weights=times)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
