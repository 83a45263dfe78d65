"""The table that the program exists for: what tweaks and data are worth, what they cost to train, and to use."""

from collections.abc import Mapping
from typing import Any

from timetravel.report.grid import Cell, Grid, Interval, Section, Value
from timetravel.report.tables import new_digits


def section(document: Mapping[str, Any], title: str, *, long: bool = False) -> Section:
    """Return the cells of a document, each against the first: mistakes in one table, costs in another."""
    rows = {(row["recipe"], row["train_size"]): row for row in document["rows"]}
    worth: list[list[Cell]] = []
    costs: list[list[Cell]] = []
    for cell in document["cells"]:
        row = rows.get((cell["recipe"], cell["train_size"]), {}) | cell
        name: list[Cell] = [row["label"], Value(row["train_size"])]
        change = Interval.of(row["change"], "+.1f", "+.0f")
        mistakes = Interval.of(row["test_mistakes"], ".1f", ".0f")
        error = Interval.of(row["test_error"], ".2f")
        worth.append([*name, mistakes, error, new_digits(row), change, row["verdict"] or ""])
        cost = Value(row["examples_seen"]), Value(row["seconds_a_net"], "duration")
        costs.append([*name, *cost, Value(row["latency_us"], ".1f"), Value(row["latency_ratio"], ".2f")])
    head = ("recipe", "training digits")
    what = (*head, "test mistakes", "test error, %", "the same for new digits, %", "against the first row, mistakes",
            "verdict")  # fmt: skip
    cost_head = (*head, "examples seen", "time a net", "latency, us", "latency, times the first row's")
    note = (
        "Latency: the net alone on one image of 16x16 pixels, by "
        f"{document['latency_measured_with']}, medians of rounds in which the nets take turns."
    )
    grids = [Grid("", what, worth, (0, 6)), Grid("What it costs", cost_head, costs)]
    return Section(title, "", grids, [note], long)
