"""The chart of `timetravel modernize --mode shares`: each tweak's share with its interval."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from timetravel.report.charts.style import OVER, data, frame, intervals, measured, tips
from timetravel.report.tables.shares import worth


def charts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the chart: shares of the reduction, or changes in mistakes where there are no shares."""
    *each, whole = document["shares"]
    key, label = "reduction_share", "share of the reduction, %"
    if (whole[key] or {"mean": None})["mean"] is None:
        key, label = "change_share", "change, mistakes"
    first = document["rows"][0]
    rows = sorted((row for row in each if (row[key] or {"mean": None})["mean"] is not None), key=worth)
    shown = [measured({**row, "seeds": first["seeds"]}, key, tweak=row["label"]) for row in rows]
    base = data(shown).encode(alt.Y("tweak:N", title=None, sort=None), tooltip=tips("tweak", mean=label))
    means = base.encode(alt.X("mean:Q", title=label))
    zero = data([{"zero": 0}]).mark_rule(style="soft").encode(x="zero:Q")
    bars = means.mark_bar(style="first", opacity=0.25, height={"band": 0.6})
    layers = (zero, bars, *intervals(base, "x"), means.mark_point(style="first", filled=True))
    title = f"What each tweak is worth, a mean over orders ({first['data']})"
    return {"figure": frame(*layers, title=title, key=[f"Line: {OVER}."], height=125 + 28 * max(len(rows), 1))}
