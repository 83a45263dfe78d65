"""The chart of `timetravel modernize --mode shares`: each tweak's share as a bar with its interval."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from timetravel.report.charts.style import PALETTE, bar, canvas, style
from timetravel.report.tables.shares import worth


def charts(document: Mapping[str, Any], *, dark: bool = False) -> dict[str, Figure]:
    """Return the chart: shares of the reduction, or changes in mistakes where there are no shares."""
    *each, whole = document["shares"]
    key, label = "reduction_share", "share of the reduction, %"
    if (whole[key] or {"mean": None})["mean"] is None:
        key, label = "change_share", "change, mistakes"
    rows = sorted((row for row in each if (row[key] or {"mean": None})["mean"] is not None), key=worth)
    with style(dark):
        figure, axes = canvas(
            label, "", f"What each tweak is worth, a mean over orders ({document['rows'][0]['data']})"
        )
        figure.set_size_inches(7.0, 1.2 + 0.3 * max(len(rows), 1))
        for place, row in enumerate(rows):
            axes.barh(place, row[key]["mean"], height=0.6, color=PALETTE[0], alpha=0.5)
            axes.errorbar(row[key]["mean"], place, xerr=bar(row[key]), fmt="o", ms=4, color=PALETTE[0], lw=2.0)
        axes.set_yticks(range(len(rows)), [row["label"] for row in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
    return {"figure": figure}
