"""The chart of `timetravel scale-data`: the errors, the laws fitted to them, and what these predict."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from timetravel.report.charts.style import MARKERS, PALETTE, bar, canvas, logarithmic

Document = Mapping[str, Any]


def charts(document: Document, *, dark: bool = False) -> dict[str, Figure]:
    """Draw test error against training digits on logarithmic axes: points, laws, and the band of a law's replicates."""
    del dark
    rows, curves = document["rows"], document["curves_fitted"]
    title = f"Error against data ({rows[0]['data']}, {rows[0]['test_size']:,} test digits)"
    figure, axes = canvas("training digits (log axis)", "test error, % (log axis)", title)
    for place, curve in enumerate(curves):
        draw_era(axes, [row for row in rows if row["recipe"] == curve["era"]], curve, place)
    for place, essay in enumerate(document["references"]):
        label = "essay, 2022: single seeds, its own subset and epochs" if place == 0 else None
        error = essay["test_error"]["mean"]
        axes.plot(essay["train_size"], error, "x", color=PALETTE[3], ms=8, mew=2, label=label)
    logarithmic(axes)
    sizes = sorted({row["train_size"] for row in rows})
    sizes += sorted({f["train_size"] for curve in curves for f in curve.get("predictions", ())} - set(sizes))
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=30)
    axes.minorticks_off()
    axes.legend(fontsize=8)
    return {"figure": figure}


def draw_era(axes: Axes, rows: list[Document], curve: Document, place: int) -> None:
    """Draw one era's points with their intervals, its law where it has one, and its predictions."""
    colour, marker = PALETTE[place % len(PALETTE)], MARKERS[place % len(MARKERS)]
    law, sizes, errors = curve.get("law"), [row["train_size"] for row in rows], [row["test_error"] for row in rows]
    means, bars = [error["mean"] for error in errors], np.hstack([bar(error) for error in errors])
    label, fmt = f"{curve['era']}, {law or 'no law'}", marker + ("" if law else ":")
    axes.errorbar(sizes, means, yerr=bars, fmt=fmt, color=colour, capsize=3, ms=5, label=label)
    if line := curve.get("line"):
        sizes, mean, low, high = ([point[part] for point in line] for part in ("train_size", "mean", "low", "high"))
        axes.plot(sizes, mean, "-", color=colour, lw=1.2)
        axes.fill_between(sizes, low, high, color=colour, alpha=0.18, lw=0)
    for found in curve.get("predictions", ()):
        if error := found["error"]:
            looks: Any = {"fmt": marker, "mfc": "none", "color": colour, "capsize": 3}
            axes.errorbar(found["train_size"], error["mean"], yerr=bar(error), **looks)
