"""The table that the program exists for: what tweaks and data are worth, and that using the net costs no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from timetravel.engine.latency import latencies
from timetravel.stats.estimates import Estimate
from timetravel.studies.evidence import Comparison, Evidence, removal
from timetravel.studies.rows import Row


@dataclass(frozen=True)
class Cell:
    """One cell: an era at a number of digits, against the first cell."""

    row: Row
    new_digits: tuple[float, float]  # the interval of its error in percent
    change: Estimate | None  # in mistakes; None for the first
    comparison: Comparison | None
    latency_us: float
    latency_ratio: float  # to the first cell's

    def to_dict(self) -> dict[str, Any]:
        """Return the cell for JSON."""
        return {
            "recipe": self.row.name,
            "train_size": self.row.train_size,
            "change": self.change and self.change.to_dict(),
            "verdict": self.comparison and self.comparison.verdict,
            "p": self.comparison and self.comparison.p,
            "latency_us": self.latency_us,
            "latency_ratio": self.latency_ratio,
        }


@dataclass(frozen=True)
class Closing:
    """The cells, the first of which the others are compared with, and what timed them."""

    cells: tuple[Cell, ...]
    instrument: str

    def to_dict(self) -> dict[str, Any]:
        """Return the table for JSON."""
        return {"cells": [cell.to_dict() for cell in self.cells], "latency_measured_with": self.instrument}


def closing_table(rows: Sequence[Row], places: Sequence[int], evidence: Evidence) -> Closing:
    """Make the table of some of a study's rows, at `places`, timing their nets in turn.

    The evidence holds the comparison of every place with the first, as weigh makes it.
    """
    timed = latencies([rows[place].recipe for place in places])
    first = places[0]
    return Closing(
        tuple(
            Cell(
                row=rows[place],
                new_digits=evidence.new_digits[place],
                change=None if place == first else rows[place].change(rows[first]),
                comparison=evidence.comparisons.get((place, first)),
                latency_us=timed.us[i],
                latency_ratio=timed.ratios[i],
            )
            for i, place in enumerate(places)
        ),
        timed.instrument,
    )


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
