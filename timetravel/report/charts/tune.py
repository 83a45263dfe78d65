"""The charts of `timetravel tune`: the search as it went, and each searched value against the mistakes."""

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from timetravel.report.charts.style import PALETTE, bar, canvas

Document = Mapping[str, Any]


def charts(document: Document, *, dark: bool = False) -> dict[str, Figure]:
    """Return the charts of a document by name."""
    del dark
    means = {row["trial"]: row["mistakes_on_folds"]["mean"] for row in document["rows"]}
    return {"figure": search(document, [means[trial] for trial in sorted(means)]), "values": values(document, means)}


def search(document: Document, means: Sequence[float]) -> Figure:
    """Draw the mistakes of every trial in its order, and the fewest so far."""
    title = f"A search from {document['era']} on {document['data']}"
    figure, axes = canvas("trial", "mistakes on five folds of the training digits", title)
    axes.plot(range(len(means)), means, "o", ms=4, color=PALETTE[0], label="a trial")
    axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.step(range(len(means)), list(accumulate(means, min)), where="post", color=PALETTE[3], label="the best so far")
    axes.axhline(means[0], ls="--", lw=1, color=PALETTE[1], label="the recipe as it is")
    if document["confirmation"]:
        again, place = document["confirmation"]["best"], document["rows"][0]["trial"]
        look: Any = {"fmt": "D", "mfc": "none", "color": PALETTE[4], "label": "with fresh seeds"}
        axes.errorbar(place, again["mean"], yerr=bar(again), **look)
    if max(means) > 20 * max(min(means), 1):
        axes.set_yscale("log")
    axes.legend(fontsize=8)
    return figure


def values(document: Document, means: Mapping[int, float]) -> Figure:
    """Draw each searched value against the mistakes by trial, a panel a value."""
    rows, space = document["rows"], document["space"]
    own = next(row for row in rows if row["as_it_is"])
    across = min(3, len(space))
    down = math.ceil(len(space) / across)
    figure = Figure(figsize=(1.0 + 2.7 * across, 0.6 + 2.4 * down), layout="constrained")
    panels = figure.subplots(down, across, squeeze=False, sharey=True)
    for axes in panels.flat[len(space) :]:
        axes.set_visible(False)
    for place, (part, axes) in enumerate(zip(space, panels.flat, strict=False)):
        marked = [(row, PALETTE[0], "o") for row in rows] + [(rows[0], PALETTE[3], "o"), (own, PALETTE[1], "s")]
        for row, colour, marker in marked:
            value = row["values"][part["name"]]
            axes.plot(str(value) if "options" in part else value, means[row["trial"]], marker, ms=4, color=colour)
        scale(axes, part, min(row["values"][part["name"]] for row in rows))
        axes.set_xlabel(part["name"])
        if place % across == 0:
            axes.set_ylabel("mistakes on folds")
    if max(means.values()) > 20 * max(min(means.values()), 1):
        panels[0, 0].set_yscale("log")
    figure.suptitle("Square: as it is; red: the best", x=0.02, ha="left", fontsize=9)
    return figure


def scale(axes: Axes, part: Mapping[str, Any], least: float) -> None:
    """Give a panel the scale that its value was searched on."""
    if part.get("log") and least > 0:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(ticker.NullFormatter())
    elif isinstance(part.get("low"), int):
        axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.tick_params(axis="x", labelsize=7)
