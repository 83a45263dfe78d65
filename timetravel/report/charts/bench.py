"""The chart of `timetravel bench`: the time of an example in each way of training."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from timetravel.numbers import short
from timetravel.report.charts.style import data, frame, log, powers


def charts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the chart by name, its times on a logarithmic axis; none of a card."""
    if "card" in document:
        return {}
    shown = [{**row, "told": short(row["us"])} for row in document["rows"] if row["seconds_of_23_epochs"]]
    scale = log([row["us"] for row in shown], 1.6)
    x = alt.X("us:Q", title="microseconds an example and net (log axis)", scale=scale, axis=powers(scale))
    named = [("label", "way"), ("us", "microseconds"), ("over_bound", "times the bound")]
    base = data(shown).encode(
        x, alt.Y("label:N", title=None, sort=None), tooltip=[alt.Tooltip(f"{name}:N", title=title) for name, title in named]
    )
    stem = base.mark_rule(style="first", opacity=0.35, strokeWidth=2).encode(x2=alt.datum(scale["domain"][0]))
    told = base.mark_text(align="left", dx=9).encode(text="told:N")
    title = "How long one example takes to train on, by what trains"
    drawn = frame(stem, base.mark_point(style="first", filled=True, size=80), told, title=title, height=110 + 28 * len(shown))
    return {"figure": drawn}
