"""How far the projection can be trusted, as charts: its record, what its numbers hang on, the ledger's calibration."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt

from timetravel.numbers import short
from timetravel.report.charts.style import coloured, data, frame, joined, log, stacked, told
from timetravel.report.tables.extrapolate_claims import amount
from timetravel.report.tables.extrapolate_grounds import RULES, years_ahead

Document = Mapping[str, Any]
PANEL: Final = 400  # pixels: the width of a panel of bars
NEAR: Final = 0.01  # of what bars span
ROOM: Final = 0.3  # of what bars span: left free on both sides
TIMES: Final = {1: "1 s", 60: "1 min", 3600: "1 h", 86400: "1 day", 31557600: "1 year", 3155760000: "100 years"}
ENDS: Final = {"low": "set to its low end", "high": "set to its high end"}


def charts(document: Document) -> dict[str, Any]:
    """Return the record of the backtests with the rules' scores, the tornados and the calibration, by name."""
    score, drawn = document["score"], {}
    if score:
        drawn["backtests"] = stacked(record(document), skill(score))
    if moved := [one for one in document["claims"] if one["sensitivity"]]:
        drawn["sensitivity"] = stacked(*(tornado(one, first=one is moved[0]) for one in moved))
    if found := document["ledger_score"]:
        drawn["calibration"] = calibration(found)
    return drawn


def record(document: Document) -> Any:
    """Draw the error of every backtest against its horizon, a mark an origin, hollow where the interval missed it."""
    shown = []
    for place, origin in enumerate(origins := sorted({one["origin"] for one in document["backtests"]})):
        for one in (one for one in document["backtests"] if one["origin"] == origin):
            cell = {"line": f"standing in {origin}", "quantity": one["quantity"], "target": one["target"]}
            cell |= {"inside": str(one["limited"]["inside"]), "error_oom": one["limited"]["error_oom"]}
            shown.append({**cell, "ahead": one["target"] - origin + 0.12 * (place - 2)})  # beside each other
    x = alt.X("ahead:Q", title="years ahead", scale=alt.Scale(nice=False, padding=8), axis=alt.Axis(tickMinStep=1))
    y = alt.Y("error_oom:Q", title="predicted less actual, orders of magnitude")
    look = coloured((f"standing in {origin}" for origin in origins), alt.Legend(orient="top", title=None))
    error = alt.Tooltip("error_oom:Q", title="orders of magnitude")
    base = data(shown).encode(
        x, y, look["color"], tooltip=[*told("quantity", "line", "target"), error, *told("inside")]
    )
    inside, outside, none = (base.transform_filter(f"datum.inside == '{one}'") for one in (True, False, None))
    layers = (
        data([{"zero": 0}]).mark_rule(style="soft").encode(alt.Y("zero:Q")),
        outside.mark_point(filled=False).encode(look["shape"]),
        inside.mark_point(filled=True).encode(look["shape"]),
        none.mark_point(shape="stroke", angle=45, size=90),
    )
    key = ["Filled: what came lies inside the 80 % interval. Hollow: outside. Stroke: no interval."]
    return frame(*layers, title="The method's record: every backtest", key=key, panel=600, height=380)


def skill(score: Document) -> Any:
    """Draw the mean CRPS of every rule by how far it looks ahead."""
    steps = [years_ahead(one).removesuffix(" years") for one in score["by_horizon"]]
    shown = [
        {"line": RULES[rule], "ahead": step, "mean": found["crps"]}
        for step, one in zip(steps, score["by_horizon"], strict=True)
        for rule, found in one["rules"].items()
    ]
    look = coloured(RULES.values(), alt.Legend(orient="top", title=None))
    look["strokeDash"].legend = None
    x = alt.X("ahead:N", title="years ahead", sort=steps, axis=alt.Axis(labelAngle=0), scale=alt.Scale(padding=0.5))
    y = alt.Y("mean:Q", title="CRPS, orders of magnitude", scale=alt.Scale(zero=True))
    base = data(shown).encode(x, y, **look, tooltip=[*told("line", "ahead"), alt.Tooltip("mean:Q", format=".2f")])
    title = "The mean score of each rule (CRPS): lower is better"
    return frame(*joined(base), title=title, panel=600, height=240)


def tornado(claim: Document, *, first: bool) -> Any:
    """Draw how far a claim's number moves with one assumption after the other, the widest bar first."""
    found = claim["sensitivity"]
    base, unit = found["base"], found["unit"]
    values = [base, *(bar[end] for bar in found["bars"] for end in ("at_low", "at_high"))]
    logarithmic = unit != "%" and min(values) > 0
    place = math.log if logarithmic else float
    bars = sorted(found["bars"], key=lambda bar: -abs(place(bar["at_high"]) - place(bar["at_low"])))
    shown = [
        {"what": bar["what"], "line": line, "base": base, "at": bar[f"at_{end}"], "set": bar[end],
         "told": amount(bar[f"at_{end}"], unit), "side": "right" if bar[f"at_{end}"] >= base else "left"}
        for bar in bars
        for end, line in ENDS.items()
    ]  # fmt: skip
    y = alt.Y("what:N", title=None, sort=[bar["what"] for bar in bars], axis=alt.Axis(labelLimit=260))
    look = coloured(ENDS.values(), alt.Legend(orient="top", title=None) if first else None)
    x = alt.X("at:Q", **across(f"{found['measure']}, {unit}", values, unit, logarithmic=logarithmic))
    rows = data(shown).encode(y, x, tooltip=told("what", "set", "told"))
    apart = f"abs(datum.at - datum.base) > {NEAR * (max(values) - min(values))}"  # an end at the line has no room
    text, left = rows.transform_filter(apart).encode(alt.Text("set:N")), "datum.side == 'left'"
    layers = (
        rows.mark_bar(opacity=0.75, height={"band": 0.62}).encode(look["color"], x2=alt.X2("base:Q")),
        text.transform_filter(left).mark_text(align="right", dx=-5, fontSize=11),
        text.transform_filter(f"!({left})").mark_text(align="left", dx=5, fontSize=11),
        data([{"base": base}]).mark_rule(style="ink").encode(alt.X("base:Q")),
    )
    key = ["Line: the number as it is told. Beside a bar: what the assumption is set to."] if first else ()
    return frame(*layers, title=f"{claim['id']}: {claim['short']}", key=key, panel=PANEL, height=30 + 30 * len(bars))


def across(title: str, values: Sequence[float], unit: str, *, logarithmic: bool) -> dict[str, Any]:
    """Return title, scale and axis of a claim's number, with room for words on both sides; times as people say them."""
    low, high = min(values), max(values)
    if not logarithmic:
        room = ROOM * (high - low or 1)
        shares = alt.Axis(labelExpr="datum.value < 0 || datum.value > 100 ? '' : datum.label")
        return {"title": title, "scale": alt.Scale(domain=[low - room, high + room], nice=False), "axis": shares}
    room = max(2, (high / low) ** ROOM)
    if unit != "s":
        return log(title, values, room=room)
    made = log(title.removesuffix(", s"), values, at=TIMES, room=room)
    made["axis"].labelExpr = f"{json.dumps({str(int(time)): told for time, told in TIMES.items()})}[datum.value]"
    return made


def calibration(found: Document) -> Any:
    """Draw the share of statements that came true against what was said, a point a bin, and the diagonal."""
    x, y = (
        make(f"{key}:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
        for make, key, title in ((alt.X, "forecast", "probability said"), (alt.Y, "came", "came true"))
    )
    many = alt.Size("count:Q", legend=None, scale=alt.Scale(range=[40, 500], zero=True))
    points = data(found["bins"]).encode(x, y, tooltip=told("count", "forecast", "came"))
    count, above = points.encode(alt.Text("count:Q")), "datum.came >= datum.forecast"
    layers = (
        data([{"forecast": 0, "came": 0}, {"forecast": 1, "came": 1}])
        .mark_line(style="soft", strokeWidth=1)
        .encode(x, y),
        points.mark_point(style="first", filled=True, opacity=0.8).encode(many),
        count.transform_filter(above).mark_text(align="right", dx=-11, dy=-11, fontSize=11),
        count.transform_filter(f"!({above})").mark_text(align="left", dx=11, dy=11, fontSize=11),
    )
    title = f"The ledger: {found['due']} statements that have come due"
    key = ["On the diagonal as many came true as was said. Beside a point: how many statements."]
    return frame(*layers, title=title, key=key, height=470)


def replay(told_then: Document) -> Any:
    """Draw what was predicted for a year that is past, with its interval, against what came, which is at zero."""
    shown = [
        {"what": row["label"], "came": short(row["came"]), "told": short(row["predicted"]),
         "unchanged": -math.log10(row["came"] / row["then"])}
        | {end: math.log10(row[end] / row["came"]) for end in ("predicted", "low", "high")}
        for row in told_then["rows"]
    ]  # fmt: skip
    y = alt.Y("what:N", title=None, sort=None, axis=alt.Axis(labelLimit=260))
    title = f"predicted for {told_then['to']} over what came, orders of magnitude"
    rows = data(shown).encode(y, tooltip=told("what", "told", "came"))
    layers = (
        data([{"zero": 0}]).mark_rule(style="ink").encode(alt.X("zero:Q", title=title)),
        rows.mark_rule(style="first", strokeWidth=2).encode(alt.X("low:Q"), x2=alt.X2("high:Q")),
        rows.mark_point(style="first", filled=True, size=90).encode(alt.X("predicted:Q")),
        rows.mark_point(style="second", shape="cross", filled=True, size=90).encode(alt.X("unchanged:Q")),
    )
    key = ["Dot and line: the prediction with its 80 % interval. Cross: if nothing had changed. At 0: what came."]
    head = f"Standing in {told_then['standing']}: what {told_then['to']} would bring"
    return frame(*layers, title=head, key=key, panel=PANEL, height=40 + 40 * len(shown))
