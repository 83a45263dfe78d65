"""A chart as an SVG that stands in a page: its colours follow the page's, and nothing but shapes and text is let in."""

import re
from typing import Final
from xml.etree import ElementTree as Tree

from markupsafe import Markup

from timetravel.report.charts import Chart
from timetravel.report.charts.style import DARK, DAY, LIGHT, NIGHT

NAMES: Final = ("ink", "soft", "line", "ground", *(f"c{place}" for place in range(1, 7)))
COLOURS: Final = {colour.lower(): f"var(--{name})" for name, colour in zip(NAMES, (*DAY, *LIGHT), strict=True)}
SHAPES: Final = {"g", "path", "rect", "line", "text", "tspan", "image", "defs", "clipPath"}
PLACES: Final = {"d", "x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "transform"}
LOOKS: Final = {"width", "height", "fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "text-anchor"}
LOOKS_TOO: Final = {"font-size", "font-weight", "clip-path"}
UNSAID: Final = {("stroke-width", "1"), ("opacity", "1"), ("transform", "translate(0,0)"), ("text-anchor", "start")}
CIRCLE: Final = re.compile(r"M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0")
EDGE: Final = 13  # of the blank around a chart what is cut off at left and above, as a page has its own grid


def variables(*, dark: bool) -> str:
    """Return the page's colours as CSS variables, which are those of the charts."""
    palette = (*NIGHT, *DARK) if dark else (*DAY, *LIGHT)
    named = zip((*NAMES, "accent"), (*palette, palette[4]), strict=True)
    return " ".join(f"--{name}: {colour};" for name, colour in named)


def inline(chart: Chart, name: str) -> Markup:
    """Return a chart as an element of a page; `name` begins its ids. Marks that tell something have it in data-tip."""
    drawn = Tree.fromstring(chart.svg(tips=True))
    left, top, width, height = map(float, drawn.attrib["viewBox"].split())
    box = f"{left + EDGE:g} {top + EDGE:g} {width - EDGE:g} {height - EDGE:g}"
    made = Tree.Element("svg", {"viewBox": box, "role": "img", "aria-label": chart.alternative})
    for part in drawn:
        made.extend(cleaned(part, name))
    return Markup(Tree.tostring(made, encoding="unicode").replace(" />", "/>"))


def cleaned(part: Tree.Element, name: str) -> list[Tree.Element]:
    """Return a part of a chart without what a page does not need: nothing, itself, or the parts of a bare group."""
    tag = part.tag.rpartition("}")[2]  # without its namespace
    if tag not in SHAPES or part.get("display") == "none":
        return []
    made = Tree.Element(tag)
    for key, value in part.items():
        short = key.rpartition("}")[2]
        if short in PLACES:
            made.set(short, re.sub(r"-?\d+\.\d+", rounded, value))
        elif short in LOOKS or short in LOOKS_TOO:
            made.set(short, COLOURS.get(value.lower(), value.replace("url(#", f"url(#{name}-")))
        elif short == "id":
            made.set("id", f"{name}-{value}")
        elif short == "href" and value.startswith("data:image/png;base64,"):
            made.set("href", value)
        elif short == "aria-label" and part.get("aria-roledescription") == "point":
            made.set("data-tip", tip(value))
    unseen = {"stroke-width"} if "stroke" not in made.attrib else set()
    for key in [key for key, value in made.items() if (key, value) in UNSAID or key in unseen]:
        del made.attrib[key]
    made.text = part.text
    for inner in part:
        made.extend(cleaned(inner, name))
    if tag == "g" and not made.attrib:
        return list(made)
    seen = len(made) if tag == "g" else tag != "path" or {"fill", "stroke"} & set(made.keys())
    return [as_circle(made)] if seen else []


def as_circle(made: Tree.Element) -> Tree.Element:
    """Return a mark, a path that is a circle as one, which takes less to say."""
    found = CIRCLE.fullmatch(made.get("d", ""))
    if found and (place := re.fullmatch(r"translate\((.*),(.*)\)", made.get("transform", ""))):
        rest = {key: value for key, value in made.items() if key not in ("d", "transform")}
        rest |= {"cx": place[1], "cy": place[2], "r": found[1]}
        return Tree.Element("circle", rest)
    return made


def tip(words: str) -> str:
    """Return what a mark tells, without what its axis says a second time, and without sources, which tables list."""
    parts = words.partition("; source: ")[0].split("; ")
    return "; ".join([part for part in parts if " (log axis): " not in part] or parts)


def rounded(number: re.Match[str]) -> str:
    """Return a number of a place to a tenth of a pixel."""
    return f"{float(number[0]):.1f}".removesuffix(".0")
