"""The charts of `timetravel scale-model`: error against size, data and size together, and gradients by depth."""

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from timetravel.report.charts.style import MARKERS, PALETTE, PAPER_SIZE, bar, canvas, logarithmic, style

Document = Mapping[str, Any]
Rows = Sequence[Document]
SMALL: Any = {"textcoords": "offset points", "fontsize": 7}


def charts(document: Document, *, dark: bool = False) -> dict[str, Figure]:
    """Draw error against parameters, data and size together, and the gradients by depth where there is one."""
    rows = document["rows"]
    wide = [row for row in rows if not row["depth"]]
    with style(dark):
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


def means(rows: Rows) -> list[float]:
    """Return the errors of rows or points in percent."""
    return [row["test_error"]["mean"] for row in rows]


def values(rows: Rows, name: str) -> list[float]:
    """Return one value of every row or point."""
    return [row[name] for row in rows]


def parameters(wide: Rows) -> Figure:
    """Draw test error against parameters, a curve a number of training digits, with both intervals."""
    first = wide[0]
    title = f"Error against size ({first['data']}, {first['test_size']:,} test digits)"
    figure, axes = canvas("parameters", "test error, %", title)
    for place, size in enumerate(sorted({row["train_size"] for row in wide})):
        curve = [row for row in wide if row["train_size"] == size]
        x, colour = [row["parameters"] * 1.03**place for row in curve], PALETTE[place % len(PALETTE)]
        draw_new_digits(axes, x, [row["new_digits"] for row in curve], colour)
        below, above = zip(*((low, high) for (low,), (high,) in (bar(row["test_error"]) for row in curve)), strict=True)
        axes.errorbar(x, means(curve), yerr=[below, above], fmt=f"{MARKERS[place % 5]}-", color=colour, lw=1.2,
                      elinewidth=3, label=f"{size:,} training digits")  # fmt: skip
    logarithmic(axes)
    for row in (row for row in wide if row["train_size"] == first["train_size"]):
        axes.annotate(f"width {row['width']:g}", (row["parameters"], 1), (0, -12), ha="center",
                      xycoords=("data", "axes fraction"), **SMALL)  # fmt: skip
    sizes = sorted(set(values(wide, "parameters")))
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.legend(title="thick: 95 % over seeds; thin: for new digits", title_fontsize=8)
    return figure


def draw_new_digits(axes: Axes, x: Sequence[float], intervals: Rows, colour: str) -> None:
    """Draw intervals for new digits as thin lines."""
    axes.vlines(x, values(intervals, "low"), values(intervals, "high"), color=colour, lw=1, alpha=0.8)


def draw_map(axes: Axes, wide: Rows, lines: Rows) -> None:
    """Draw the wide rows by digits and multiply-adds, coloured by error, with lines of equal latency and compute."""
    x, y = values(wide, "train_size"), values(wide, "multiply_adds")
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
            axes.annotate(f"{line['multiply_adds_an_epoch']:.0e} an epoch", start, (3, -9), color=PALETTE[2],
                          annotation_clip=True, **SMALL)  # fmt: skip
    axes.scatter(x, y, c=means(wide), cmap="cividis", s=160, zorder=3, edgecolors="#888888")
    for row in wide:
        place = (row["train_size"], row["multiply_adds"])
        axes.annotate(f"{row['test_error']['mean']:.2f} %", place, (9, -9), **(SMALL | {"fontsize": 8}))
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(sorted(set(x)), [f"{size:,}" for size in sorted(set(x))])
    axes.minorticks_off()
    axes.set_xlabel("training digits")
    axes.set_ylabel("multiply-adds of one digit")
    axes.set_title("Test error; dashed: equal latency, dotted: equal compute", loc="left", fontsize=10)


def draw_compute(axes: Axes, document: Document) -> None:
    """Draw error against training compute: own rows with intervals, published ones, the frontier, 1989's budget."""
    training = "training_multiply_adds"
    own = [point for point in document["points"] if point["from"] == document["command"]]
    others = [point for point in document["points"] if point["from"] != document["command"]]
    axes.plot(values(others, training), means(others), ".", color=PALETTE[5], alpha=0.7,
              label="published rows, width 1")  # fmt: skip
    for place, size in enumerate(sorted({point["train_size"] for point in own})):
        points = [point for point in own if point["train_size"] == size]
        colour = PALETTE[place % 2 * 3]
        draw_new_digits(axes, values(points, training), [point["test_error"] for point in points], colour)
        axes.plot(values(points, training), means(points), MARKERS[place % 5], color=colour,
                  label=f"here, {size:,} digits")  # fmt: skip
    best = document["frontier"]
    axes.step(values(best, training), means(best), where="post", color=PALETTE[2], lw=1.2, label="frontier")
    budget = document["best_of_1989"]["multiply_adds"]
    axes.axvline(budget, color=PALETTE[4], lw=1.2, ls="--", label="3 days of 1989's processor")
    logarithmic(axes)
    axes.set_xlabel("training, multiply-adds")
    axes.set_ylabel("test error, %")
    axes.xaxis.set_major_formatter(ticker.LogFormatterSciNotation())
    axes.set_title("Error against training compute; bars: 95 % for new digits", loc="left", fontsize=10)
    axes.legend(fontsize=8)


def depth(start: Document, deep: Rows) -> Figure:
    """Draw how far gradients reach, and the error, against the number of further layers, a line a way to build them."""
    figure = Figure(figsize=(PAPER_SIZE[0] * 1.4, PAPER_SIZE[1]), layout="constrained")
    left, right = figure.subplots(1, 2)
    ways: dict[str, list[Document]] = {}
    for row in deep:
        ways.setdefault(row["label"].partition(", ")[2], [start]).append(row)
    for number, (way, rows) in enumerate(ways.items()):
        x, colour, marker = values(rows, "depth"), PALETTE[number % len(PALETTE)], MARKERS[number % 5]
        for when, told, line in (("at_start", "at the start", "--"), ("in_training", "in training", "-")):
            lengths = [length or nan for length in values(rows, f"gradient_first_{when}")]
            left.plot(x, lengths, f"{marker}{line}", color=colour, label=f"{way}, {told}", mfc="none", lw=1.2)
        draw_new_digits(right, x, [row["new_digits"] for row in rows], colour)
        right.plot(x, means(rows), f"{marker}-", color=colour, label=way, lw=1.2)
    left.set_yscale("log")
    left.set_ylabel("length of the first layer's gradient")
    left.set_title(f"Gradients by depth ({start['data']}); 0 is not drawn", loc="left", fontsize=10)
    logarithmic(right)
    right.set_xscale("linear")
    right.set_ylabel("test error, %")
    right.set_title("Error by depth; bars: 95 % for new digits", loc="left", fontsize=10)
    depths = sorted({0, *(row["depth"] for row in deep)})
    for axes in (left, right):
        axes.set_xticks(depths, map(str, depths))
        axes.set_xlabel("further hidden layers")
        axes.legend(fontsize=7)
    return figure
