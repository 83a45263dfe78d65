"""The two-point rule: a straight line on a log axis through two figures, carried on. Arithmetic, and no forecast."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

from timetravel.errors import UsageError
from timetravel.projection import packaged

FIRST_YEAR: Final = 1989  # of the paper
LAST_YEAR: Final = 2022  # of the essay
FURTHEST_YEAR: Final = 2200
RULE: Final = (
    "A two-point rule: each quantity has two figures, and the straight line through them on a log axis is carried on. "
    "That is arithmetic and no forecast: two points fit any line exactly, so nothing here can say how far off it is, "
    "and no interval can be given."
)


def checked_year(year: int) -> int:
    """Return a year that can be projected to; raises UsageError unless it is 2023 to 2200."""
    if not LAST_YEAR < year <= FURTHEST_YEAR:
        raise UsageError(
            f"--to {year} is not a year to project to.",
            f"Allowed: {LAST_YEAR + 1} to {FURTHEST_YEAR}, as --to 2055.",
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
    """One quantity in one year. `value` is in `unit`; `note` says how the figure was read or counted."""

    quantity: str
    unit: str
    year: int
    value: float
    source: str
    link: str
    note: str


@cache
def figures() -> tuple[Figure, ...]:
    """Return the figures of essay.csv: LeCun et al. (1989) and Karpathy (2022)."""
    return tuple(
        Figure(
            row["quantity"],
            row["unit"],
            int(row["year"]),
            float(row["value"]),
            row["source"],
            row["link"],
            row["note"],
        )
        for row in packaged.rows("essay")
    )


def figure(quantity: str, year: int) -> Figure:
    """Return one figure; raises KeyError if the file does not have it."""
    for one in figures():
        if (one.quantity, one.year) == (quantity, year):
            return one
    raise KeyError((quantity, year))


@dataclass(frozen=True)
class Line:
    """Two figures of one quantity and the line through them. `kind` says who gave the newer: published or measured."""

    first: Figure
    last: Figure
    kind: str = "published"

    @property
    def quantity(self) -> str:
        """What grows or falls."""
        return self.first.quantity

    @property
    def years(self) -> int:
        """Years between the two figures."""
        return self.last.year - self.first.year

    @property
    def factor(self) -> float:
        """The newer figure over the older; below 1 for what falls."""
        return self.last.value / self.first.value

    @property
    def yearly_factor(self) -> float:
        """By what it is multiplied each year."""
        return yearly_factor(self.factor, self.years)

    @property
    def doubling_months(self) -> float:
        """Months in which it doubles, or halves."""
        return doubling_months(self.factor, self.years)

    @property
    def falls(self) -> bool:
        """Whether the newer figure is the smaller."""
        return self.factor < 1

    def factor_to(self, year: int) -> float:
        """Return the factor from the newer figure to a year, at the line's own rate."""
        return float(self.factor ** ((year - self.last.year) / self.years))

    def value_in(self, year: int) -> float:
        """Return where the line is in a year, in the quantity's unit."""
        return self.last.value * self.factor_to(year)

    def year_of(self, factor: float) -> int | None:
        """Return the first whole year in which it is `factor` (above 1) times the newer figure; None: never."""
        if self.factor <= 1:
            return None
        years = self.years * math.log(factor) / math.log(self.factor)
        return self.last.year + math.ceil(round(years, 6))


def published_lines() -> list[Line]:
    """Return the line of each quantity from the paper of 1989 to the essay of 2022."""
    names = dict.fromkeys(one.quantity for one in figures())
    return [Line(figure(name, FIRST_YEAR), figure(name, LAST_YEAR)) for name in names]


def naive(value: float, claimed: float, year: int) -> float:
    """Return what 2022's figure comes to in a year if it grows by the essay's factor every 33 years."""
    return float(value * claimed ** ((year - LAST_YEAR) / (LAST_YEAR - FIRST_YEAR)))
