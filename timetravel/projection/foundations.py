"""Claim G: training from scratch fades. By the published result of `foundation`, and by published counts of models."""

from typing import Any, Final

from timetravel import published
from timetravel.errors import DataError
from timetravel.numbers import interval, listed, significant
from timetravel.projection import verdicts
from timetravel.projection.packaged import Row, limits
from timetravel.projection.pieces import bar, need, part, sensitivity
from timetravel.projection.shares import AGAIN, NEW_DIGITS

FOUNDATION: Final = "foundation-usps"
SOURCE: Final = f"published with the package: {FOUNDATION}.json"
FEW, SHOWN = 1000, 100  # human labels: at most, and of the number that is shown
CONTRAST: Final = "contrast-probe"  # chosen not to help, and left out
SIDES: Final = {"better": True, "worse": False}
Rows = dict[int, Row]  # by number of human labels


def from_scratch() -> Row:
    """G: training from scratch fades; judged against today's recipe from scratch and by counts of notable models.

    Its parts: at every number of human labels up to FEW some way of a foundation is better; the small net taught
    without any errs no more than with all (whole interval of the change); with all labels some way is better; more
    than half of the notable models name one that they build on. DataError, which names the file: it is missing or
    damaged.
    """
    try:
        base, taught, best = _rows(published.read(FOUNDATION))
        most, few = max(base), [n for n in sorted(base) if n <= FEW]
        change = taught[0]["change_scratch"]
        sides = [SIDES.get(best[n]["verdict_scratch"]) for n in (*few, most)]
        gone = {n: [float(taught[n]["reduction_scratch"][end]) for end in ("mean", "low", "high")] for n in base}
        evidence = [_against(n, best[n], base[n]) for n in (*few, most)]
        moved = f"{change['mean']:+.1f} [{change['low']:+.0f}, {change['high']:+.0f}] mistakes"
        none = True if change["high"] <= 0 else False if change["low"] > 0 else None
        label, ends = taught[0]["label"], gone[SHOWN]
        best_of = [(f"{n:,}", float(best[n]["reduction_scratch"]["mean"])) for n in (min(base), most)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"The published {FOUNDATION}.json is damaged: rows {error}.", AGAIN) from error
    built = limits()["built on another"]
    named = True if built["low"] > 0.5 else False if built["high"] < 0.5 else None
    counts = interval(100 * built["value"], 100 * built["low"], 100 * built["high"], ".0f", gap=" % ")
    mean, low, high = ends
    shown, gain = f"{interval(mean, low, high, '.0f')} %", interval(mean, low, high, ".0f", gap=" % ")
    parts = [
        part(f"few labels (up to {FEW:,}): some way is better", sides[0] if len({*sides[:-1]}) == 1 else None, shown),
        part("no label: the taught net errs no more", none, moved),
        part("all labels: some way is better", sides[-1], best[most]["verdict_scratch"]),
        part("most notable models name one that they build on", named, counts),
    ]
    unsure = [one["part"].partition(":")[0] for one in parts if one["holds"] is None]
    moves = f"More runs or test digits, where a part is open: {listed(unsure)}. " if unsure else ""
    across = [(f"{n:,}", gone[n][0]) for n in (min(base), most)]
    rest = {
        "sentence": f"With {SHOWN} labelled digits, a text reader's help removes {gain} of a small network's mistakes.",
        "kind": "published here",
        "about": f"mistakes of today, from scratch on {SHOWN} human labels of usps, that are gone: {label}",
        **dict(zip(("value", "low", "high"), (significant(end, 2) for end in ends), strict=True)),
        "unit": "%",
        "interval": NEW_DIGITS,
        "shown": shown,
        "parts": parts,
        "sensitivity": sensitivity(
            "mistakes removed", "%", ends[0],
            [
                bar(f"human labels ({label})", *across),
                bar("human labels (best way)", *best_of),
            ],
        ),
        "needs": [
            need("mistakes without any label, against scratch on all", "none more, whole interval", moved, SOURCE),
            need("with all labels, against scratch", "better", best[most]["verdict_scratch"], SOURCE),
            need("notable models that name a base", "more than 50 %, whole range", counts, built["source"]),
        ],
        "evidence": [
            f"No human label: {label}, {moved} from today's, trained from scratch on all {most:,}.",
            *evidence,
            "Your own: `timetravel foundation`.",
            f"Published: {counts} of notable models of 2022 to 2025 name a model they build on, 0 to 14 % before; new "
            "bases are still trained.",
        ],
        "sources": (SOURCE, built["source"]),
    }  # fmt: skip
    return verdicts.judged("G", verdicts.by_parts([one["holds"] for one in parts]), rest, moves=moves)


def _rows(document: dict[str, Any]) -> tuple[Rows, Rows, Rows]:
    """Return the rows from scratch, of the taught net, and of the best way of a foundation: a better one before all."""
    base = {row["labels"]: row for row in document["rows"] if row["recipe"] == "scratch-today"}
    taught = {row["labels"]: row for row in document["rows"] if row["recipe"] == "distilled"}
    ways = [row for row in document["rows"] if row["foundation"] and row["recipe"] != CONTRAST]

    def order(row: Row) -> tuple[bool, float]:
        return row["verdict_scratch"] != "better", row["test_mistakes"]["mean"]

    return base, taught, {n: min((row for row in ways if row["labels"] == n), key=order) for n in base}


def _against(labels: int, best: Row, base: Row) -> str:
    made, scratch = (row["test_mistakes"]["mean"] for row in (best, base))
    told = f"{best['label']}, {made:,.1f} mistakes; today, from scratch, {scratch:,.1f}"
    return f"{labels:,} human labels: {told} ({best['verdict_scratch']})."
