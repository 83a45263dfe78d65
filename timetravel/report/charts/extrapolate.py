"""The projection as charts: fans on a log axis with milestones, limits and the record, and the backtests."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import altair as alt

from timetravel.numbers import short
from timetravel.report.charts.style import SHAPES, coloured, data, frame, log, panel, powers, spread, stacked
from timetravel.report.tables.extrapolate import GROUPS

Document = Mapping[str, Any]
FIRST_SHOWN: Final = 1980
PAST: Final = "said in the past"
WAYS: Final = {"limited": "limited, 10-90 %", "trend": "trend, 10-90 %", "naive": "the essay's factor"}
KEY: Final = ["Dots: milestones. Steps: their record. Bars at the right: the median of what limits it."]


def charts(document: Document) -> dict[str, Any]:
    """Return the fan charts of every group of series that has any, and the backtests, by name."""
    drawn: dict[str, Any] = {}
    for name, members in GROUPS.items():
        if fans := [fan(document, one) for one in document["series"] if one["quantity"] in members]:
            drawn[name] = stacked(*fans)
    return drawn | {"backtests": record(document)}


def fan(document: Document, series: Document) -> alt.LayerChart:
    """Draw one series: milestones, the record so far, both fans, the essay's rule, and what limits it."""
    own = [one for one in document["milestones"] if one["quantity"] == series["of"] and one["time"] >= FIRST_SHOWN]
    own = [one for one in own if not series["domains"] or one["domain"] in series["domains"]]
    nets = [{**one, "year": one["time"], "told": short(one["value"])} for one in own]
    since, to = max(FIRST_SHOWN, min((one["time"] for one in own), default=FIRST_SHOWN) - 2), document["to"]
    first, values = series["record"]["first"], series["record"]["values"]
    ends = ({"year": first + place + 1, "value": value} for place, value in enumerate(values))  # of the end of a year
    best = [one for one in ends if one["year"] >= since]
    ways = [one for path in document["paths"] if path["quantity"] == series["quantity"] for one in way(path, series)]
    said = list(past(document, series))
    limits = sorted(series["limits"].items(), key=lambda item: item[1])
    every = [one["value"] for one in (*nets, *best, *ways, *said)] + [one[end] for one in ways for end in ("low", "high")]
    scale = log([*every, *series["limits"].values()], 2)
    places = spread([limit for _, limit in limits], scale["domain"], 0.065, logarithmic=True) if limits else []
    bounds = [
        {"year": to - 3, "until": to + 1, "value": limit, "place": place, "told": f"limit: {cause}"}
        for (cause, limit), place in zip(limits, places, strict=True)
    ]
    x = alt.X("year:Q", title="year", scale=alt.Scale(domain=[since, to + 1], nice=False), axis=alt.Axis(format="d"))
    y = alt.Y("value:Q", title=f"{series['unit']} (log axis)", scale=scale, axis=powers(scale))
    look = coloured((*WAYS.values(), PAST), alt.Legend(orient="top", title=None, symbolType="stroke", offset=6))
    told = ["line:N", alt.Tooltip("year:Q", format="d"), *(alt.Tooltip(f"{name}:Q", format=".2~g") for name in ("value", "low", "high"))]
    dots = ["name:N", "date:N", alt.Tooltip("told:N", title=series["unit"]), "source:N"]
    future = data(ways).encode(x, look["color"], tooltip=told)
    then = data(said).encode(x, y, look["color"], tooltip=["line:N", alt.Tooltip("origin:Q", title="standing in"), *told[1:3]])
    limit = data(bounds)
    return panel(
        data(nets).mark_point(style="soft", filled=True, size=12, opacity=0.6).encode(x, y, tooltip=dots),
        future.transform_filter("isValid(datum.low)").mark_area(opacity=0.18).encode(alt.Y("low:Q"), alt.Y2("high:Q")),
        data(best).mark_line(style="ink", interpolate="step-before", strokeWidth=1.2).encode(x, y),
        then.mark_line(strokeWidth=1).encode(look["strokeDash"], detail="origin:N"),
        then.mark_point(filled=True, size=12),
        future.mark_line(strokeWidth=1.8).encode(y, look["strokeDash"]),
        limit.mark_rule(style="ink", strokeWidth=2).encode(x, y, x2="until:Q", tooltip=["told:N", told[2]]),
        limit.mark_text(align="left", dx=6, fontSize=11).encode(alt.Y("place:Q"), x=alt.value("width"), text="told:N"),
        title=series["label"][0].upper() + series["label"][1:], key=KEY, width=520, height=260,
    )  # fmt: skip


def way(path: Document, series: Document) -> Iterator[dict[str, Any]]:
    """Yield the middle of a scenario with its band where it has one, from where it starts."""
    if not path["years"]:
        return
    naive = path["scenario"] == "naive"
    start, base = (2022, series["in_2022"]) if naive else (series["standing_in"], series["last_record"])
    begin = (start, base, *((None, None) if None in path["low"] else (base, base)))
    for year, value, low, high in (begin, *zip(path["years"], path["value"], path["low"], path["high"], strict=True)):
        yield {"line": WAYS[path["scenario"]], "year": year + 1, "value": value, "low": low, "high": high}


def past(document: Document, series: Document) -> Iterator[dict[str, Any]]:
    """Yield what the method said in the past, standing in each origin of the backtests."""
    cells = [one for one in document["backtests"] if one["quantity"] == series["quantity"]]
    for origin in dict.fromkeys(one["origin"] for one in cells):
        stood = series["record"]["values"][origin - series["record"]["first"]]
        own = ((one["target"], one["predicted"]) for one in cells if one["origin"] == origin)
        for year, value in ((origin, stood), *own):
            yield {"line": PAST, "origin": origin, "year": year + 1, "value": value}


def record(document: Document) -> alt.LayerChart:
    """Draw the error of every backtest against its horizon, a mark an origin, hollow where the interval missed it."""
    origins = sorted({one["origin"] for one in document["backtests"]})
    shown = [
        {**one, "line": f"standing in {one['origin']}", "inside": str(one["inside"]),
         "ahead": one["target"] - one["origin"] + 0.12 * (origins.index(one["origin"]) - 2)}
        for one in document["backtests"]
    ]  # fmt: skip
    x = alt.X("ahead:Q", title="years ahead", scale=alt.Scale(nice=False, padding=8), axis=alt.Axis(tickMinStep=1))
    y = alt.Y("error_oom:Q", title="predicted less actual, orders of magnitude")
    look = coloured((f"standing in {origin}" for origin in origins), alt.Legend(orient="top", title=None))
    told = ["quantity:N", "line:N", "target:N", alt.Tooltip("error_oom:Q", title="orders of magnitude"), alt.Tooltip("inside:N", title="inside its interval")]
    base = data(shown).encode(x, y, look["color"], tooltip=told)
    inside, outside, none = (base.transform_filter(f"datum.inside == '{answer}'") for answer in (True, False, None))
    zero = data([{"zero": 0}]).mark_rule(style="soft").encode(y="zero:Q")
    return frame(
        zero, outside.mark_point(filled=False).encode(look["shape"]), inside.mark_point(filled=True).encode(look["shape"]),
        none.mark_point(shape="stroke", angle=45, size=90),
        title="The method's record: every cell of the grid", height=470,
        key=["Filled: what came lies inside the 80 % interval. Hollow: outside. Stroke: no interval."],
    )  # fmt: skip
