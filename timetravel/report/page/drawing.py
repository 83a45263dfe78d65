"""A chart as an SVG that stands in a page: its colours follow the page's, and nothing but shapes and text is let in."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as Tree

from markupsafe import Markup

from timetravel.report.charts import Chart
from timetravel.report.charts.style import DARK, DAY, LIGHT, NIGHT

NAMES: Final = ("ink", "soft", "line", "ground", *(f"c{place}" for place in range(1, 7)))
COLOURS: Final = {colour.lower(): f"var(--{name})" for name, colour in zip(NAMES, (*DAY, *LIGHT), strict=True)}
SHAPES: Final = {"g", "path", "rect", "line", "text", "tspan", "image", "defs", "clipPath"}
KEPT: Final = {"d", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "width", "height", "transform", "fill", "stroke"}
KEPT_TOO: Final = {
    "stroke-width",
    "stroke-dasharray",
    "opacity",
    "text-anchor",
    "font-size",
    "font-weight",
    "clip-path",
}
UNSAID: Final = {("stroke-width", "1"), ("opacity", "1"), ("transform", "translate(0,0)"), ("text-anchor", "start")}
MOVED: Final = {"d", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "transform"}
CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML can't hold


def variables(*, dark: bool) -> str:
    """Return the page's colours as CSS variables, which are those of the charts."""
    palette = (*NIGHT, *DARK) if dark else (*DAY, *LIGHT)
    return " ".join(
        f"--{name}: {colour};" for name, colour in zip((*NAMES, "accent"), (*palette, palette[4]), strict=True)
    )


def inline(chart: Chart, name: str) -> Markup:
    """Return a chart as an element of a page; `name` begins its ids. Marks that tell something have it in data-tip."""
    drawn = Tree.fromstring(CONTROL.sub("", chart.svg().decode()))
    _, _, width, _ = drawn.attrib["viewBox"].split()
    told = {"viewBox": drawn.attrib["viewBox"], "role": "img", "aria-label": chart.alternative}
    made = Tree.Element("svg", told | {"style": f"max-width: {float(width):.0f}px"})
    for part in drawn:
        made.extend(cleaned(part, name))
    return Markup(Tree.tostring(made, encoding="unicode"))


def cleaned(part: Tree.Element, name: str) -> Iterator[Tree.Element]:
    """Yield a part of a chart without what a page does not need: nothing, or the parts of it, where it says nothing."""
    tag = part.tag.rpartition("}")[2]
    path = part.get("d")
    if tag not in SHAPES or part.get("display") == "none" or (path is not None and path in ("", "M0,0h0v0h0Z")):
        return
    made = Tree.Element(tag)
    for key, value in part.items():
        short = key.rpartition("}")[2]
        if short in KEPT or short in KEPT_TOO:
            value = COLOURS.get(value.lower(), value.replace("url(#", f"url(#{name}-"))
            value = re.sub(r"-?\d+\.\d+", rounded, value) if short in MOVED else value
            if (short, value) not in UNSAID:
                made.set(short, value)
        elif short == "id":
            made.set("id", f"{name}-{value}")
        elif short == "href" and value.startswith("data:image/png;base64,"):
            made.set("href", value)
        elif short == "aria-label" and part.get("aria-roledescription") == "point":
            made.set("data-tip", value)
    made.text = part.text
    for inner in part:
        made.extend(cleaned(inner, name))
    if tag == "g" and not len(made):
        return
    if tag == "g" and not made.attrib:
        yield from made
    else:
        yield made


def rounded(number: re.Match[str]) -> str:
    """Return a number of a place to a tenth of a pixel."""
    return f"{float(number[0]):.1f}".removesuffix(".0")
