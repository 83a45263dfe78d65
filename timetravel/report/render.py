"""Sections written for a terminal, as Markdown and as HTML, and a document's rows as CSV. Says nothing of its own."""

import base64
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from timetravel.numbers import interval, write
from timetravel.report.grid import Cell, Grid, Interval, Pictures, Section, Value

if TYPE_CHECKING:
    from markupsafe import Markup

MARKED: Final = re.compile(r"(`[^`]*`|https?://[^\s;,)]*[^\s;,).])")  # what is not plain in a text
WIDTH = 100  # columns of a report in plain text


def text(cell: Cell, gap: str = " ") -> str:
    """Write a cell; `gap` stands between a mean and its interval."""
    if isinstance(cell, Value):
        return write(cell.value, cell.form)
    if isinstance(cell, Interval):
        return interval(cell.mean, cell.low, cell.high, cell.form, cell.within, gap)
    return cell


def rich(sections: Sequence[Section], *, long: bool = False) -> RenderableType:
    """Return sections for a terminal; those marked long only where they are wanted."""
    parts: list[RenderableType] = []
    for section in sections:
        if section.long and not long:
            continue
        if section.title:
            parts += [Text(), Text(section.title, style="bold underline")]
        if section.sentence:
            parts.append(Text(section.sentence, style="bold"))
        for part in section.parts:
            parts += [GridTable(part)] if isinstance(part, Grid) else as_pictures(part)
        parts += [Text(note, style="dim") for note in section.notes]
    return Group(*parts)


def as_pictures(part: Pictures) -> list[RenderableType]:
    """Return pictures of digits under their title."""
    from timetravel.digits.pixels import decoded
    from timetravel.report.pictures import PictureRow

    return [Text(f"\n{part.title}", style="bold"), PictureRow(list(map(decoded, part.digits)), part.captions)]


class GridTable:
    """A grid on a terminal: intervals stand beside their means where that fits, and below them where it does not."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width - 2 * len(self.grid.head) + 1  # two blanks between columns, one after the last
        yield Text(f"\n{self.grid.title}" if self.grid.title else "", style="bold")
        yield self.laid_out(" ", room) or self.laid_out("\n", room, folded=True) or Text()

    def laid_out(self, gap: str, room: int, *, folded: bool = False) -> Table | None:
        """Return the table; `gap` stands between means and intervals. None if cells must be broken, unless `folded`."""
        grid = self.grid
        written = [[text(cell, gap) for cell in row] for row in grid.rows]
        heads = [longest(head.split()) for head in grid.head]
        cells = [longest(part for row in written for part in row[i].split("\n")) for i in range(len(heads))]
        if not folded and sum(map(max, heads, cells)) > room:
            return None
        # Where room is scarce, words may stand below each other, a mean and its interval too, but none is broken.
        loose = [
            [row[i].split() if isinstance(grid.rows[n][i], str) else row[i].split("\n") for i in range(len(heads))]
            for n, row in enumerate(written)
        ]
        words = [longest(part for row in loose for part in row[i]) for i in range(len(heads))]
        least = list(map(max, heads, words if folded else cells))
        widths = shared(least, list(map(max, heads if folded else map(len, grid.head), cells)), room)
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
        for place, (head, width) in enumerate(zip(grid.head, widths, strict=True)):
            table.add_column(head, justify="left" if place in grid.text else "right", overflow="fold", width=width)
        for row in written:
            table.add_row(*map(Text, row))
        return table


def longest(words: Iterable[str]) -> int:
    """Return the length of the longest text, 1 at least."""
    return max((len(word) for word in words), default=1) or 1


def shared(least: list[int], most: list[int], room: int) -> list[int]:
    """Return widths of columns that fill a room at most: no less than they need where that fits, no more than they use.

    What is left goes to those first that want least; what is missing is taken from the widest.
    """
    widths, left = list(least), room - sum(least)
    wishes = sorted(range(len(least)), key=lambda place: most[place] - least[place])
    for count, place in zip(range(len(wishes), 0, -1), wishes, strict=True):
        given = max(0, min(most[place] - least[place], left // count))
        widths[place] += given
        left -= given
    while sum(widths) > room and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def plain(sections: Sequence[Section], *, long: bool = True, width: int = WIDTH) -> str:
    """Return sections as plain text without colours or trailing blanks."""
    console = Console(file=io.StringIO(), width=width, no_color=True, force_terminal=False, highlight=False)
    with console.capture() as captured:
        console.print(rich(sections, long=long))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def markdown(sections: Sequence[Section], level: int = 2) -> str:
    """Return sections as Markdown, their titles as headings of a level. Pictures of digits are left to the charts."""
    parts: list[str] = []
    for section in sections:
        parts += [f"{'#' * level} {section.title}"] if section.title else []
        parts += [f"**{section.sentence}**"] if section.sentence else []
        parts += map(markdown_grid, section.grids)
        parts += [f"![{alternative}]({name}.svg)" for name, alternative in section.charts]
        parts += section.notes
    return "\n\n".join(parts)


def markdown_grid(grid: Grid) -> str:
    """Return a table as Markdown under its title."""
    rule = ["---" if place in grid.text else "---:" for place in range(len(grid.head))]
    rows = [grid.head, rule, *([escaped(text(cell)) for cell in row] for row in grid.rows)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*([f"*{grid.title}*", ""] if grid.title else []), *lines])


def escaped(words: str) -> str:
    """Keep a text from being read as Markdown's own signs; code in backticks stays code."""
    parts = " ".join(words.split()).split("`")  # a line break would end a row of a table
    for place in range(0, len(parts), 2):
        for sign in ("\\", "|", "*", "_", "<", ">", "]("):
            parts[place] = parts[place].replace(sign, f"\\{sign}")
    return "`".join(parts)


def html(title: str, sections: Sequence[Section], charts: Mapping[str, bytes], made_by: str) -> str:
    """Return a page that needs no other file; all that is put in it is escaped. `charts`: their files by name."""
    drawn = {name: base64.b64encode(made).decode() for name, made in charts.items() if name.endswith(".svg")}
    return filled("report.html.j2", title=title, sections=sections, charts=drawn, made_by=made_by)


def filled(template: str, **values: Any) -> str:
    """Return a template of the package with values put in, all of them escaped."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    loader = ChoiceLoader([PackageLoader("timetravel.report", folder) for folder in ("templates", "page")])
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters.update(prose=prose, written=text, is_grid=lambda part: isinstance(part, Grid))
    return page.get_template(template).render(**values)


def in_a_cell(sections: Sequence[Section]) -> str:
    """Return what a notebook shows of a result, as HTML: what was found, its first table and its notes."""
    first = sections[0]
    table = "".join(filled("grid.html.j2", grid=grid) for grid in first.grids[:1])
    notes = (f"<p>{prose(note)}</p>" for note in first.notes)
    return "".join([f"<p><strong>{prose(first.sentence)}</strong></p>", table, *notes])


def prose(words: str) -> "Markup":
    """Escape a text for HTML; addresses become links, and what stands in backticks becomes code."""
    from markupsafe import Markup, escape

    made = Markup("")
    for place, part in enumerate(MARKED.split(words)):
        if place % 2 == 0:
            made += escape(part)
        elif part.startswith("`"):
            made += Markup("<code>{}</code>").format(part.strip("`"))
        else:
            made += Markup('<a href="{0}">{0}</a>').format(part)
    return made


def records(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return measured and published rows, and shares, flat: a mean, a low and a high column an estimate."""
    kinds = (("measured", "rows"), ("published", "references"), ("share", "shares"), ("tweak", "tweaks"))
    return [{"kind": kind, **flat(row)} for kind, key in kinds for row in document.get(key, ())]


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row without nested values; settings are left to the document."""
    record: dict[str, Any] = {}
    for name, value in row.items():
        if name == "settings":
            continue
        if isinstance(value, Mapping):
            record |= {f"{name}_{part}": inner for part, inner in value.items() if part != "values"}
        else:
            record[name] = " ".join(map(str, value)) if isinstance(value, list | tuple) else value
    return record


def csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return flat rows as CSV, a column for every name that one of them has."""
    import pandas as pd

    return pd.DataFrame(list(rows)).to_csv(index=False).encode()
