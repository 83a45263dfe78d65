"""The charts of `timetravel foundation`: error against human labels, and against the multiply-adds of one digit."""

from collections.abc import Mapping
from typing import Any, Final

import altair as alt

from timetravel.report.charts import style

Document = Mapping[str, Any]
LINES: Final = ("scratch-1989", "scratch-today", "probe", "web-whole", "contrast-probe", "distilled")
COSTS: Final = {  # ways of the second chart, and how its names call them
    "scratch-1989": "1989, from scratch", "scratch-today": "today, from scratch", "zero-shot": "zero-shot",
    "own-labels": "probe on its own labels", "probe": "linear probe", "web-adapted": "adapted",
    "web-whole": "finetuned", "distilled": "taught", "web-distilled": "taught by the MNIST net",
}  # fmt: skip
ERROR: Final = "test error, %"


def charts(document: Document) -> dict[str, Any]:
    """Draw error against human labels, and against the cost of reading one digit."""
    return {"figure": by_labels(document), "cost": by_cost(document)}


def point(row: Document, **more: Any) -> dict[str, Any]:
    """Return what is drawn and told of a row."""
    return style.measured({**row, "seeds": row["draws"]}, labels=row["labels"], **more)


def errors(*shown: Document) -> dict[str, Any]:
    """Return a logarithmic axis around the errors of points."""
    return style.log(ERROR, [one[end] for one in shown for end in ("mean", "low", "high", "new low", "new high")])


def by_labels(document: Document) -> Any:
    """Draw error against human labels, a line a way; without labels at the left edge, zero-shot as a level line too."""
    rows = [row for row in document["rows"] if row["recipe"] in LINES]
    counts = sorted({row["labels"] for row in rows} - {0}) or [1]
    edge = counts[0] / 3
    beside = {label: 1.03**place for place, label in enumerate(dict.fromkeys(row["label"] for row in rows))}
    shown = [point(row, line=row["label"], at=(row["labels"] or edge) * beside[row["label"]]) for row in rows]
    shown.sort(key=lambda one: one["labels"])
    asked = [point(row, line=row["label"], at=edge) for row in document["rows"] if row["recipe"] == "zero-shot"]
    asked = [{**one, "told": one["line"].replace(", ", ",\n").replace(" (", "\n(")} for one in asked]
    x, y = style.log("human labels", [edge, counts[-1]], [edge, *counts], 1.15), errors(*shown, *asked)
    x["axis"].labelExpr = f"datum.value < {counts[0]} ? '0' : {style.PLAIN}"
    look, across, up = style.coloured(beside), alt.X("at:Q", **x), alt.Y("mean:Q", **y)
    told = style.tips("line", "labels", mean=ERROR)
    base = style.data(style.cut(shown, y)).encode(across, look["color"], tooltip=told)
    level = style.data(style.cut(asked, y)).encode(across, up, tooltip=told)
    line = style.data(shown).encode(across, up, look["color"], look["strokeDash"])
    layers = (
        level.mark_rule(style="ink", strokeDash=[2, 3]).encode(x=alt.value(0), x2=alt.value("width")),
        level.mark_point(style="ink", filled=True, shape="cross"),
        level.mark_text(style="ink", align="left", baseline="bottom", lineBreak="\n", dx=-4, dy=-36).encode(
            alt.Y("new high:Q"), text="told:N"
        ),
        *style.intervals(base, "y"),
        line.transform_filter("datum.labels > 0").mark_line(strokeWidth=1.7),
        base.encode(up, look["shape"]).mark_point(filled=True),
        style.named(shown, "at"),
    )
    title = f"Error against human labels ({document['data']}, {document['test_size']:,} test digits)"
    return style.frame(*layers, title=title, key=[f"{style.KEY} At the left: no human label."], height=470)


def by_cost(document: Document) -> Any:
    """Draw error against multiply-adds of one digit, of rows without labels and with all, and the Pareto front."""
    rows = [row for row in document["rows"] if row["multiply_adds"]]
    front = [document["rows"][place] for place in document["frontier"]]
    most = max(row["labels"] for row in rows)
    known = [row for row in rows if row["recipe"] in COSTS and row["labels"] in (0, most)] or rows
    columns: dict[int, list[dict[str, Any]]] = {}
    for row in sorted(known, key=lambda row: -row["test_error"]["mean"]):
        pupil = not row["foundation"] or row["recipe"].endswith("distilled")
        line = f"net of {row['parameters']:,} parameters" if pupil else row["foundation"]
        short = COSTS.get(row["recipe"], row["label"])
        column = columns.setdefault(row["multiply_adds"], [])
        at = row["multiply_adds"] * 1.07 ** len(column)
        column.append(point(row, line=line, way=row["label"], name=short, work=row["multiply_adds"], at=at))
    shown = [one for _, column in sorted(columns.items()) for one in column]
    least, means = min(columns), [one["mean"] for one in shown]
    x = style.log("multiply-adds of one digit", [least / 50, *(one["at"] for one in shown)], room=1.6)
    y = errors(*shown)
    look = style.coloured((one["line"] for one in shown), alt.Legend(orient="top", title=None))
    across, up, color = alt.X("at:Q", **x), alt.Y("mean:Q", **y), look["color"]
    written = []
    for work, column in columns.items():  # names stand to the right of a column, or to its left where room is scarce
        left = work == least < max(columns)
        places = style.spread([one["mean"] for one in column], means, 0.055)
        beside = {"left": left, "at": column[0 if left else -1]["at"]}
        written += [{**one, **beside, "mean": place} for one, place in zip(column, places, strict=True)]
    text = style.data(written).encode(across, up, color, text="name:N")
    told = [alt.Tooltip("work:Q", title="multiply-adds", format=","), *style.tips("way", "labels", mean=ERROR)]
    base = style.data(style.cut(shown, y)).encode(across, color, tooltip=told)
    points = base.encode(up, look["shape"])
    best = style.data({"at": row["multiply_adds"], "mean": row["test_error"]["mean"]} for row in front)
    layers = (
        best.mark_line(style="soft", interpolate="step-after", strokeDash=[7, 3], strokeWidth=1.2).encode(across, up),
        *style.intervals(base, "y"),
        points.transform_filter("datum.labels > 0").mark_point(filled=True),
        points.transform_filter("datum.labels == 0").mark_point(style="hollow"),
        text.transform_filter("!datum.left").mark_text(align="left", dx=9, fontSize=11),
        text.transform_filter("datum.left").mark_text(align="right", dx=-9, fontSize=11),
    )
    title = f"Error against the cost of one digit ({document['data']}, {document['test_size']:,} test digits)"
    key = [style.KEY, f"Filled: all {most:,} human labels. Hollow: none. Dashed: the Pareto front of all rows."]
    return style.frame(*layers, title=title, key=key, height=470)
