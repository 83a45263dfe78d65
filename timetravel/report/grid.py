"""What a report is made of: sections of sentences, grids of typed cells, and pictures of digits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Value:
    """A number, written by a format spec or by 'duration', 'short', 'rough' (see numbers.write); None is no number."""

    value: float | None
    form: str = ",.0f"


@dataclass(frozen=True)
class Interval:
    """A mean with its interval. `form` writes the mean, `within` its ends (as the mean, unless said otherwise)."""

    mean: float | None
    low: float | None = None
    high: float | None = None
    form: str = ".1f"
    within: str = ""

    @classmethod
    def of(cls, estimate: Mapping[str, Any] | None, form: str = ".1f", within: str = "") -> "Interval":
        """Return the cell of an estimate in a document (mean, low, high); an empty one where there is none."""
        found = estimate or {}
        return cls(found.get("mean"), found.get("low"), found.get("high"), form, within)


Cell = str | Value | Interval
Column = tuple[str, Callable[[Any], Cell]]  # a head, and what makes the cell of a row


@dataclass(frozen=True)
class Grid:
    """A table. `text`: the places of columns that hold words, aligned to the left; the others hold numbers."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    text: Sequence[int] = (0,)

    @classmethod
    def of(cls, title: str, rows: Sequence[Any], columns: Sequence[Column]) -> "Grid":
        """Return the table of some rows. Columns without a number hold words; those with nothing are left out."""
        made = [[cell(row) for _, cell in columns] for row in rows]
        told = [place for place in range(len(columns)) if any(not empty(line[place]) for line in made)]
        made = [[line[place] for place in told] for line in made]
        words = [place for place in range(len(told)) if all(isinstance(line[place], str) for line in made)]
        return cls(title, [columns[place][0] for place in told], made, words)


def empty(cell: Cell) -> bool:
    """Whether there is nothing in a cell."""
    return not cell if isinstance(cell, str) else (cell.value if isinstance(cell, Value) else cell.mean) is None


def word(head: str, key: str) -> Column:
    """Return a column of words."""
    return head, lambda row: row[key] or ""


def number(head: str, key: str, form: str = ",d") -> Column:
    """Return a column of numbers."""
    return head, lambda row: Value(row[key], form)


def mean(head: str, key: str, form: str = ".2f", within: str = "") -> Column:
    """Return a column of estimates with their intervals."""
    return head, lambda row: Interval.of(row[key], form, within)


@dataclass(frozen=True)
class Pictures:
    """Digits side by side, each 256 grey levels of 16x16 in base64 (see digits.pixels), with captions."""

    title: str
    digits: Sequence[str]
    captions: Sequence[str]


@dataclass(frozen=True)
class Section:
    """A part of a report: what was found, in one sentence, then tables and pictures, then what to know about them.

    `long` marks what the first screen leaves out: `--long`, files and docs have it. `charts` are names of the
    document's charts with their alternative texts.
    """

    title: str
    sentence: str = ""
    parts: Sequence[Grid | Pictures] = ()
    notes: Sequence[str] = ()
    long: bool = False
    charts: Sequence[tuple[str, str]] = ()

    @property
    def grids(self) -> list[Grid]:
        """Its tables."""
        return [part for part in self.parts if isinstance(part, Grid)]
