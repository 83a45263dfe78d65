"""The projection as figures: fan charts on a log axis with milestones, limits and the record, and the backtests."""

import math
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from timetravel.projection.futures import band
from timetravel.projection.trends import of_series
from timetravel.projection.two_points import LAST_YEAR
from timetravel.show import figures
from timetravel.show.projection_sections import GROUPS, figure_names

if TYPE_CHECKING:
    from timetravel.projection.outlook import Outlook
    from timetravel.projection.series import Series
    from timetravel.studies.extrapolate import ExtrapolateResult

FIRST_SHOWN = 1980
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
COLOURS = {"trend": figures.PALETTE[0], "limited": figures.PALETTE[3], "naive": figures.PALETTE[2]}


def figures_of(result: "ExtrapolateResult", *, dark: bool) -> dict[str, Figure]:
    """Draw all figures of a projection, by file name."""
    with figures.style(dark):
        made = {name: fans(result, name, dark=dark) for name in figure_names(result)}
        made["backtests"] = record(result)
    return made


def fans(result: "ExtrapolateResult", name: str, *, dark: bool) -> Figure:
    """Draw the fan charts of a group of series side by side."""
    shown = [series for series in result.chosen if series.name in GROUPS[name]]
    width = 0.6 + 4.4 * len(shown)
    figure = Figure(figsize=(width, 4.4))  # margins in inches: a layout engine would take half of the drawing time
    figure.subplots_adjust(left=0.85 / width, right=1 - 0.95 / width, bottom=0.12, top=0.93, wspace=0.55)
    for place, (axes, series) in enumerate(zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True)):
        fan(axes, result, series, ink="#e8e8e8" if dark else "#222222")
        if place == 0:
            axes.legend(loc="upper left", fontsize=7)
    return figure


def fan(axes: Axes, result: "ExtrapolateResult", series: "Series", *, ink: str) -> None:
    """Draw one series: milestones, the record so far, both fans, the essay's rule, and what limits it."""
    own = [one for one in of_series(series, result.figures) if one.time >= FIRST_SHOWN]
    axes.plot(
        [one.time for one in own], [math.log10(one.value) for one in own], ".", color=ink, ms=3, alpha=0.45,
        label="milestones",
    )  # fmt: skip
    whole = result.whole[series.name]
    years = [year for year in range(whole.first, whole.last + 1) if year >= FIRST_SHOWN]
    axes.step(
        [year + 1 for year in years], [whole.at(year) for year in years], where="pre", color=ink, lw=1.0, label="record"
    )
    standing = result.futures.records[series.name]
    start = (standing.last + 1.0, standing.values[-1])
    for scenario in result.scenarios:
        way = result.paths[series.name, scenario]
        if way:
            ways(axes, way, scenario, (LAST_YEAR + 1.0, math.log10(way[0].in_2022)) if scenario == "naive" else start)
    hindcasts(axes, result, series)
    bounds(axes, result, series)
    axes.set_title(series.label, loc="left", fontsize=10)
    axes.set_xlabel("year")
    axes.set_ylabel(f"{series.unit} (log axis)")
    axes.set_xlim(max(FIRST_SHOWN, own[0].time - 2) if own else FIRST_SHOWN, result.to + 1)
    axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(power))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def power(value: float, _: object) -> str:
    """Write a power of ten, without the mathematical text that takes a third of the drawing time."""
    return "10" + f"{value:.0f}".translate(RAISED)


def ways(axes: Axes, way: "list[Outlook]", scenario: str, start: tuple[float, float]) -> None:
    """Draw the middle of a scenario, and its band where it has one."""
    years = [start[0], *(one.year + 1.0 for one in way)]
    colour = COLOURS[scenario]
    labels = {"trend": "trend, 10-90 %", "limited": "limited, 10-90 %", "naive": "the essay's factor"}
    lines = {"trend": "--", "limited": "-", "naive": ":"}
    middle = [start[1], *(math.log10(one.band.middle) for one in way)]
    axes.plot(years, middle, lines[scenario], color=colour, lw=1.4, label=labels[scenario])
    edges = [(one.band.low, one.band.high) for one in way]
    if all(low is not None and high is not None for low, high in edges):
        low = [start[1], *(math.log10(edge[0] or 1) for edge in edges)]
        high = [start[1], *(math.log10(edge[1] or 1) for edge in edges)]
        axes.fill_between(years, low, high, color=colour, alpha=0.18, lw=0)


def bounds(axes: Axes, result: "ExtrapolateResult", series: "Series") -> None:
    """Mark the median of what limits a series at the target, each with its name, beyond the right edge."""
    levels = {
        cause: math.log10(band(draws).middle) for cause, draws in result.futures.limits(series.name, result.to).items()
    }
    gap = (axes.get_ylim()[1] - axes.get_ylim()[0]) / 26
    below = -math.inf
    for cause, level in sorted(levels.items(), key=lambda item: item[1]):
        below = max(level, below + gap)
        axes.plot([result.to - 3, result.to + 1], [level, level], color=figures.PALETTE[4], lw=1.8)
        axes.annotate(
            f"limit: {cause}", (result.to + 1.5, below), va="center", fontsize=7, color=figures.PALETTE[4],
            annotation_clip=False,
        )  # fmt: skip


def hindcasts(axes: Axes, result: "ExtrapolateResult", series: "Series") -> None:
    """Draw what the method said in the past, standing in each origin of the backtests."""
    own = [one for one in result.backtests if one.series == series]
    for place, origin in enumerate(dict.fromkeys(one.origin for one in own)):
        cells = [one for one in own if one.origin == origin]
        axes.plot(
            [origin + 1.0, *(one.target + 1.0 for one in cells)],
            [result.whole[series.name].at(origin), *(one.predicted for one in cells)],
            "-", color=figures.PALETTE[1], lw=0.9, marker=".", ms=2.5, label=None if place else "said in the past",
        )  # fmt: skip


def record(result: "ExtrapolateResult") -> Figure:
    """Draw the error of every backtest against its horizon, a mark an origin, hollow where the interval missed it."""
    figure, axes = figures.canvas(
        "years ahead",
        "predicted less actual, orders of magnitude",
        "The method's record: every cell of the grid",
    )
    origins = sorted({one.origin for one in result.backtests})
    for place, origin in enumerate(origins):
        colour = figures.PALETTE[place % len(figures.PALETTE)]
        cells = [one for one in result.backtests if one.origin == origin]
        for inside, face in ((True, colour), (False, "none"), (None, "none")):
            own = [one for one in cells if one.inside is inside]
            marker = "x" if inside is None else "osD^v"[place % 5]
            axes.plot(
                [one.target - origin + 0.12 * (place - 2) for one in own], [one.error for one in own], marker,
                color=colour, mfc=face, ms=4.5, alpha=0.85, ls="none",
                label=f"standing in {origin}" if inside else None,
            )  # fmt: skip
    axes.axhline(0, color=figures.PALETTE[4], lw=0.8)
    axes.plot([], [], "o", mfc="none", color="grey", label="hollow: outside its 80 % interval")
    axes.plot([], [], "x", color="grey", label="x: no interval")
    axes.legend(fontsize=7, loc="lower left")
    return figure
