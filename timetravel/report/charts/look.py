"""The charts of `timetravel look`: the confusion matrix, sure and unsure digits, kernels and maps."""

from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt

from timetravel.report.charts.style import data, digits, frame
from timetravel.report.grid import Pictures
from timetravel.report.tables.look import inside, lists


def charts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the charts of a document by name."""
    net = document["label"]
    return {
        "confusion": confusion(document),
        "digits": digits(grouped(lists(document)), 6, f"{net}: sure and unsure"),
        "inside": digits(grouped(inside(document)), 12, f"{net}: its kernels, and its maps of a digit"),
    }


def grouped(pictures: Iterable[Pictures]) -> dict[str, list[dict[str, str]]]:
    """Return pictures by title, each with its caption."""
    return {
        each.title: [{"pixels": p, "caption": c} for p, c in zip(each.digits, each.captions, strict=True)]
        for each in pictures
    }


def confusion(document: Mapping[str, Any]) -> Any:
    """Draw how many of each digit were read as which: mistakes the darker the more, what was read rightly plain."""
    shown = [
        {"true": true, "read as": read, "test digits": count}
        for true, counts in enumerate(document["confusion"])
        for read, count in enumerate(counts)
        if count
    ]
    wrong = [field for field in shown if field["true"] != field["read as"]]
    x = alt.X(
        "read as:O", title="read as", scale=alt.Scale(domain=[*range(10)]), axis=alt.Axis(orient="top", labelAngle=0)
    )
    y = alt.Y("true:O", title="digit", scale=alt.Scale(domain=[*range(10)]))
    most = max((field["test digits"] for field in wrong), default=1)
    scale = alt.Scale(type="sqrt", domain=[0, most], range=[0, 0.65])
    told: list[Any] = ["true:O", "read as:O", alt.Tooltip("test digits:Q", format=",d")]
    number = data(shown).encode(x, y, tooltip=told, text=alt.Text("test digits:Q", format=",d"))
    fields = data(wrong).encode(x, y, alt.Opacity("test digits:Q", scale=scale, legend=None), tooltip=told)
    title = f"{document['label']}: {document['mistakes']:,} of {document['test_size']:,} test digits misread"
    key = ["A field is how many of a digit were read as another; coloured are the mistakes, the stronger the more."]
    return frame(fields.mark_rect(style="second"), number.mark_text(style="ink"), title=title, key=key, height=520)
