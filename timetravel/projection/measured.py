"""Shares of mistakes removed by tweaks, by data and by size: from the results published with the package."""

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

FEWEST_SEEDS: Final = 6  # for a verdict
LADDERS: Final = {"mnist": "timetravel modernize --tweaks all", "usps": "timetravel modernize --tweaks all --data usps"}
DATA_COMMAND: Final = "timetravel scale-data"
SIZE_COMMAND: Final = "timetravel scale-model"


@dataclass(frozen=True)
class Share:
    """The share of mistakes that a cause removes, percent, with its interval."""

    cause: str  # tweaks, data, size or both
    what: str  # against what, on what
    mean: float
    low: float
    high: float
    source: str
    command: str  # makes one's own
    interval: str = "95 % interval, new nets and new digits"
    here: bool = False  # from this machine's kept runs

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "cause": self.cause,
            "what": self.what,
            "removed_percent": {"mean": self.mean, "low": self.low, "high": self.high},
            "interval": self.interval,
            "source": self.source,
            "command": self.command,
        }


def published() -> list[Share]:
    """Return the shares of the published ladders, learning curve and widths; what is not published is left out."""
    found = []
    for data, command in LADDERS.items():
        name = f"modernize-{data}"
        for row in document(name).get("rows", []):
            if row.get("era") in ("2022", "today") and row.get("removed_1989"):
                what = f"{row['era']} against 1989 on {data}, {len(row['seeds'])} seeds"
                found.append(share("tweaks", what, row["removed_1989"], name, command))
    for row in document("scale-data-mnist").get("removed", []):
        what = f"{row['era']}: {row['train_size']:,} digits against {row['against']:,}"
        found.append(share("data", what, row, "scale-data-mnist", DATA_COMMAND))
    for row in document("scale-model-mnist").get("removed", []):
        what = f"{row['parameters']:,} parameters on {row['train_size']:,} digits, against 9,760 on 7,291"
        found.append(share(row["cause"], what, row, "scale-model-mnist", SIZE_COMMAND))
    return found


def share(cause: str, what: str, row: dict[str, Any], name: str, command: str) -> Share:
    """Make one share of a published result."""
    mean, low, high = (float(row[part]) for part in ("mean", "low", "high"))
    return Share(cause, what, mean, low, high, f"published with the package: {name}.json", command)


def document(name: str) -> dict[str, Any]:
    """Return a published result, or nothing where there is none yet."""
    path = resources.files("timetravel").joinpath("published", f"{name}.json")
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
