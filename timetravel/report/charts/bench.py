"""The chart of `timetravel bench`: the time of an example in each way of training."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from timetravel.numbers import short
from timetravel.report.charts.style import data, frame, log


def charts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the chart by name, its times on a logarithmic axis; none of a card."""
    if "card" in document:
        return {}
    shown = [{**row, "told": short(row["us"])} for row in document["rows"] if row["seconds_of_23_epochs"]]
    time = log("microseconds an example and net", [row["us"] for row in shown], room=1.6)
    named = (("label", "way"), ("us", "microseconds"), ("over_bound", "times the bound"))
    told = [alt.Tooltip(f"{name}:N", title=title) for name, title in named]
    base = data(shown).encode(alt.X("us:Q", **time), alt.Y("label:N", title=None, sort=None), tooltip=told)
    stems = base.mark_rule(style="first", opacity=0.35, strokeWidth=2).encode(x2=alt.datum(time["scale"]["domain"][0]))
    numbers = base.mark_text(align="left", dx=9).encode(text="told:N")
    dots = base.mark_point(style="first", filled=True, size=80)
    title = "How long one example takes to train on, by what trains"
    return {"figure": frame(stems, dots, numbers, title=title, height=110 + 28 * len(shown))}
