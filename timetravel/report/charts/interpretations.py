"""The chart of `timetravel interpretations`: where the interpretations with each option of each gap lie."""

from collections.abc import Mapping
from typing import Any

from matplotlib import ticker
from matplotlib.figure import Figure

from timetravel.report.charts.style import PALETTE, canvas
from timetravel.report.tables.interpretations import by_option


def charts(document: Mapping[str, Any], *, dark: bool = False) -> dict[str, Figure]:
    """Return the chart: a stroke an interpretation, and a dot at the least of each option."""
    del dark
    name, label = "test_error", "test error, %"
    if document["study"] == "choice":
        name, label = "mistakes_on_folds", "mistakes on five folds of the training digits"
    options = list(reversed(by_option(document["rows"]).items()))
    figure, axes = canvas(label, "", f"Interpretations of the paper: the {document['study']}")
    figure.set_size_inches(7.0, 1.2 + 0.24 * len(options))
    for place, (_, rows) in enumerate(options):
        values = [row[name]["mean"] for row in rows]
        axes.plot(values, [place] * len(values), "|", ms=9, color=PALETTE[0], alpha=0.6)
        axes.plot(min(values), place, "o", ms=4, color=PALETTE[3])
    axes.set_yticks(range(len(options)), [": ".join(pair) for pair, _ in options], fontsize=7)
    axes.set_xscale("log")
    for set_formatter in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        set_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.tick_params(axis="x", which="minor", labelsize=7)
    return {"figure": figure}
