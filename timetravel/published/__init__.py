"""The package's own results and the published ones, as JSON; this is their one reader."""

import json
from functools import cache
from importlib import resources
from typing import Any

from timetravel.errors import DataError


def names() -> list[str]:
    """Return the names of all results of the package's own, in alphabetical order."""
    files = (file.name for file in resources.files(__name__).iterdir())
    return sorted(name.removesuffix(".json") for name in files if name.endswith(".json") and name != "references.json")


@cache
def read(name: str) -> dict[str, Any]:
    """Return a document of the package; raises DataError if it is missing or damaged. Not to be changed by callers."""
    try:
        text = resources.files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
        document: dict[str, Any] = json.loads(text)
    except (OSError, ValueError) as error:
        raise DataError(f"The package's {name}.json can't be read: {error}.", "Install the package again.") from error
    return document


def references() -> list[dict[str, Any]]:
    """Return the rows that the paper and the essay published, in the shape of measured rows, with their sources."""
    rows: list[dict[str, Any]] = read("references")["references"]
    return rows
