"""The figures that trends are fitted to: the package's, or in their place a user's own of the same columns."""

import csv
import datetime
import io
import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from timetravel.errors import UsageError
from timetravel.numbers import nearest
from timetravel.projection import packaged
from timetravel.projection.series import DOMAINS, RANGES, UNITS

COLUMNS: Final = (
    "quantity", "domain", "date", "name", "value", "unit", "estimated", "note", "source", "link", "checked",
)  # fmt: skip
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
        """Its name, source and link."""
        return f"{self.name} ({self.date}): {packaged.credit(self.source, self.link, self.checked)}"


@cache
def milestones() -> tuple[Milestone, ...]:
    """Return the package's own figures."""
    return tuple(milestone(row) for row in packaged.rows("milestones"))


def milestone(row: dict[str, str]) -> Milestone:
    """Make a milestone of a checked row."""
    values = {name: row[name].strip() for name in COLUMNS if name not in ("value", "estimated")}
    return Milestone(**values, value=float(row["value"]), estimated=row["estimated"] == "yes")


def read_file(path: Path) -> tuple[Milestone, ...]:
    """Read a user's own figures and put them in the place of the package's, quantity by quantity.

    A quantity that the file does not have keeps the package's figures. Raises UsageError, which names the row, for a
    file that can't be read, a column that is missing, and a row with a wrong quantity, domain, unit, date, value,
    source or check, or one that is there twice.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"--milestones {path} can't be read: {reason}.", TEMPLATE) from error
    reader = csv.DictReader(io.StringIO(content, newline=""), strict=True)
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
        raise UsageError(f"--milestones {path} has no column {', '.join(missing)}.", f"Columns: {', '.join(COLUMNS)}.")
    if not table:
        raise UsageError(f"--milestones {path} has no rows.", TEMPLATE)
    seen: dict[tuple[str, ...], int] = {}
    found = []
    for number, (line, row) in enumerate(table, start=1):
        where = f"--milestones {path}, row {number} (line {line})"
        check(row, where)
        one = milestone(row)
        identity = (one.quantity, one.domain, one.date, one.name)
        if identity in seen:
            raise UsageError(
                f"{where}: {one.name} of {one.date} is given twice for {one.quantity}, first in row {seen[identity]}.",
                "A quantity, domain, date and name may stand together once.",
            )
        seen[identity] = number
        found.append(one)
    replaced = {one.quantity for one in found}
    return tuple([one for one in milestones() if one.quantity not in replaced] + found)


def check(row: dict[str, str], where: str) -> None:
    """Check one row of a user's file; raises UsageError that begins with `where`."""
    if None in row or any(row[name] is None for name in COLUMNS):
        raise UsageError(f"{where} has too many or too few cells.", f"Columns: {', '.join(COLUMNS)}.")
    quantity = row["quantity"].strip()
    if quantity not in UNITS:
        hint = f"Allowed: {', '.join(UNITS)}."
        raise UsageError(f"{where}: there is no quantity {quantity!r}.{nearest(quantity, UNITS)}", hint)
    for name, allowed in (
        ("domain", DOMAINS),
        ("unit", (UNITS[quantity],)),
        ("estimated", ("yes", "no")),
        ("checked", ("read", "known")),
    ):
        if row[name].strip() not in allowed:
            raise UsageError(
                f"{where}: {name} {row[name].strip()!r} does not go with {quantity}.", f"Allowed: {', '.join(allowed)}."
            )
    date = row["date"].strip()
    if not is_date(date):
        raise UsageError(
            f"{where}: {date!r} is not a date that has been.",
            f"Allowed: {FIRST_YEAR} to {newest()}, as 2022, 2022-04 or 2022-04-19.",
        )
    low, high = RANGES[quantity]
    value = float(row["value"]) if NUMBER.fullmatch(row["value"].strip()) else math.nan
    if not low <= value <= high:
        raise UsageError(
            f"{where}: {row['value'].strip()!r} is no value of {quantity}.",
            f"Allowed: {low:g} to {high:g} {UNITS[quantity]}.",
        )
    for name in ("name", "source"):
        if not row[name].strip():
            raise UsageError(f"{where} has no {name}.", "Every figure needs a name and says where it comes from.")


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
    return max(datetime.date.today().isoformat(), *(one["date"] for one in packaged.rows("milestones")))
