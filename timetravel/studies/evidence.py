"""What a table's rows let one say: intervals for new runs and new digits, verdicts, and what whole eras misread."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from statistics import median
from typing import Any, Final, TypeVar

import numpy as np

from timetravel.digits.pixels import encoded
from timetravel.numbers import listed
from timetravel.seeds import generator
from timetravel.stats.crossed import Effect, crossed, ratio
from timetravel.stats.estimates import FEWEST_RUNS, holm, verdict
from timetravel.studies.rows import Row

Share = Mapping[str, float | None]  # percent: mean, low and high for new digits; None where there is nothing to share

FEWEST_DIGITS: Final = 6  # that two rows read differently: fewer can't reach 5 % in a sign test
SPLITS: Final = 20  # re-splits of a row's runs in the calibration
PICTURES: Final = 24  # of each list of misread digits, the first; the others are told by their places alone
NOTHING: Final[Share] = {"mean": None, "low": None, "high": None}
Key = TypeVar("Key")
OPEN: Final = ("not resolved", "too few runs")  # verdicts that more runs may change
RUNS, TEST_DIGITS = (6, 10, 20, 40), (2007, 10_000, 60_000)  # for which it is told what would be resolved
VERDICTS: Final = (
    "Changes are paired, run by run and digit by digit. A verdict is by the test whose interval is shown, corrected by "
    "Holm's method over the steps of the table. The least change found is found in four of five such tries."
)


@dataclass(frozen=True)
class Comparison:
    """A paired difference in mistakes between two rows, over the runs whose nets are sound in both.

    open: why there can be no verdict, if so. verdict, detectable, level (that p has to reach): known once the family of
    comparisons is judged.
    """

    effect: Effect
    values: tuple[float, ...]  # a difference a run, or a subset
    reduction: Share  # share of the base's mistakes that is gone, percent
    p: float | None
    open: str = ""
    verdict: str | None = None
    level: float = 0.05
    detectable: float | None = None

    def to_dict(self, name: str) -> dict[str, Any]:
        """Return what a row's JSON says of its difference from another."""
        low, high = self.effect.interval() or (None, None)
        change = {"mean": self.effect.mean, "low": low, "high": high, "values": list(self.values)}
        told = {"change": change, "reduction": dict(self.reduction), "p": self.p, "verdict": self.verdict}
        told |= {"detectable": self.detectable, "runs_to_resolve": self.runs_to_resolve}
        return {f"{key}_{name}": value for key, value in told.items()}

    @property
    def runs_to_resolve(self) -> int | None:
        """How many runs a row would resolve a change as large as this one; None if none would, or it is resolved."""
        found = self.effect.runs_to_resolve(self.level) if self.verdict in OPEN else None
        return found and max(found, FEWEST_RUNS)


def compared(name: str, found: Comparison | None) -> dict[str, Any]:
    """Return what a row's JSON says of its difference from another, all null where there is none."""
    keys = ("change", "reduction", "p", "verdict", "detectable", "runs_to_resolve")
    return found.to_dict(name) if found else {f"{key}_{name}": None for key in keys}


def against(row: Row, base: Row) -> Comparison:
    """Compare a row with another of the same runs and the same test digits; see `judged` for its verdict."""
    sound = row.sound & base.sound
    failed = row.failure or (base.failure and f"base: {base.failure}")
    if not sound.any():  # nothing but failures to compare
        sound = np.ones_like(sound)
    found = paired(*(each.units(each.misread, sound) for each in (row, base)))
    return without_verdict(found, failed) if failed else found


def without_verdict(found: Comparison, why: str) -> Comparison:
    """Return a comparison of which only the difference is told, for nets that failed."""
    return replace(found, effect=replace(found.effect, error=None), reduction=NOTHING, p=None, open=why)


def paired(wrong: np.ndarray, before: np.ndarray) -> Comparison:
    """Compare nets by which of them misread which digit, float (runs, digits) each, run by run.

    One run: p is McNemar's exact one (1947, https://doi.org/10.1007/BF02295996).
    """
    digits, differ = wrong.shape[1], int((wrong != before).any(axis=0).sum())
    effect = crossed(wrong - before).times(digits)
    values = tuple((wrong - before).sum(axis=1).tolist())
    p = mcnemar(wrong[0] > before[0], wrong[0] < before[0]) if effect.runs == 1 else effect.p
    return Comparison(effect, values, reduction_of(wrong, before), p, too_little(effect, differ))


def too_little(effect: Effect, differ: int) -> str:
    """Say why a comparison can't have a verdict; nothing where it can."""
    if not differ:
        return "same answers"
    if effect.runs < FEWEST_RUNS:
        return "too few runs"
    return "too few digits differ" if differ < FEWEST_DIGITS or effect.error is None else ""


def mcnemar(only_new: np.ndarray, only_old: np.ndarray) -> float:
    """Return the exact p of two nets: of the digits that one of them misreads, bool (digits,) each."""
    from scipy.stats import binomtest

    first, second = int(only_new.sum()), int(only_old.sum())
    return float(binomtest(first, first + second).pvalue) if first + second else 1.0


def judged(family: Mapping[Key, Comparison]) -> dict[Key, Comparison]:
    """Give comparisons their verdicts: by Holm's method over those that can have one.

    What is detectable is so at the level that a comparison which is not resolved would have to reach.
    """
    can = {key: found.p for key, found in family.items() if not found.open and found.p is not None}
    stands = dict(zip(can, holm(list(can.values())), strict=True))
    level = 0.05 / max(1, sum(found.open in ("", *OPEN) for found in family.values()) - sum(stands.values()))
    told = {}
    for key, found in family.items():
        says = found.open or verdict(stands[key], found.effect.mean)
        seen = found.effect.detectable(level) if says == "not resolved" else None
        told[key] = replace(found, verdict=says, level=level, detectable=seen)
    return told


def power(found: Sequence[Comparison]) -> list[dict[str, float]]:
    """Return what the median comparison would resolve, in mistakes of 10,000 digits, by runs and test digits."""
    level = min((one.level for one in found), default=0.05)
    told = []
    for runs, digits in product(RUNS, TEST_DIGITS):
        effects = (one.effect.times(10_000 / one.effect.digits) for one in found)
        seen = [of for each in effects if (of := each.detectable(level, runs, digits)) is not None]
        told += [{"runs": runs, "digits": digits, "detectable": median(seen)}] if seen else []
    return told


def to_settle(found: Mapping[str, Comparison]) -> str:
    """Say how many runs a row would resolve changes as large as those that are not resolved, by label."""
    runs = max((one.effect.runs for one in found.values()), default=0)
    if runs < 2:
        return f"A verdict takes {FEWEST_RUNS} runs a row."
    few: dict[int | None, list[str]] = {}
    for label, one in found.items():
        if one.verdict in OPEN:
            few.setdefault(one.runs_to_resolve, []).append(label)
    told = [f"{need:,} runs a row {listed(few[need])}" for need in sorted(need for need in few if need)]
    told += [f"no number of runs up to 1,000 {listed(few[None])}, on as many test digits"] if None in few else []
    return f"Changes of this size would be resolved by {'; '.join(told)}." if told else ""


def weigh(rows: Sequence[Row], pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Comparison]:
    """Compare rows, (row, base), which are one family of tests."""
    return judged({(a, b): against(rows[a], rows[b]) for a, b in pairs})


def new_digits(row: Row) -> dict[str, Any]:
    """Return what a row's JSON says of its error for new runs and new digits: a 95 % interval in percent, and why."""
    return {"new_digits": interval_of(row.units(row.misread)), "variances": variances(row)}


def interval_of(wrong: np.ndarray) -> dict[str, float]:
    """Return the 95 % interval, in percent, of nets' error for new runs and digits, by what they misread, (runs, n)."""
    found = crossed(wrong).interval(0.0, 1.0) if len(wrong) > 1 else None
    if found is None:  # one net, or nets that misread nothing
        from scipy.stats import binomtest

        found = binomtest(int(wrong[0].sum()), wrong.shape[1]).proportion_ci(method="wilson")
    low, high = map(float, found)
    return {"low": 100 * low, "high": 100 * high}


def variances(row: Row) -> dict[str, float | None] | None:
    """Return what a row's mistakes vary by, as standard deviations of the mistakes of one run; None for one run.

    runs: its seed and its subset; digits: another set of as many test digits; rest: chance, digit by digit. subsets and
    seeds, apart, where every seed trained on each of several subsets.
    """
    found, digits = crossed(row.misread[row.sound]), len(row.test)
    if found.variances is None:
        return None
    of = found.variances
    told: dict[str, float | None] = {
        "runs": digits * max(of.run, 0.0) ** 0.5,
        "digits": (digits * max(of.digit, 0.0)) ** 0.5,
        "rest": (digits * of.rest) ** 0.5,
        "subsets": None,
        "seeds": None,
    }
    subsets = Counter(row.subsets)
    if 1 < len(subsets) < len(row.runs) and row.sound.all() and len(set(subsets.values())) == 1:
        table = row.misread.reshape(len(subsets), -1, digits).mean(axis=2)  # subsets x seeds: a two-way table of means
        each, chance = table.shape[1], of.rest / digits
        within = float(table.var(axis=1, ddof=1).mean())
        between = float(table.mean(axis=1).var(ddof=1)) - within / each
        told |= {"subsets": digits * max(between, 0.0) ** 0.5, "seeds": digits * max(within - chance, 0.0) ** 0.5}
    return told


def calibration(rows: Sequence[Row]) -> dict[str, int] | None:
    """Compare every row with itself, on halves of its runs, over many re-splits.

    Returns how many of the comparisons read 'not resolved' (p above 5 %, uncorrected), and how many there were; None
    with fewer than four runs a row.
    """
    rng, unresolved, count = generator(0, "split"), 0, 0
    for wrong in (row.units(row.misread) for row in rows):
        for _ in range(SPLITS if len(wrong) >= 4 else 0):
            order, half = rng.permutation(len(wrong)), len(wrong) // 2
            p = crossed(wrong[order[:half]] - wrong[order[half : 2 * half]]).p
            unresolved, count = unresolved + (p is None or p > 0.05), count + 1
    return {"not_resolved": unresolved, "of": count} if count else None


def removal(row: Row, base: Row) -> Share:
    """Return which share of the base's mistakes a row removes, in percent, with its interval."""
    return against(row, base).reduction


def reduction_of(wrong: np.ndarray, before: np.ndarray) -> Share:
    """Return which share of mistakes is gone, in percent, given which net misread which digit, (runs, digits) each."""
    if found := ratio(wrong, before):
        mean, low, high = (100 * (1 - of) for of in (found[0], found[2], found[1]))
        return {"mean": mean, "low": low, "high": high}
    return NOTHING


def reduction_in_words(share: Share) -> str:
    """Say which share of the mistakes is removed, with its interval."""
    mean, low, high = (share[part] for part in ("mean", "low", "high"))
    if mean is None or low is None or high is None:
        return "removes a share that can't be told"
    if mean < 0:
        return f"adds {-mean:.0f} % [{-high:z.0f}, {-low:.0f}]"
    return f"removes {mean:.0f} % [{low:z.0f}, {high:.0f}]{', which may be none' if low <= 0 else ''}"


def failures(rows: Sequence[Row]) -> str:
    """Say of which rows nets failed, which therefore have no verdict; nothing where none did."""
    sized = len({row.train_size for row in rows}) > 1
    failed = [f"{r.label}{f' at {r.train_size:,} digits' if sized else ''} ({r.failure})" for r in rows if r.failure]
    return f" Without a verdict, for nets that failed: {', '.join(failed)}." if failed else ""


def seen_by_eras(rows: Sequence[Row]) -> dict[str, Any]:
    """Return for each era, in the order of their rows, how many nets it has and three lists of test digits.

    shared: read wrongly by every net. repaired: read wrongly by most nets of the era before, rightly by most of this
    one; broken: the other way round. The rows share their test digits.
    """
    found = {}
    for before, row in pairwise([*rows[:1], *rows]):  # before the first stands itself: it repairs and breaks none
        most_before, most = (each.misread.mean(axis=0) > 0.5 for each in (before, row))
        found[row.name] = {
            "nets": len(row.runs),
            "shared": pictured(row, row.misread.all(axis=0)),
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
