"""What the limited futures assume: one table, each line with a range that a user can change in a TOML file."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from timetravel.errors import UsageError
from timetravel.numbers import nearest
from timetravel.projection import packaged

COLUMNS: Final = ("name", "unit", "low", "high", "least", "most", "kind", "meaning")
BOTH: Final = "Allowed: low and high, or value for both."
LONGEST_TOLD: Final = 60
EXAMPLE: Final = "For example: [budget_share], then low = 1e-4 and high = 1e-3."


@dataclass(frozen=True)
class Assumption:
    """A range: 10 % of the futures lie below `low`, 10 % above `high`, none outside `least` to `most`."""

    name: str
    unit: str
    low: float
    high: float
    least: float
    most: float
    kind: str  # size: drawn on a log scale; year: on a plain one
    meaning: str
    source: str
    changed: bool = False

    @property
    def middle(self) -> float:
        """The median."""
        return (self.low + self.high) / 2 if self.kind == "year" else math.sqrt(self.low * self.high)


@cache
def defaults() -> Mapping[str, Assumption]:
    """Return the package's assumptions by name."""
    return {row["name"]: Assumption(**packaged.cited(row, COLUMNS)) for row in packaged.rows("assumptions")}


def read_file(path: Path) -> Mapping[str, Assumption]:
    """Return the assumptions with a user's changes: one TOML table a name, with low and high (or value for both).

    Raises UsageError for a file that can't be read, an unknown name or key, and a value out of its range.
    """
    text = packaged.given(path, "--assume", EXAMPLE)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"--assume {path} is not TOML: {error}.", EXAMPLE) from error
    except (ValueError, RecursionError) as error:  # of Python's own limits: digits of a number, depth of a table
        raise UsageError(f"--assume {path} has a number too long, or a table too deep, to read.", EXAMPLE) from error
    changed = dict(defaults())
    for name, given in document.items():
        if name not in changed:
            raise UsageError(
                f"--assume {path}: there is no assumption {name!r}.{nearest(name, changed)}",
                f"Allowed: {', '.join(changed)}.",
            )
        changed[name] = changed_by(changed[name], given, path)
    return changed


def changed_by(old: Assumption, given: Any, path: Path) -> Assumption:
    """Return an assumption with the values of one TOML table; raises UsageError."""
    where = f"--assume {path}: {old.name}"
    allowed = f"Allowed: {old.least:g} to {old.most:g} {old.unit}, low at most high."
    if not isinstance(given, dict):
        raise UsageError(f"{where} is not a table.", EXAMPLE)
    keys = ("low", "high", "value")
    for key in given:
        if key not in keys:
            raise UsageError(f"{where} has no {key!r}.{nearest(key, keys)}", BOTH)
    if "value" in given and len(given) > 1:
        raise UsageError(f"{where} has both value and a range.", BOTH)
    low = number(given.get("value", given.get("low", old.low)), where, allowed, old)
    high = number(given.get("value", given.get("high", old.high)), where, allowed, old)
    if low > high:
        raise UsageError(f"{where} runs from {low:g} to {high:g}, backwards.", allowed)
    return replace(old, low=low, high=high, changed=(low, high) != (old.low, old.high))


def number(given: Any, where: str, allowed: str, old: Assumption) -> float:
    """Return a number of a TOML file; raises UsageError unless it is one, and in the assumption's range."""
    if isinstance(given, int | float) and not isinstance(given, bool) and old.least <= given <= old.most:
        return float(given)
    try:
        told = repr(given)
    except (ValueError, RecursionError):  # however long or deep it is
        told = "a number so long or a value so deep"
    raise UsageError(f"{where} can't be {told[:LONGEST_TOLD]}{'...' if len(told) > LONGEST_TOLD else ''}.", allowed)
