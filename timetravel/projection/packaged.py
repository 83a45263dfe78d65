"""The CSV files of the package. Every row of every one of them has a source, and says whether that was read."""

import csv
from functools import cache
from importlib import resources
from typing import Final

FILES: Final = ("essay", "milestones", "growth_rates", "limits", "assumptions")


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of FILES as texts by column."""
    return tuple(csv.DictReader(text(name).splitlines()))


def text(name: str) -> str:
    """Return one of FILES as it is."""
    return resources.files("timetravel.projection").joinpath(f"{name}.csv").read_text(encoding="utf-8")


def number(value: str) -> float | None:
    """Return a figure, or None where the source gives none."""
    return float(value) if value else None


def attribution(row: dict[str, str]) -> str:
    """Return a row's source with its link, marked where it was not seen in a source."""
    return credit(row["source"], row["link"], row["checked"])


def credit(source: str, link: str, checked: str) -> str:
    """Return a source with its link, and 'not verified' unless it was read."""
    parts = [source, link, "" if checked == "read" else "not verified"]
    return ", ".join(part for part in parts if part)
