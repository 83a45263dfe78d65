"""The words of the verdicts, the fixed rules by which numbers become words, and how sensitive a number is.

A claim is a dict. `kind` says what its number rests on: measured here (on this machine), published here (measured,
published with the package), published (by others), extrapolation, or record (what is seen so far). `sentence` says it
plainly. `value` with `low` and `high` is in `unit`; `about` says of what, `interval` which ends, `shown` writes them.
`probability` is the chance that the claim is true in the target year, where a model gives one, `words` the words for
it. `parts` are what it comes to piece by piece, `sensitivity` what moves the number and how far, `needs` what would
have to be true for the claim to hold.

What is measured has a verdict of VERDICTS by its intervals; a forecast has the words of its probability, so that none
hangs on a threshold.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from timetravel.numbers import interval, significant
from timetravel.projection.packaged import Row, cited
from timetravel.projection.words import SCALE, in_words

HOLDS_SO_FAR: Final = "holds so far"
HOLDS: Final = "holds"
IN_PART: Final = "holds in part"
OPEN: Final = "open"
FAILS: Final = "does not hold"
VERDICTS: Final = {
    HOLDS: "all parts hold, each with its whole interval on the claim's side",
    HOLDS_SO_FAR: "true of all that is seen until now; whether it lasts is a matter of chance",
    IN_PART: "some part holds, with its whole interval; another does not, or is open",
    OPEN: "no part is settled: intervals lie on both sides",
    FAILS: "no part holds: whole intervals lie against it",
}
CHANCES: Final = tuple(words for words, *_ in reversed(SCALE))
SINGULAR: Final = {word: word for word in VERDICTS} | {word: f"is {word}" for word in (OPEN, *CHANCES)}
PLURAL: Final = {
    word: told.replace("holds", "hold").replace("does", "do").replace("is ", "are ") for word, told in SINGULAR.items()
}
SURE: Final = 0.9  # of a chance that is a part of a verdict
UNLIKELY: Final = 0.1
HALF: Final = 50.0  # percent
CLAIMS: Final = {row["id"]: row for row in cited("claims")}
ESSAY: Final[str] = CLAIMS["A"]["source"]
ASSUMED: Final = "milestones.csv and assumptions.csv of the package, or the files given in their place"
NOTHING: Final[Row] = {
    "sentence": "", "probability": None, "words": "", "kind": "", "about": "", "value": None, "low": None, "high": None,
    "unit": "", "interval": "", "shown": "no number", "parts": (), "sensitivity": None, "needs": (), "evidence": (),
}  # fmt: skip
Interval = tuple[float, float]  # low and high, percent


def judged(letter: str, verdict: str, rest: Row, **filled: object) -> Row:
    """Return a claim of claims.csv, `filled` in, with its verdict and the rest; what is missing says nothing."""
    text = {name: CLAIMS[letter][name].format(**filled) for name in ("short", "claim", "changes")}
    chance = rest.get("probability")
    found = NOTHING | {"id": letter} | text | {"verdict": verdict or in_words(chance or 0.0)} | rest
    return found | {"words": "" if chance is None else in_words(chance), "sources": (ESSAY, *rest.get("sources", ()))}


def extrapolated(found: Row, form: str, unit: str, word: str = "") -> Row:
    """Return what a claim says of a number from the futures; found: value, low and high."""
    return {
        "kind": "extrapolation",
        **{name: significant(value, 2) for name, value in found.items()},
        "unit": unit,
        "interval": "10 % and 90 % quantiles of the futures",
        "shown": f"{written(found, form)}{word}",
    }


def written(found: Row, form: str) -> str:
    """Write a value with its ends."""
    return interval(found["value"], found["low"], found["high"], form)


def by_parts(parts: Iterable[bool | None]) -> str:
    """Judge a claim by parts that hold, fail or are open (None)."""
    found = list(parts)
    if all(one is True for one in found):
        return HOLDS
    if all(one is False for one in found):
        return FAILS
    return IN_PART if any(one is True for one in found) else OPEN


def by_modest_gains(intervals: Sequence[Interval]) -> str:
    """Judge a claim of modest gains by two parts: a gain (low above 0) and a modest one (high under half)."""
    gains, modest = all(low > 0 for low, _ in intervals), all(high < HALF for _, high in intervals)
    if all(low >= HALF for low, _ in intervals) or all(high <= 0 for _, high in intervals):
        return FAILS
    return HOLDS if gains and modest else IN_PART if gains or modest else OPEN


def at_least_half(low: float, high: float) -> bool | None:
    """Whether a share, percent, is at least half by its interval; None: it lies on both sides."""
    return True if low >= HALF else False if high < HALF else None


def above(low: float, high: float, level: float = 0.0) -> bool | None:
    """Whether a number lies above a level by its interval; None: it lies on both sides."""
    return True if low > level else False if high <= level else None
