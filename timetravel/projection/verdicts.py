"""What a claim is, the few words of its verdict, and the fixed rules by which numbers become words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HOLDS_SO_FAR: Final = "holds so far"
HOLDS: Final = "holds"
IN_PART: Final = "holds in part"
OPEN: Final = "open"
FAILS: Final = "does not hold"
NOT_MEASURED: Final = "not measured yet"
VERDICTS: Final = {
    HOLDS: "all parts hold: measured with the whole interval on its side, or so in 90 % of the limited futures",
    HOLDS_SO_FAR: "true of what is seen until now; nothing here measures the target year",
    IN_PART: "some part holds, with its whole interval or in 90 % of the limited futures; another does not, or is open",
    OPEN: "no part is settled: intervals lie on both sides, or a part is true in 10 to 90 % of the limited futures",
    FAILS: "no part holds: measured with the whole interval against it, or so in at most 10 % of the limited futures",
    NOT_MEASURED: "nothing here measures it",
}
SURE: Final = 0.9
UNLIKELY: Final = 0.1
HALF: Final = 50.0  # percent
Interval = tuple[float, float]  # low and high, percent


@dataclass(frozen=True)
class Claim:
    """A claim of the essay. `kind` says what the verdict's number rests on: measured here (on this machine), published
    here (measured, published with the package), published (by others), extrapolation, opinion, or nothing yet.

    `short` is the claim in a few words, `changes` what would change the verdict, `changes_short` that in as few.
    `value` with `low` and `high` is in `unit`; `about` says of what, `interval` which ends, `shown` writes them.
    `evidence` is one sentence a piece.
    """

    id: str
    short: str
    claim: str
    verdict: str
    kind: str
    about: str
    changes_short: str
    changes: str
    evidence: tuple[str, ...]
    sources: tuple[str, ...]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    interval: str = ""
    shown: str = "no number"


def by_futures(chances: Sequence[float]) -> str:
    """Judge a claim about the target year by the share of limited futures in which each part comes true."""
    sure, unlikely = [c >= SURE for c in chances], [c <= UNLIKELY for c in chances]
    if all(sure):
        return HOLDS
    if all(unlikely):
        return FAILS
    return IN_PART if any(sure) and any(unlikely) else OPEN


def by_halves(intervals: Sequence[Interval]) -> str:
    """Judge a claim that a share is at least half by the intervals measured."""
    holds = [low >= HALF for low, _ in intervals]
    if all(holds):
        return HOLDS
    if all(high < HALF for _, high in intervals):
        return FAILS
    return IN_PART if any(holds) else OPEN


def by_modest_gains(intervals: Sequence[Interval]) -> str:
    """Judge a claim of modest gains by two parts: a gain (low above 0) and a modest one (high under half)."""
    gains, modest = all(low > 0 for low, _ in intervals), all(high < HALF for _, high in intervals)
    if gains and modest:
        return HOLDS
    if all(low >= HALF for low, _ in intervals) or all(high <= 0 for _, high in intervals):
        return FAILS
    return IN_PART if gains or modest else OPEN


def by_infrastructure(size: Sequence[Interval], compute: Interval) -> str:
    """Judge that gains take infrastructure and research by size measured here and compute's published share of gains.

    Research is not measured, so that it holds in part at most; it fails only where size is measured to help nowhere and
    compute brought less than half.
    """
    if any(low > 0 for low, _ in size) or compute[0] >= HALF:
        return IN_PART
    return FAILS if size and all(high <= 0 for _, high in size) and compute[1] < HALF else OPEN


def chance(share: float) -> str:
    """Write a share of futures: '38 %', 'under 1 %', 'over 99 %'."""
    if share < 0.01:
        return "under 1 %"
    return "over 99 %" if share > 0.99 else f"{100 * share:.0f} %"
