"""The projection as charts: fans on a log axis with milestones, their record, and what limits them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import altair as alt

from timetravel.numbers import short
from timetravel.report.charts import foresight
from timetravel.report.charts.style import coloured, data, frame, log, spread, stacked, told
from timetravel.report.tables.extrapolate_grounds import GROUPS

Document = Mapping[str, Any]
FIRST_SHOWN: Final = 1980
PAST: Final = "forecast in the past"
WAYS: Final = {"limited": "limited, 10-90 %", "trend": "trend, 10-90 %", "naive": "10,000,000 times in 33 years"}
KEY: Final = ["Dots: milestones. Steps: their record. Bars at the right: limits (medians)."]
PANEL, LEADER = 520, 14  # pixels: a fan's width, and the width of the lines from limits to their labels
X_AT: Final[Any] = alt.XValue  # Altair gives them no types
X2_AT: Final[Any] = alt.X2Value
APART: Final = 0.065  # of the axis, between labels of limits


def charts(document: Document) -> dict[str, Any]:
    """Return all charts by name: the fans of every group of series that has any, then how far they can be trusted."""
    drawn: dict[str, Any] = {}
    if document["replay"]:
        return {"replay": foresight.replay(document["replay"])}
    for name, members in GROUPS.items():
        if own := [one for one in document["series"] if one["quantity"] in members]:
            drawn[name] = stacked(*(fan(document, one, first=one is own[0]) for one in own))
    return drawn | foresight.charts(document)


def fan(document: Document, series: Document, *, first: bool) -> Any:
    """Draw one series: milestones, the record so far, both fans, the essay's rule, and what limits it.

    The first of a chart says what its marks are.
    """
    nets = [
        {**one, "year": one["time"], "told": short(one["value"])}
        for one in document["milestones"]
        if one["quantity"] == series["of"] and one["time"] >= FIRST_SHOWN
        if not series["domains"] or one["domain"] in series["domains"]
    ]
    since, to = max(FIRST_SHOWN, min((one["time"] for one in nets), default=FIRST_SHOWN) - 2), document["to"]
    ends = enumerate(series["record"]["values"], series["record"]["first"] + 1)  # a record is of the end of its year
    best = [{"year": year, "value": value} for year, value in ends if year >= since]
    ways, said = list(ahead(document, series)), list(past(document, series))
    every = [one.get(end) for one in (*nets, *best, *ways, *said) for end in ("value", "low", "high")]
    up = log(series["unit"], [*every, *series["limits"].values()], room=2)
    limits = sorted(series["limits"].items(), key=lambda item: item[1])
    places = between([limit for _, limit in limits], up["scale"]["domain"])
    bounds = [
        {"year": to - 3, "until": to + 1, "value": limit, "place": place, "told": f"limit: {cause}"}
        for (cause, limit), place in zip(limits, places, strict=True)
    ]
    x = alt.X("year:Q", title="year", scale=alt.Scale(domain=[since, to + 1], nice=False), axis=alt.Axis(format="d"))
    year, level = alt.X("year:Q"), alt.Y("value:Q", title=up["title"])  # axes are told once: Altair copies them often
    lines = (*WAYS.values(), PAST)
    drawn = [line for line in lines if any(one["line"] == line for one in (*ways, *said))]
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolSize=500, offset=6, values=drawn)
    look = coloured(lines, legend if first else None)
    value, *band = (alt.Tooltip(f"{name}:Q", format=".2~g") for name in ("value", "low", "high"))
    dots = data(nets).encode(
        x,
        alt.Y("value:Q", **up),
        tooltip=[*told("name", "date"), alt.Tooltip("told:N", title=series["unit"]), *told("source")],
    )
    future = data(ways).encode(year, look["color"])
    then = data(said).encode(year, level, look["color"], detail=alt.Detail("origin:N"))
    limit = data(bounds).encode(level)
    layers = (
        dots.mark_point(style="soft", filled=True, size=12, opacity=0.6),
        future.transform_filter("isValid(datum.low)").mark_area(opacity=0.18).encode(alt.Y("low:Q"), alt.Y2("high:Q")),
        data(best).mark_line(style="ink", interpolate="step-before", strokeWidth=1.2).encode(year, level),
        then.mark_line(strokeWidth=1).encode(look["strokeDash"]),
        then.mark_point(filled=True, size=12).encode(tooltip=[*told("line", "origin", "year"), value]),
        future.mark_line(strokeWidth=1.8).encode(
            level, look["strokeDash"], tooltip=[*told("line", "year"), value, *band]
        ),
        limit.mark_rule(style="ink", strokeWidth=2).encode(year, x2=alt.X2("until:Q"), tooltip=[*told("told"), value]),
        limit.mark_rule(style="soft").encode(y2=alt.Y2("place:Q"), x=X_AT("width"), x2=X2_AT(PANEL + LEADER)),
        limit.mark_text(align="left", fontSize=11).encode(
            alt.Y("place:Q"), X_AT(PANEL + LEADER + 4), alt.Text("told:N")
        ),
    )
    title = series["label"][0].upper() + series["label"][1:]
    return frame(*layers, title=title, key=KEY if first else (), panel=PANEL, height=260)


def between(places: Sequence[float], domain: Sequence[float]) -> list[float]:
    """Move places on a log axis apart by APART of it, half up and half down, in their order."""
    up = spread(places, domain, APART)
    down = [1 / place for place in spread([1 / place for place in places], domain, APART)]
    return [math.sqrt(above * below) for above, below in zip(up, down, strict=True)]


def ahead(document: Document, series: Document) -> Iterator[dict[str, Any]]:
    """Yield the middle of each scenario with its band where it has one, from where it starts."""
    for path in document["paths"]:
        if path["quantity"] != series["quantity"] or not path["years"]:
            continue
        naive = path["scenario"] == "naive"
        year, base = (2022, series["in_2022"]) if naive else (series["standing_in"], series["last_record"])
        begin = (year, base, *((None, None) if None in path["low"] else (base, base)))
        for step in (begin, *zip(path["years"], path["value"], path["low"], path["high"], strict=True)):
            way = {"line": WAYS[path["scenario"]], "year": step[0] + 1}
            yield way | dict(zip(("value", "low", "high"), step[1:], strict=True))


def past(document: Document, series: Document) -> Iterator[dict[str, Any]]:
    """Yield what the method said in the past, standing in each origin of the backtests."""
    cells = [one for one in document["backtests"] if one["quantity"] == series["quantity"]]
    for origin in dict.fromkeys(one["origin"] for one in cells):
        stood = series["record"]["values"][origin - series["record"]["first"]]
        own = ((one["target"], one["predicted"]) for one in cells if one["origin"] == origin)
        for year, value in ((origin, stood), *own):
            yield {"line": PAST, "origin": origin, "year": year + 1, "value": value}
