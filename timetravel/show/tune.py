"""A finished search as a table and as figures."""

import math
from typing import TYPE_CHECKING

from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.console import Group, RenderableType
from rich.text import Text

from timetravel.numbers import counted
from timetravel.show.figures import PALETTE, bar, canvas, style
from timetravel.show.tables import mistakes, new_table
from timetravel.stats.estimates import Estimate
from timetravel.studies.space import Range, in_words

if TYPE_CHECKING:
    from timetravel.studies.tune_result import Comparison, TuneResult

WINNERS_CURSE = (
    "The best of many trials is optimistic: it was picked for its few mistakes, luck included (the winner's curse). "
    "Fresh seeds take the luck of the seeds away, not that of the digits, which stay the same."
)


def table(result: "TuneResult", most: int = 10) -> RenderableType:
    """Show the best trials beside the recipe as it is, and both again with fresh seeds."""
    ordered = sorted(result.trials, key=lambda trial: trial.rank)
    shown = ordered[:most] + [trial for trial in ordered[most:] if trial.number == 0]
    best = new_table(
        f"A search from {result.era} on {result.digits.name}: {counted(len(result.trials), 'trial')}, five folds of "
        f"{counted(len(result.digits), 'training digit')}, {counted(len(result.seeds), 'seed')} a trial",
        "values",
        "trial",
        "mistakes\non folds",
        "error, %",
    )
    for trial in shown:
        mark = "as it is: " if trial.number == 0 else ""
        fallen = f" ({counted(trial.diverged, 'run')} diverged)" if trial.diverged else ""
        error = f"{result.error(trial.mistakes).mean:.2f}"
        best.add_row(
            Text(f"{mark}{in_words(trial.values)}{fallen}"), str(trial.number), mistakes(trial.mistakes), error
        )
    lines: list[RenderableType] = [best]
    note = f"{len(shown)} of {counted(len(ordered), 'trial')} shown; --out DIR writes every one."
    if result.comparison:
        note += f" Trial {result.best.number} against the recipe as it is: {words(result.comparison)}. {WINNERS_CURSE}"
    lines.append(Text(note, style="dim"))
    if again := result.confirmation:
        fresh = new_table(
            f"Measured again on the folds, with {counted(len(again.seeds), 'fresh seed')}",
            "recipe",
            "mistakes",
            "error, %",
            "change",
        )
        change = f"{mistakes(again.comparison.change, '+')}\n{again.comparison.verdict}"
        for name, found, told in (
            ("as it is", again.as_it_is, ""),
            (f"trial {result.best.number}", again.best, change),
        ):
            fresh.add_row(name, mistakes(found), f"{result.error(found).mean:.2f}", told)
        lines += [fresh, Text(f"With fresh seeds: {words(again.comparison)}.", style="dim")]
    return Group(
        *lines,
        Text(f"\n{result.finding}", style="bold"),
        Text(f"To measure the best on test digits, type: {result.measure}"),
    )


def words(found: "Comparison") -> str:
    """Say how sure a difference is, by the bootstrap and by the plain test of one seed."""
    return (
        f"{found.verdict} (two-way bootstrap over seeds and digits: p = {found.p:.2g}); seed {found.seed} alone, by "
        f"McNemar's exact test: {counted(found.only_first, 'digit')} misread only by the recipe as it is, "
        f"{found.only_second} only by the best, p = {found.mcnemar_p:.2g}"
    )


def search_figure(result: "TuneResult", *, dark: bool = False) -> Figure:
    """Draw the mistakes of every trial in its order, and the fewest so far."""
    numbers = [trial.number for trial in result.trials]
    means = [trial.mistakes.mean for trial in result.trials]
    running = [min(means[: place + 1]) for place in range(len(means))]
    with style(dark):
        figure, axes = canvas(
            "trial",
            "mistakes on five folds of the training digits",
            f"A search from {result.era} on {result.digits.name}",
        )
        axes.plot(numbers, means, "o", ms=4, color=PALETTE[0], label="a trial")
        axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
        axes.step(numbers, running, where="post", color=PALETTE[3], label="the best so far")
        axes.axhline(means[0], ls="--", lw=1, color=PALETTE[1], label="the recipe as it is")
        if result.confirmation:
            draw_again(axes, result.confirmation.best, result.best.number)
        if max(means) > 20 * max(min(means), 1):
            axes.set_yscale("log")
        axes.legend(fontsize=8)
    return figure


def draw_again(axes: Axes, again: Estimate, place: float) -> None:
    """Draw what the best trial makes with fresh seeds."""
    if again is not None:
        axes.errorbar(
            place, again.mean, yerr=bar(again), fmt="D", mfc="none", color=PALETTE[4], label="with fresh seeds"
        )


def values_figure(result: "TuneResult", *, dark: bool = False) -> Figure:
    """Draw each searched value against the mistakes, a panel a value."""
    across = min(3, len(result.space))
    down = math.ceil(len(result.space) / across)
    with style(dark):
        figure = Figure(figsize=(1.0 + 2.7 * across, 0.6 + 2.4 * down), layout="constrained")
        panels = figure.subplots(down, across, squeeze=False, sharey=True)
        for place, axes in enumerate(panels.flat):
            if place >= len(result.space):
                axes.set_visible(False)
                continue
            part = result.space[place]
            groups = [(t, PALETTE[0], "o") for t in result.trials[1:]]
            groups += [(result.best, PALETTE[3], "o"), (result.trials[0], PALETTE[1], "s")]
            for trial, colour, marker in groups:
                value = trial.values[part.name]
                axes.plot(
                    value if isinstance(part, Range) else str(value), trial.mistakes.mean, marker, ms=4, color=colour
                )
            if isinstance(part, Range):
                scale(axes, part, [trial.values[part.name] for trial in result.trials])
            axes.set_xlabel(part.name)
            if place % across == 0:
                axes.set_ylabel("mistakes on folds")
        if max(trial.mistakes.mean for trial in result.trials) > 20 * max(result.best.mistakes.mean, 1):
            panels[0, 0].set_yscale("log")
        figure.suptitle("Square: as it is; red: the best", x=0.02, ha="left", fontsize=9)
    return figure


def scale(axes: Axes, part: Range, values: list[float]) -> None:
    """Give a panel the scale that its value was searched on."""
    if part.log and min(values) > 0:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(ticker.NullFormatter())
    elif part.whole:
        axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    axes.tick_params(axis="x", labelsize=7)
