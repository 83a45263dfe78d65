"""Finished results as figures: labelled axes, intervals drawn, colour-blind-safe, light and dark."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from timetravel.stats import Estimate
    from timetravel.studies.bench import BenchResult
    from timetravel.studies.interpretations import InterpretationsResult
    from timetravel.studies.setup import Result
    from timetravel.studies.train import TrainResult

# Okabe and Ito (2008), Color Universal Design, https://jfly.uni-koeln.de/color/: the ones readable on black and white.
PALETTE: Final = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
MARKERS: Final = "osD^v"
PAPER_SIZE = (7.0, 4.3)  # inches


@contextmanager
def style(dark: bool) -> Iterator[None]:
    """Draw in the house style for a while. SVGs come out the same every time."""
    ink, ground = ("#e8e8e8", "#121212") if dark else ("#222222", "#ffffff")
    settings: Any = {
        "figure.facecolor": ground,
        "axes.facecolor": ground,
        "savefig.facecolor": ground,
        "text.color": ink,
        "axes.labelcolor": ink,
        "axes.edgecolor": ink,
        "xtick.color": ink,
        "ytick.color": ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "font.size": 10,
        "svg.hashsalt": "timetravel",
        "svg.fonttype": "path",
    }
    with mpl.rc_context(settings):
        yield


def files(result: "Result") -> dict[str, bytes]:
    """Return the figures of a result as PNG and SVG, light and dark, by file name."""
    made = {}
    for dark in (False, True):
        with style(dark):
            for name, figure in result.plots(dark=dark).items():
                for kind in ("png", "svg"):
                    stream = io.BytesIO()
                    metadata = {"Date": None} if kind == "svg" else {"Software": None}
                    figure.savefig(stream, format=kind, dpi=160, metadata=metadata)
                    made[f"{name}{'-dark' if dark else ''}.{kind}"] = stream.getvalue()
    return made


def canvas(xlabel: str, ylabel: str, title: str) -> tuple[Figure, Axes]:
    """Return an empty figure with labelled axes."""
    figure = Figure(figsize=PAPER_SIZE, layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.set_title(title, loc="left", fontsize=11)
    return figure, axes


def bar(estimate: "Estimate") -> list[list[float]]:
    """Return an estimate's interval as matplotlib's error bar; nothing for a single seed."""
    if estimate.low is None or estimate.high is None:
        return [[0.0], [0.0]]
    return [[estimate.mean - estimate.low], [estimate.high - estimate.mean]]


def learning_curve(result: "TrainResult", *, dark: bool = False) -> Figure:
    """Draw the errors after every epoch: the mean over seeds, and all seeds between the edges of the band."""
    row = result.row
    with style(dark):
        figure, axes = canvas(
            "epochs over the training digits", "error, %", f"{row.label} on {row.data}, epoch by epoch"
        )
        curves = [run.curve for run in row.runs if run.curve]
        for name, colour in (("test", PALETTE[0]), ("train", PALETTE[1])):
            errors = [[getattr(point, name).error for point in curve] for curve in curves]
            length = min(map(len, errors))
            columns = list(zip(*(error[:length] for error in errors), strict=True))
            epochs = range(1, length + 1)
            means = [sum(column) / len(column) for column in columns]
            axes.plot(epochs, means, color=colour, label=f"{name}: mean of {len(curves)}")
            axes.fill_between(
                epochs, [min(c) for c in columns], [max(c) for c in columns], color=colour, alpha=0.25, lw=0
            )
        paper = next(reference for reference in result.references if reference["recipe"] == "1989")
        for name, marker in (("test", "o"), ("train", "s")):
            label = f"paper, 1989: {name}"
            axes.plot(
                23,
                paper[f"{name}_error"]["mean"],
                marker,
                mfc="none",
                color=PALETTE[3],
                label=label,
                clip_on=False,
                zorder=5,
            )
        axes.set_ylim(bottom=0)
        axes.legend(title="band: lowest to highest seed", title_fontsize=9)
    return figure


def rejection(result: "TrainResult", *, dark: bool = False) -> Figure:
    """Draw the error that is left against the share rejected by the paper's thresholds, a line a net."""
    from timetravel.rejection import Doubts

    with style(dark):
        figure, axes = canvas(
            "test digits rejected, %", "error on the others, %", f"Rejecting doubtful digits ({result.row.data})"
        )
        nets = {row.recipe.net: row for row in reversed(result.rows) if row.data == result.row.data}
        for place, (net, row) in enumerate(sorted(nets.items(), reverse=True)):
            for order, run in enumerate(row.runs):
                rejected, error = Doubts(run.outputs, row.test.labels).curve()
                label = f"{net}: {len(row.runs)} nets" if order == 0 else None
                axes.plot(rejected, error, color=PALETTE[place], lw=0.8, alpha=0.7, label=label)
            paper = result.reference("1989", net)
            if paper is not None and paper["rejected_for_1pct"] is not None:
                axes.plot(
                    paper["rejected_for_1pct"]["mean"],
                    1.0,
                    "os"[place],
                    mfc="none",
                    color=PALETTE[3],
                    label=f"paper, 1989: {net}",
                )
        axes.axhline(1.0, color=PALETTE[3], lw=0.6, ls=":")
        axes.set_xlim(0, 40)
        axes.set_ylim(bottom=0)
        axes.legend()
    return figure


def mistakes(result: "TrainResult", *, dark: bool = False) -> Figure:
    """Draw the digits that most nets read wrongly, with what they are and what they are read as."""
    shown = result.mistakes
    with style(dark):
        figure = Figure(figsize=(7.0, 1.25 * -(-len(shown) // 8)), layout="constrained")
        grid = figure.subplots(-(-len(shown) // 8), 8, squeeze=False).ravel()
        for axes in grid:
            axes.set_axis_off()
        for axes, mistake in zip(grid, shown, strict=False):
            axes.imshow(mistake.image, cmap="gray" if dark else "gray_r", vmin=-1, vmax=1)
            axes.set_title(f"{mistake.true} read as {mistake.read}\nby {mistake.wrong} of {mistake.nets}", fontsize=7)
    return figure


def bench(result: "BenchResult", *, dark: bool = False) -> Figure:
    """Draw the time of an example in each way of training, on a logarithmic axis."""
    times = {
        "bound": result.bound_us,
        "kernel, SGD": result.native_us,
        "kernel, AdamW": result.native_adamw_us,
        "torch, 8 nets": result.torch_8_us,
        "torch, 1 net": result.torch_1_us,
        "eager loop": result.eager_us,
    }
    known = {name: us for name, us in times.items() if us is not None}
    with style(dark):
        figure, axes = canvas("microseconds an example and net", "", "Time of one example, one thread")
        bars = axes.barh(list(known), list(known.values()), color=PALETTE[0])
        axes.bar_label(bars, [f"{us:,.3g}" for us in known.values()], padding=3)
        axes.set_xscale("log")
    return figure


def interpretations(result: "InterpretationsResult", *, dark: bool = False) -> Figure:
    """Subset, for every option of every gap, where the interpretations with it lie."""
    name, label = {
        "choice": ("mistakes_on_folds", "mistakes on five folds of the training digits"),
        "reconstruction": ("test_error", "test error, %"),
    }[result.study]
    gaps = list(dict.fromkeys((gap, option) for row in result.rows for gap, option in row["options"].items()))
    with style(dark):
        figure, axes = canvas(label, "", f"Interpretations of the paper: the {result.study}")
        figure.set_size_inches(7.0, 1.2 + 0.24 * len(gaps))
        for place, (gap, option) in enumerate(reversed(gaps)):
            values = [row[name]["mean"] for row in result.rows if row["options"].get(gap) == option]
            axes.plot(values, [place] * len(values), "|", ms=9, color=PALETTE[0], alpha=0.6)
            axes.plot(min(values), place, "o", ms=4, color=PALETTE[3])
        axes.set_yticks(range(len(gaps)), [f"{gap}: {option}" for gap, option in reversed(gaps)], fontsize=7)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axes.xaxis.set_minor_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axes.tick_params(axis="x", which="minor", labelsize=7)
    return figure
