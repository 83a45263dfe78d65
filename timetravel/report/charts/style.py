"""The one look of all charts: a light and a dark theme, colours that the colour-blind tell apart, and shared marks."""

import base64
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, Literal

import altair as alt
from PIL import Image

from timetravel.report.grid import Pictures

Row = Mapping[str, Any]
# After Okabe and Ito (2008), Color Universal Design, https://jfly.uni-koeln.de/color/, some darker or lighter.
LIGHT: Final = ("#0072B2", "#D55E00", "#008F68", "#B5569A", "#C08000", "#56B4E9")
DARK: Final = ("#56B4E9", "#E69F00", "#1DBF91", "#DE8FBC", "#F0E442", "#FF8A50")
DAY: Final = ("#1f1f1f", "#5f5f5f", "#e4e4e4", "#ffffff")  # ink, soft ink, lines, ground
NIGHT: Final = ("#ececec", "#b4b4b4", "#333333", "#121212")
SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
DASHES: Final = ([1, 0], [7, 3], [2, 3], [9, 3, 2, 3])
PLAIN: Final = (
    "datum.value < 1e-3 || datum.value > 2e6 ? replace(format(datum.value, '~e'), '+', '') "
    ": format(datum.value, ',~r')"
)  # how a number is written at a tick
PARTS: Final = (  # of a power of ten, where ticks stand on an axis of less than so many powers
    (0.5, (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9)),
    (1.2, (1, 1.5, 2, 3, 5, 7)),
    (3, (1, 2, 5)),
    (math.inf, (1,)),
)
OVER, NEW = "95 % over these runs", "95 % for new runs and digits"
KEY: Final = f"Thick line: {OVER}. Thin: {NEW}."


def theme(dark: bool) -> dict[str, Any]:
    """Return Vega's configuration. Marks name a style, 'ink', 'soft' or 'first' to 'fourth', and never a colour."""
    ink, soft, line, ground, *palette = (*NIGHT, *DARK) if dark else (*DAY, *LIGHT)
    styles = zip(("ink", "soft", "first", "second", "third", "fourth"), (ink, soft, *palette), strict=False)
    guide: Any = {"labelColor": soft, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 12, "labelLimit": 400}
    guide |= {"titleFontWeight": "normal", "titleLimit": 600, "titlePadding": 9}
    return {
        "background": ground,
        "font": "Liberation Sans, Arial, Helvetica, sans-serif",  # one width of letters wherever it is shown
        "title": {"anchor": "start", "color": ink, "fontSize": 15, "offset": 14, "subtitleColor": soft}
        | {"subtitleFontSize": 12, "subtitlePadding": 5, "subtitleLineHeight": 16},
        "axis": guide
        | {"gridColor": line, "domainColor": soft, "tickColor": soft, "tickCount": 7, "labelFlush": False},
        "axisYBand": {"grid": False, "domain": False, "ticks": False, "labelColor": ink, "labelPadding": 8},
        "legend": guide | {"labelColor": ink, "symbolStrokeWidth": 2, "symbolSize": 90, "symbolOpacity": 1},
        "range": {"category": palette, "symbol": list(SHAPES)},
        "style": {name: {"color": colour} for name, colour in styles} | {"hollow": {"fill": ground, "filled": False}},
        "text": {"color": ink, "fontSize": 12},
        "point": {"size": 55, "strokeWidth": 1.8, "opacity": 1},
        "tick": {"opacity": 1},
        "view": {"stroke": None},
    }


def data(rows: Iterable[Row]) -> alt.Chart:
    """Return a chart, still without marks, of rows that stand in it: in a tuple, which Altair never copies."""
    return alt.Chart({"values": tuple(rows)})


def frame(*layers: Any, title: str, key: Sequence[str] = (), height: int = 430, panel: int = 0) -> Any:
    """Return layers under a title that says what is seen; `key`: what the marks are.

    A whole chart is 700 pixels wide with its axes and labels; a panel of one is `panel` pixels wide without them.
    """
    told = alt.Title(title, frame="group" if panel else "bounds", subtitle=list(key) or alt.Undefined)
    whole = {} if panel else {"autosize": alt.AutoSizeParams(type="fit", contains="padding"), "padding": 14}
    return alt.layer(*layers, width=panel or 700, height=height, title=told, **whole)


def stacked(*panels: Any) -> Any:
    """Return panels one above the other, each with its own colours."""
    own = alt.ScaleResolveMap(color="independent", shape="independent", strokeDash="independent")
    return alt.vconcat(*panels, spacing=36, padding=14, resolve=alt.Resolve(scale=own))


def log(title: str, values: Iterable[float | None], at: Iterable[float] = (), room: float = 1.2) -> dict[str, Any]:
    """Return title, scale and axis of a logarithmic channel around values; ticks at some places or round ones."""
    shown = [value for value in values if value and value > 0] or [1.0]
    low, high = min(shown) / room, max(shown) * room
    span = math.log10(high / low)
    parts = next(parts for most, parts in PARTS if span < most)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1, math.ceil(span / 8))
    places = sorted(set(at)) or [part * 10.0**power for power in powers for part in parts]
    ticks = [place for place in places if low <= place <= high]
    axis = alt.Axis(values=ticks, tickCount=len(ticks), labelOverlap="greedy", labelSeparation=4, labelExpr=PLAIN)
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    return {"title": f"{title} (log axis)", "scale": scale, "axis": axis}


def cut(rows: Iterable[Row], channel: Mapping[str, Any]) -> list[Row]:
    """Return rows whose intervals end where a logarithmic axis does: 0 has no place on it."""
    lowest = channel["scale"]["domain"][0]
    ends = ("low", "new low")
    return [{**row, **{end: max(row[end], lowest) for end in ends if row.get(end) is not None}} for row in rows]


def measured(row: Row, key: str = "test_error", /, **more: Any) -> dict[str, Any]:
    """Return what is drawn and told of a row's estimate: mean, both intervals, and words for its tooltip."""
    found, seeds = row[key], row.get("seeds") or []
    new = (row.get("new_digits") if key == "test_error" else None) or {"low": None, "high": None}
    drawn = {"mean": found["mean"], "low": found["low"], "high": found["high"]}
    drawn |= {"new low": new["low"], "new high": new["high"], OVER: ends(found), NEW: ends(new)}
    return {**drawn, "runs": len(found.get("values") or seeds) or None, "seeds": spans(seeds), **more}


def ends(estimate: Row) -> str:
    """Write the ends of an interval; nothing where there is none."""
    low, high = estimate["low"], estimate["high"]
    return "" if low is None or high is None else f"{low:,.4g} to {high:,.4g}"


def spans(seeds: Sequence[int]) -> str:
    """Write seeds: '0 to 9' where none is missing between, each of them otherwise."""
    whole = len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1))
    return f"{seeds[0]} to {seeds[-1]}" if whole else ", ".join(map(str, seeds))


def tips(*names: str, mean: str) -> list[Any]:
    """Return the tooltip of an estimate: some fields, its mean under a name, and what it stands on."""
    value = alt.Tooltip("mean:Q", title=mean, format=",.4~g")
    return [*told(*names), value, *told("runs", "seeds", OVER, NEW)]


def told(*names: str) -> list[Any]:
    """Return tooltips of fields as they are: as channels, since Altair takes milliseconds to see one in a word."""
    return [alt.Tooltip(f"{name}:N") for name in names]


def intervals(base: Any, axis: Literal["x", "y"], style: str = "first") -> list[Any]:
    """Return both intervals of estimates along an axis: thick the one over these runs, thin the one for new ones."""
    return [
        base.transform_filter(f"isValid(datum['{low}']) && isValid(datum['{high}'])")
        .mark_rule(style=style, strokeWidth=width, opacity=opacity, clip=True)
        .encode(**{axis: f"{low}:Q", f"{axis}2": f"{high}:Q"})
        for low, high, width, opacity in (("new low", "new high", 1.2, 1), ("low", "high", 4, 0.55))
    ]


def coloured(names: Iterable[str], legend: alt.Legend | None = None) -> dict[str, Any]:
    """Return how each `line` of some names looks, by its colour, its shape and its strokes, told in a legend or not."""
    domain = list(dict.fromkeys(names))
    shown: Any = {"scale": alt.Scale(domain=domain), "legend": legend}
    dashes = alt.Scale(domain=domain, range=[DASHES[place % len(DASHES)] for place in range(len(domain))])
    strokes = alt.StrokeDash("line:N", scale=dashes, legend=legend)
    return {"color": alt.Color("line:N", **shown), "shape": alt.Shape("line:N", **shown), "strokeDash": strokes}


def joined(base: Any) -> list[Any]:
    """Return lines with their marks."""
    return [base.mark_line(strokeWidth=1.7), base.mark_point(filled=True)]


def named(rows: Iterable[Row], x: str, y: str = "mean", *, logarithmic: bool = True, gap: float = 0.06) -> Any:
    """Return the name of each `line` of rows beside its last, moved apart by a share of what the rows span."""
    rows = [row for row in rows if row[y] is not None]
    last = {row["line"]: row for row in rows}
    places = spread([row[y] for row in last.values()], [row[y] for row in rows], gap, logarithmic=logarithmic)
    shown = [{x: row[x], y: place, "line": name} for (name, row), place in zip(last.items(), places, strict=True)]
    text = data(shown).mark_text(align="left", dx=11, fontWeight="bold")
    return text.encode(alt.X(f"{x}:Q"), alt.Y(f"{y}:Q"), coloured(last)["color"], text="line:N")


def spread(places: Sequence[float], of: Sequence[float], gap: float, *, logarithmic: bool = True) -> list[float]:
    """Move places up until each is above the one below it by a share of what an axis spans, in their order."""
    forth, back = (math.log10, lambda place: 10**place) if logarithmic else (float, float)
    moved = list(map(forth, places))
    room = gap * (forth(max(of)) - forth(min(of))) if of else 0
    for before, after in pairwise(sorted(range(len(places)), key=places.__getitem__)):
        moved[after] = max(moved[after], moved[before] + room)
    return list(map(back, moved))


def picture(pixels: str) -> str:
    """Return a square picture, as a digit's 256 grey levels, in base64, as the address of a PNG that holds it."""
    made, levels = io.BytesIO(), base64.b64decode(pixels)
    Image.frombytes("L", (math.isqrt(len(levels)),) * 2, levels).save(made, "PNG")
    return "data:image/png;base64," + base64.b64encode(made.getvalue()).decode()


def digits(groups: Sequence[Pictures], across: int, title: str) -> Any:
    """Draw digits, each with a caption of one line or two, group by group under the group's title."""
    step, size, top = 672 / across, min(64, 560 // across), 0.0
    heads, shown = [], []
    for group in groups:
        heads.append({"x": 0, "y": top + 14, "text": group.title})
        top += 22 if group.title else 0
        below = 40 if any(group.captions) else 20
        for place, (pixels, caption) in enumerate(zip(group.digits, group.captions, strict=True)):
            x, y = step * (place % across) + size / 2, top + place // across * (size + below) + size / 2
            shown.append({"x": x, "y": y, "picture": picture(pixels), "caption": caption})
        top += -(-len(group.digits) // across) * (size + below)
    at = (alt.X("x:Q", scale=None, axis=None), alt.Y("y:Q", scale=None, axis=None))  # pixels
    pictures = data(shown).encode(*at, tooltip="caption:N")
    layers = (
        data(heads).mark_text(align="left", baseline="alphabetic", fontWeight="bold").encode(*at, text="text:N"),
        pictures.mark_image(width=size, height=size, smooth=False).encode(url="picture:N"),
        pictures.mark_text(fontSize=11, lineBreak="\n", dy=size / 2 + 12).encode(text="caption:N"),
    )
    return alt.layer(*layers).properties(width=672, height=top - 14, title=title, padding=14)
