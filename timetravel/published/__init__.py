"""The results published with the package, as the commands printed them, and the one reader of them."""

import json
from functools import cache
from importlib import resources
from typing import Any, Final

from timetravel.errors import DataError

AGAIN: Final = "It belongs to the package: install timetravel again."


@cache
def read(name: str) -> dict[str, Any]:
    """Return a published result, read once: don't change it. Raises DataError for a missing or damaged file."""
    path = resources.files(__name__).joinpath(f"{name}.json")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"it is not JSON: {error}"
        raise DataError(f"The published {name}.json can't be read: {reason}.", AGAIN) from error
    if not isinstance(found, dict):
        raise DataError(f"The published {name}.json is damaged: it is no object.", AGAIN)
    return found


def references() -> list[dict[str, Any]]:
    """Return the results of others, with their sources: the paper's, the essay's and those by later methods."""
    rows: list[dict[str, Any]] = read("references")["references"]
    return rows
