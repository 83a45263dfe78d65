"""Rejecting doubtful digits: how many must go unread until few enough of the others are read wrongly.

The paper's rule keeps a digit if its most active output is at least t1, the second most active at most t2, and their
difference at least td, and takes the best thresholds (LeCun et al. 1989, https://doi.org/10.1162/neco.1989.1.4.541).
The margin rule looks at the difference alone and suits nets with any outputs.

The search is exact for nets that misread up to some 400 digits, and very nearly so beyond. Raising a threshold past
digits that are read rightly only loses them, so the best thresholds are among those that just shut out a mistake.
Levels that alone reject more than a solution already known are left out; the digits between the remaining levels are
counted, and sums of the counts give every combination of thresholds.
"""

from collections.abc import Callable, Iterator
from typing import Final, Literal

import numpy as np

from timetravel.seeds import generator

COARSE = 24  # levels an axis of the first search
FINE = 400  # levels an axis of the exact search; only nets that misread more digits than that are searched less finely
CURVE = 100  # levels an axis of a curve

UNBOUNDED: Final = 1e9  # a threshold that no output meets

Rule = Literal["thresholds", "margin"]
Fits = Callable[[np.ndarray, np.ndarray], np.ndarray]


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
        self.wrong = ~finite | (values.argmax(axis=1) != labels)
        self.orders = [np.argsort(-axis, kind="stable") for axis in self.axes]
        self.everyone = np.ones(len(labels), dtype=np.int64)

    def reject_for(self, error: float, weights: np.ndarray | None = None) -> float:
        """Return the least share to reject, in percent, that leaves at most `error` percent mistakes among the others.

        0 where the error is that low already; 100 where only keeping nothing will do. `weights`, int (n,), counts a
        digit several times or not at all, as a bootstrap replicate does.
        """
        weights = self.everyone if weights is None else weights
        total, mistakes = int(weights.sum()), int(weights[self.wrong].sum())
        if mistakes * 100 <= error * total:
            return 0.0
        best, _ = self._search(lambda kept, missed: missed * 100 <= error * kept, weights)
        return 100 * (1 - best / total)

    def thresholds(self, error: float = 1.0) -> tuple[float, float, float]:
        """Return the paper's t1, t2 and td that reject least and leave at most `error` percent mistakes.

        A net that misreads less than that anyway gets those that leave at most half of its mistakes. A digit is read
        if its first output is at least t1, its second at most t2, and their difference at least td: the thresholds
        lie midway between the last digit that is not read and the next; one that bars nothing is UNBOUNDED away.
        """
        mistakes = int(self.wrong.sum())
        half = mistakes * 100 <= error * len(self.everyone)
        _, levels = self._search(
            lambda kept, missed: missed * 2 <= mistakes if half else missed * 100 <= error * kept, self.everyone
        )
        t1, t2, td = (
            -UNBOUNDED if level == -np.inf else (level + axis[axis > level].min(initial=level + UNBOUNDED)) / 2
            for level, axis in zip(levels, self.axes, strict=True)
        )
        return float(t1), float(-t2), float(td)

    def _search(self, fits: Fits, weights: np.ndarray) -> tuple[int, list[float]]:
        """Return the most digits that can be kept, and the levels beyond which they lie; -inf for an axis left open.

        fits: which pairs of digits kept, and of mistakes among them, will do.
        """
        best, chosen = 0, [UNBOUNDED] * len(self.axes)
        for most in (COARSE, FINE):  # a coarse search first: what it keeps leaves fewer levels for the exact one
            levels = [_thinned(axis_levels, most) for axis_levels in self._useful_levels(weights, best)]
            for place, (kept, missed) in enumerate(self._slices(levels, weights)):
                allowed = np.where(fits(kept, missed), kept, 0)
                if allowed.max() > best:
                    best = int(allowed.max())
                    places = [place, *map(int, np.unravel_index(allowed.argmax(), allowed.shape))]
                    # Place 0 is the strictest level of an axis, the last one none at all.
                    pairs = zip(levels, places, strict=True)
                    chosen = [float([-np.inf, *axis_levels][len(axis_levels) - at]) for axis_levels, at in pairs]
        return best, chosen

    def _useful_levels(self, weights: np.ndarray, known: int) -> list[np.ndarray]:
        """Return on every axis the values of mistakes that, as a threshold, keep at least `known` digits."""
        levels = []
        for axis, order in zip(self.axes, self.orders, strict=True):
            values = np.unique(axis[self.wrong & (weights > 0)])
            surer = np.searchsorted(-axis[order], -values, side="left")  # digits that are surer than the level
            kept = np.concatenate([[0], weights[order].cumsum()])
            levels.append(values[kept[surer] >= known])
        return levels

    def _slices(self, levels: list[np.ndarray], weights: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield, for each level of the first axis from the strictest on, the digits and the mistakes that combinations
        of the others keep: on every axis the digits that are surer than one of its levels, or all.
        """
        shape = tuple(len(axis_levels) + 1 for axis_levels in levels[1:])
        pairs = zip(levels, self.axes, strict=True)
        places = [np.searchsorted(axis_levels, axis, side="left") for axis_levels, axis in pairs]
        surest_first = [size - 1 - place for size, place in zip(shape, places[1:], strict=True)]
        cells = np.ravel_multi_index(surest_first, shape) if shape else np.zeros_like(places[0])
        packed = weights + (np.where(self.wrong, weights, 0) << 32)  # both counts in one integer: one sum serves
        order = np.argsort(places[0], kind="stable")
        ends = np.searchsorted(places[0][order], np.arange(len(levels[0]) + 2))
        counts = np.zeros(shape, dtype=np.int64)
        for first in range(len(levels[0]), -1, -1):
            new = order[ends[first] : ends[first + 1]]
            np.add.at(counts.reshape(-1), cells[new], packed[new])
            sums = counts.copy()
            for axis in range(sums.ndim):
                np.cumsum(sums, axis=axis, out=sums)
            yield sums & 0xFFFFFFFF, sums >> 32

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Return shares rejected, in percent, and the least error on the rest that each buys, least rejected first."""
        levels = [_thinned(np.unique(axis[self.wrong]), CURVE) for axis in self.axes]
        least = np.full(len(self.everyone) + 1, np.inf)  # the fewest mistakes for each number of digits kept
        for kept, missed in self._slices(levels, self.everyone):
            np.minimum.at(least, kept.ravel(), missed.ravel())
        kept = np.flatnonzero(np.isfinite(least[1:]))[::-1] + 1
        errors = 100 * least[kept] / kept
        steps = np.flatnonzero(np.diff(np.minimum.accumulate(errors), prepend=np.inf) < 0)
        return 100 * (1 - kept[steps] / len(self.everyone)), errors[steps]


def _thinned(levels: np.ndarray, most: int) -> np.ndarray:
    """Return the levels, or `most` of them evenly spread where there are more."""
    places = np.linspace(0, len(levels) - 1, min(most, len(levels)))
    return np.asarray(levels[places.round().astype(int)])


def rejected_for(outputs: np.ndarray, labels: np.ndarray, error: float = 1.0, rule: Rule = "thresholds") -> float:
    """Return the share of digits, in percent, to reject for an error of `error` percent on the others."""
    return Doubts(outputs, labels, rule).reject_for(error)


def bootstrap_rejected(outputs: list[np.ndarray], labels: np.ndarray, replicates: int) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean share rejected for 1 % error, for new nets and new digits.

    Each replicate draws nets and digits with replacement and chooses every net's thresholds afresh.
    """
    rng = generator(0, "bootstrap")
    nets = [Doubts(out, labels) for out in outputs]
    means = np.empty(replicates)
    for replicate in range(replicates):
        weights = np.bincount(rng.integers(0, len(labels), len(labels)), minlength=len(labels))
        chosen, times = np.unique(rng.integers(0, len(nets), len(nets)), return_counts=True)
        means[replicate] = np.average([nets[i].reject_for(1.0, weights) for i in chosen], weights=times)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
