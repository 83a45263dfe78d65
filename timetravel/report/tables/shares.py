"""What `timetravel modernize --mode shares` shows: each tweak's share, the ends of the orders, and nets that failed."""

from collections.abc import Mapping
from typing import Any

from timetravel.numbers import counted
from timetravel.report.grid import Grid, Section, Value, mean, number, word
from timetravel.report.tables import new_digits, verdict

Row = Mapping[str, Any]


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return the finding with the shares, the largest first, then what the first screen leaves out."""
    *each, whole = document["shares"]
    rows, first = document["rows"], document["rows"][0]
    columns = [
        word("tweak", "label"),
        mean("share of the reduction, %", "reduction_share", ".0f"),
        mean("change, mistakes", "change_share", "+,.1f", "+,.0f"),
        ("verdict", verdict("_share")),
        ("share with failed nets, %", lambda row: Value((row["with_failed"] or {}).get("mean"), ",.0f")),
    ]
    title = "Shares on {data}: {train_size:,} training digits, {test_size:,} test digits, {epochs} epochs"
    runs = counted(len(first["runs"]), "run")
    grid = Grid.of(f"{title.format(**first)}, {runs}", [*sorted(each, key=worth), whole], columns)
    notes = [" ".join(document["method"]), *document["remarks"]]
    charts = [("figure", "Each tweak's share of the reduction, with its interval.")]
    ends = [
        word("recipe", "label"),
        number("epochs", "epochs"),
        ("test error, %", new_digits),
        ("mistakes", lambda row: Value(row["test_mistakes"]["mean"], ",.1f")),
    ]
    told = [Section("", document["finding"], [grid], notes, charts=charts)]
    told.append(Section("Between what the change is shared out", "", [Grid.of("", rows, ends)], long=True))
    if document["failed"]:
        columns = [word("tweaks", "label"), number("nets", "nets"), number("diverged or collapsed", "failed")]
        grids = [Grid.of("", document["failed"], columns)]
        told.append(Section("Sets of tweaks whose nets failed", "", grids, long=True))
    return told


def worth(row: Row) -> float:
    """Return what a tweak changes, to sort by."""
    return float((row["change_share"] or {"mean": 0.0})["mean"])
