"""The charts of `timetravel look`: the confusion matrix, sure and unsure digits, kernels and maps."""

from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt

from timetravel.report.charts.style import data, digits, frame
from timetravel.report.grid import Pictures
from timetravel.report.tables.look import inside, lists


def charts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the charts of a document by name."""
    sure, within = (f"{document['label']}: {what}" for what in ("sure and unsure", "its kernels, its maps of a digit"))
    shown = {
        "digits": digits(grouped(lists(document)), 6, sure),
        "inside": digits(grouped(inside(document)), 12, within),
    }
    return {"confusion": confusion(document), **shown}


def grouped(pictures: Iterable[Pictures]) -> dict[str, list[dict[str, str]]]:
    """Return pictures by title, each with its caption."""
    pairs = {each.title: zip(each.digits, each.captions, strict=True) for each in pictures}
    return {title: [{"pixels": one, "caption": caption} for one, caption in both] for title, both in pairs.items()}


def confusion(document: Mapping[str, Any]) -> Any:
    """Draw how many of each digit were read as which; mistakes are coloured, the stronger the more there are."""
    places = [(true, read) for true in range(10) for read in range(10) if document["confusion"][true][read]]
    shown = [{"true": true, "read": read, "test digits": document["confusion"][true][read]} for true, read in places]
    wrong = [field for field in shown if field["true"] != field["read"]]
    x = alt.X(
        "read:O", title="read as", scale=alt.Scale(domain=[*range(10)]), axis=alt.Axis(orient="top", labelAngle=0)
    )
    y = alt.Y("true:O", title="digit", scale=alt.Scale(domain=[*range(10)]))
    most = max((field["test digits"] for field in wrong), default=1)
    strength = alt.Scale(type="sqrt", domain=[0, most], range=[0, 0.65])
    told: list[Any] = ["true:O", "read:O", alt.Tooltip("test digits:Q", format=",d")]
    numbers = data(shown).encode(x, y, tooltip=told, text=alt.Text("test digits:Q", format=",d"))
    fields = data(wrong).encode(x, y, alt.Opacity("test digits:Q", scale=strength, legend=None), tooltip=told)
    title = "{label}: {mistakes:,} of {test_size:,} test digits of {data} misread".format(**document)
    key = ["A row is a digit, a column what it was read as. Coloured: mistakes, the stronger the more."]
    return frame(fields.mark_rect(style="second"), numbers.mark_text(style="ink"), title=title, key=key, height=520)
