"""The charts of `timetravel look`: the confusion matrix, sure and unsure digits, kernels and maps."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from timetravel.report.charts.style import data, digits, frame
from timetravel.report.tables.look import inside, lists, matrix


def charts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the charts of a document by name."""
    label = document["label"]
    return {
        "confusion": confusion(document),
        "digits": digits(lists(document), 6, f"{label}: sure and unsure"),
        "inside": digits(inside(document), 12, f"{label}: its kernels, its maps of a digit"),
    }


def confusion(document: Mapping[str, Any]) -> Any:
    """Draw how many of each digit were read as which; mistakes are coloured, the stronger the more there are."""
    shown = [field for field in matrix(document) if field["digits"]]
    wrong = [field for field in shown if field["true"] != field["read_as"]]
    scale, above = alt.Scale(domain=[*range(10)]), alt.Axis(orient="top", labelAngle=0)
    x, y = alt.X("read_as:O", title="read as", scale=scale, axis=above), alt.Y("true:O", title="digit", scale=scale)
    most = max((field["digits"] for field in wrong), default=1)
    strength = alt.Scale(type="sqrt", domain=[0, most], range=[0, 0.65])
    read, count = alt.Tooltip("read_as:O", title="read"), alt.Tooltip("digits:Q", title="test digits", format=",d")
    told = [alt.Tooltip("true:O"), read, count]
    numbers = data(shown).encode(x, y, tooltip=told, text=alt.Text("digits:Q", format=",d"))
    fields = data(wrong).encode(x, y, alt.Opacity("digits:Q", scale=strength, legend=None), tooltip=told)
    title = "{label}: {mistakes:,} of {test_size:,} test digits of {data} misread".format(**document)
    key = ["A row is a digit, a column what it was read as. Coloured: mistakes, the stronger the more."]
    return frame(fields.mark_rect(style="second"), numbers.mark_text(style="ink"), title=title, key=key, height=520)
