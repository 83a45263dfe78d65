"""The chart of `timetravel scale-data`: the errors, the laws fitted to them, and what these predict."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from timetravel.report.charts.style import (
    KEY,
    coloured,
    cut,
    data,
    ends,
    frame,
    intervals,
    log,
    measured,
    named,
    tips,
)  # fmt: skip

ENDS = ("mean", "low", "high", "new low", "new high")


def charts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Draw test error against training digits on logarithmic axes: points, laws, and the band of a law's replicates."""
    rows, curves = document["rows"], document["curves_fitted"]
    names = {one["era"]: f"{one['era']}, {one['law']}" if one.get("line") else one["era"] for one in curves}
    points = [measured(row, line=names[row["recipe"]], train_size=row["train_size"]) for row in rows]
    laws = [{**point, "line": names[one["era"]]} for one in curves for point in one.get("line") or ()]
    asked = [(names[one["era"]], found) for one in curves for found in one.get("predictions", ())]
    predicted = [
        {"line": line, "train_size": found["train_size"], **found["error"], "95 %": ends(found["error"])}
        for line, found in asked
        if found["error"]
    ]
    essay = [
        {**{key: row[key] for key in ("train_size", "label", "source")}, "mean": row["test_error"]["mean"]}
        for row in document["references"]
    ]
    ours = sorted([*points, *laws, *predicted], key=lambda one: one["train_size"])
    sizes = [*(row["train_size"] for row in rows), *(found["train_size"] for _, found in asked)]
    x = alt.X("train_size:Q", **log("training digits", [one["train_size"] for one in [*ours, *essay]], sizes, 1.08))
    percent = log("test error, %", [one.get(end) for one in [*ours, *essay] for end in ENDS])
    y, look = alt.Y("mean:Q", **percent), coloured(names.values())
    size = alt.Tooltip("train_size:Q", title="training digits", format=",")
    base = data(cut(points, percent)).encode(x, look["color"], tooltip=[size, *tips("line", mean="test error, %")])
    law = data(cut(laws, percent)).encode(x, look["color"])
    drawn = {one["line"] for one in laws}
    without = data(one for one in points if one["line"] not in drawn).mark_line(strokeWidth=1, opacity=0.7)
    layers = [
        law.mark_area(opacity=0.15).encode(alt.Y("low:Q"), alt.Y2("high:Q")),
        law.mark_line(strokeWidth=1.6).encode(y, look["strokeDash"]),
        without.encode(x, y, look["color"], look["strokeDash"]),
        *intervals(base, "y"),
        base.mark_point(filled=True).encode(y, look["shape"]),
    ]
    key = [f"{KEY} Band: 95 % of the law."] if laws else [KEY]
    if predicted:
        ahead = data(cut(predicted, percent)).encode(x, look["color"], tooltip=[size, "line:N", "mean:Q", "95 %:N"])
        layers.append(ahead.mark_rule(strokeWidth=1.2).encode(alt.Y("low:Q"), alt.Y2("high:Q")))
        layers.append(ahead.mark_point(style="hollow", size=90).encode(y, look["shape"]))
        key.append("Hollow: what the law predicts.")
    if essay:
        cross = data(essay).mark_point(style="ink", shape="cross", angle=45, size=90, filled=True)
        layers.append(cross.encode(x, y, tooltip=["label:N", size, "mean:Q", "source:N"]))
        key.append("Cross: the essay, 2022, single seeds on its own subset and epochs.")
    title = f"Error against data ({rows[0]['data']}, {rows[0]['test_size']:,} test digits)"
    return {"figure": frame(*layers, named(ours, "train_size"), title=title, key=key, height=470)}
