"""The figures that trends are fitted to: the package's, or in their place a user's own of the same columns."""

import csv
import datetime
import io
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from timetravel.errors import UsageError
from timetravel.numbers import nearest
from timetravel.projection.packaged import credit, given, rows
from timetravel.projection.series import DOMAINS, QUANTITIES, Series

DATE: Final = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
NUMBER: Final = re.compile(r"\+?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
FIRST_YEAR: Final = 1940
TEMPLATE: Final = "`timetravel extrapolate --out DIR` writes the package's own as DIR/milestones.csv: start from that."


@dataclass(frozen=True)
class Milestone:
    """One figure: so much of a quantity, in one net or chip, on one date."""

    quantity: str
    domain: str
    date: str  # 1989, 1989-12 or 1989-12-01
    name: str
    value: float
    unit: str
    estimated: bool
    note: str
    source: str
    link: str
    checked: str

    @property
    def year(self) -> int:
        """The year of its date."""
        return int(self.date[:4])

    @property
    def time(self) -> float:
        """Its date in years, the middle of what is given."""
        month = int(self.date[5:7]) - 0.5 if len(self.date) > 4 else 6.0
        return self.year + month / 12

    @property
    def credit(self) -> str:
        """Its source and link."""
        return credit(vars(self))


COLUMNS: Final = tuple(one.name for one in fields(Milestone))
ALL_COLUMNS: Final = f"Columns: {', '.join(COLUMNS)}."
IDENTITY: Final = attrgetter("quantity", "domain", "date", "name")


def milestone(row: Mapping[str, Any]) -> Milestone:
    """Make a milestone of a row that is right."""
    return Milestone(**{name: row[name] for name in COLUMNS} | {"estimated": row["estimated"] == "yes"})


@cache
def milestones() -> tuple[Milestone, ...]:
    """Return the package's own figures."""
    return tuple(milestone(row) for row in rows("milestones"))


def read_file(path: Path) -> tuple[Milestone, ...]:
    """Read a user's own figures and put them in the place of the package's, quantity by quantity.

    A quantity that the file does not have keeps the package's figures. Raises UsageError, which names the row, for a
    file that can't be read, a column that is missing, and a row with a wrong quantity, domain, unit, date, value,
    source or check, or one that is there twice.
    """
    reader = csv.DictReader(io.StringIO(given(path, "--milestones", TEMPLATE), newline=""), strict=True)
    try:
        table = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise UsageError(f"--milestones {path}, line {reader.line_num}: {error}.", TEMPLATE) from error
    heads = list(reader.fieldnames or ())
    twice = sorted({name for name in heads if heads.count(name) > 1})
    if twice:
        raise UsageError(f"--milestones {path} has more than one column {', '.join(twice)}.", TEMPLATE)
    missing = [name for name in COLUMNS if name not in heads]
    if missing:
        raise UsageError(f"--milestones {path} has no column {', '.join(missing)}.", ALL_COLUMNS)
    if not table:
        raise UsageError(f"--milestones {path} has no rows.", TEMPLATE)
    found: dict[tuple[str, ...], Milestone] = {}
    for number, (line, row) in enumerate(table, start=1):
        where = f"--milestones {path}, row {number} (line {line})"
        one = checked(row, where)
        if IDENTITY(one) in found:
            raise UsageError(
                f"{where}: {one.name} of {one.date} is given twice for {one.quantity}, first in row "
                f"{list(found).index(IDENTITY(one)) + 1}.",
                "A quantity, domain, date and name may stand together once.",
            )
        found[IDENTITY(one)] = one
    replaced = {one.quantity for one in found.values()}
    return (*(one for one in milestones() if one.quantity not in replaced), *found.values())


def checked(row: Mapping[str, str | None], where: str) -> Milestone:
    """Make a milestone of one row of a user's file; raises UsageError that begins with `where`."""
    cells = {name: cell.strip() for name in COLUMNS if (cell := row[name]) is not None}
    if None in row or len(cells) < len(COLUMNS):
        raise UsageError(f"{where} has too many or too few cells.", ALL_COLUMNS)
    quantity = cells["quantity"]
    if quantity not in QUANTITIES:
        hint = f"Allowed: {', '.join(QUANTITIES)}."
        raise UsageError(f"{where}: there is no quantity {quantity!r}.{nearest(quantity, QUANTITIES)}", hint)
    unit, low, high = QUANTITIES[quantity]
    words = {"domain": DOMAINS, "unit": (unit,), "estimated": ("yes", "no"), "checked": ("read", "known")}
    for name, allowed in words.items():
        if cells[name] not in allowed:
            message = f"{where}: {name} {cells[name]!r} does not go with {quantity}."
            raise UsageError(message, f"Allowed: {', '.join(allowed)}.")
    if not is_date(cells["date"]):
        raise UsageError(
            f"{where}: {cells['date']!r} is not a date that has been.",
            f"Allowed: {FIRST_YEAR} to {newest()}, as 2022, 2022-04 or 2022-04-19.",
        )
    value = float(cells["value"]) if NUMBER.fullmatch(cells["value"]) else math.nan
    if not low <= value <= high:
        message = f"{where}: {cells['value']!r} is no value of {quantity}."
        raise UsageError(message, f"Allowed: {low:g} to {high:g} {unit}.")
    for name in ("name", "source"):
        if not cells[name]:
            raise UsageError(f"{where} has no {name}.", "Every figure needs a name and says where it comes from.")
    return milestone({**cells, "value": value})


def is_date(text: str) -> bool:
    """Return whether a text is a year, a month or a day that there is, from FIRST_YEAR on and not in the future."""
    if not DATE.fullmatch(text):
        return False
    try:
        datetime.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return int(text[:4]) >= FIRST_YEAR and text <= newest()[: len(text)]


def newest() -> str:
    """Return the last day that a figure may be of: today, or where the clock is behind, the package's newest figure."""
    return max(datetime.date.today().isoformat(), *(one.date for one in milestones()))


def of_series(series: Series, figures: Iterable[Milestone]) -> list[Milestone]:
    """Return the milestones of a series, by date."""
    domains = series.domains or DOMAINS
    own = [one for one in figures if one.quantity == series.quantity and one.domain in domains]
    return sorted(own, key=attrgetter("date", "name"))
