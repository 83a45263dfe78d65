"""The chart of `timetravel interpretations`: where the interpretations with each option of each gap lie."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from timetravel.report.charts.style import data, frame, log, measured, tips
from timetravel.report.tables.interpretations import by_option


def charts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the chart: a stroke an interpretation, and a dot at the least of each option."""
    name, label = "test_error", "test error, %"
    if document["study"] == "choice":
        name, label = "mistakes_on_folds", "mistakes on five folds of the training digits"
    shown = []
    for pair, rows in by_option(document["rows"]).items():
        least = min(rows, key=lambda row: row[name]["mean"])
        for row in rows:
            told = {"option": ": ".join(pair), "interpretation": ", ".join(row["options"].values())}
            shown.append(measured(row, name, **told, least=row is least))
    x = alt.X("mean:Q", **log(label, [row["mean"] for row in shown], room=1.05))
    y = alt.Y("option:N", title=None, sort=None)
    base = data(shown).encode(x, y, tooltip=tips("interpretation", mean=label))
    strokes = base.mark_tick(style="first", thickness=1.4, opacity=0.6, bandSize=13)
    dots = base.transform_filter("datum.least").mark_point(style="second", filled=True)
    title = f"What each option of each gap comes to: the {document['study']}"
    key = ["A stroke is an interpretation of the paper; the dot is the best with that option."]
    height = 130 + 19 * len({row["option"] for row in shown})
    return {"figure": frame(strokes, dots, title=title, key=key, height=height)}
