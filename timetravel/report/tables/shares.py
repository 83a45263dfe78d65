"""What `timetravel modernize --mode shares` shows: each tweak's share."""

from collections.abc import Mapping
from typing import Any

from timetravel.report.grid import Grid, Section, mean, word
from timetravel.report.tables import grounds, runs, scope, verdicts

Row = Mapping[str, Any]


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return the finding with the shares, the largest first, then what the first screen leaves out."""
    *each, whole = document["shares"]
    first = document["rows"][0]
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
    return [Section("", document["finding"], [grid], notes, charts=charts), grounds(document)]


def worth(row: Row) -> float:
    """Return what a tweak changes, to sort by."""
    return float((row["change_share"] or {"mean": 0.0})["mean"])
