"""The two-point rule: a straight line on a log axis through two figures, carried on. Arithmetic, and no forecast."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from timetravel.errors import UsageError
from timetravel.numbers import significant
from timetravel.projection.packaged import rows
from timetravel.projection.series import CLAIM

FIRST_YEAR: Final = 1989  # of the paper
LAST_YEAR: Final = 2022  # of the essay
FURTHEST_YEAR: Final = 2200
TRAINING_TIME: Final = "training time"  # of the 1989 net
RULE: Final = (
    "A two-point rule: each quantity has two figures, and the straight line through them on a log axis is carried on. "
    "That is arithmetic and no forecast: two points fit any line exactly, so nothing here can say how far off it is, "
    "and no interval can be given."
)


def checked_year(year: int) -> int:
    """Return a year that can be projected to; raises UsageError unless it is 2023 to 2200."""
    if not LAST_YEAR < year <= FURTHEST_YEAR:
        raise UsageError(
            f"--to {year} is not a year to project to.", f"Allowed: {LAST_YEAR + 1} to {FURTHEST_YEAR}, as --to 2055."
        )
    return year


def yearly_factor(factor: float, years: float) -> float:
    """Return by what a quantity is multiplied each year if it is multiplied by `factor` in `years`."""
    return float(factor ** (1 / years))


def doubling_months(factor: float, years: float) -> float:
    """Return the months in which a quantity doubles, or halves if `factor` is below 1; infinite if it is 1."""
    return math.inf if factor == 1 else 12 * years * math.log(2) / abs(math.log(factor))


@dataclass(frozen=True)
class Figure:
    """One quantity in one year. `note` says how the figure was read or counted."""

    year: int
    value: float
    source: str
    link: str | None
    note: str


@cache
def figures() -> dict[tuple[str, int], Figure]:
    """Return the figures of essay.csv by quantity and year: LeCun et al. (1989) and Karpathy (2022)."""
    return {
        (row["quantity"], int(row["year"])): Figure(
            int(row["year"]), row["value"], row["source"], row["link"] or None, row["note"]
        )
        for row in rows("essay")
    }


def figure(quantity: str, year: int) -> float:
    """Return the value of one figure; raises KeyError if the file does not have it."""
    return figures()[quantity, year].value


def line(quantity: str, to: int, here: Figure | None = None) -> dict[str, Any]:
    """Return the line of a quantity from the paper's figure to the essay's, or to one measured here, carried on."""
    first, last = figures()[quantity, FIRST_YEAR], here or figures()[quantity, LAST_YEAR]
    factor, years = last.value / first.value, last.year - first.year
    until = math.log(CLAIM) / math.log(factor) * years if factor > 1 else None
    return {
        "quantity": quantity,
        "unit": next(row["unit"] for row in rows("essay") if row["quantity"] == quantity),
        "kind": "measured" if here else "published",
        "first": vars(first),
        "last": vars(last),
        "factor": significant(factor),
        "yearly_factor": significant(yearly_factor(factor, years)),
        "months_to_double_or_halve": significant(doubling_months(factor, years)),
        "projected": significant(last.value * factor ** ((to - last.year) / years)),
        "year_of_10000000_times": None if until is None else last.year + math.ceil(round(until, 6)),
    }


def lines(to: int) -> list[dict[str, Any]]:
    """Return the line of each quantity from the paper of 1989 to the essay of 2022, carried on to a year."""
    return [line(quantity, to) for quantity in dict.fromkeys(quantity for quantity, _ in figures())]


def naive(value: float, claimed: float, year: int) -> float:
    """Return what 2022's figure comes to in a year if it grows by the essay's factor every 33 years."""
    return float(value * claimed ** ((year - LAST_YEAR) / (LAST_YEAR - FIRST_YEAR)))
