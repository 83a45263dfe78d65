"""The ledger: dated statements with frozen probabilities, which a public table settles, and how they fared.

A statement is that the largest figure of a series, dated until the end of the year in which it is due, is at least a
threshold. `issued` says when it was written, `standing` the last whole year whose figures it knows: a hindcast stands
years before it was written, with the same method and the limits that could have been stated then.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Final

from timetravel.numbers import compact, significant
from timetravel.projection import packaged
from timetravel.projection.inputs import milestones, of_series, whole_until
from timetravel.projection.packaged import Row
from timetravel.projection.series import BY_NAME, FIRST_YEAR, FURTHEST_YEAR, QUANTITIES, Series
from timetravel.projection.tables_in import Line, distinct, read_table
from timetravel.projection.words import in_words

COLUMNS: Final = (
    "id", "issued", "standing", "claim", "quantity", "threshold", "unit", "due", "probability", "resolves", "table",
    "link",
)  # fmt: skip
OWN: Final = Path(__file__).with_name("ledger.csv")
HINT: Final = f"Columns: {', '.join(COLUMNS)}."
LETTERS: Final = tuple(row["id"] for row in packaged.rows("claims"))
SURE: Final = 0.6
BINS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
SUBJECTS: Final = {  # of a statement, with what comes before the figure
    "parameters": ("largest net", "has"),
    "parameters-vision": ("largest vision net", "has"),
    "tokens": ("largest set of training text", "has"),
    "images": ("largest set of training images", "has"),
    "compute": ("largest training run", "takes"),
    "compute-vision": ("largest training run of a vision net", "takes"),
    "cost": ("dearest training run", "costs"),
    "price": ("best graphics card for its price", "gives"),
    "energy": ("most efficient chip", "does"),
    "active-parameters": ("largest net, counting what works on one token,", "has"),
    "run-power": ("largest training run by power", "draws"),
    "memory": ("graphics card for games with the most memory", "has"),
}


def read(path: Path | None = None) -> tuple[Row, ...]:
    """Read the statements of a user's ledger, or the package's.

    Raises UsageError, which names line and column, for what is no ledger, and for a wrong or double entry.
    """
    return distinct(read_table(path or OWN, "--ledger", COLUMNS, HINT, ("threshold", "probability")), _checked, ("id",))


def _checked(line: Line) -> Row:
    """Make a statement of one line of a ledger."""
    series = BY_NAME[line.one_of("quantity", BY_NAME)]
    unit, low, high = QUANTITIES[series.quantity]
    line.date("issued", str(FIRST_YEAR), str(FURTHEST_YEAR))
    standing = line.year("standing", FIRST_YEAR, FURTHEST_YEAR - 1)
    row: Row = {
        **{name: line.cells[name] for name in COLUMNS},
        "quantity": series.name,
        "unit": line.one_of("unit", (unit,)),
        "claim": line.one_of("claim", LETTERS),
        "standing": standing,
        "threshold": line.number("threshold", low, high, unit),
        "due": line.year("due", standing + 1, FURTHEST_YEAR),
        "probability": line.number("probability", 0, 1),
    }
    line.text("id", "a name of its own")
    line.text("resolves", "how the statement will be settled: which figure of the table, by when")
    line.text("table", "the public table that settles it")
    if not row["link"].startswith(("https://", "http://")):
        raise line.wrong("link", "the address of the table, which begins with https://")
    return row


def statement(series: Series, threshold: float, due: int) -> str:
    """Write a statement."""
    subject, verb = SUBJECTS.get(series.name, (f"highest figure of {series.label}", "is"))
    figure = compact(threshold, ",.6g")
    return f"The {subject} dated until the end of {due} {verb} at least {figure} {series.unit}."


def statements(ledger: Iterable[Row], given: Sequence[Row] = ()) -> list[Row]:
    """Return the statements of a ledger, each settled where it has come due: `outcome`, None while it hasn't.

    `given`: figures that settle them beside the package's, those of --score.
    A statement has come due when the figures cover its whole year: one that is true before is not settled before, as
    those that fail could not be.
    """
    figures, until = (*milestones(), *given), whole_until(milestones())
    largest: dict[str, dict[int, Row]] = {}  # of each year, by series
    last: dict[str, int] = {}  # the last year that is settled
    found = []
    for one in ledger:
        series = BY_NAME[one["quantity"]]
        if series.name not in largest:
            rising = sorted(of_series(series, figures), key=itemgetter("value"))
            largest[series.name] = {figure["year"]: figure for figure in rising}
            last[series.name] = max(until, whole_until(given)) if of_series(series, given) else until
        in_time = [figure for year, figure in largest[series.name].items() if year <= one["due"] <= last[series.name]]
        best = max(in_time, key=itemgetter("value"), default=None)
        found.append(
            {
                **{name: one[name] for name in COLUMNS},
                "statement": statement(series, one["threshold"], one["due"]),
                "words": in_words(one["probability"]),
                "outcome": best and best["value"] >= one["threshold"],
                "actual": best and best["value"],
                "source": f"{best['name']} ({best['date']}): {best['credit']}" if best else "",
            }
        )
    return found


def scored(found: Iterable[Row]) -> Row | None:
    """Score the statements that have come due: their Brier score, beside the two of no skill, and their calibration.

    `hindcasts`: those due before they were issued. `sure`: the share that came true of those given SURE or more.
    `brier_of_base_rate`: of the share that came true, said of each; `brier_of_half`: of 50 %, said of each. In a bin,
    `forecast` is the mean probability and `came` the share that came true; None where it is empty. None: none has come
    due.
    """
    settled = [one for one in found if one["outcome"] is not None]
    if not settled:
        return None
    due = [(float(one["probability"]), bool(one["outcome"])) for one in settled]
    base = _mean([came for _, came in due])
    bins = []
    for low, high in pairwise(BINS):
        inside = [one for one in due if low <= one[0] < high or one[0] == high == BINS[-1]]
        forecast, came = (_mean(part) for part in zip(*inside, strict=True)) if inside else (None, None)
        bins.append({"low": low, "high": high, "count": len(inside), "forecast": forecast, "came": came})
    return {
        "due": len(due),
        "hindcasts": sum(one["due"] < int(one["issued"][:4]) for one in settled),
        "brier": _mean([(probability - came) ** 2 for probability, came in due]),
        "brier_of_base_rate": significant(base * (1 - base)),
        "brier_of_half": 0.25,
        "bins": bins,
        "sure": _mean([came for probability, came in due if probability >= SURE] or [0.0]),
    }


def _mean(values: Sequence[float]) -> float:
    return significant(sum(values) / len(values))
