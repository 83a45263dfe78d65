"""What `timetravel modernize --mode shares` shows: each tweak's share, and the ends of the orders."""

from collections.abc import Mapping
from typing import Any

from timetravel.report.grid import Grid, Section, Value, mean, number, word
from timetravel.report.tables import grounds, new_digits, runs, scope, verdicts

Row = Mapping[str, Any]


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return the finding with the shares, the largest first, then what the first screen leaves out."""
    *each, whole = document["shares"]
    rows, first = document["rows"], document["rows"][0]
    columns = [
        word("tweak", "label"),
        mean("share of the reduction, %", "reduction_share", ".0f"),
        mean("change, mistakes", "change_share", "+,.1f", "+,.0f"),
        *verdicts("_share"),
    ]
    title = "Shares on {data}: {train_size:,} training digits, {test_size:,} test digits, {epochs} epochs"
    ordered = [*sorted(each, key=worth), whole]
    grid = Grid.of(f"{title.format(**first)}, {runs(first)}", ordered, columns)
    notes = [*scope(document, grid), *document["remarks"]]
    charts = [("figure", "Each tweak's share of the reduction, with its interval.")]
    ends = [
        word("recipe", "label"),
        number("epochs", "epochs"),
        ("test error, %", new_digits),
        ("mistakes", lambda row: Value(row["test_mistakes"]["mean"], ",.1f")),
    ]
    told = [Section("", document["finding"], [grid], notes, charts=charts)]
    told.append(Section("Between what the change is shared out", "", [Grid.of("", rows, ends)], long=True))
    return [*told, grounds(document)]


def worth(row: Row) -> float:
    """Return what a tweak changes, to sort by."""
    return float((row["change_share"] or {"mean": 0.0})["mean"])
