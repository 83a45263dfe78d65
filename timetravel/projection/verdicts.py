"""The words of the verdicts, the fixed rules by which numbers become words, and what would change a verdict.

A claim is a dict. `kind` says what the verdict's number rests on: measured here (on this machine), published here
(measured, published with the package), published (by others), extrapolation, or opinion. `short` is the
claim in a few words, `changes` what would change the verdict, `changes_short` that in as few. `value` with `low` and
`high` is in `unit`; `about` says of what, `interval` which ends, `shown` writes them. `evidence` is a sentence a piece.

What would change a verdict by futures: each named assumption is moved alone, in steps, and the claim judged again.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from timetravel.numbers import listed
from timetravel.projection.futures import Futures
from timetravel.projection.inputs import Assumption
from timetravel.projection.packaged import Row, cited

HOLDS_SO_FAR: Final = "holds so far"
HOLDS: Final = "holds"
IN_PART: Final = "holds in part"
OPEN: Final = "open"
FAILS: Final = "does not hold"
VERDICTS: Final = {
    HOLDS: "all parts hold: measured with the whole interval on its side, or so in 90 % of the limited futures",
    HOLDS_SO_FAR: "true of what is seen until now; nothing here measures the target year",
    IN_PART: "some part holds, with its whole interval or in 90 % of the limited futures; another does not, or is open",
    OPEN: "no part is settled: intervals lie on both sides, or a part is true in 10 to 90 % of the limited futures",
    FAILS: "no part holds: measured with the whole interval against it, or so in at most 10 % of the limited futures",
}
SURE: Final = 0.9
UNLIKELY: Final = 0.1
HALF: Final = 50.0  # percent
CLAIMS: Final = {row["id"]: row for row in cited("claims")}
ESSAY: Final[str] = CLAIMS["A"]["source"]
NO_NUMBER: Final[Row] = {"value": None, "low": None, "high": None, "unit": "", "interval": "", "shown": "no number"}
TIMES: Final = (10, 100, 1000)  # beyond its high, or below its low
RATES: Final = (2, 4)  # a yearly growth beyond its high: so many times as much above 1
A_YEAR: Final = "times a year"
MOST_TOLD: Final = 2  # in the short form
Interval = tuple[float, float]  # low and high, percent
Held = dict[str, float]


def judged(letter: str, verdict: str, about: Row, rest: Row, **filled: object) -> Row:
    """Return a claim of claims.csv, `filled` in, with its verdict, what its number is about, and the rest."""
    text = {name: CLAIMS[letter][name].format(**filled) for name in ("short", "claim", "changes_short", "changes")}
    changes = {name: text.pop(name) for name in ("changes_short", "changes")}
    return NO_NUMBER | {"id": letter} | text | {"verdict": verdict} | about | changes | rest


def _verdict(holds: bool, fails: bool, in_part: bool) -> str:
    return HOLDS if holds else FAILS if fails else IN_PART if in_part else OPEN


def by_futures(chances: Sequence[float]) -> str:
    """Judge a claim about the target year by the share of limited futures in which each part comes true."""
    sure, unlikely = [c >= SURE for c in chances], [c <= UNLIKELY for c in chances]
    return _verdict(all(sure), all(unlikely), any(sure) and any(unlikely))


def by_halves(intervals: Sequence[Interval]) -> str:
    """Judge a claim that a share is at least half by the intervals measured."""
    holds = [low >= HALF for low, _ in intervals]
    return _verdict(all(holds), all(high < HALF for _, high in intervals), any(holds))


def by_modest_gains(intervals: Sequence[Interval]) -> str:
    """Judge a claim of modest gains by two parts: a gain (low above 0) and a modest one (high under half)."""
    gains, modest = all(low > 0 for low, _ in intervals), all(high < HALF for _, high in intervals)
    fails = all(low >= HALF for low, _ in intervals) or all(high <= 0 for _, high in intervals)
    return _verdict(gains and modest, fails, gains or modest)


def by_infrastructure(size: Sequence[Interval], compute: Interval) -> str:
    """Judge that gains take infrastructure and research by size measured here and compute's published share of gains.

    Research is not measured, so that it holds in part at most; it fails where neither helps.
    """
    fails = all(high <= 0 for _, high in size) and compute[1] < HALF
    return _verdict(False, fails, any(low > 0 for low, _ in size) or compute[0] >= HALF)


def by_parts(parts: Sequence[bool | None]) -> str:
    """Judge a claim by parts that hold, fail or are open (None)."""
    holds = [part is True for part in parts]
    return _verdict(all(holds), all(part is False for part in parts), any(holds))


def chance(share: float) -> str:
    """Write a share of futures: '38 %', 'under 1 %', 'over 99 %'."""
    if share < 0.01:
        return "under 1 %"
    return "over 99 %" if share > 0.99 else f"{100 * share:.0f} %"


def changes(
    futures: Futures,
    names: Sequence[str],
    chances: Callable[[Futures], Sequence[float]],
    together: Sequence[str] = (),
    before: str = "",
) -> tuple[str, str]:
    """Say what would change a verdict by the chances of its parts, in short (after `before`) and in a sentence.

    The first step of `together`, upwards at once, then of each assumption up and down; those that do nothing are out.
    """
    assumed, verdict = futures.assumptions, by_futures(chances(futures))
    upwards = zip(*(_steps(assumed[name], up=True) for name in together), strict=False)
    ways: list[list[Held]] = [[dict(zip(together, values, strict=True)) for values in upwards]]
    ways += [[{name: value} for value in _steps(assumed[name], up=up)] for name in names for up in (True, False)]
    found = []
    for way in ways:
        for held in way:
            if (other := by_futures(chances(replace(futures, held=held)))) != verdict:
                found.append((held, other))
                break
    if not found:
        missing = f"None of {listed([f'`{name}`' for name in names])} changes it alone, moved far beyond its range."
        return before or "no assumption alone", missing
    short = [f"{_written('{} {}', held)} ({other})" for held, other in found[:MOST_TOLD]]
    full = "; ".join(f"{_written('`{}` at {}', held)} ('{other}')" for held, other in found)
    full = f"By judging again with assumptions held beyond their ranges: {full}."
    return ", ".join([before, *short] if before else short), full


def _written(form: str, held: Held) -> str:
    values = {name: f"{value:g}".replace("e+0", "e").replace("e+", "e") for name, value in held.items()}
    return " and ".join(form.format(name, value) for name, value in values.items())


def _steps(one: Assumption, *, up: bool) -> list[float]:
    """Return values beyond an assumption's range, above or below; downwards a yearly growth stops."""
    if one.unit == A_YEAR:
        beyond = [1 + times * (one.high - 1) for times in RATES] if up else [1.0]
    else:
        beyond = [times * one.high if up else one.low / times for times in TIMES]
    return [float(f"{min(max(value, one.least), one.most):.3g}") for value in beyond]
