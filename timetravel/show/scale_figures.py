"""The figures of `scale-model`: error against size, the joint view of data and size, and gradients by depth."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure

from timetravel.show.figures import MARKERS, PALETTE, PAPER_SIZE, bar, canvas, style

if TYPE_CHECKING:
    from timetravel.studies.scale_model import ScaleModelResult

TICKS = (0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100)


def parameters(result: "ScaleModelResult", *, dark: bool = False) -> Figure:
    """Draw test error against parameters, a curve a number of training digits, with both intervals."""
    first = result.rows[0]
    with style(dark):
        figure, axes = canvas(
            "parameters", "test error, %", f"Error against size ({first.data}, {first.test_size:,} test digits)"
        )
        rows = [(result.rows[place], result.evidence.new_digits[place]) for place in result.wide]
        for place, size in enumerate(sorted({row.train_size for row, _ in rows})):
            curve = [(row, new) for row, new in rows if row.train_size == size]
            x = np.array([row.size.parameters for row, _ in curve]) * 1.03**place
            mean, colour = [row.test_error.mean for row, _ in curve], PALETTE[place % len(PALETTE)]
            low, high = zip(*(new for _, new in curve), strict=True)
            axes.vlines(x, low, high, color=colour, lw=1, alpha=0.8)
            below, above = zip(*((b[0][0], b[1][0]) for b in (bar(row.test_error) for row, _ in curve)), strict=True)
            axes.errorbar(x, mean, yerr=[below, above], fmt=f"{MARKERS[place % 5]}-", color=colour, lw=1.2,
                          elinewidth=3, label=f"{size:,} training digits")  # fmt: skip
        logarithmic(axes, percent=True)
        sizes = sorted({row.size.parameters for row, _ in rows})
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        for row, _ in rows[: len({row.recipe.width for row, _ in rows})]:
            axes.annotate(f"width {row.recipe.width:g}", (row.size.parameters, 1), (0, -12), rotation=0, fontsize=7,
                          xycoords=("data", "axes fraction"), textcoords="offset points", ha="center")  # fmt: skip
        axes.legend(title="thick: 95 % over seeds; thin: for new digits", title_fontsize=8)
    return figure


def joint(result: "ScaleModelResult", *, dark: bool = False) -> Figure:
    """Draw error over data and size with lines of equal latency and compute; and error against training compute with
    its frontier and 1989's budget.
    """
    with style(dark):
        figure = Figure(figsize=(PAPER_SIZE[0] * 1.6, PAPER_SIZE[1] * 1.1), layout="constrained")
        left, right = figure.subplots(1, 2)
        draw_map(left, result)
        draw_compute(right, result)
    return figure


def draw_map(axes: Axes, result: "ScaleModelResult") -> None:
    """Draw the wide rows by digits and multiply-adds, coloured and labelled by error."""
    rows = [(result.rows[place], result.latency.us[place]) for place in result.wide]
    x = np.array([row.train_size for row, _ in rows], dtype=float)
    y = np.array([row.size.multiply_adds for row, _ in rows], dtype=float)
    left, right = x.min() / 2, x.max() * 3
    bottom, top = y.min() / 1.8, y.max() * 1.8
    for size, us in sorted({(row.size.multiply_adds, us) for row, us in rows}):
        axes.axhline(size, color=PALETTE[1], lw=0.8, ls="--", zorder=1)
        axes.annotate(f"{us:.0f} us a digit", (right, size), (-2, 2), textcoords="offset points", fontsize=7,
                      ha="right", color=PALETTE[1])  # fmt: skip
    for power in range(6, 14):  # one epoch over so many digits
        along = np.array([left, right])
        line = np.array([result.size_at(10.0**power, digits) for digits in along])
        if line.max() > bottom and line.min() < top:
            axes.plot(along, line, color=PALETTE[2], lw=0.8, ls=":", zorder=1)
            at = max(left, left * line[0] / top)
            axes.annotate(f"1e{power} an epoch", (at, result.size_at(10.0**power, at)), (3, -9),
                          textcoords="offset points", fontsize=7, color=PALETTE[2], annotation_clip=True)  # fmt: skip
    error = [row.test_error.mean for row, _ in rows]
    axes.scatter(x, y, c=error, cmap="cividis", s=160, zorder=3, edgecolors="#888888")
    for row, _ in rows:
        axes.annotate(f"{row.test_error.mean:.2f} %", (row.train_size, row.size.multiply_adds), (9, -9),
                      textcoords="offset points", fontsize=8)  # fmt: skip
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(sorted(set(x)), [f"{size:,.0f}" for size in sorted(set(x))])
    axes.minorticks_off()
    axes.set_xlabel("training digits")
    axes.set_ylabel("multiply-adds of one digit")
    axes.set_title("Test error; dashed: equal latency, dotted: equal compute", loc="left", fontsize=10)


def draw_compute(axes: Axes, result: "ScaleModelResult") -> None:
    """Draw error against training compute: own rows with intervals, published ones, the frontier, 1989's budget."""
    own = [point for point in result.points if point.where == "scale-model"]
    others = [point for point in result.points if point.where != "scale-model"]
    axes.plot([p.training for p in others], [p.mean for p in others], ".", color=PALETTE[5], alpha=0.7,
              label="published rows, width 1")  # fmt: skip
    for place, size in enumerate(sorted({point.train_size for point in own})):
        points = [point for point in own if point.train_size == size]
        x, colour = [point.training for point in points], PALETTE[place % 2 * 3]
        axes.vlines(x, [p.low for p in points], [p.high for p in points], color=colour, lw=1)
        axes.plot(x, [p.mean for p in points], MARKERS[place % 5], color=colour, label=f"here, {size:,} digits")
    best = result.frontier
    axes.step([p.training for p in best], [p.mean for p in best], where="post", color=PALETTE[2], lw=1.2,
              label="frontier")  # fmt: skip
    axes.axvline(
        result.best_of_1989["multiply_adds"], color=PALETTE[4], lw=1.2, ls="--", label="3 days of 1989's processor"
    )
    logarithmic(axes, percent=True)
    axes.set_xlabel("training, multiply-adds")
    axes.set_ylabel("test error, %")
    axes.xaxis.set_major_formatter(ticker.LogFormatterSciNotation())
    axes.set_title("Error against training compute; bars: 95 % for new digits", loc="left", fontsize=10)
    axes.legend(fontsize=8)


def depth(result: "ScaleModelResult", *, dark: bool = False) -> Figure:
    """Draw how far gradients reach, and the error, against the number of further layers, a line a way to build them."""
    with style(dark):
        figure = Figure(figsize=(PAPER_SIZE[0] * 1.4, PAPER_SIZE[1]), layout="constrained")
        left, right = figure.subplots(1, 2)
        base, *deep = result.deep
        ways = list(dict.fromkeys(way_of(result, place) for place in deep))
        for number, way in enumerate(ways):
            places = [base, *(place for place in deep if way_of(result, place) == way)]
            x = [result.rows[place].recipe.depth for place in places]
            colour, marker = PALETTE[number % len(PALETTE)], MARKERS[number % 5]
            for when, line in (("at_start", "--"), ("in_training", "-")):
                lengths = [getattr(result.slopes[place], f"first_{when}") or np.nan for place in places]
                label = f"{way}, {'at the start' if when == 'at_start' else 'in training'}"
                left.plot(x, lengths, f"{marker}{line}", color=colour, label=label, mfc="none", lw=1.2)
            draw_errors(right, result, places, x, colour, f"{marker}-", way)
        left.set_yscale("log")
        left.set_ylabel("length of the first layer's gradient")
        left.set_title(f"Gradients by depth ({result.rows[base].data}); 0 is not drawn", loc="left", fontsize=10)
        logarithmic(right, percent=True)
        right.set_xscale("linear")
        right.set_ylabel("test error, %")
        right.set_title("Error by depth; bars: 95 % for new digits", loc="left", fontsize=10)
        depths = sorted({result.rows[place].recipe.depth for place in result.deep})
        for axes in (left, right):
            axes.set_xticks(depths, map(str, depths))
            axes.set_xlabel("further hidden layers")
            axes.legend(fontsize=7)
    return figure


def draw_errors(
    axes: Axes, result: "ScaleModelResult", places: Sequence[int], x: Sequence[int], colour: str, fmt: str, label: str
) -> None:
    """Draw errors with their intervals for new digits."""
    low, high = zip(*(result.evidence.new_digits[place] for place in places), strict=True)
    axes.vlines(x, low, high, color=colour, lw=1)
    axes.plot(x, [result.rows[place].test_error.mean for place in places], fmt, color=colour, label=label, lw=1.2)


def way_of(result: "ScaleModelResult", place: int) -> str:
    """Return how a deep row is built, as its label says."""
    return result.rows[place].label.partition(", ")[2]


def logarithmic(axes: Axes, *, percent: bool) -> None:
    """Make both axes logarithmic, with plain numbers at round places."""

    def plain(axis: Axis) -> None:
        axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axis.set_minor_formatter(ticker.NullFormatter())

    axes.set_xscale("log")
    axes.set_yscale("log")
    plain(axes.xaxis)
    plain(axes.yaxis)
    if percent:
        low, high = axes.get_ylim()
        axes.set_yticks([tick for tick in TICKS if low <= tick <= high])
        axes.minorticks_off()
