"""The closing table: what tweaks and data are worth, what they cost to train, and what they cost to use."""

from collections.abc import Mapping
from typing import Any

from timetravel.report.grid import Grid, Interval, Section, Value
from timetravel.report.tables import new_digits


def section(document: Mapping[str, Any], title: str) -> Section:
    """Return the table of a document's cells; every cell is compared with the first."""
    rows = {(row["recipe"], row["train_size"]): row for row in document["rows"]}
    lines = []
    for cell in document["cells"]:
        row = rows[cell["recipe"], cell["train_size"]]
        lines.append(
            (
                f"{row['label']}, {row['train_size']:,} digits",
                Interval.of(row["test_mistakes"], ".1f", ".0f"),
                new_digits(row),
                Interval.of(cell["change"], "+.1f", "+.0f"),
                cell["verdict"] or "",
                Value(row["seconds_a_net"], "duration"),
                Value(cell["latency_ratio"], ".2f"),
            )
        )
    head = ("recipe", "mistakes", "error, %", "change", "verdict", "training, a net", "time to read, times the first")
    return Section(title, "", [Grid("", head, lines, (0, 4))])
