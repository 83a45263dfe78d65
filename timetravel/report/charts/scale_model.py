"""The charts of `timetravel scale-model`: error against size, data and size together, and gradients by depth."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from timetravel.report.charts.style import (
    KEY, coloured, data, frame, intervals, joined, log, measured, named, panel, percents, powers, stacked, ticks, tips,
)  # fmt: skip

Document = Mapping[str, Any]
Rows = Sequence[Document]
NARROW = 490  # pixels of a panel that has labels beside it
PARTS = ("mean", "low", "high", "new low", "new high")


def charts(document: Document) -> dict[str, Any]:
    """Draw error against parameters, data and size together, and the gradients by depth where there is one."""
    rows = document["rows"]
    wide = [row for row in rows if not row["depth"]]
    drawn: dict[str, Any] = {"figure": parameters(wide)}
    if document.get("points"):
        drawn["joint"] = stacked(both(wide, document["equal_compute"]), compute(document))
    if len(wide) < len(rows):
        base = document["base"]
        start = next(row for row in wide if (row["recipe"], row["train_size"]) == tuple(base.values()))
        drawn["depth"] = depth(start, [row for row in rows if row["depth"]])
    return drawn


def errors(shown: Rows) -> alt.Y:
    """Return a logarithmic axis around some errors."""
    return alt.Y("mean:Q", **percents("test error, % (log axis)", log([row.get(part) for row in shown for part in PARTS])))


def parameters(wide: Rows) -> alt.LayerChart:
    """Draw test error against parameters, a curve a number of training digits, with both intervals."""
    first = wide[0]
    shown = [
        measured(row, parameters=row["parameters"], at=row["parameters"] * 1.04**place, width=f"width {row['width']:g}", line=f"{row['train_size']:,} digits")
        for place, size in enumerate(sorted({row["train_size"] for row in wide}))  # beside each other
        for row in sorted((one for one in wide if one["train_size"] == size), key=lambda row: row["parameters"])
    ]
    places = [row["parameters"] for row in shown]
    x = alt.X("at:Q", title="parameters (log axis)", scale=log(places, 1.3), axis=ticks(places))
    y = errors(shown)
    look = coloured(row["line"] for row in shown)
    base = data(shown).encode(
        x, look["color"],
        tooltip=["width:N", alt.Tooltip("parameters:Q", format=","), *tips("line", mean="test error, %")],
    )  # fmt: skip
    widths = data({row["width"]: {"at": row["parameters"], "width": row["width"]} for row in shown}.values())
    above = widths.mark_text(style="soft", fontSize=11).encode(x, y=alt.value(-8), text="width:N")
    layers = [*intervals(base, "y"), *joined(base.encode(y, look["shape"], look["strokeDash"])), above, named(shown, "at", "mean", logarithmic=True)]
    title = f"Error against size ({first['data']}, {first['test_size']:,} test digits)"
    return frame(*layers, title=title, key=[KEY])


def both(wide: Rows, equal: Rows) -> alt.LayerChart:
    """Draw the wide rows by digits and multiply-adds, coloured by error, with lines of equal latency and compute."""
    left, right = equal[0]["train_size"]
    sizes, work = [row["train_size"] for row in wide], [row["multiply_adds"] for row in wide]
    across, up = alt.Scale(type="log", domain=[left, right], nice=False), log(work, 1.8)
    bottom, top = up["domain"]
    x = alt.X("x:Q", title="training digits (log axis)", scale=across, axis=ticks(sizes))
    y = alt.Y("y:Q", title="multiply-adds of one digit (log axis)", scale=up, axis=ticks(work))
    us = {row["multiply_adds"]: row["latency_us"] for row in wide}
    latency = data({"y": size, "told": f"{us[size]:,.0f} us a digit"} for size in us).encode(y)
    lines = [one for one in equal if one["multiply_adds"][0] > bottom and one["multiply_adds"][1] < top]
    named_lines = [f"{one['multiply_adds_an_epoch']:.0e} an epoch".replace("e+0", "e").replace("e+", "e") for one in lines]
    ends = [
        {"told": told, "x": place, "y": size}
        for told, one in zip(named_lines, lines, strict=True)
        for place, size in zip(one["train_size"], one["multiply_adds"], strict=True)
    ]
    starts = [  # where a line comes into the picture
        {"told": told, "x": left * max(1, one["multiply_adds"][0] / top), "y": min(one["multiply_adds"][0], top)}
        for told, one in zip(named_lines, lines, strict=True)
    ]
    shown = [measured(row, x=row["train_size"], y=row["multiply_adds"], row=row["label"]) for row in wide]
    points = data(shown).encode(x, y, tooltip=["row:N", *tips(mean="test error, %")])
    error = alt.Color("mean:Q", legend=None, scale=alt.Scale(scheme="cividis", type="log"))
    return panel(
        latency.mark_rule(style="second", strokeDash=[7, 3]),
        latency.mark_text(style="second", align="left", dx=6, fontSize=11).encode(x=alt.value("width"), text="told:N"),
        data(ends).mark_line(style="third", strokeDash=[2, 3], clip=True).encode(x, y, detail="told:N"),
        data(starts).mark_text(style="third", align="left", dx=8, dy=-6, fontSize=11).encode(x, y, text="told:N"),
        points.mark_point(filled=True, size=300, stroke="#888888", strokeWidth=1).encode(color=error),
        points.mark_text(dy=20, fontWeight="bold").encode(text=alt.Text("mean:Q", format=".2f")),
        title="Test error (%) by data and size", width=NARROW, height=340,
        key=["Dashed: equal latency. Dotted: equal compute for training."],
    )  # fmt: skip


def compute(document: Document) -> alt.LayerChart:
    """Draw error against training compute: own rows with intervals, published ones, the frontier, 1989's budget."""
    def row(point: Document, line: str) -> dict[str, Any]:
        found = {part: point["test_error"][part] for part in ("mean", "low", "high")}
        return {"x": point["training_multiply_adds"], **found, "line": line, "row": point["row"], "from": point["from"]}

    points = sorted(document["points"], key=lambda point: (point["from"] != document["command"], point["train_size"]))
    shown = [
        row(point, f"here, {point['train_size']:,} digits" if point["from"] == document["command"] else "published rows, width 1")
        for point in points
    ]
    frontier = [row(point, "frontier") for point in document["frontier"]]
    budget = document["best_of_1989"]["multiply_adds"]
    scale = log([*(one["x"] for one in shown), budget], 1.4)
    x = alt.X("x:Q", title="multiply-adds to train (log axis)", scale=scale, axis=powers(scale))
    y, look = errors(shown), coloured((one["line"] for one in shown), alt.Legend(orient="bottom-left", title=None))
    told = ["line:N", "row:N", "from:N", *(alt.Tooltip(f"{part}:Q", format=".2f") for part in ("mean", "low", "high"))]
    base = data(shown).encode(x, tooltip=told, color=look["color"])
    limit = data([{"x": budget, "told": "3 days of 1989's processor"}]).encode(x)
    best = data(frontier).encode(x, y, tooltip=told)
    return panel(
        base.transform_filter("slice(datum.line, 0, 4) == 'here' && isValid(datum.low)").mark_rule(strokeWidth=1.2)
        .encode(alt.Y("low:Q"), alt.Y2("high:Q")),
        best.mark_line(style="ink", interpolate="step-after", strokeWidth=1.3),
        base.mark_point(filled=True).encode(y, look["shape"]),
        limit.mark_rule(style="soft", strokeDash=[7, 3]),
        limit.mark_text(style="soft", align="right", dx=-6, baseline="top").encode(y=alt.value(4), text="told:N"),
        title="Error against training compute", key=["Bars: 95 % intervals. Steps: the best for its compute."],
        width=NARROW, height=340,
    )  # fmt: skip


def depth(start: Document, deep: Rows) -> alt.VConcatChart:
    """Draw how far gradients reach, and the error, against the number of further layers, a line a way to build them."""
    ways: dict[str, list[Document]] = {}
    for row in deep:
        ways.setdefault(row["label"].partition(", ")[2], [start]).append(row)
    shown = [
        measured(row, depth=row["depth"], line=way, start=row["gradient_first_at_start"], training=row["gradient_first_in_training"])
        for way, rows in ways.items()
        for row in sorted(rows, key=lambda row: row["depth"])
    ]
    lengths = [{**one, "when": when, "length": one[when]} for one in shown for when in ("start", "training") if one[when]]
    x = alt.X("depth:Q", title="further hidden layers", axis=ticks(one["depth"] for one in shown))
    scale = log([one["length"] for one in lengths])
    y = alt.Y("length:Q", title="length of the first layer's gradient (log axis)", scale=scale, axis=powers(scale))
    look = coloured(ways)
    when = alt.StrokeDash("when:N", legend=None, scale=alt.Scale(domain=["training", "start"], range=[[1, 0], [6, 3]]))
    told = ["line:N", "depth:Q", "when:N", alt.Tooltip("length:Q", format=".2~e")]
    reach = data(lengths).encode(x, y, look["color"], tooltip=told)
    base = data(shown).encode(x, look["color"], tooltip=["depth:Q", *tips("line", mean="test error, %")])
    error = base.encode(errors(shown))
    lengths.sort(key=lambda one: (one["depth"], one["when"]))  # the last of each is named
    return stacked(
        panel(
            reach.mark_line(strokeWidth=1.5).encode(when), reach.mark_point(filled=True).encode(look["shape"]),
            named(lengths, "depth", "length", logarithmic=True), width=NARROW, height=280,
            title=f"Gradients by depth ({start['data']})", key=["Solid: in training. Dashed: at the start. 0 is not drawn."],
        ),
        panel(
            *intervals(base, "y"), *joined(error.encode(look["shape"])), named(shown, "depth", "mean", logarithmic=True),
            title="Error by depth", key=[KEY], width=NARROW, height=280,
        ),
    )  # fmt: skip
