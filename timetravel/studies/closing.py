"""The table that the program exists for: what tweaks and data are worth, and that using the net costs no more."""

from collections.abc import Mapping, Sequence
from typing import Any

from timetravel.engine.latency import latencies
from timetravel.studies.evidence import Comparison, compared, new_digits, removal
from timetravel.studies.rows import Row


def closing_table(
    rows: Sequence[Row], places: Sequence[int], comparisons: Mapping[tuple[int, int], Comparison]
) -> dict[str, Any]:
    """Return the table's JSON: a study's rows at `places`, each against the first of them, their nets timed in turn.

    The comparisons hold that of every place with the first.
    """
    timed = latencies([rows[place].recipe for place in places])
    cells = []
    for place, us, ratio in zip(places, timed.us, timed.ratios, strict=True):
        row, comparison = rows[place], compared("cell", comparisons.get((place, places[0])))
        cells.append(
            {"recipe": row.name, "label": row.label, "train_size": row.train_size}
            | {name: getattr(row, name).to_dict() for name in ("test_mistakes", "test_error")}
            | new_digits(row)
            | {name.removesuffix("_cell"): told for name, told in comparison.items()}
            | {"examples_seen": row.runs[0].examples_seen, "seconds_a_net": row.seconds_a_net}
            | {"latency_us": us, "latency_ratio": ratio}
        )
    return {"cells": cells, "latency_measured_with": timed.instrument}


def reduction_by_data(rows: Sequence[Row], least: int) -> list[dict[str, Any]]:
    """Return, for each recipe, the share of its mistakes at `least` digits that the most digits remove, in percent."""
    removed = []
    for name in dict.fromkeys(row.name for row in rows):
        by_size = {row.train_size: row for row in rows if row.name == name}
        most = max(by_size)
        if least in by_size and most > least:
            share = removal(by_size[most], by_size[least])
            removed.append({"cause": "data", "era": name, "train_size": most, "against": least, **share})
    return removed
