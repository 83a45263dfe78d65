"""What the projection report is made of: sections of texts and grids of texts."""

from collections.abc import Callable
from dataclasses import dataclass, field

from timetravel.numbers import rough
from timetravel.projection.futures import Band


@dataclass(frozen=True)
class Grid:
    """A table of texts. `numbers` are the places of columns that are aligned to the right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of the report. `figures` are the names of its figures with their alternative texts."""

    title: str
    paragraphs: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    figures: tuple[tuple[str, str], ...] = field(default=())


def band(one: Band | None, write: Callable[[float], str] = rough) -> str:
    """Write quantiles as '600 [70, 6,000]'."""
    if one is None:
        return "-"
    if one.low is None or one.high is None:
        return write(one.middle)
    return f"{write(one.middle)} [{write(one.low)}, {write(one.high)}]"
