"""The charts of `timetravel scale-model`: error against size, data and size together, and gradients by depth."""

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from timetravel.report.charts.style import MARKERS, PALETTE, PAPER_SIZE, bar, canvas, logarithmic

Document = Mapping[str, Any]
Rows = Sequence[Document]
SMALL: Any = {"textcoords": "offset points", "fontsize": 7}


def charts(document: Document, *, dark: bool = False) -> dict[str, Figure]:
    """Draw error against parameters, data and size together, and the gradients by depth where there is one."""
    del dark
    rows = document["rows"]
    wide = [row for row in rows if not row["depth"]]
    drawn = {"figure": parameters(wide)}
    if document.get("points"):
        drawn["joint"] = Figure(figsize=(PAPER_SIZE[0] * 1.6, PAPER_SIZE[1] * 1.1), layout="constrained")
        left, right = drawn["joint"].subplots(1, 2)
        draw_map(left, wide, document["equal_compute"])
        draw_compute(right, document)
    if len(wide) < len(rows):
        base = document["base"]
        start = next(row for row in wide if (row["recipe"], row["train_size"]) == tuple(base.values()))
        drawn["depth"] = depth(start, [row for row in rows if row["depth"]])
    return drawn


def _named(axes: Axes, title: str, xlabel: str, ylabel: str) -> None:
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_title(title, loc="left", fontsize=10)


def _ticks_at(axes: Axes, numbers: Sequence[float]) -> None:
    places = sorted(set(numbers))
    axes.set_xticks(places, [f"{place:,}" for place in places])
    axes.minorticks_off()


def _means(rows: Rows) -> list[float]:
    return [row["test_error"]["mean"] for row in rows]


def _values(rows: Rows, name: str) -> list[Any]:
    return [row[name] for row in rows]


def parameters(wide: Rows) -> Figure:
    """Draw test error against parameters, a curve a number of training digits, with both intervals."""
    first = wide[0]
    title = f"Error against size ({first['data']}, {first['test_size']:,} test digits)"
    figure, axes = canvas("parameters", "test error, %", title)
    for place, size in enumerate(sorted({row["train_size"] for row in wide})):
        curve = [row for row in wide if row["train_size"] == size]
        x, bars = [row["parameters"] * 1.03**place for row in curve], [bar(row["test_error"]) for row in curve]
        looks: Any = {"fmt": f"{MARKERS[place % 5]}-", "color": PALETTE[place % len(PALETTE)], "lw": 1.2}
        _draw_new_digits(axes, x, _values(curve, "new_digits"), looks["color"])
        looks |= {"elinewidth": 3, "label": f"{size:,} training digits"}
        axes.errorbar(x, _means(curve), yerr=np.hstack(bars), **looks)
    logarithmic(axes)
    above = SMALL | {"ha": "center", "xycoords": ("data", "axes fraction")}
    for row in (row for row in wide if row["train_size"] == first["train_size"]):
        axes.annotate(f"width {row['width']:g}", (row["parameters"], 1), (0, -12), **above)
    _ticks_at(axes, _values(wide, "parameters"))
    axes.legend(title="thick: 95 % over these runs; thin: for new runs and digits", title_fontsize=8)
    return figure


def _draw_new_digits(axes: Axes, x: Sequence[float], intervals: Rows, colour: str) -> None:
    axes.vlines(x, _values(intervals, "low"), _values(intervals, "high"), color=colour, lw=1, alpha=0.8)


def draw_map(axes: Axes, wide: Rows, lines: Rows) -> None:
    """Draw the wide rows by digits and multiply-adds, coloured by error, with lines of equal latency and compute."""
    x, y = _values(wide, "train_size"), _values(wide, "multiply_adds")
    left, right = lines[0]["train_size"]
    bottom, top = min(y) / 1.8, max(y) * 1.8
    for size, us in sorted({(row["multiply_adds"], row["latency_us"]) for row in wide}):
        axes.axhline(size, color=PALETTE[1], lw=0.8, ls="--", zorder=1)
        axes.annotate(f"{us:.0f} us a digit", (right, size), (-2, 2), ha="right", color=PALETTE[1], **SMALL)
    for line in lines:
        most, least = line["multiply_adds"]
        if most > bottom and least < top:
            axes.plot(line["train_size"], [most, least], color=PALETTE[2], lw=0.8, ls=":", zorder=1)
            start = (left * max(1, most / top), min(most, top))  # where it comes into the picture
            name = f"{line['multiply_adds_an_epoch']:.0e} an epoch"
            axes.annotate(name, start, (3, -9), color=PALETTE[2], annotation_clip=True, **SMALL)
    axes.scatter(x, y, c=_means(wide), cmap="cividis", s=160, zorder=3, edgecolors="#888888")
    for row in wide:
        place = (row["train_size"], row["multiply_adds"])
        axes.annotate(f"{row['test_error']['mean']:.2f} %", place, (9, -9), **(SMALL | {"fontsize": 8}))
    axes.set(xlim=(left, right), ylim=(bottom, top), xscale="log", yscale="log")
    _ticks_at(axes, x)
    title = "Test error; dashed: equal latency, dotted: equal compute"
    _named(axes, title, "training digits", "multiply-adds of one digit")


def draw_compute(axes: Axes, document: Document) -> None:
    """Draw error against training compute: own rows with intervals, published ones, the frontier, 1989's budget."""
    training, points = "training_multiply_adds", document["points"]
    others = [point for point in points if point["from"] != document["command"]]
    label = "published rows, width 1"
    axes.plot(_values(others, training), _means(others), ".", color=PALETTE[5], alpha=0.7, label=label)
    own = [point for point in points if point["from"] == document["command"]]
    for place, size in enumerate(sorted({point["train_size"] for point in own})):
        points = [point for point in own if point["train_size"] == size]
        x, colour, label = _values(points, training), PALETTE[place % 2 * 3], f"here, {size:,} digits"
        _draw_new_digits(axes, x, _values(points, "test_error"), colour)
        axes.plot(x, _means(points), MARKERS[place % 5], color=colour, label=label)
    best = document["frontier"]
    axes.step(_values(best, training), _means(best), where="post", color=PALETTE[2], lw=1.2, label="frontier")
    budget = document["best_of_1989"]["multiply_adds"]
    axes.axvline(budget, color=PALETTE[4], lw=1.2, ls="--", label="3 days of 1989's processor")
    logarithmic(axes)
    axes.xaxis.set_major_formatter(ticker.LogFormatterSciNotation())
    _named(axes, "Error against training compute; bars: 95 % intervals", "training, multiply-adds", "test error, %")
    axes.legend(fontsize=8)


def depth(start: Document, deep: Rows) -> Figure:
    """Draw how far gradients reach, and the error, against the number of further layers, a line a way to build them."""
    figure = Figure(figsize=(PAPER_SIZE[0] * 1.4, PAPER_SIZE[1]), layout="constrained")
    left, right = figure.subplots(1, 2)
    ways: dict[str, list[Document]] = {}
    for row in deep:
        ways.setdefault(row["label"].partition(", ")[2], [start]).append(row)
    for place, (way, rows) in enumerate(ways.items()):
        x, colour, marker = _values(rows, "depth"), PALETTE[place], MARKERS[place]
        for when, told, line in (("at_start", "at the start", "--"), ("in_training", "in training", "-")):
            lengths = [length or nan for length in _values(rows, f"gradient_first_{when}")]
            left.plot(x, lengths, f"{marker}{line}", color=colour, label=f"{way}, {told}", mfc="none", lw=1.2)
        _draw_new_digits(right, x, _values(rows, "new_digits"), colour)
        right.plot(x, _means(rows), f"{marker}-", color=colour, label=way, lw=1.2)
    left.set_yscale("log")
    logarithmic(right)
    right.set_xscale("linear")
    title = f"Gradients by depth ({start['data']}); 0 is not drawn"
    _named(left, title, "further hidden layers", "length of the first layer's gradient")
    _named(right, "Error by depth; bars: 95 % intervals", "further hidden layers", "test error, %")
    depths = sorted({0, *_values(deep, "depth")})
    for axes in (left, right):
        axes.set_xticks(depths, map(str, depths))
        axes.legend(fontsize=7)
    return figure
