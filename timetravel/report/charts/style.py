"""The one look of all charts: labelled axes, intervals drawn, colour-blind-safe, light and dark."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import matplotlib as mpl
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito (2008), Color Universal Design, https://jfly.uni-koeln.de/color/: the ones readable on black and white.
PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
MARKERS: Final = "osD^v"
PAPER_SIZE = (7.0, 4.3)  # inches
TICKS: Final = (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 70, 100)  # percent


@contextmanager
def style(dark: bool) -> Iterator[None]:
    """Draw in the house style for a while. SVGs come out the same every time."""
    ink, ground = ("#e8e8e8", "#121212") if dark else ("#222222", "#ffffff")
    settings: Any = {
        **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), ground),
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), ink),
        **dict.fromkeys(("axes.spines.top", "axes.spines.right", "legend.frameon"), False),
        "axes.grid": True,
        "grid.alpha": 0.25,
        "grid.linewidth": 0.6,
        "font.size": 10,
        "svg.hashsalt": "timetravel",
        "svg.fonttype": "path",
    }
    with mpl.rc_context(settings):
        yield


def canvas(xlabel: str, ylabel: str, title: str) -> tuple[Figure, Axes]:
    """Return an empty figure with labelled axes."""
    figure = Figure(figsize=PAPER_SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_title(title, loc="left", fontsize=11)
    return figure, axes


def bar(estimate: Mapping[str, Any]) -> list[list[float]]:
    """Return the interval of a document's estimate as matplotlib's error bar; nothing for a single seed."""
    mean, low, high = (estimate[part] for part in ("mean", "low", "high"))
    if low is None or high is None:
        return [[0.0], [0.0]]
    return [[max(0.0, mean - low)], [max(0.0, high - mean)]]


def digits(shown: Sequence[Mapping[str, Any]], captions: Sequence[str], dark: bool) -> Figure:
    """Draw digits (pixels in base64), eight a line, with their captions."""
    from timetravel.digits.pixels import decoded

    lines = -(-len(shown) // 8)
    with style(dark):
        figure = Figure(figsize=(7.0, 1.25 * lines), layout="constrained")
        for place, axes in enumerate(figure.subplots(lines, 8, squeeze=False).flat):
            axes.set_axis_off()
            if place < len(shown):
                axes.imshow(decoded(shown[place]["pixels"]), cmap="gray" if dark else "gray_r", vmin=-1, vmax=1)
                axes.set_title(captions[place], fontsize=7)
    return figure


def logarithmic(axes: Axes) -> None:
    """Make both axes logarithmic, with plain numbers; errors in percent stand upwards, at round places."""
    axes.set(xscale="log", yscale="log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axis.set_minor_formatter(ticker.NullFormatter())
    low, high = axes.get_ylim()
    axes.set_yticks([tick for tick in TICKS if low <= tick <= high])
    axes.minorticks_off()
