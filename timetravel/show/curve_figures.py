"""Learning curves as a figure: the errors, the laws fitted to them, and what these predict."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import ticker

from timetravel.show.figures import MARKERS, PALETTE, bar, canvas, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from timetravel.studies.curves import Curve
    from timetravel.studies.scale_data import ScaleDataResult

TICKS = (0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50)


def learning_curves(result: "ScaleDataResult", *, dark: bool = False) -> "Figure":
    """Draw test error against training digits on logarithmic axes: points, laws, and the band of a law's replicates."""
    first = result.rows[0]
    title = f"Error against data ({first.data}, {first.test_size:,} test digits)"
    with style(dark):
        figure, axes = canvas("training digits (log axis)", "test error, % (log axis)", title)
        for place, curve in enumerate(result.curves):
            draw_era(axes, result, curve, place)
        for place, reference in enumerate(result.references):
            axes.plot(
                reference["train_size"], reference["test_error"]["mean"], "x", color=PALETTE[3], ms=8, mew=2,
                label="essay, 2022: single seeds, its own subset and epochs" if place == 0 else None,
            )  # fmt: skip
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))
        sizes = sorted({row.train_size for row in result.rows})
        sizes += sorted({f.size for curve in result.curves for f in curve.predictions} - set(sizes))
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=30)
        low, high = axes.get_ylim()
        axes.set_yticks([tick for tick in TICKS if low <= tick <= high])
        axes.minorticks_off()
        axes.legend(fontsize=8)
    return figure


def draw_era(axes: "Axes", result: "ScaleDataResult", curve: "Curve", place: int) -> None:
    """Draw one era's points with their intervals, its law where it has one, and its predictions."""
    rows = [row for row in result.rows if row.name == curve.era]
    colour = PALETTE[place % len(PALETTE)]
    law = f", {curve.law.name}" if curve.law else ", no law"
    below, above = zip(*((b[0][0], b[1][0]) for b in (bar(row.test_error) for row in rows)), strict=True)
    axes.errorbar(
        [row.train_size for row in rows], [row.test_error.mean for row in rows], yerr=[below, above],
        fmt=MARKERS[place % 5] + ("" if curve.law else ":"), color=colour, capsize=3, ms=5,
        label=f"{curve.era}{law}",
    )  # fmt: skip
    if curve.law is None:
        return
    furthest = max([rows[-1].train_size, *(found.size for found in curve.predictions)])
    sizes = np.geomspace(rows[0].train_size, furthest, 80)
    shares = 100 * curve.law.curve(curve.fitted, sizes)
    axes.plot(sizes, shares[0], "-", color=colour, lw=1.2)
    if len(shares) > 1:
        low, high = np.percentile(shares[1:], [2.5, 97.5], axis=0)
        axes.fill_between(sizes, low, high, color=colour, alpha=0.18, lw=0)
    for found in curve.predictions:
        error = found.error
        if error is None:
            continue
        axes.errorbar(
            found.size, error["mean"], yerr=[[error["mean"] - error["low"]], [error["high"] - error["mean"]]],
            fmt=MARKERS[place % 5], mfc="none", color=colour, capsize=3,
        )  # fmt: skip
