"""The projection as charts: fans on a log axis with milestones, limits and the record, and the backtests."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from timetravel.report.charts.style import MARKERS, PALETTE, canvas
from timetravel.report.tables.extrapolate import GROUPS

Document = Mapping[str, Any]
FIRST_SHOWN: Final = 1980
RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
WAYS: Final = {  # of each scenario: its colour, line and label
    "naive": (PALETTE[2], ":", "the essay's factor"),
    "trend": (PALETTE[0], "--", "trend, 10-90 %"),
    "limited": (PALETTE[3], "-", "limited, 10-90 %"),
}


def charts(document: Document, *, dark: bool = False) -> dict[str, Figure]:
    """Return the fan charts of every group of series that has any, and the backtests, by name."""
    del dark
    drawn = {}
    for name, members in GROUPS.items():
        if shown := [one for one in document["series"] if one["quantity"] in members]:
            drawn[name] = _fans(document, shown)
    return drawn | {"backtests": _record(document)}


def _fans(document: Document, shown: Sequence[Document]) -> Figure:
    width = 0.6 + 4.4 * len(shown)
    figure = Figure(figsize=(width, 4.4))  # margins in inches: a layout engine would take half of the drawing time
    figure.subplots_adjust(left=0.85 / width, right=1 - 0.95 / width, bottom=0.12, top=0.93, wspace=0.55)
    for place, (axes, series) in enumerate(zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True)):
        _fan(axes, document, series)
        if place == 0:
            axes.legend(loc="upper left", fontsize=7)
    return figure


def _fan(axes: Axes, document: Document, series: Document) -> None:
    """Draw one series: milestones, the record so far, both fans, the essay's rule, and what limits it."""
    own = [one for one in document["milestones"] if one["quantity"] == series["of"] and one["time"] >= FIRST_SHOWN]
    own = [one for one in own if not series["domains"] or one["domain"] in series["domains"]]
    ink = rcParams["text.color"]
    times = [one["time"] for one in own]
    axes.plot(times, _logs(one["value"] for one in own), ".", color=ink, ms=3, alpha=0.45, label="milestones")
    first, values = series["record"]["first"], _logs(series["record"]["values"])
    since = max(FIRST_SHOWN - first, 0)
    ends = [first + place + 1 for place in range(len(values))]  # a record is of the end of its year
    axes.step(ends[since:], values[since:], where="pre", color=ink, lw=1.0, label="record")
    for path in document["paths"]:
        if path["quantity"] == series["quantity"] and path["years"]:
            _way(axes, path, series)
    _past(axes, document, series, values)
    _bounds(axes, document["to"], series["limits"])
    axes.set_title(series["label"], loc="left", fontsize=10)
    since = max(FIRST_SHOWN, min(times) - 2) if own else FIRST_SHOWN
    axes.set(xlabel="year", ylabel=f"{series['unit']} (log axis)", xlim=(since, document["to"] + 1))
    axes.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(_power))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def _logs(values: Any) -> list[float]:
    return [math.log10(value) for value in values]


def _power(value: float, _: object) -> str:
    """Write a power of ten, without the mathematical text that takes a third of the drawing time."""
    return "10" + f"{value:.0f}".translate(RAISED)


def _way(axes: Axes, path: Document, series: Document) -> None:
    """Draw the middle of a scenario from where it starts, and its band where it has one."""
    colour, line, label = WAYS[path["scenario"]]
    naive = path["scenario"] == "naive"
    start, base = (2022, series["in_2022"]) if naive else (series["standing_in"], series["last_record"])
    years = [year + 1.0 for year in (start, *path["years"])]
    axes.plot(years, _logs([base, *path["value"]]), line, color=colour, lw=1.4, label=label)
    if None not in path["low"]:
        low, high = (_logs([base, *path[end]]) for end in ("low", "high"))
        axes.fill_between(years, low, high, color=colour, alpha=0.18, lw=0)


def _bounds(axes: Axes, to: int, limits: Mapping[str, float]) -> None:
    """Mark the median of what limits a series at the target, each with its name, beyond the right edge."""
    gap = (axes.get_ylim()[1] - axes.get_ylim()[0]) / 26
    below = -math.inf
    for cause, limit in sorted(limits.items(), key=lambda item: item[1]):
        level = math.log10(limit)
        below = max(level, below + gap)
        axes.plot([to - 3, to + 1], [level, level], color=PALETTE[4], lw=1.8)
        axes.annotate(
            f"limit: {cause}", (to + 1.5, below), va="center", fontsize=7, color=PALETTE[4], annotation_clip=False
        )


def _past(axes: Axes, document: Document, series: Document, values: Sequence[float]) -> None:
    """Draw what the method said in the past, standing in each origin of the backtests."""
    own = [one for one in document["backtests"] if one["quantity"] == series["quantity"]]
    for place, origin in enumerate(dict.fromkeys(one["origin"] for one in own)):
        cells = [one for one in own if one["origin"] == origin]
        axes.plot(
            [origin + 1.0, *(one["target"] + 1.0 for one in cells)],
            [values[origin - series["record"]["first"]], *_logs(one["predicted"] for one in cells)],
            "-", color=PALETTE[1], lw=0.9, marker=".", ms=2.5, label=None if place else "said in the past",
        )  # fmt: skip


def _record(document: Document) -> Figure:
    """Draw the error of every backtest against its horizon, a mark an origin, hollow where the interval missed it."""
    title = "The method's record: every cell of the grid"
    figure, axes = canvas("years ahead", "predicted less actual, orders of magnitude", title)
    for place, origin in enumerate(sorted({one["origin"] for one in document["backtests"]})):
        colour = PALETTE[place % len(PALETTE)]
        cells = [one for one in document["backtests"] if one["origin"] == origin]
        for inside, face in ((True, colour), (False, "none"), (None, "none")):
            own = [one for one in cells if one["inside"] is inside]
            axes.plot(
                [one["target"] - origin + 0.12 * (place - 2) for one in own], [one["error_oom"] for one in own],
                "x" if inside is None else MARKERS[place % 5], color=colour, mfc=face, ms=4.5, alpha=0.85, ls="none",
                label=f"standing in {origin}" if inside else None,
            )  # fmt: skip
    axes.axhline(0, color=PALETTE[4], lw=0.8)
    axes.plot([], [], "o", mfc="none", color="grey", label="hollow: outside its 80 % interval")
    axes.plot([], [], "x", color="grey", label="x: no interval")
    axes.legend(fontsize=7, loc="lower left")
    return figure
