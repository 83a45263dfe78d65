"""The published figures that the projection stands on: what, when, how much, and who says so."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Milestone:
    """One quantity in one year. `value` is in `unit`; `note` says how the figure was read or counted."""

    quantity: str
    unit: str
    year: int
    value: float
    source: str
    link: str
    note: str


@cache
def milestones() -> tuple[Milestone, ...]:
    """Return the figures of milestones.csv in their order: LeCun et al. (1989) and Karpathy (2022)."""
    text = resources.files("timetravel.projection").joinpath("milestones.csv").read_text(encoding="utf-8")
    return tuple(
        Milestone(
            row["quantity"],
            row["unit"],
            int(row["year"]),
            float(row["value"]),
            row["source"],
            row["link"],
            row["note"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def quantities() -> list[str]:
    """Return the names of the quantities, in the order of the file."""
    return list(dict.fromkeys(milestone.quantity for milestone in milestones()))


def milestone(quantity: str, year: int) -> Milestone:
    """Return one figure; raises KeyError if the file does not have it."""
    for one in milestones():
        if (one.quantity, one.year) == (quantity, year):
            return one
    raise KeyError((quantity, year))
