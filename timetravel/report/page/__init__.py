"""The page: one HTML file that tells the whole story and needs no other."""

import json
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

from markupsafe import Markup

from timetravel.report import render
from timetravel.report.charts import charts
from timetravel.report.grid import Grid
from timetravel.report.page import pad
from timetravel.report.page import training as of_training
from timetravel.report.page.chapters import Part
from timetravel.report.tables import sections
from timetravel.version import __version__

TOGETHER: Final = re.compile(r" (?=%|\[)|(?<=\d,) (?=[\d.,]+\])")  # no line ends within 55 % [51, 59]


def shown(part: Part) -> dict[str, Any]:
    """Return what the page says of a part with a document: finding, pictures, tables, and what made it.

    Raises what a damaged document raises, such as KeyError and ValueError.
    """
    from timetravel.report.page.drawing import inline

    chapter, document = part.chapter, part.document or {}
    told, drawn = sections(document), charts(document)
    finding = document.get("finding") or told[0].sentence
    names = [name for name in chapter.charts if name in drawn] or list(drawn)[:1]
    typed = document.get("typed") or document.get("provenance", document).get("command_line")
    first = told[0].grids[0] if chapter.opened and told[0].grids else None
    folded = [one for one in told if (not one.long or one.title in chapter.tables) and (one.parts or one.notes)]
    return {
        "name": chapter.name,
        "title": chapter.title,
        "finding": TOGETHER.sub("\u00a0", finding),
        "pictures": [(drawn[name].alternative, inline(drawn[name], f"{chapter.name}-{name}")) for name in names],
        "first": first,
        "leads": chapter.leads,
        "sections": folded,
        "folded": "The tables" if any(grid is not first for one in folded for grid in one.grids) else "Notes",
        "typed": str(typed or f"timetravel {chapter.command}").removesuffix(" --json"),
        "origin": part.origin,
        "provenance": document.get("provenance") or {},
    }


def page(parts: Sequence[Mapping[str, Any]], empty: Sequence[Part], *, training: bool = True) -> str:
    """Return the page of parts as `shown` returns them. empty: those that no document fills."""
    from timetravel.report.page.drawing import variables

    data = {"pad": pad.data(), "training": of_training.data()} if training else {"pad": pad.data()}
    scripts = ("ink.js", "nets.js", "pad.js", *(("training.js",) if training else ()), "tips.js")  # in one scope
    return render.filled(
        "page.html.j2",
        parts=parts,
        empty=empty,
        drawings=pad.drawings(),
        data={name: as_json(each) for name, each in data.items()},
        style=Markup("\n").join([source("page.css"), source("pad.css")]),
        light=variables(dark=False),
        dark=variables(dark=True),
        script=Markup("\n").join(map(source, scripts)),
        worker=source("worker.js") if training else "",
        made=provenance(parts),
        glossary=[row.strip("| \n").split(" | ", 1) for row in source("glossary.md").splitlines()[4:]],
        version=__version__,
    )


def source(name: str) -> Markup:
    """Return a file of the page as it is."""
    return Markup(resources.files(__name__).joinpath(name).read_text(encoding="utf-8"))


def as_json(value: Any) -> Markup:
    """Return plain data as JSON that can end no script and breaks no line in one."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)  # in ASCII
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def provenance(parts: Sequence[Mapping[str, Any]]) -> Grid:
    """Return which day, version and machine made each part."""
    made = [{"title": part["title"], "origin": part["origin"], **part["provenance"]} for part in parts]
    columns = [
        ("part", lambda row: row["title"]),
        ("from", lambda row: row["origin"] or "the package"),
        ("made", lambda row: str(row.get("finished", "with this page"))[:10]),
        ("timetravel", lambda row: str(row.get("timetravel", __version__))),
        ("PyTorch", lambda row: str(row.get("torch", ""))),
        ("machine", lambda row: str(row.get("processor", ""))),
    ]
    return Grid.of("", made, columns)
