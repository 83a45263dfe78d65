"""The chart of `timetravel bench`: the time of an example in each way of training."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from timetravel.numbers import short
from timetravel.report.charts.style import PALETTE, canvas


def charts(document: Mapping[str, Any], *, dark: bool = False) -> dict[str, Figure]:
    """Return the chart by name, its times on a logarithmic axis; none of a card."""
    del dark
    if "card" in document:
        return {}
    shown = {row["label"]: row["us"] for row in document["rows"] if row["seconds_of_23_epochs"]}
    figure, axes = canvas("microseconds an example and net", "", "Time of one example")
    bars = axes.barh(list(shown), list(shown.values()), color=PALETTE[0])
    axes.bar_label(bars, [short(us) for us in shown.values()], padding=3)
    axes.set_xscale("log")
    axes.margins(x=0.12)  # for the numbers beside the bars
    return {"figure": figure}
