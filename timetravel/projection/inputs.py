"""What a projection stands on, milestones and assumptions: the package's, or in their place a user's own.

A milestone is a row of milestones.csv with its credit, its year, and its `time` in years, the middle of its date.
"""

import csv
import datetime
import io
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from timetravel.errors import UsageError
from timetravel.numbers import nearest
from timetravel.projection.packaged import Row, cited, credit, rows
from timetravel.projection.series import DOMAINS, FURTHEST_YEAR, QUANTITIES, Series

DATE: Final = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")  # 1989, 1989-12 or 1989-12-01
NUMBER: Final = re.compile(r"\+?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
OLDEST: Final = 1940
TEMPLATE: Final = "`timetravel extrapolate --out DIR` writes the package's own as DIR/milestones.csv: start from that."
COLUMNS: Final = tuple(rows("milestones")[0])
ALL_COLUMNS: Final = f"Columns: {', '.join(COLUMNS)}."
IDENTITY: Final = itemgetter("quantity", "domain", "date", "name")
BOTH: Final = "Allowed: low and high, or value for both."
LONGEST_TOLD: Final = 60
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


def year_of(since: str, figures: Iterable[Row]) -> int:
    """Return the year looked back at; 'today' is that of the newest milestone in use."""
    return max(one["year"] for one in figures) if since == "today" else int(since)


def checked_from(since: str, to: int, figures: Iterable[Row]) -> None:
    """Raise UsageError unless the target year, 2023 at least, is after the year looked back at."""
    year = year_of(since, figures)
    if to <= year:  # of today alone
        what = f"--from {since} looks back from {to} at {year}, the year of the newest milestone: that is not back."
        raise UsageError(what, f"Allowed with it: --to {year + 1} to {FURTHEST_YEAR}.")


def read_milestones(path: Path) -> tuple[Row, ...]:
    """Read a user's own figures and put them in the place of the package's, quantity by quantity.

    Raises UsageError, which names the row, for a file that can't be read, a missing column, and a wrong or double row.
    """
    reader = csv.DictReader(io.StringIO(_given(path, "--milestones", TEMPLATE), newline=""), strict=True)
    try:
        table = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise UsageError(f"--milestones {path}, line {reader.line_num}: {error}.", TEMPLATE) from error
    heads = list(reader.fieldnames or ())
    if twice := sorted({name for name in heads if heads.count(name) > 1}):
        raise UsageError(f"--milestones {path} has more than one column {', '.join(twice)}.", TEMPLATE)
    if missing := [name for name in COLUMNS if name not in heads]:
        raise UsageError(f"--milestones {path} has no column {', '.join(missing)}.", ALL_COLUMNS)
    if not table:
        raise UsageError(f"--milestones {path} has no rows.", TEMPLATE)
    found: dict[tuple[str, ...], Row] = {}
    for number, (line, row) in enumerate(table, start=1):
        where = f"--milestones {path}, row {number} (line {line})"
        one = checked(row, where)
        if IDENTITY(one) in found:
            raise UsageError(
                f"{where}: {one['name']} of {one['date']} is given twice for {one['quantity']}, first in row "
                f"{list(found).index(IDENTITY(one)) + 1}.",
                "A quantity, domain, date and name may stand together once.",
            )
        found[IDENTITY(one)] = one
    replaced = {one["quantity"] for one in found.values()}
    return (*(one for one in milestones() if one["quantity"] not in replaced), *found.values())


def checked(row: Mapping[str, str | None], where: str) -> Row:
    """Make a milestone of one row of a user's file; raises UsageError that begins with `where`."""
    cells = {name: cell.strip() for name in COLUMNS if (cell := row[name]) is not None}
    if None in row or len(cells) < len(COLUMNS):
        raise UsageError(f"{where} has too many or too few cells.", ALL_COLUMNS)
    quantity, date, told = cells["quantity"], cells["date"], cells["value"]
    if quantity not in QUANTITIES:
        hint = f"Allowed: {', '.join(QUANTITIES)}."
        raise UsageError(f"{where}: there is no quantity {quantity!r}.{nearest(quantity, QUANTITIES)}", hint)
    unit, low, high = QUANTITIES[quantity]
    value = float(told) if NUMBER.fullmatch(told) else math.nan
    words = {"domain": DOMAINS, "unit": (unit,), "estimated": ("yes", "no"), "checked": ("read", "known")}
    checks = [
        (cells[name] in allowed, f"{name} {cells[name]!r} does not go with {quantity}", ", ".join(allowed))
        for name, allowed in words.items()
    ]
    dates = f"{OLDEST} to {_newest()}, as 2022, 2022-04 or 2022-04-19"
    checks.append((_is_date(date), f"{date!r} is not a date that has been", dates))
    checks.append((low <= value <= high, f"{told!r} is no value of {quantity}", f"{low:g} to {high:g} {unit}"))
    for right, wrong, allowed in checks:
        if not right:
            raise UsageError(f"{where}: {wrong}.", f"Allowed: {allowed}.")
    for name in ("name", "source"):
        if not cells[name]:
            raise UsageError(f"{where} has no {name}.", "Every figure needs a name and says where it comes from.")
    return dated({**cells, "value": value})


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text + "-01-01"[max(len(text) - 4, 0) :])
    except ValueError:
        return False
    return bool(DATE.fullmatch(text)) and int(text[:4]) >= OLDEST and text <= _newest()[: len(text)]


def _newest() -> str:
    """Return the last day that a figure may be of: today, or where the clock is behind, the package's newest figure."""
    return max(datetime.date.today().isoformat(), *(str(one["date"]) for one in milestones()))


def _given(path: Path, option: str, hint: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{option} {path} can't be read: {reason}.", hint) from error


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
    return {row["name"]: Assumption(**row) for row in cited("assumptions")}


def read_assumptions(path: Path) -> Mapping[str, Assumption]:
    """Return the assumptions with a user's changes: one TOML table a name, with low and high (or value for both).

    Raises UsageError for a file that can't be read, an unknown name or key, and a value out of its range.
    """
    text = _given(path, "--assume", EXAMPLE)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"--assume {path} is not TOML: {error}.", EXAMPLE) from error
    except (ValueError, RecursionError) as error:  # of Python's own limits: digits of a number, depth of a table
        raise UsageError(f"--assume {path} has a number too long, or a table too deep, to read.", EXAMPLE) from error
    changed = dict(defaults())
    for name, given in document.items():
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
            raise UsageError(f"{where} can't be {_told(end)}.", allowed)
    low, high = map(float, ends)
    if low > high:
        raise UsageError(f"{where} runs from {low:g} to {high:g}, backwards.", allowed)
    return replace(old, low=low, high=high, changed=(low, high) != (old.low, old.high))


def _told(given: Any) -> str:
    try:
        told = repr(given)
    except (ValueError, RecursionError):  # however long or deep it is
        return "a number so long or a value so deep"
    return told if len(told) <= LONGEST_TOLD else f"{told[:LONGEST_TOLD]}..."
