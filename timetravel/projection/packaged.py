"""The CSV files of the package. Every row has a source, and says whether it was read."""

import csv
from functools import cache
from importlib import resources
from typing import Any, Final

from timetravel.numbers import significant

FILES: Final = ("claims", "macro", "essay", "milestones", "growth_rates", "limits", "assumptions", "hindcast_limits")
NUMBERS: Final = ("value", "low", "high", "growth_per_year", "least", "most")
Row = dict[str, Any]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Return the rows of one of FILES: texts by column, figures as numbers (None where the source gives none)."""
    text = resources.files("timetravel.projection").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(
        row | {name: float(row[name]) if row[name] else None for name in NUMBERS if name in row}
        for row in csv.DictReader(text.splitlines())
    )


def credit(row: Row) -> str:
    """Return a row's source with its link, and 'not verified' where the figure was not seen in it."""
    parts = [row["source"], row["link"], "" if row["checked"] == "read" else "not verified"]
    return ", ".join(part for part in parts if part)


@cache
def cited(name: str) -> tuple[Row, ...]:
    """Return the rows of one of FILES with their credit as the source."""
    kept = [column for column in rows(name)[0] if column not in ("link", "checked")]
    return tuple({column: row[column] for column in kept} | {"source": credit(row)} for row in rows(name))


@cache
def limits() -> dict[str, Row]:
    """Return the published limits by name: value, low, high, unit, meaning, source."""
    return {row["name"]: row for row in cited("limits")}


def plain(value: Any) -> Any:
    """Return plain data for JSON: floats to six significant digits, so that machines agree."""
    if isinstance(value, float):
        return significant(value)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value
