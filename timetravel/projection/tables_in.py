"""A user's table, as spreadsheets write it. What is wrong in it is told by line and column, with what is allowed.

UTF-8 or UTF-16; cells are separated by commas, semicolons or tabs, as in the first line. Numbers may have a decimal
comma where commas don't separate.
"""

import csv
import datetime
import io
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from timetravel.errors import UsageError
from timetravel.files import contents, decoded
from timetravel.numbers import listed, nearest
from timetravel.projection.packaged import Row

NUMBER: Final = re.compile(r"\+?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2}([.,][0-9]{3})+")  # 500.000: 500 or 500,000?
DATE: Final = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")  # 1989, 1989-12 or 1989-12-01
SEPARATORS: Final = ",;\t"
QUOTED: Final = 'A cell with a separator or a quote in it stands in quotes, its own doubled: "the ""largest"", so far".'
WORKBOOK: Final = "Save it as CSV UTF-8 first."
LONGEST_TOLD: Final = 60


@dataclass(frozen=True)
class Line:
    """A line of a table. `where`: the option, the file and the line's number, with which its errors begin."""

    where: str
    cells: Mapping[str, str]

    def wrong(self, column: str, allowed: str, guess: str = "") -> UsageError:
        """Return the error of a cell that is not allowed."""
        what = f"{self.where}, column {column}: {told(self.cells[column])} is not allowed.{guess}"
        return UsageError(what, f"Allowed: {allowed}.")

    def with_points(self, columns: Iterable[str]) -> "Line":
        """Return the line with decimal points for commas; raises UsageError where either may part thousands."""
        for column in columns:
            if THOUSANDS.fullmatch(self.cells[column]):
                plain = re.sub("[.,]", "", self.cells[column])
                raise self.wrong(column, f"numbers whose thousands stand together, as {plain} or {float(plain):g}")
        return Line(self.where, {**self.cells, **{name: self.cells[name].replace(",", ".") for name in columns}})

    def text(self, column: str, allowed: str) -> str:
        """Return a cell that may not be empty."""
        if not self.cells[column]:
            raise self.wrong(column, allowed)
        return self.cells[column]

    def one_of(self, column: str, names: Collection[str]) -> str:
        """Return a cell that is one of a few words."""
        cell = self.cells[column]
        if (found := next((name for name in names if name.casefold() == cell.casefold()), None)) is None:
            raise self.wrong(column, ", ".join(names), nearest(cell, names))
        return found

    def number(self, column: str, low: float, high: float, unit: str = "") -> float:
        """Return a cell that is a number from `low` to `high`."""
        cell = self.cells[column]
        value = float(cell) if NUMBER.fullmatch(cell) else math.nan
        if not low <= value <= high:
            raise self.wrong(column, f"{low:g} to {high:g} {unit}".rstrip())
        return value

    def year(self, column: str, first: int, last: int) -> int:
        """Return a cell that is a year, also as a spreadsheet's 2022.0."""
        if (value := self.number(column, first, last)) % 1:
            raise self.wrong(column, f"{first} to {last}")
        return int(value)

    def date(self, column: str, first: str, last: str) -> str:
        """Return a cell that is a date: a year, a month or a day."""
        cell = self.cells[column].removesuffix(".0")
        if not (DATE.fullmatch(cell) and _exists(cell) and first[: len(cell)] <= cell <= last[: len(cell)]):
            raise self.wrong(column, f"{first} to {last}, as 2022, 2022-04 or 2022-04-19")
        return cell


def _exists(date: str) -> bool:
    try:
        datetime.date.fromisoformat(date + "-01-01"[len(date) - 4 :])
    except ValueError:
        return False
    return True


def told(given: Any) -> str:
    """Return what was given as an error names it, however long or deep it is."""
    try:
        text = repr(given)
    except (ValueError, RecursionError):
        return "a number so long or a value so deep"
    return text if len(text) <= LONGEST_TOLD else f"{text[:LONGEST_TOLD]}..."


def read_table(
    path: Path, option: str, columns: Sequence[str], hint: str, numbers: Collection[str] = ()
) -> Iterator[Line]:
    """Yield the lines of a table that have any text. `numbers`: the columns that may have a decimal comma.

    Raises UsageError for what is no table of these columns.
    """
    named = f"{option} {path}"
    if (content := contents(path, named, hint, UsageError)).startswith(b"PK"):
        raise UsageError(f"{named} is a workbook, and no table in text.", WORKBOOK)
    file = io.StringIO(decoded(content, named, UsageError), newline="")
    if not (first := file.readline()):
        raise UsageError(f"{named} is empty.", hint)
    if not first.startswith("sep="):  # as Excel is told what separates
        file.seek(0)
    separator = max(SEPARATORS, key=first.count)
    lines = _lines(csv.reader(file, delimiter=separator, strict=True), named)
    heads = [head.casefold() for head in next(lines, (1, []))[1]]
    if twice := sorted({name for name in heads if name and heads.count(name) > 1}):
        raise UsageError(f"{named}, line 1 has more than one column {', '.join(twice)}.", hint)
    if missing := [name for name in columns if name not in heads]:
        allowed = f"Columns, separated by commas, semicolons or tabs: {', '.join(columns)}."
        raise UsageError(f"{named}, line 1 has no column {', '.join(missing)}.", allowed)
    line = 0
    for line, cells in lines:
        where = f"{named}, line {line}"
        if len(cells) != len(heads):
            few = len(cells) < len(heads)
            at = f"no cell for column {heads[len(cells)]}" if few else f"a cell after the last column, {heads[-1]}"
            raise UsageError(f"{where}: {at}.", f"Allowed: {len(heads)} cells a line. {QUOTED}")
        row = Line(where, dict(zip(heads, cells, strict=True)))
        yield row if separator == "," else row.with_points(numbers)
    if not line:
        raise UsageError(f"{named} has no rows below line 1.", hint)


def distinct(lines: Iterable[Line], make: Callable[[Line], Row], unlike: Sequence[str]) -> tuple[Row, ...]:
    """Make rows of lines; raises UsageError for one that is like an earlier one in all columns of `unlike`."""
    found: dict[Any, tuple[Line, Row]] = {}
    identity = itemgetter(*unlike)
    for line in lines:
        one = make(line)
        first, _ = found.setdefault(identity(one), (line, one))
        if first is not line:
            what = f"{line.where}, column {unlike[-1]}: {told(one[unlike[-1]])} stands already in "
            raise UsageError(f"{what}{first.where.rpartition(', ')[2]}.", f"Allowed: each {listed(unlike)} once.")
    return tuple(one for _, one in found.values())


def _lines(reader: Any, named: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of the rows with any text, and the line that each begins in."""
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise UsageError(f"{named}, line {line}: {error}.", QUOTED) from error
        if any(cells):
            yield line, cells
