"""Published limits and rates: single figures with their sources."""

from dataclasses import dataclass
from functools import cache

from timetravel.projection import packaged


@dataclass(frozen=True)
class Limit:
    """One published figure, with its interval where the source gives one."""

    name: str
    value: float
    low: float | None
    high: float | None
    unit: str
    meaning: str
    credit: str


@dataclass(frozen=True)
class Rate:
    """A published growth rate: times a year. `period` is the years it was fitted on."""

    quantity: str
    domain: str
    what: str
    period: str
    growth: float
    low: float | None
    high: float | None
    note: str
    credit: str


@cache
def limits() -> dict[str, Limit]:
    """Return the figures of limits.csv by name."""
    return {
        row["name"]: Limit(
            row["name"],
            float(row["value"]),
            packaged.number(row["low"]),
            packaged.number(row["high"]),
            row["unit"],
            row["meaning"],
            packaged.attribution(row),
        )
        for row in packaged.rows("limits")
    }


@cache
def rates() -> tuple[Rate, ...]:
    """Return the figures of growth_rates.csv."""
    return tuple(
        Rate(
            row["quantity"],
            row["domain"],
            row["what"],
            f"{row['period_from'][:4]}-{row['period_to'][:4]}",
            float(row["growth_per_year"]),
            packaged.number(row["low"]),
            packaged.number(row["high"]),
            row["note"],
            packaged.attribution(row),
        )
        for row in packaged.rows("growth_rates")
    )
