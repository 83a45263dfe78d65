"""The CSV files of the package, and how users' own are read. Every row has a source, and says whether it was read."""

import csv
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from timetravel.errors import UsageError
from timetravel.numbers import significant

FILES: Final = ("essay", "milestones", "growth_rates", "limits", "assumptions")
NUMBERS: Final = ("value", "low", "high", "growth_per_year", "least", "most")
Row = dict[str, Any]


@cache
def rows(name: str) -> tuple[Row, ...]:
    """Return the rows of one of FILES: texts by column, figures as numbers (None where the source gives none).

    `credit` is the source with its link, marked 'not verified' where the figure was not seen in it.
    """
    text = resources.files("timetravel.projection").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(
        row
        | {name: float(row[name]) if row[name] else None for name in NUMBERS if name in row}
        | {"credit": credit(row)}
        for row in csv.DictReader(text.splitlines())
    )


def credit(row: Row) -> str:
    """Return a row's source with its link, and 'not verified' unless it was read."""
    parts = [row["source"], row["link"], "" if row["checked"] == "read" else "not verified"]
    return ", ".join(part for part in parts if part)


@cache
def limits() -> dict[str, Row]:
    """Return the published limits by name: value, low, high, unit, meaning, source."""
    columns = ("name", "value", "low", "high", "unit", "meaning")
    return {row["name"]: cited(row, columns) for row in rows("limits")}


def rates() -> list[Row]:
    """Return the published growth rates, times a year; `period` is the years that they were fitted on."""
    columns = ("quantity", "domain", "what", "growth_per_year", "low", "high", "note")
    return [
        cited(row, columns) | {"period": f"{row['period_from'][:4]}-{row['period_to'][:4]}"}
        for row in rows("growth_rates")
    ]


def cited(row: Row, columns: Iterable[str]) -> Row:
    """Return some columns of a row with its credit as the source."""
    return {name: row[name] for name in columns} | {"source": row["credit"]}


def given(path: Path, option: str, hint: str) -> str:
    """Return the text of a user's file that an option names; raises UsageError if it can't be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{option} {path} can't be read: {reason}.", hint) from error


def plain(value: Any) -> Any:
    """Return plain data for JSON: dataclasses as dicts, floats to six significant digits, so that machines agree."""
    if isinstance(value, float):
        return significant(value)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    return value
