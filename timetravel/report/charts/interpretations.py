"""The chart of `timetravel interpretations`: where the interpretations with each option of each gap lie."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from timetravel.report.charts.style import data, frame, log, measured, tips
from timetravel.report.tables.interpretations import by_option


def charts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the chart: a stroke an interpretation, and a dot at the least of each option."""
    key, label, ticks = "test_error", "test error, %", (3, 4, 5, 6, 7, 8, 10, 15, 20, 30, 50, 100)
    if document["study"] == "choice":
        key, label, ticks = "mistakes_on_folds", "mistakes on five folds of the training digits", ()
    shown = [
        measured(row, key, option=": ".join(pair), least=row is least, interpretation=", ".join(row["options"].values()))
        for pair, rows in by_option(document["rows"]).items()
        for least in [min(rows, key=lambda row: row[key]["mean"])]
        for row in rows
    ]
    scale = log([row["mean"] for row in shown], 1.05)
    low, high = scale["domain"]
    x = alt.X("mean:Q", title=f"{label} (log axis)", scale=scale, axis=alt.Axis(format="~f", labelOverlap="greedy"))
    base = data(shown).encode(
        x, alt.Y("option:N", title=None, sort=None), tooltip=tips("interpretation", mean=label)
    )
    strokes = base.mark_tick(style="first", thickness=1.4, opacity=0.6, bandSize=13)
    dots = base.transform_filter("datum.least").mark_point(style="second", filled=True, size=60)
    options = len({row["option"] for row in shown})
    return {
        "figure": frame(
            strokes, dots, title=f"What each option of each gap comes to: the {document['study']}",
            key=["A stroke is an interpretation of the paper; the dot is the best with that option."], height=130 + 19 * options,
        )
    }  # fmt: skip
