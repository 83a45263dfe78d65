"""The charts of `timetravel train`: errors after every epoch, errors against rejection, the worst mistakes."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from timetravel.report.charts.style import KEY, coloured, data, digits, frame, intervals, measured, named, tips
from timetravel.report.grid import Pictures

Document = Mapping[str, Any]
MOST_REJECTED = 40  # percent


def charts(document: Document) -> dict[str, Any]:
    """Return the charts of a document by name; those only that it has data for."""
    drawn: dict[str, Any] = {}
    if any(document.get("curves", {}).values()):
        drawn["figure"] = learning_curve(document)
    if document.get("rejection_curves"):
        drawn["rejection"] = rejection(document)
    if worst := [one for one in document["mistakes"] if "pixels" in one]:
        captions = [f"{one['true']} read as {one['read_as']}\nby {one['wrong']} of {one['nets']}" for one in worst]
        shown = Pictures("", [one["pixels"] for one in worst], captions)
        drawn["mistakes"] = digits([shown], 8, "The digits that most nets read wrongly")
    return drawn


def learning_curve(document: Document) -> Any:
    """Draw the errors after every epoch, a line a seed, and the mean after the last with its intervals."""
    row, parts = document["rows"][0], ("test", "train")
    shown = [
        {"line": part, "seed": seed, "epoch": point["epoch"], "error": point[f"{part}_error"]}
        for part in parts
        for seed, curve in document["curves"].items()
        for point in curve or ()
    ]
    last = max(point["epoch"] for point in shown)
    ended = [measured(row, f"{part}_error", line=part, epoch=last) for part in parts]
    paper = next(each for each in document["references"] if each["recipe"] == "1989")
    told = [{"line": part, "epoch": paper["epochs"], "error": paper[f"{part}_error"]["mean"]} for part in parts]
    ticks, value = alt.Axis(tickMinStep=1), alt.Tooltip("error:Q", title="error, %", format=".2f")
    x = alt.X("epoch:Q", title="epochs over the training digits", scale=alt.Scale(nice=False, padding=8), axis=ticks)
    y, look = alt.Y("error:Q", title="error, %", scale=alt.Scale(zero=True)), coloured(parts)
    seeds = data(shown).encode(x, y, look["color"], look["strokeDash"], detail="seed:N")
    base = data(ended).encode(x, look["color"], tooltip=tips("line", mean="error after the last epoch, %"))
    published = data(told).encode(x, y, look["shape"], tooltip=["line:N", value])
    layers = (
        seeds.mark_line(strokeWidth=1, opacity=0.6).encode(tooltip=["line:N", "seed:N", "epoch:Q", value]),
        *intervals(base, "y"),
        base.mark_point(filled=True, size=70).encode(alt.Y("mean:Q"), look["shape"]),
        published.mark_point(style="ink", size=120),
        named(ended, "epoch", logarithmic=False),
    )
    key = [f"A line is one of {ended[0]['runs']:,} seeds; filled: their mean. {KEY}", "Hollow: the paper, 1989."]
    return frame(*layers, title=f"{row['label']} on {row['data']}, epoch by epoch", key=key)


def rejection(document: Document) -> Any:
    """Draw the error that is left against the share rejected by the paper's thresholds, a line a net."""
    first, shown = document["rows"][0], []
    paper: dict[str, Any] = {}
    for row, curves in zip(document["rows"], document["rejection_curves"], strict=True):
        for place, curve in enumerate(curves if row["data"] == first["data"] else ()):
            paper[row["net"]] = None
            for rejected, error in zip(curve["rejected"], curve["error"], strict=True):
                if rejected <= MOST_REJECTED:
                    net = {"line": row["net"], "run": f"{row['net']} {place}"}
                    shown.append(net | {"rejected": rejected, "error": error})
    for each in document["references"]:
        if each["recipe"] == "1989" and each["net"] in paper and each["rejected_for_1pct"]:
            paper[each["net"]] = {"line": each["net"], "rejected": each["rejected_for_1pct"]["mean"], "error": 1}
    x = alt.X("rejected:Q", title="test digits rejected, %", scale=alt.Scale(domain=[0, MOST_REJECTED]))
    y = alt.Y("error:Q", title="error on the others, %")
    look = coloured(paper, alt.Legend(orient="top-right", title=None, symbolType="stroke"))
    told = ["line:N", *(alt.Tooltip(f"{name}:Q", format=".2f") for name in ("rejected", "error"))]
    lines = data(shown).mark_line(strokeWidth=1, opacity=0.75)
    one = data([{"error": 1, "told": "1 % error"}]).encode(y)
    published = data(filter(None, paper.values())).mark_point(style="hollow", size=120)
    layers = (
        lines.encode(x, y, look["color"], look["strokeDash"], detail="run:N", tooltip=told),
        one.mark_rule(style="soft", strokeDash=[2, 3]),
        one.mark_text(style="soft", align="right", dy=-8).encode(x=alt.value("width"), text="told:N"),
        published.encode(x, y, look["color"], tooltip=told),
    )
    key = [f"A line is a net, {len(first['seeds']):,} of each kind. Hollow: the paper, 1989."]
    return frame(*layers, title=f"Rejecting doubtful digits ({first['data']})", key=key)
