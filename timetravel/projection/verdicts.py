"""What a claim is, the few words of its verdict, and the fixed rules by which numbers become words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

HOLDS_SO_FAR: Final = "holds so far"
HOLDS: Final = "holds"
IN_PART: Final = "holds in part"
OPEN: Final = "open"
FAILS: Final = "does not hold"
NOT_MEASURED: Final = "not measured yet"
VERDICTS: Final = {
    HOLDS: "all parts hold: measured with the whole interval on its side, or so in 90 % of the limited futures",
    HOLDS_SO_FAR: "true of what is seen until now; nothing here measures the target year",
    IN_PART: "some parts hold and others do not, or only the part named is supported",
    OPEN: "the limited futures disagree: some part comes true in more than 10 % of them and in less than 90 %",
    FAILS: "no part holds: measured with the whole interval against it, or so in at most 10 % of the limited futures",
    NOT_MEASURED: "nothing here measures it",
}
SURE: Final = 0.9
UNLIKELY: Final = 0.1
HALF: Final = 50.0  # percent


@dataclass(frozen=True)
class Claim:
    """A claim of the essay. `kind` says what the verdict rests on: measured (with the package), published (by others),
    extrapolation, opinion, or nothing yet.

    `value` with `low` and `high` is in `unit`; `about` says of what. `short` is the claim in a few words,
    `changes` what would change the verdict in as few, `changes_more` in full. `evidence` is one sentence a piece.
    """

    id: str
    short: str
    claim: str
    verdict: str
    kind: str
    about: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    interval: str
    shown: str
    changes: str
    changes_more: str
    evidence: tuple[str, ...]
    sources: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the claim for JSON."""
        return {
            "id": self.id,
            "claim": self.claim,
            "verdict": self.verdict,
            "kind": self.kind,
            "value": self.value,
            "unit": self.unit,
            "low": self.low,
            "high": self.high,
            "about": self.about,
            "interval": self.interval,
            "evidence": list(self.evidence),
            "changes": self.changes_more,
            "sources": list(self.sources),
        }


def by_futures(chances: Sequence[float]) -> str:
    """Judge a claim about the target year by the share of limited futures in which each part comes true."""
    sure, unlikely = [c >= SURE for c in chances], [c <= UNLIKELY for c in chances]
    if all(sure):
        return HOLDS
    if all(unlikely):
        return FAILS
    return IN_PART if any(sure) and any(unlikely) else OPEN


def by_shares(lows_and_highs: Sequence[tuple[float, float]], *, at_least: bool) -> str:
    """Judge a claim that a share is at least (or less than) half by the intervals measured."""
    above = [low >= HALF for low, _ in lows_and_highs]
    below = [high < HALF for _, high in lows_and_highs]
    holds, fails = (above, below) if at_least else (below, above)
    if all(holds):
        return HOLDS
    return FAILS if all(fails) else IN_PART


def chance(share: float) -> str:
    """Write a share of futures: '38 %', 'under 1 %', 'over 99 %'."""
    if share < 0.01:
        return "under 1 %"
    return "over 99 %" if share > 0.99 else f"{100 * share:.0f} %"
