"""Shares of mistakes removed by tweaks, by data and by size: from the results published with the package."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Final

from timetravel.digits import TRAIN_SIZE_1989
from timetravel.errors import DataError
from timetravel.projection.two_points import FIRST_YEAR, figure

FEWEST_SEEDS: Final = 6  # for a verdict
LADDERS: Final = {"mnist": "timetravel modernize --tweaks all", "usps": "timetravel modernize --tweaks all --data usps"}
DATA_COMMAND: Final = "timetravel scale-data"
SIZE_COMMAND: Final = "timetravel scale-model"
AGAIN: Final = "It belongs to the package: install timetravel again."


@dataclass(frozen=True)
class Share:
    """The share of mistakes that a cause removes, percent, with its interval."""

    cause: str  # tweaks, data, size or both
    what: str  # against what, on what
    mean: float
    low: float
    high: float
    source: str
    command: str = ""  # makes one's own; empty where no command here does
    interval: str = "95 % interval, new nets and new digits"
    here: bool = False  # from this machine's kept runs
    era: str = ""  # whose recipe it is of, where a cause is measured with several

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "cause": self.cause,
            "what": self.what,
            "reduction_percent": {"mean": self.mean, "low": self.low, "high": self.high},
            "interval": self.interval,
            "source": self.source,
            "command": self.command,
        }


def published() -> list[Share]:
    """Return the shares of the published ladders, learning curve and widths; a file that is not there is left out.

    Raises DataError, which names the file, for one that is there without what is read from it.
    """
    found = [one for data, command in LADDERS.items() for one in rows(f"modernize-{data}", "rows", ladder, command)]
    found += rows("scale-data-mnist", "reduction", curve, DATA_COMMAND)
    return found + rows("scale-model-mnist", "reduction", widths, SIZE_COMMAND)


def rows(name: str, part: str, read: Callable[[dict[str, Any], str], Share | None], command: str) -> list[Share]:
    """Return the shares in one list of a published result; raises DataError if it has none, or one is damaged."""
    found = document(name)
    if found is None:
        return []
    source = f"published with the package: {name}.json"
    try:
        shares = [replace(one, command=command) for row in found[part] if (one := read(row, source)) is not None]
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"The published {name}.json is damaged: {part} {error}.", AGAIN) from error
    if not shares:
        raise DataError(f"The published {name}.json has no shares of mistakes in {part!r}.", AGAIN)
    return shares


def ladder(row: dict[str, Any], source: str) -> Share | None:
    """Read a step of a ladder; None for one that is no later era's."""
    if row["era"] not in ("2022", "today") or row["reduction_1989"] is None:
        return None
    data = source.removesuffix(".json").rpartition("-")[2]
    what = f"{row['era']} against 1989 on {data}, {len(row['seeds'])} seeds"
    return share("tweaks", what, row["reduction_1989"], source)


def curve(row: dict[str, Any], source: str) -> Share:
    """Read a share of a learning curve."""
    what = f"{row['era']}: {row['train_size']:,} digits against {row['against']:,}"
    return share(row["cause"], what, row, source, era=row["era"])


def widths(row: dict[str, Any], source: str) -> Share:
    """Read a share by size."""
    base = f"{figure('parameters', FIRST_YEAR).value:,.0f} on {TRAIN_SIZE_1989:,}"
    what = f"{row['parameters']:,} parameters on {row['train_size']:,} digits, against {base}"
    return share(row["cause"], what, row, source)


def share(cause: str, what: str, row: dict[str, Any], source: str, era: str = "") -> Share:
    """Make one share of a published result."""
    mean, low, high = (float(row[part]) for part in ("mean", "low", "high"))
    return Share(cause, what, mean, low, high, source, era=era)


def document(name: str) -> dict[str, Any] | None:
    """Return a published result, or None where there is no file; raises DataError for one that can't be read."""
    path = resources.files("timetravel").joinpath("published", f"{name}.json")
    if not path.is_file():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"The published {name}.json is not JSON: {error}.", AGAIN) from error
    return found
