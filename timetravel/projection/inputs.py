"""What a projection stands on, milestones and assumptions: the package's, or in their place a user's own.

A milestone is a row of milestones.csv with its credit, its year, and its `time` in years, the middle of its date.
"""

import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from timetravel.errors import UsageError
from timetravel.files import toml
from timetravel.numbers import nearest
from timetravel.projection.packaged import Row, cited, credit, rows
from timetravel.projection.series import DOMAINS, FURTHEST_YEAR, QUANTITIES, Series
from timetravel.projection.tables_in import Line, distinct, read_table, told

ORIGINS: Final = (1989, 2012, 2016, 2020, 2022)  # years that backtests stand in
OLDEST: Final = "1940"
TEMPLATE: Final = "`timetravel extrapolate --out DIR` writes the package's own as DIR/milestones.csv: start from that."
COLUMNS: Final = tuple(rows("milestones")[0])
WORDS: Final = {"domain": DOMAINS, "estimated": ("yes", "no"), "checked": ("read", "known")}
IDENTITY: Final = ("quantity", "domain", "date", "name")
BOTH: Final = "Allowed: low and high, or value for both."
EXAMPLE: Final = "For example: [budget_share], then low = 1e-4 and high = 1e-3."


@cache
def milestones() -> tuple[Row, ...]:
    """Return the package's own milestones."""
    return tuple(dated(row) for row in rows("milestones"))


def dated(row: Row) -> Row:
    """Make a milestone of a row that is right."""
    year, date = int(row["date"][:4]), row["date"]
    month = int(date[5:7]) - 0.5 if len(date) > 4 else 6.0
    estimated = row["estimated"] == "yes"
    return row | {"estimated": estimated, "credit": credit(row), "year": year, "time": year + month / 12}


def of_series(series: Series, figures: Iterable[Row]) -> list[Row]:
    """Return the milestones of a series, by date."""
    domains = series.domains or DOMAINS
    own = [one for one in figures if one["quantity"] == series.quantity and one["domain"] in domains]
    return sorted(own, key=itemgetter("date", "name"))


def whole_until(figures: Iterable[Row]) -> int:
    """Return the last whole year of figures: the newest date's, or the one before where its month is not December."""
    newest = max(str(one["date"]) for one in figures)
    return int(newest[:4]) - (newest[5:7] not in ("", "12"))


def year_of(since: str, figures: Iterable[Row]) -> int:
    """Return the year looked back at; 'today' is that of the newest milestone in use."""
    return max(one["year"] for one in figures) if since == "today" else int(since)


def checked_from(since: str, to: int, figures: Sequence[Row]) -> bool:
    """Return whether a target is past, so that what was known in the year `since` is carried on to it.

    Raises UsageError unless the target is after that year; today is that of the newest milestone.
    """
    year, last = year_of(since, figures), whole_until(figures)
    if to > last and since in ("2012", "2016", "2020"):
        raise UsageError(f"--to {to} is not past, and --from {since} goes with a past one.", f"Allowed: --to {last}.")
    if to > year:
        return to <= last
    before = [str(origin) for origin in ORIGINS if origin < to]
    earlier = f" For --to {to}: --from {' or '.join(before)}." if before else ""
    allowed = f"Allowed with it: --to {year + 1} to {FURTHEST_YEAR}.{earlier}"
    raise UsageError(f"--to {to} is not after --from {since}.", allowed)


def read_milestones(path: Path) -> tuple[Row, ...]:
    """Read a user's own figures and put them in the place of the package's, quantity by quantity.

    Raises UsageError as `read_figures` does.
    """
    own = read_figures(path, "--milestones")
    replaced = {one["quantity"] for one in own}
    return (*(one for one in milestones() if one["quantity"] not in replaced), *own)


def read_figures(path: Path, option: str) -> tuple[Row, ...]:
    """Read a table of figures with the columns of milestones.csv.

    Raises UsageError, which names line and column, for what is no such table, and for a wrong or double row.
    """
    return distinct(read_table(path, option, COLUMNS, TEMPLATE, ("value",)), checked, IDENTITY)


def checked(line: Line) -> Row:
    """Make a milestone of one line of a table; raises UsageError, which names it, for a cell that is not allowed."""
    quantity = line.one_of("quantity", QUANTITIES)
    unit, low, high = QUANTITIES[quantity]
    words = {"quantity": quantity, "unit": line.one_of("unit", (unit,))}
    words |= {name: line.one_of(name, allowed) for name, allowed in WORDS.items()}
    date = line.date("date", OLDEST, max(datetime.date.today().isoformat(), _newest()))
    value = line.number("value", low, high, unit)
    line.text("name", "a name")
    line.text("source", "where the figure comes from")
    return dated({name: line.cells[name] for name in COLUMNS} | words | {"date": date, "value": value})


@cache
def _newest() -> str:
    """Return the date of the package's newest figure: where the clock is behind, figures may be as new."""
    return max(str(one["date"]) for one in milestones())


@dataclass(frozen=True)
class Assumption:
    """A range: 10 % of the futures lie below `low`, 10 % above `high`, none outside `least` to `most`.

    `base`: the year that the range is of, from which growth counts; None where it is of no year.
    """

    name: str
    unit: str
    low: float
    high: float
    least: float
    most: float
    kind: str  # size: drawn on a log scale; year: on a plain one
    meaning: str
    source: str
    base: int | None
    changed: bool = False

    @property
    def middle(self) -> float:
        """The median."""
        return (self.low + self.high) / 2 if self.kind == "year" else math.sqrt(self.low * self.high)


@cache
def defaults() -> Mapping[str, Assumption]:
    """Return the package's assumptions by name."""
    based = [row | {"base": int(row["base"]) if row["base"] else None} for row in cited("assumptions")]
    return {row["name"]: Assumption(**row) for row in based}


def read_assumptions(path: Path) -> Mapping[str, Assumption]:
    """Return the assumptions with a user's changes: one TOML table a name, with low and high (or value for both).

    Raises UsageError for a file that can't be read, an unknown name or key, and a value out of its range.
    """
    changed = dict(defaults())
    for name, given in toml(path, f"--assume {path}", EXAMPLE, UsageError).items():
        if name not in changed:
            missing = f"--assume {path}: there is no assumption {name!r}.{nearest(name, changed)}"
            raise UsageError(missing, f"Allowed: {', '.join(changed)}.")
        changed[name] = _changed(changed[name], given, f"--assume {path}: {name}")
    return changed


def _changed(old: Assumption, given: Any, where: str) -> Assumption:
    keys = ("low", "high", "value")
    if not isinstance(given, dict):
        raise UsageError(f"{where} is not a table.", EXAMPLE)
    for key in given:
        if key not in keys:
            raise UsageError(f"{where} has no {key!r}.{nearest(key, keys)}", BOTH)
    if "value" in given and len(given) > 1:
        raise UsageError(f"{where} has both value and a range.", BOTH)
    allowed = f"Allowed: {old.least:g} to {old.most:g} {old.unit}, low at most high."
    ends = [given.get("value", given.get(end, getattr(old, end))) for end in ("low", "high")]
    for end in ends:
        if not isinstance(end, int | float) or isinstance(end, bool) or not old.least <= end <= old.most:
            raise UsageError(f"{where} can't be {told(end)}.", allowed)
    low, high = map(float, ends)
    if low > high:
        raise UsageError(f"{where} runs from {low:g} to {high:g}, backwards.", allowed)
    return replace(old, low=low, high=high, changed=(low, high) != (old.low, old.high))
