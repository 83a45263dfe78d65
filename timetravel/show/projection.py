"""The projection as two narrow tables and as a figure."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from timetravel.projection.numbers import exact, short, times
from timetravel.projection.two_points import (
    CLAIM,
    FIRST_YEAR,
    LAST_YEAR,
    RULE,
    Line,
    doubling_months,
    yearly_factor,
)
from timetravel.show.tables import new_table
from timetravel.words import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from timetravel.studies.extrapolate import ExtrapolateResult


def tables(result: "ExtrapolateResult") -> RenderableType:
    """Show the two figures of each quantity, the line carried on, the essay's 10,000,000x, and the finding."""
    past = whole(
        new_table(
            f"Two figures each: {FIRST_YEAR} (paper) and {LAST_YEAR} (essay)",
            "",
            str(FIRST_YEAR),
            str(LAST_YEAR),
            "factor",
            "times\na year",
            "months\nto\ndouble",
        )
    )
    future = whole(
        new_table(
            f"Carried on to {result.to} by the two-point rule",
            "",
            str(result.to),
            f"times\n{LAST_YEAR}",
            "10,000,000\ntimes?",
        )
    )
    for line in result.lines:
        measured = line.kind == "measured"
        past.add_row(
            label(line),
            exact(line.first.value),
            f"{short(line.last.value)}\nin {line.last.year}" if measured else exact(line.last.value),
            times(line.factor),
            f"{line.yearly_factor:.2f}",
            f"{line.doubling_months:.0f} to\nhalve" if line.falls else f"{line.doubling_months:.0f}",
        )
        factor = times(line.factor_to(result.to))
        future.add_row(
            label(line),
            short(line.value_in(result.to)),
            f"{factor}\nof {line.last.year}" if measured else factor,
            claim(line, result.to),
        )
    notes = f"{arithmetic(result.to)} 2.4e8 means 2.4 x 10^8, 240 million.\n\n{RULE}\n\n{result.finding}"
    return Group(past, future, Text(notes))


def whole(table: Table) -> Table:
    """Let names wrap and numbers never, so that nothing is cut off from 60 columns on."""
    table.collapse_padding, table.pad_edge = True, False
    table.columns[0].overflow = "fold"
    for column in table.columns[1:]:
        column.no_wrap = True
    return table


def label(line: Line) -> str:
    """Name a quantity, with its unit where the name has none, and say where the newer training time comes from."""
    if line.kind == "measured":
        return f"{line.quantity}, {line.first.unit}, {line.last.source}"
    return f"{line.quantity}, {line.first.unit}, published" if line.falls else line.quantity


def claim(line: Line, to: int) -> str:
    """Say when a quantity is 10,000,000 times its 2022 figure, and whether that is by the target year."""
    year = line.year_of(CLAIM)
    if year is None:
        return "falls"
    return f"{'yes' if year <= to else 'no'}, in {year}"


def arithmetic(to: int) -> str:
    """Say what 10,000,000 times in 33 years means, and in the years to the target where these are others."""
    sentences = []
    for years in dict.fromkeys((LAST_YEAR - FIRST_YEAR, to - LAST_YEAR)):
        rate, months = yearly_factor(CLAIM, years), doubling_months(CLAIM, years)
        sentences.append(
            f"10,000,000 times in {counted(years, 'year')} is {f'{rate:.2f}' if rate < 10 else short(rate)} times a "
            f"year, a doubling every {short(months)} months."
        )
    return " ".join(sentences)


def figure(result: "ExtrapolateResult", *, dark: bool = False) -> "Figure":
    """Draw every quantity against the year on a log axis: two points, and the line through them carried on, dashed."""
    from timetravel.show import figures

    with figures.style(dark):
        drawing, axes = figures.canvas(
            "year",
            "value in the quantity's own unit (log axis)",
            f"{FIRST_YEAR} and {LAST_YEAR}, carried on to {result.to}",
        )
        colours: dict[str, str] = {}
        for line in result.lines:
            colours.setdefault(line.quantity, figures.PALETTE[len(colours) % len(figures.PALETTE)])
        axes.set_yscale("log")
        for line in result.lines:
            colour, measured = colours[line.quantity], line.kind == "measured"
            years, values = [line.first.year, line.last.year], [line.first.value, line.last.value]
            face = "none" if measured else colour  # hollow squares are measured here
            axes.plot(years, values, "s-" if measured else "o-", color=colour, mfc=face, lw=1.2, ms=5)
            carried = [line.last.value, line.value_in(result.to)]
            axes.plot([line.last.year, result.to], carried, "--", color=colour, lw=1.2)
        low, high = (math.log10(limit) for limit in axes.get_ylim())
        heights = spread_out([math.log10(line.value_in(result.to)) for line in result.lines], (high - low) / 17)
        gap = (result.to - FIRST_YEAR) / 60
        for line, height in zip(result.lines, heights, strict=True):
            name = label(line)
            if line.kind == "measured":  # in short: the backend and device alone
                name = f"{line.quantity}, {line.first.unit}, {line.last.source.rpartition(', ')[2]}"
            axes.text(
                result.to + gap, 10**height, name, color=colours[line.quantity], va="center", fontsize=9, clip_on=False
            )
        axes.annotate(
            "dashed: two-point rule,\nno forecast",
            (0.03, 0.97),
            xycoords="axes fraction",
            va="top",
            fontsize=9,
        )
        axes.set_xlim(FIRST_YEAR - gap, result.to + gap / 2)
    return drawing


def spread_out(heights: Sequence[float], gap: float) -> list[float]:
    """Move heights upwards until each is at least `gap` above the next lower; returns them in the given order."""
    moved = list(heights)
    below = -math.inf
    for index in sorted(range(len(moved)), key=lambda i: heights[i]):
        moved[index] = below = max(moved[index], below + gap)
    return moved
