"""The chart of `timetravel scale-data`: the errors, the laws fitted to them, and what these predict."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from timetravel.report.charts.style import KEY, coloured, data, ends, frame, intervals, log, measured, named, percents, ticks, tips

Document = Mapping[str, Any]


def charts(document: Document) -> dict[str, Any]:
    """Draw test error against training digits on logarithmic axes: points, laws, and the band of a law's replicates."""
    rows, curves, told = document["rows"], document["curves_fitted"], document["references"]
    laws = {one["era"]: f"{one['era']}, {one['law']}" if one.get("line") else one["era"] for one in curves}
    points = [measured(row, line=laws[row["recipe"]], train_size=row["train_size"]) for row in rows if row["recipe"] in laws]
    lines = [{**point, "line": laws[curve["era"]]} for curve in curves for point in curve.get("line") or ()]
    predicted = [
        {"train_size": found["train_size"], "line": laws[curve["era"]], **found["error"], "95 %": ends(found["error"])}
        for curve in curves for found in curve.get("predictions", ()) if found["error"]
    ]  # fmt: skip
    essay = [
        {"train_size": row["train_size"], "mean": row["test_error"]["mean"], "row": row["label"], "source": row["source"]}
        for row in told
    ]
    every = [*points, *lines, *predicted, *essay]
    errors = [one.get(part) for one in every for part in ("mean", "low", "high", "new low", "new high")]
    sizes = log([one["train_size"] for one in every], 1.08)
    asked = [found["train_size"] for curve in curves for found in curve.get("predictions", ())]
    x = alt.X("train_size:Q", title="training digits (log axis)", scale=sizes, axis=ticks([*(row["train_size"] for row in rows), *asked]))
    y = alt.Y("mean:Q", **percents("test error, % (log axis)", log(errors)))
    look = coloured(laws.values())
    size = alt.Tooltip("train_size:Q", title="training digits", format=",")
    base = data(points).encode(x, look["color"], tooltip=[size, *tips("line", mean="test error, %")])
    law = data(lines).encode(x, look["color"])
    layers = [
        law.mark_area(opacity=0.15).encode(alt.Y("low:Q"), alt.Y2("high:Q")),
        law.mark_line(strokeWidth=1.6).encode(y, look["strokeDash"]),
        *intervals(base, "y"),
        base.mark_point(filled=True).encode(y, look["shape"]),
    ]  # fmt: skip
    without = {name for era, name in laws.items() if name not in {one["line"] for one in lines}}
    between = data([one for one in points if one["line"] in without])
    layers.insert(0, between.mark_line(strokeWidth=1, opacity=0.7).encode(x, y, look["color"], look["strokeDash"]))
    key = [f"{KEY} Band: 95 % of the law."] if lines else [KEY]
    if predicted:
        ahead = data(predicted).encode(x, look["color"], tooltip=[size, "line:N", "mean:Q", "95 %:N"])
        layers.append(ahead.mark_rule(strokeWidth=1.2).encode(alt.Y("low:Q"), alt.Y2("high:Q")))
        layers.append(ahead.mark_point(style="hollow", size=90).encode(y, look["shape"]))
        key.append("Hollow: what the law predicts.")
    if essay:
        cross = data(essay).mark_point(style="ink", shape="cross", angle=45, size=90, filled=True)
        layers.append(cross.encode(x, y, tooltip=["row:N", size, "mean:Q", "source:N"]))
        key.append("Cross: the essay, 2022, single seeds on its own subset and epochs.")
    layers.append(named(sorted(every[: len(every) - len(essay)], key=lambda one: one["train_size"]), "train_size", "mean", logarithmic=True))
    title = f"Error against data ({rows[0]['data']}, {rows[0]['test_size']:,} test digits)"
    return {"figure": frame(*layers, title=title, key=key, height=470)}
