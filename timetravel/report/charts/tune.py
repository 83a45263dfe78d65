"""The charts of `timetravel tune`: the search as it went, and each searched value against the mistakes."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import altair as alt

from timetravel.report.charts.style import OVER, data, frame, intervals, log, measured, panel, powers, tips

Document = Mapping[str, Any]
MISTAKES = "mistakes on five folds"


def charts(document: Document) -> dict[str, Any]:
    """Return the charts of a document by name."""
    rows = document["rows"]
    words = (", ".join(f"{name}={value}" for name, value in row["values"].items()) for row in rows)
    shown = [
        measured({**row, "seeds": document["seeds"]}, "mistakes_on_folds", trial=row["trial"], values=told, **row["values"],
                 kind="as it is" if row["as_it_is"] else "the best" if place == 0 else "a trial")
        for place, (row, told) in enumerate(zip(rows, words, strict=True))
    ]  # fmt: skip
    return {"figure": search(document, sorted(shown, key=lambda one: one["trial"])), "values": values(document, shown)}


def axis(shown: Sequence[Document]) -> dict[str, Any]:
    """Return the scale of the mistakes, logarithmic where they differ much."""
    means = [one["mean"] for one in shown]
    if max(means) <= 20 * max(min(means), 1):
        return {"scale": alt.Scale(zero=False, nice=True)}
    scale = log(means)
    return {"scale": scale, "axis": powers(scale)}


def search(document: Document, shown: Sequence[Document]) -> alt.LayerChart:
    """Draw the mistakes of every trial in its order, and the fewest so far."""
    x = alt.X("trial:Q", title="trial", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(nice=False, padding=8))
    y = alt.Y("mean:Q", title=f"{MISTAKES} of the training digits", **axis(shown))
    base = data(shown).encode(x, tooltip=["trial:Q", *tips("values", mean=MISTAKES)])
    so_far = accumulate((one["mean"] for one in shown), min)
    best = data({"trial": one["trial"], "mean": least} for one, least in zip(shown, so_far, strict=True))
    own = data(one for one in shown if one["kind"] == "as it is").encode(y)
    layers = [
        own.mark_rule(style="third", strokeDash=[7, 3]),
        own.mark_text(style="third", align="left", dx=6).encode(x=alt.value("width"), text=alt.datum("as it is")),
        best.mark_line(style="second", interpolate="step-after", strokeWidth=1.5).encode(x, y),
        *intervals(base, "y")[1:], base.mark_point(style="first", filled=True).encode(y),
    ]  # fmt: skip
    key = [f"Dots: trials. Bars: {OVER}. Steps: the best so far."]
    if document["confirmation"]:
        seeds, place = document["confirmation"]["seeds"], document["rows"][0]["trial"]
        again = measured({"again": document["confirmation"]["best"], "seeds": seeds}, "again", trial=place + 0.25)
        fresh = data([again]).encode(x, tooltip=tips(mean=MISTAKES))
        layers += [*intervals(fresh, "y", "fourth", over=2), fresh.mark_point(style="fourth", shape="diamond", size=100).encode(y)]
        key.append("Diamond: the best again, with fresh seeds.")
    return frame(*layers, title=f"A search from {document['era']} on {document['data']}", key=key)


def values(document: Document, shown: Sequence[Document]) -> alt.ConcatChart:
    """Draw each searched value against the mistakes by trial, a panel a value."""
    look = {
        part: channel("kind:N", title=None, scale=alt.Scale(domain=["a trial", "the best", "as it is"]), legend=alt.Legend(orient="top"))
        for part, channel in (("color", alt.Color), ("shape", alt.Shape))
    }
    panels = []
    for place, part in enumerate(document["space"]):
        name = part["name"]
        if "options" in part:
            rows, x = [{**one, name: str(one[name])} for one in shown], alt.X(f"{name}:N", axis=alt.Axis(labelAngle=0))
        elif part.get("log") and min(one[name] for one in shown) > 0:
            rows, scale = shown, log(one[name] for one in shown)
            x = alt.X(f"{name}:Q", scale=scale, axis=powers(scale))
        else:
            whole: Any = {"tickMinStep": 1} if isinstance(part["low"], int) else {}
            rows, x = shown, alt.X(f"{name}:Q", axis=alt.Axis(tickCount=4, **whole), scale=alt.Scale(zero=False, padding=8))
        y = alt.Y("mean:Q", title=None if place % 3 else MISTAKES, **axis(shown))
        ordered = sorted(rows, key=lambda one: one["kind"])  # trials first, so that none hides the two that are named
        points = data(ordered).mark_point(filled=True).encode(x, y, tooltip=tips("values", mean=MISTAKES), **look)
        panels.append(panel(points, title=name, width=175, height=170))
    return alt.concat(*panels, columns=3, spacing=24, padding=14)
