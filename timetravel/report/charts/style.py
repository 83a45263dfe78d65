"""The one look of all charts: a light and a dark theme, colours that the colour-blind tell apart, and shared marks."""

import base64
import math
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, Literal

import altair as alt

Row = Mapping[str, Any]
# Okabe and Ito (2008), Color Universal Design, https://jfly.uni-koeln.de/color/: those readable on white, and on black.
LIGHT: Final = ("#0072B2", "#D55E00", "#008F68", "#B5569A", "#C08000", "#56B4E9")
DARK: Final = ("#56B4E9", "#E69F00", "#1DBF91", "#DE8FBC", "#F0E442", "#FF8A50")
SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross")
DASHES: Final = ([1, 0], [7, 3], [2, 3], [9, 3, 2, 3])
WIDTH: Final = 700  # pixels
TICKS: Final = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100)  # percent
FEWER: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
OVER, NEW = "95 % over these runs", "95 % for new runs and digits"
KEY: Final = f"Thick line: {OVER}. Thin: {NEW}."


def theme(dark: bool) -> dict[str, Any]:
    """Return Vega's configuration. Marks name a style, 'ink', 'soft' or 'first' to 'fourth', and never a colour."""
    ink, soft, line, ground = ("#ececec", "#b4b4b4", "#333333", "#121212") if dark else (
        "#1f1f1f", "#5f5f5f", "#e4e4e4", "#ffffff"
    )  # fmt: skip
    palette = DARK if dark else LIGHT
    styles = zip(("ink", "soft", "first", "second", "third", "fourth"), (ink, soft, *palette), strict=False)
    guide: Any = {"labelColor": soft, "titleColor": ink, "labelFontSize": 12, "titleFontSize": 12, "labelLimit": 400}
    guide |= {"titleFontWeight": "normal", "titleLimit": 600}
    return {
        "background": ground,
        "font": "Liberation Sans, Arial, Helvetica, sans-serif",  # one width of letters wherever it is shown
        "title": {"anchor": "start", "frame": "bounds", "color": ink, "fontSize": 15, "fontWeight": "bold", "offset": 14}
        | {"subtitleColor": soft, "subtitleFontSize": 12, "subtitlePadding": 5, "subtitleLineHeight": 16},
        "axis": guide | {"tickCount": 7, "gridColor": line, "domainColor": soft, "tickColor": soft, "titlePadding": 9},
        "axisYBand": {"grid": False, "domain": False, "ticks": False, "labelColor": ink, "labelPadding": 8},
        "legend": guide | {"labelColor": ink, "symbolStrokeWidth": 2, "symbolSize": 70},
        "range": {"category": list(palette), "symbol": list(SHAPES)},
        "style": {name: {"color": colour} for name, colour in styles} | {"hollow": {"fill": ground, "filled": False}},
        "text": {"color": ink, "fontSize": 12},
        "point": {"size": 55, "strokeWidth": 1.8, "opacity": 1},
        "tick": {"opacity": 1},
        "view": {"stroke": None},
    }


def data(rows: Iterable[Row]) -> alt.Chart:
    """Return a chart, still without marks, of rows that stand in it."""
    return alt.Chart(alt.Data(values=list(rows)))


def panel(
    *layers: Any, title: str, width: int, height: int, key: Sequence[str] = (), of: Literal["bounds", "group"] = "group"
) -> alt.LayerChart:
    """Return layers under a title that says what is seen; `key`: what the marks are; `of`: with what that lines up."""
    told: Any = {"subtitle": list(key)} if key else {}
    return alt.layer(*layers).properties(width=width, height=height, title=alt.Title(text=title, frame=of, **told))


def frame(*layers: Any, title: str, key: Sequence[str] = (), height: int = 430) -> alt.LayerChart:
    """Return layers as a whole chart, 700 pixels wide with its axes and labels."""
    made = panel(*layers, title=title, key=key, width=WIDTH, height=height, of="bounds")
    return made.properties(autosize=alt.AutoSizeParams(type="fit", contains="padding"), padding=14)


def stacked(*panels: alt.LayerChart) -> alt.VConcatChart:
    """Return panels one above the other, each with its own colours."""
    return alt.vconcat(*panels, spacing=36, padding=14).resolve_scale(color="independent", shape="independent", strokeDash="independent")


def log(values: Iterable[float | None], room: float = 1.2) -> alt.Scale:
    """Return a logarithmic scale around what is drawn; values that are none, or 0 and less, are not."""
    shown = [value for value in values if value and value > 0] or [1.0]
    return alt.Scale(type="log", domain=[min(shown) / room, max(shown) * room], nice=False)


def percents(title: str, scale: alt.Scale) -> dict[str, Any]:
    """Return title, scale and axis of errors in percent on a logarithmic scale, their ticks at round places."""
    low, high = scale["domain"]
    ticks = [tick for tick in (TICKS if high < 15 * low else FEWER) if low <= tick <= high]
    return {"title": title, "scale": scale, "axis": alt.Axis(values=ticks, tickCount=len(ticks), format="~g")}


def ticks(values: Iterable[float]) -> alt.Axis:
    """Return an axis with ticks at values; labels that would overlap are left out."""
    places = sorted(set(values))
    return alt.Axis(values=places, tickCount=len(places), format=",~r", labelOverlap="greedy", labelSeparation=4)


def powers(scale: alt.Scale) -> alt.Axis:
    """Return an axis of a logarithmic scale with ticks at powers of ten, and between them where these are few."""
    low, high = (math.log10(end) for end in scale["domain"])
    between = (1, 2, 5) if high - low < 2 else (1,)
    places = range(math.floor(low), math.ceil(high) + 1, max(1, math.ceil((high - low) / 8)))
    at = [part * 10.0**place for place in places for part in between]
    shown = [place for place in at if low <= math.log10(place) <= high]
    return alt.Axis(values=shown, tickCount=len(shown), labelExpr="replace(format(datum.value, ',~g'), 'e+', 'e')")


def measured(row: Row, key: str = "test_error", /, **more: Any) -> dict[str, Any]:
    """Return what is drawn and told of a row's estimate: mean, both intervals, and words for its tooltip."""
    found, new = row[key], row.get("new_digits") if key == "test_error" else None
    new = new or {"low": None, "high": None}
    seeds = row.get("seeds") or []
    return {
        "mean": found["mean"], "low": found["low"], "high": found["high"], "new low": new["low"], "new high": new["high"],
        "runs": len(found.get("values") or seeds) or None, "seeds": spans(seeds),
        OVER: ends(found), NEW: ends(new), **more,
    }  # fmt: skip


def ends(estimate: Row) -> str:
    """Write the ends of an interval; nothing where there is none."""
    low, high = estimate["low"], estimate["high"]
    return "" if low is None or high is None else f"{low:,.4g} to {high:,.4g}"


def spans(seeds: Sequence[int]) -> str:
    """Write seeds: '0 to 9' where none is missing between, each of them otherwise."""
    whole = len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1))
    return f"{seeds[0]} to {seeds[-1]}" if whole else ", ".join(map(str, seeds))


def tips(*names: str, mean: str) -> list[alt.Tooltip]:
    """Return the tooltip of an estimate: some fields, its mean under a name, and what it stands on."""
    first = [alt.Tooltip(f"{name}:N") for name in names]
    return [*first, alt.Tooltip("mean:Q", title=mean, format=",.4~g"), *(alt.Tooltip(f"{n}:N") for n in ("runs", "seeds", OVER, NEW))]


def intervals(base: alt.Chart, axis: Literal["x", "y"], style: str = "first", *, over: int = 4) -> list[alt.Chart]:
    """Return both intervals of estimates along an axis: thick the one over these runs, thin the one for new ones."""
    return [
        base.transform_filter(f"isValid(datum['{low}']) && isValid(datum['{high}'])")
        .mark_rule(style=style, strokeWidth=width, opacity=opacity)
        .encode(**{axis: f"{low}:Q", f"{axis}2": f"{high}:Q"})
        for low, high, width, opacity in (("new low", "new high", 1.2, 1), ("low", "high", over, 0.55))
    ]


def joined(base: alt.Chart) -> list[alt.Chart]:
    """Return lines with their marks."""
    return [base.mark_line(strokeWidth=1.7), base.mark_point(filled=True)]


def coloured(names: Iterable[str], legend: alt.Legend | None = None) -> dict[str, Any]:
    """Return how each `line` of some names looks, by its colour, its shape and its strokes, with or without a legend."""
    domain = list(dict.fromkeys(names))
    shown: Any = {"scale": alt.Scale(domain=domain), "legend": legend}
    dashes = alt.Scale(domain=domain, range=[DASHES[place % len(DASHES)] for place in range(len(domain))])
    return {
        "color": alt.Color("line:N", **shown),
        "shape": alt.Shape("line:N", **shown),
        "strokeDash": alt.StrokeDash("line:N", scale=dashes, legend=legend),
    }


def named(rows: Sequence[Row], x: str, y: str, *, logarithmic: bool = False, gap: float = 0.06) -> alt.Chart:
    """Return the name of each `line` of rows beside its last, moved apart by a share of what the rows span."""
    last = {row["line"]: row for row in rows}
    places = spread([row[y] for row in last.values()], [row[y] for row in rows], gap, logarithmic=logarithmic)
    shown = [{x: row[x], y: place, "line": name} for (name, row), place in zip(last.items(), places, strict=True)]
    text = data(shown).mark_text(align="left", dx=11, fontWeight="bold")
    return text.encode(alt.X(f"{x}:Q"), alt.Y(f"{y}:Q"), text="line:N", color=coloured(last)["color"])


def spread(places: Sequence[float], of: Sequence[float], gap: float, *, logarithmic: bool = False) -> list[float]:
    """Move places up until each is above the one below it by a share of what an axis spans, in their order."""
    forth, back = (math.log10, lambda place: 10**place) if logarithmic else (float, float)
    moved = list(map(forth, places))
    room = gap * (forth(max(of)) - forth(min(of)))
    for before, after in pairwise(sorted(range(len(places)), key=places.__getitem__)):
        moved[after] = max(moved[after], moved[before] + room)
    return list(map(back, moved))


def picture(pixels: str) -> str:
    """Return a digit, 256 grey levels of 16x16 in base64, as the address of a PNG that holds it."""
    levels = base64.b64decode(pixels)
    lines = b"".join(b"\0" + levels[start : start + 16] for start in range(0, 256, 16))
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part)) for kind, part in parts)
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(chunks)).decode()


def digits(groups: Mapping[str, Sequence[Row]], across: int, title: str) -> alt.LayerChart:
    """Draw digits, each with `pixels` and a `caption` of one line or two, group by group under the group's name."""
    step, size = 680 / across, min(64, 560 // across)
    under = 40 if any("\n" in one["caption"] for members in groups.values() for one in members) else 32
    heads, shown, top = [], [], 0.0
    for name, members in groups.items():
        if name:
            heads.append({"x": 0, "y": top + 14, "text": name})
            top += 22
        for place, one in enumerate(members):
            down, right = divmod(place, across)
            at = {"x": step * right + size / 2, "y": top + down * (size + under) + size / 2}
            shown.append(at | {"picture": picture(one["pixels"]), "caption": one["caption"], "under": at["y"] + size / 2 + 12})
        top += -(-len(members) // across) * (size + under)
    at = {"x": alt.X("x:Q", scale=None, axis=None), "y": alt.Y("y:Q", scale=None, axis=None)}
    pictures = data(shown).encode(at["x"])
    layers = [
        data(heads).mark_text(align="left", baseline="alphabetic", fontWeight="bold").encode(**at, text="text:N"),
        pictures.mark_image(width=size, height=size, smooth=False).encode(at["y"], url="picture:N", tooltip="caption:N"),
        pictures.mark_text(fontSize=11, lineBreak="\n", baseline="middle")
        .encode(alt.Y("under:Q", scale=None, axis=None), text="caption:N"),
    ]  # fmt: skip
    return alt.layer(*layers).properties(width=680, height=top - 12, title=title, padding=14)
