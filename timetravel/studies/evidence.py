"""What a table's rows let one say: intervals for new digits, verdicts on differences, and what whole eras misread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from timetravel.digits.pixels import encoded
from timetravel.seeds import generator
from timetravel.stats.estimates import Estimate, bootstrap, holm, p_value, percentile_interval, verdict
from timetravel.studies.rows import Row

Share = Mapping[str, float | None]  # percent: mean, low and high for new digits; None where there is nothing to share

SPLITS = 20  # re-splits of a row's seeds in the calibration
CALIBRATION_REPLICATES = 1000
PICTURES: Final = 24  # of each list of misread digits, the first; the others are told by their places alone


@dataclass(frozen=True)
class Comparison:
    """A paired difference between two rows: its p, and the verdict after Holm's correction over the table."""

    p: float
    verdict: str
    removed: Share  # share of the base's mistakes, percent: mean, and its interval for new digits


def compared(name: str, change: Estimate | None, found: Comparison | None) -> dict[str, Any]:
    """Return what a row's JSON says of its difference from another."""
    return {
        f"change_{name}": change and change.to_dict(),
        f"reduction_{name}": found and dict(found.removed),
        f"p_{name}": found and found.p,
        f"verdict_{name}": found and found.verdict,
    }


@dataclass(frozen=True)
class Evidence:
    """Intervals of all rows, in percent, for new nets and new digits; comparisons by (row, base); the calibration."""

    new_digits: tuple[tuple[float, float], ...]
    comparisons: Mapping[tuple[int, int], Comparison]
    calibration: tuple[int, int] | None  # re-splits that read 'not resolved', of how many; None with fewer than 4 seeds

    def calibration_dict(self) -> dict[str, int] | None:
        """Return the calibration for JSON."""
        return self.calibration and dict(zip(("not_resolved", "of"), self.calibration, strict=True))

    def of_rows(self) -> list[dict[str, Any]]:
        """Return what each row's JSON says of it."""
        return [{"new_digits": {"low": low, "high": high}} for low, high in self.new_digits]


def weigh(rows: Sequence[Row], pairs: Sequence[tuple[int, int]] = ()) -> Evidence:
    """Weigh rows of the same seeds; compared ones, (row, base), have the same test digits too.

    Rows that share their test digits share one two-way bootstrap, so that their differences are paired.
    """
    means: dict[int, np.ndarray] = {}  # by row, a replicate an element
    wrongs: list[np.ndarray] = []
    for digits in dict.fromkeys(row.test.fingerprint for row in rows):
        members = [i for i, row in enumerate(rows) if row.test.fingerprint == digits]
        wrong = np.stack([misread(rows[i]) for i in members])
        wrongs.extend(wrong)
        means |= dict(zip(members, bootstrap(wrong).T, strict=True))
    p_values = [p_value(means[a] - means[b]) for a, b in pairs]
    comparisons = {}
    for (a, b), p, stands in zip(pairs, p_values, holm(p_values), strict=True):
        difference = rows[a].test_mistakes.mean - rows[b].test_mistakes.mean
        told = verdict(stands, difference, rows[a].independent)
        comparisons[a, b] = Comparison(p, told, reduction_of(rows[a], rows[b], means[a], means[b]))
    intervals = tuple(percentile_interval(means[i]) for i in range(len(rows)))
    return Evidence(intervals, comparisons, calibrate(wrongs) if pairs else None)


def removal(row: Row, base: Row) -> Share:
    """Return which share of the base's mistakes a row removes, in percent, with its interval for new digits."""
    means = bootstrap(np.stack([misread(row), misread(base)]))
    return reduction_of(row, base, means[:, 0], means[:, 1])


def reduction_of(row: Row, base: Row, means: np.ndarray, of_base: np.ndarray) -> Share:
    """Return which share of the base's mistakes a row removes, in percent, from both rows' bootstrap replicates."""
    if not base.test_mistakes.mean or not of_base.all():
        return {"mean": None, "low": None, "high": None}
    low, high = percentile_interval(100 * (1 - means / of_base))
    return {"mean": 100 * (1 - row.test_mistakes.mean / base.test_mistakes.mean), "low": low, "high": high}


def misread(row: Row) -> np.ndarray:
    """Return which net of a row misread which test digit, bool (seeds, digits).

    With several subsets: the share of each subset's nets that did, float32 (subsets, digits).
    """
    wrong = np.stack([run.predictions != row.test.labels for run in row.runs])
    if len(row.subsets) == 1:
        return wrong
    return np.asarray(wrong.reshape(len(row.subsets), -1, wrong.shape[1]).mean(axis=1, dtype=np.float32))


def calibrate(wrongs: Sequence[np.ndarray]) -> tuple[int, int] | None:
    """Compare every row with itself, on halves of its seeds, over many re-splits.

    Returns how many of the comparisons read 'not resolved' (p above 5 %, uncorrected), and how many there were.
    """
    seeds = len(wrongs[0])
    if seeds < 4:
        return None
    rng = generator(0, "bootstrap")
    unresolved = 0
    for wrong in wrongs:
        for split in range(SPLITS):
            order = rng.permutation(seeds)
            half = seeds // 2
            halves = np.stack([wrong[order[:half]], wrong[order[half : 2 * half]]])
            means = bootstrap(halves, split, CALIBRATION_REPLICATES)
            unresolved += p_value(means[:, 0] - means[:, 1]) > 0.05
    return unresolved, SPLITS * len(wrongs)


def reduction_in_words(share: Share) -> str:
    """Say which share of the mistakes is removed, with its interval for new digits."""
    mean, low, high = (share[part] for part in ("mean", "low", "high"))
    if mean is None or low is None or high is None:
        return "removes a share that too few mistakes can't tell"
    if mean < 0:
        return f"adds {-mean:.0f} % ({-high:.0f} to {-low:.0f} for new digits)"
    return f"removes {mean:.0f} % ({low:.0f} to {high:.0f} for new digits)"


def seen_by_eras(rows: Sequence[Row]) -> dict[str, Any]:
    """Return for each era, in the order of their rows, how many nets it has and three lists of test digits.

    shared: read wrongly by every net. repaired: read wrongly by most nets of the era before, rightly by most of this
    one; broken: the other way round. The rows share their test digits.
    """
    found = {}
    for before, row in pairwise([*rows[:1], *rows]):  # before the first stands itself: it repairs and breaks none
        most_before, most = (misread(each).mean(axis=0) > 0.5 for each in (before, row))
        found[row.name] = {
            "nets": len(row.runs),
            "shared": pictured(row, misread(row).all(axis=0)),
            "repaired": pictured(before, most_before & ~most),
            "broken": pictured(row, most & ~most_before),
        }
    return found


def pictured(row: Row, chosen: Any) -> list[dict[str, Any]]:
    """Return the chosen test digits, bool (digits,), with what most nets that misread them took them for."""
    digits: list[dict[str, Any]] = []
    for place in np.flatnonzero(chosen).tolist():
        true = int(row.test.labels[place])
        false = [answer for run in row.runs if (answer := int(run.predictions[place])) != true]
        pixels = {"pixels": encoded(row.test.images[place])} if len(digits) < PICTURES else {}
        digits.append({"digit": place, "true": true, "read_as": max(set(false), key=false.count), **pixels})
    return digits
