"""The charts of `timetravel tune`: the search as it went, and each searched value against the mistakes."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import altair as alt

from timetravel.report.charts.style import OVER, cut, data, frame, intervals, log, measured, tips

Document = Mapping[str, Any]
MISTAKES = "mistakes on five folds"


def charts(document: Document) -> dict[str, Any]:
    """Return the charts of a document by name."""
    shown = []
    for place, row in enumerate(document["rows"]):
        kind = "as it is" if row["as_it_is"] else "a trial" if place else "the best"
        told = {"kind": kind, "trial": row["trial"]}
        told["values"] = ", ".join(f"{name}={value}" for name, value in row["values"].items())
        shown.append(measured({**row, "seeds": document["seeds"]}, "mistakes_on_folds", **told, **row["values"]))
    return {"figure": search(document, sorted(shown, key=lambda one: one["trial"])), "values": values(document, shown)}


def mistakes(shown: Sequence[Document]) -> dict[str, Any]:
    """Return title and scale of the mistakes, logarithmic where they differ much."""
    means = [one["mean"] for one in shown]
    if max(means) > 20 * max(min(means), 1):
        return log(MISTAKES, means)
    return {"title": MISTAKES, "scale": alt.Scale(zero=False)}


def search(document: Document, shown: Sequence[Document]) -> Any:
    """Draw the mistakes of every trial in its order, and the fewest so far."""
    x = alt.X("trial:Q", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(nice=False, padding=8))
    up = mistakes(shown)
    y = alt.Y("mean:Q", **up)
    base = data(cut(shown, up) if "axis" in up else shown).encode(
        x, tooltip=["trial:Q", *tips("values", mean=MISTAKES)]
    )
    least = accumulate((one["mean"] for one in shown), min)
    best = data({"trial": one["trial"], "mean": mean} for one, mean in zip(shown, least, strict=True))
    own = data(one for one in shown if one["kind"] == "as it is").encode(y)
    layers = [
        own.mark_rule(style="third", strokeDash=[7, 3]),
        own.mark_text(style="third", align="left", dx=6).encode(x=alt.value("width"), text="kind:N"),
        best.mark_line(style="second", interpolate="step-after", strokeWidth=1.5).encode(x, y),
        *intervals(base, "y"),
        base.mark_point(style="first", filled=True).encode(y),
    ]
    key = [f"Dots: trials. Bars: {OVER}. Steps: the best so far."]
    if found := document["confirmation"]:
        again = measured({**found, "seeds": found["seeds"]}, "best", trial=document["rows"][0]["trial"] + 0.25)
        fresh = data([again]).encode(x, tooltip=tips(mean=MISTAKES))
        layers += [
            *intervals(fresh, "y", "fourth"),
            fresh.mark_point(style="fourth", shape="diamond", size=100).encode(y),
        ]
        key.append("Diamond: the best again, with fresh seeds.")
    return frame(*layers, title=f"A search from {document['era']} on {document['data']}", key=key)


def values(document: Document, shown: Sequence[Document]) -> Any:
    """Draw each searched value against the mistakes by trial, a panel a value."""
    kinds: Any = {"scale": alt.Scale(domain=["a trial", "the best", "as it is"]), "legend": alt.Legend(orient="top")}
    look = (alt.Color("kind:N", title=None, **kinds), alt.Shape("kind:N", title=None, **kinds))
    rows = sorted(shown, key=lambda one: str(one["kind"]))  # trials first: they hide none of the two that are named
    panels = []
    for place, part in enumerate(document["space"]):
        name = part["name"]
        x = alt.X(f"{name}:Q", title=None, axis=alt.Axis(tickCount=4), scale=alt.Scale(zero=False, padding=8))
        if "options" in part:
            x = alt.X(f"{name}:N", title=None, axis=alt.Axis(labelAngle=0))
        elif part.get("log") and min(one[name] for one in shown) > 0:
            x = alt.X(f"{name}:Q", **log("", [one[name] for one in shown]) | {"title": None})
        elif isinstance(part["low"], int):
            x = x.axis(tickCount=4, tickMinStep=1)
        y = alt.Y("mean:Q", **mistakes(shown) | ({"title": None} if place % 3 else {}))
        points = data(rows).mark_point(filled=True).encode(x, y, *look, tooltip=tips("values", mean=MISTAKES))
        panels.append(frame(points, title=name, panel=162, height=170))
    return alt.concat(*panels, columns=3, spacing=24, padding=14, title="Each searched value against the mistakes")
