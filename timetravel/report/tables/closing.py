"""The table that the program exists for: what tweaks and data are worth, what they cost to train, and to use."""

from collections.abc import Mapping
from typing import Any

from timetravel.report.grid import Grid, Section, mean, number, word
from timetravel.report.tables import new_digits, verdicts


def section(document: Mapping[str, Any], title: str) -> Section:
    """Return the cells of a document, each against the first: mistakes in one table, costs in another."""
    rows = {(row["recipe"], row["train_size"]): row for row in document["rows"]}
    cells = [rows[cell["recipe"], cell["train_size"]] | cell for cell in document["cells"]]
    name = [word("recipe", "recipe"), number("training digits", "train_size")]
    worth = [
        *name,
        ("test error, %", new_digits),
        mean("change in mistakes from the first row", "change", "+,.1f", "+,.0f"),
        *verdicts(""),
    ]
    costs = [
        *name,
        number("examples seen", "examples_seen"),
        number("time a net", "seconds_a_net", "duration"),
        number("latency, us", "latency_us", ".1f"),
        number("latency, times the first row's", "latency_ratio", ".2f"),
    ]
    note = (
        f"Latency: one picture alone, by {document['latency_measured_with']}, medians of rounds in which the nets take "
        "turns; their ratio is the median of the rounds' own ratios."
    )
    return Section(
        title, "", [Grid.of("What they are worth", cells, worth), Grid.of("What they cost", cells, costs)], [note], True
    )
