"""The projection report as files: Markdown, a self-contained HTML page, and the tables as CSV."""

import base64
import csv
import io
import re
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, Final

from timetravel.projection.milestones import COLUMNS
from timetravel.show.projection_grids import Grid, Section
from timetravel.show.projection_sections import sections

MARKED: Final = re.compile(r"(`[^`]*`|https?://[^\s;,)]*[^\s;,).])")  # what is not plain in a text

if TYPE_CHECKING:
    from markupsafe import Markup

    from timetravel.studies.extrapolate import ExtrapolateResult


def documents(result: "ExtrapolateResult", figures: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return report.md, report.html, projection.csv and milestones.csv. `figures`: their files by name."""
    parts = sections(result)
    return {
        "report.md": markdown(result, parts).encode(),
        "report.html": html(result, parts, figures).encode(),
        "projection.csv": result.table().to_csv(index=False, lineterminator="\n").encode(),
        "milestones.csv": milestones_csv(result).encode(),
    }


def markdown(result: "ExtrapolateResult", parts: list[Section]) -> str:
    """Write the report as Markdown."""
    lines = [f"# The essay's claims about {result.to}", "", result.finding, ""]
    for section in parts:
        lines += [f"## {section.title}", ""]
        for paragraph in section.paragraphs:
            lines += [escaped(paragraph), ""]
        for name, words in section.figures:
            lines += [f"![{words}]({name}.svg)", ""]
        for grid in section.grids:
            lines += [*table(grid), ""]
    lines += [f"Made by `{result.typed}`. The numbers are in results.json, projection.csv and milestones.csv.", ""]
    return "\n".join(lines)


def table(grid: Grid) -> list[str]:
    """Write a grid as a Markdown table."""
    rules = ["---:" if place in grid.numbers else "---" for place in range(len(grid.head))]
    rows = [grid.head, tuple(rules), *(tuple(escaped(cell) for cell in row) for row in grid.rows)]
    title = [f"### {grid.title}", ""] if grid.title else []
    return [*title, *(f"| {' | '.join(row)} |" for row in rows)]


def escaped(text: str) -> str:
    """Keep a text from being read as Markdown's own signs; code in backticks stays code."""
    parts = " ".join(text.split()).split("`")  # a line break would end a row of a table
    for place in range(0, len(parts), 2):
        for sign in "\\|*_<>[]":
            parts[place] = parts[place].replace(sign, f"\\{sign}")
    return "`".join(parts)


def html(result: "ExtrapolateResult", parts: list[Section], figures: Mapping[str, bytes]) -> str:
    """Write the report as one page that needs no other file; everything put in it is escaped."""
    import jinja2

    source = resources.files("timetravel.show").joinpath("projection.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters["prose"] = prose
    page = environment.from_string(source)
    pictures = {name: base64.b64encode(made).decode() for name, made in figures.items() if name.endswith(".svg")}
    return page.render(
        to=result.to, finding=result.finding, sections=parts, pictures=pictures, typed=result.typed
    )  # fmt: skip


def prose(text: str) -> "Markup":
    """Escape a text for HTML; addresses become links, and what stands in backticks becomes code."""
    from markupsafe import Markup, escape

    made = Markup("")
    for place, part in enumerate(MARKED.split(text)):
        if place % 2 == 0:
            made += escape(part)
        elif part.startswith("`"):
            made += Markup("<code>{}</code>").format(part.strip("`"))
        else:
            made += Markup('<a href="{0}">{0}</a>').format(part)
    return made


def milestones_csv(result: "ExtrapolateResult") -> str:
    """Write the milestones that were used, in the columns that --milestones takes."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in result.figures:
        values = {name: getattr(one, name) for name in COLUMNS} | {"estimated": "yes" if one.estimated else "no"}
        values["value"] = f"{one.value:.10g}"
        writer.writerow([values[name] for name in COLUMNS])
    return stream.getvalue()
