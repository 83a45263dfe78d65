"""The charts of `timetravel scale-model`: error against size, data and size together, and gradients by depth."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from timetravel.numbers import compact
from timetravel.report.charts.style import (
    KEY,
    coloured,
    cut,
    data,
    frame,
    intervals,
    joined,
    log,
    measured,
    named,
    stacked,
    tips,
)  # fmt: skip

Document = Mapping[str, Any]
Rows = Sequence[Document]
PANEL: Any = {"panel": 490, "height": 320}
ERROR = "test error, %"


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


def errors(shown: Rows) -> dict[str, Any]:
    """Return a logarithmic axis around some errors."""
    return log(ERROR, [row.get(part) for row in shown for part in ("mean", "low", "high", "new low", "new high")])


def parameters(wide: Rows) -> Any:
    """Draw test error against parameters, a curve a number of training digits, with both intervals."""
    shown = []
    for place, size in enumerate(sorted({row["train_size"] for row in wide})):  # beside each other
        for row in (row for row in wide if row["train_size"] == size):
            size_of = {"parameters": row["parameters"], "at": row["parameters"] * 1.04**place}
            shown.append(measured(row, **size_of, line=f"{size:,} digits", width=f"width {row['width']:g}"))
    look = coloured(row["line"] for row in shown)
    shown.sort(key=lambda row: row["at"])
    places, percent = [row["parameters"] for row in shown], errors(shown)
    x = alt.X("at:Q", **log("parameters", places, places, 1.3))
    told = ["width:N", alt.Tooltip("parameters:Q", format=","), *tips("line", mean=ERROR)]
    base = data(cut(shown, percent)).encode(x, look["color"], tooltip=told)
    lines = base.encode(alt.Y("mean:Q", **percent), look["shape"], look["strokeDash"])
    widths = data({row["width"]: {"at": row["parameters"], "width": row["width"]} for row in shown}.values())
    above = widths.mark_text(style="soft", fontSize=11).encode(x, y=alt.value(-8), text="width:N")
    title = f"Error against size ({wide[0]['data']}, {wide[0]['test_size']:,} test digits)"
    return frame(*intervals(base, "y"), *joined(lines), above, named(shown, "at"), title=title, key=[KEY])


def both(wide: Rows, equal: Rows) -> Any:
    """Draw the wide rows by digits and multiply-adds, coloured by error, with lines of equal latency and compute."""
    work = [row["multiply_adds"] for row in wide]
    up = log("multiply-adds of one digit", work, work, 1.8)
    across = log("training digits", equal[0]["train_size"], [row["train_size"] for row in wide], 1)
    x, y = alt.X("x:Q", **across), alt.Y("y:Q", **up)
    (left, _), (bottom, top) = across["scale"]["domain"], up["scale"]["domain"]
    ends, starts = [], []
    for line in equal:
        most, least = line["multiply_adds"]
        if most > bottom and least < top:
            told = f"{compact(line['multiply_adds_an_epoch'], '.0e')} an epoch"
            ends += [
                {"told": told, "x": place, "y": size}
                for place, size in zip(line["train_size"], line["multiply_adds"], strict=True)
            ]
            starts.append({"told": told, "x": left * max(1, most / top), "y": min(most, top)})  # where it comes in
    latency = {row["multiply_adds"]: f"{row['latency_us']:,.0f} us a digit" for row in wide}
    latencies = data({"y": size, "told": told} for size, told in latency.items()).encode(y)
    beside = latencies.mark_text(style="second", align="left", dx=6, fontSize=11)
    shown = [measured(row, x=row["train_size"], y=row["multiply_adds"], row=row["label"]) for row in wide]
    points = data(shown).encode(x, y, tooltip=tips("row", mean=ERROR))
    scheme = alt.Scale(scheme="cividis", type="log")
    layers = (
        latencies.mark_rule(style="second", strokeDash=[7, 3]),
        beside.encode(x=alt.value("width"), text="told:N"),
        data(ends).mark_line(style="third", strokeDash=[2, 3], clip=True).encode(x, y, detail="told:N"),
        data(starts).mark_text(style="third", align="left", dx=8, dy=-6, fontSize=11).encode(x, y, text="told:N"),
        points.mark_point(filled=True, size=300, stroke="#999999").encode(
            color=alt.Color("mean:Q", legend=None, scale=scheme)
        ),
        points.mark_text(align="left", dx=13, dy=-10, fontWeight="bold").encode(text=alt.Text("mean:Q", format=".2f")),
    )
    key = ["Dashed: equal latency. Dotted: equal compute for training."]
    return frame(*layers, title="Test error (%) by data and size", key=key, **PANEL)


def compute(document: Document) -> Any:
    """Draw error against training compute: own rows with intervals, published ones, the frontier, 1989's budget."""

    def row(point: Document) -> dict[str, Any]:
        here = point["from"] == document["command"]
        line = f"here, {point['train_size']:,} digits" if here else "published rows, width 1"
        told = {"line": line, "row": point["row"], "from": point["from"], "x": point["training_multiply_adds"]}
        return {**told, "here": here, "size": point["train_size"], **point["test_error"]}

    shown = sorted(map(row, document["points"]), key=lambda one: (not one["here"], one["size"]))
    budget, percent = document["best_of_1989"]["multiply_adds"], errors(shown)
    x = alt.X("x:Q", **log("multiply-adds to train", [*(one["x"] for one in shown), budget], room=1.4))
    y = alt.Y("mean:Q", **percent)
    look = coloured((one["line"] for one in shown), alt.Legend(orient="bottom-left", title=None))
    ends = [alt.Tooltip(f"{end}:Q", format=".2f") for end in ("mean", "low", "high")]
    told: list[Any] = ["line:N", "row:N", "from:N", *ends]
    base = data(cut(shown, percent)).encode(x, look["color"], tooltip=told)
    own = base.transform_filter("datum.here && isValid(datum.low)")
    limit = data([{"x": budget, "told": "3 days of 1989's processor"}]).encode(x)
    words = limit.mark_text(style="soft", align="right", dx=-6, baseline="top")
    best = data(map(row, document["frontier"])).mark_line(style="ink", interpolate="step-after", strokeWidth=1.3)
    layers = (
        own.mark_rule(strokeWidth=1.2).encode(alt.Y("low:Q"), alt.Y2("high:Q")),
        best.encode(x, y),
        base.mark_point(filled=True).encode(y, look["shape"]),
        limit.mark_rule(style="soft", strokeDash=[7, 3]),
        words.encode(y=alt.value(4), text="told:N"),
    )
    key = ["Bars: 95 % intervals. Steps: the best for its compute."]
    return frame(*layers, title="Error against training compute", key=key, **PANEL)


def depth(start: Document, deep: Rows) -> Any:
    """Draw how far gradients reach, and the error, against the number of further layers, a line a way to build them."""
    ways: dict[str, list[Document]] = {}
    for row in deep:
        ways.setdefault(row["label"].partition(", ")[2], [start]).append(row)
    rows = sorted(((way, row) for way, rows in ways.items() for row in rows), key=lambda pair: pair[1]["depth"])
    shown = [measured(row, line=way, depth=row["depth"]) for way, row in rows]
    lengths = [
        {"line": way, "depth": row["depth"], "when": when.replace("_", " "), "length": length}
        for way, row in rows
        for when in ("at_start", "in_training")
        if (length := row[f"gradient_first_{when}"])
    ]
    ticks, across = alt.Axis(values=sorted({row["depth"] for _, row in rows})), alt.Scale(nice=False, padding=8)
    x = alt.X("depth:Q", title="further hidden layers", axis=ticks, scale=across)
    y = alt.Y("length:Q", **log("length of the first layer's gradient", [one["length"] for one in lengths]))
    look, percent = coloured(ways), errors(shown)
    dashes = alt.Scale(domain=["in training", "at start"], range=[[1, 0], [6, 3]])
    told: list[Any] = ["line:N", "depth:Q", "when:N", alt.Tooltip("length:Q", format=".2~e")]
    reach = data(lengths).encode(x, y, look["color"], detail="when:N", tooltip=told)
    lines = reach.mark_line(strokeWidth=1.5).encode(strokeDash=alt.StrokeDash("when:N", legend=None, scale=dashes))
    base = data(cut(shown, percent)).encode(x, look["color"], tooltip=["depth:Q", *tips("line", mean=ERROR)])
    means = joined(base.encode(alt.Y("mean:Q", **percent), look["shape"]))
    gradients = (lines, reach.mark_point(filled=True).encode(look["shape"]), named(lengths, "depth", "length"))
    key = ["Solid: in training. Dashed: at the start. 0 is not drawn."]
    return stacked(
        frame(*gradients, title=f"Gradients by depth ({start['data']})", key=key, **PANEL),
        frame(*intervals(base, "y"), *means, named(shown, "depth"), title="Error by depth", key=[KEY], **PANEL),
    )
