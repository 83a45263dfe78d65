"""The projection as charts: fans on a log axis with milestones, limits and the record, and the backtests."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import altair as alt

from timetravel.numbers import short
from timetravel.report.charts.style import coloured, data, frame, log, spread, stacked
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
        if own := [one for one in document["series"] if one["quantity"] in members]:
            drawn[name] = stacked(*(fan(document, one, first=one is own[0]) for one in own))
    return drawn | {"backtests": record(document)}


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
    places = spread([limit for _, limit in limits], up["scale"]["domain"], 0.065)
    bounds = [
        {"year": to - 3, "until": to + 1, "value": limit, "place": place, "told": f"limit: {cause}"}
        for (cause, limit), place in zip(limits, places, strict=True)
    ]
    x = alt.X("year:Q", title="year", scale=alt.Scale(domain=[since, to + 1], nice=False), axis=alt.Axis(format="d"))
    y = alt.Y("value:Q", **up)
    lines = (*WAYS.values(), PAST)
    drawn = [line for line in lines if any(one["line"] == line for one in (*ways, *said))]
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolSize=500, offset=6, values=drawn)
    look = coloured(lines, legend if first else None)
    value, *band = (alt.Tooltip(f"{name}:Q", format=".2~g") for name in ("value", "low", "high"))
    dots = data(nets).encode(
        x, y, tooltip=["name:N", "date:N", alt.Tooltip("told:N", title=series["unit"]), "source:N"]
    )
    future = data(ways).encode(x, look["color"], tooltip=["line:N", "year:Q", value, *band])
    then = data(said).encode(x, y, look["color"], detail="origin:N", tooltip=["line:N", "origin:N", "year:Q", value])
    limit = data(bounds).encode(tooltip=["told:N", value])
    layers = (
        dots.mark_point(style="soft", filled=True, size=12, opacity=0.6),
        future.transform_filter("isValid(datum.low)").mark_area(opacity=0.18).encode(alt.Y("low:Q"), alt.Y2("high:Q")),
        data(best).mark_line(style="ink", interpolate="step-before", strokeWidth=1.2).encode(x, y),
        then.mark_line(strokeWidth=1).encode(look["strokeDash"]),
        then.mark_point(filled=True, size=12),
        future.mark_line(strokeWidth=1.8).encode(y, look["strokeDash"]),
        limit.mark_rule(style="ink", strokeWidth=2).encode(x, y, x2="until:Q"),
        limit.mark_text(align="left", dx=6, fontSize=11).encode(y="place:Q", x=alt.value("width"), text="told:N"),
    )
    title = series["label"][0].upper() + series["label"][1:]
    return frame(*layers, title=title, key=KEY if first else (), panel=520, height=260)


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


def record(document: Document) -> Any:
    """Draw the error of every backtest against its horizon, a mark an origin, hollow where the interval missed it."""
    shown = []
    for place, origin in enumerate(origins := sorted({one["origin"] for one in document["backtests"]})):
        for one in (one for one in document["backtests"] if one["origin"] == origin):
            cell = {"line": f"standing in {origin}", "inside": str(one["inside"])}
            shown.append({**one, **cell, "ahead": one["target"] - origin + 0.12 * (place - 2)})  # beside each other
    x = alt.X("ahead:Q", title="years ahead", scale=alt.Scale(nice=False, padding=8), axis=alt.Axis(tickMinStep=1))
    y = alt.Y("error_oom:Q", title="predicted less actual, orders of magnitude")
    look = coloured((f"standing in {origin}" for origin in origins), alt.Legend(orient="top", title=None))
    told: list[Any] = [
        "quantity:N",
        "line:N",
        "target:N",
        alt.Tooltip("error_oom:Q", title="orders of magnitude"),
        "inside:N",
    ]
    base = data(shown).encode(x, y, look["color"], tooltip=told)
    inside, outside, none = (base.transform_filter(f"datum.inside == '{one}'") for one in (True, False, None))
    layers = (
        data([{"zero": 0}]).mark_rule(style="soft").encode(y="zero:Q"),
        outside.mark_point(filled=False).encode(look["shape"]),
        inside.mark_point(filled=True).encode(look["shape"]),
        none.mark_point(shape="stroke", angle=45, size=90),
    )
    key = ["Filled: what came lies inside the 80 % interval. Hollow: outside. Stroke: no interval."]
    return frame(*layers, title="The method's record: every cell of the grid", key=key, height=470)
