"""Shares of mistakes removed by tweaks, by data and by size: from the results published with the package."""

from dataclasses import dataclass
from typing import Any, Final

from timetravel import published
from timetravel.errors import DataError

FEWEST_SEEDS: Final = 6  # for a verdict
LADDERS: Final = {"mnist": "timetravel modernize --tweaks all", "usps": "timetravel modernize --tweaks all --data usps"}
DATA_COMMAND: Final = "timetravel scale-data"
SIZE_COMMAND: Final = "timetravel scale-model"
AGAIN: Final = "Install the package again."


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
        found = {name: getattr(self, name) for name in ("cause", "what", "interval", "source", "command")}
        return found | {"reduction_percent": {"mean": self.mean, "low": self.low, "high": self.high}}


def published_shares() -> list[Share]:
    """Return the shares of the published ladders (steps of later eras), learning curve and widths.

    Raises DataError, which names the file, for one that is missing or without what is read from it.
    """
    found = [
        one
        for data, command in LADDERS.items()
        for one in shares(f"modernize-{data}", "rows", command, f"{{era}} against 1989 on {data}, {{nets}} seeds")
    ]
    curve = "{era}: {train_size:,} digits against {against:,}"
    widths = "{parameters:,} parameters on {train_size:,} digits, against 9,760 on 7,291"
    found += shares("scale-data-mnist", "reduction", DATA_COMMAND, curve)
    return found + shares("scale-model-mnist", "reduction", SIZE_COMMAND, widths)


def shares(name: str, part: str, command: str, what: str) -> list[Share]:
    """Return the shares in one list of a published result, `what` filled in from each row.

    Raises DataError if it has none, or one is damaged.
    """
    document, source, found = published.read(name), f"published with the package: {name}.json", []
    try:
        for row in document[part]:
            told, share, cause = row, row, row.get("cause", "tweaks")
            if part == "rows":
                share, told = row["reduction_1989"], row | {"nets": len(row["seeds"])}
                if row["era"] not in ("2022", "today") or share is None:
                    continue
            mean, low, high = (float(share[end]) for end in ("mean", "low", "high"))
            one = Share(cause, what.format(**told), mean, low, high, source, command, era=row.get("era") or "")
            found.append(one)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"The published {name}.json is damaged: {part} {error}.", AGAIN) from error
    if not found:
        raise DataError(f"The published {name}.json has no shares of mistakes in {part!r}.", AGAIN)
    return found
