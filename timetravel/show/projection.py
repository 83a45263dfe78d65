"""The projection report in the terminal: the verdicts, the record, the projection and the time traveller's table."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from timetravel.numbers import short
from timetravel.projection.crossings import first_limit
from timetravel.projection.outlook import Outlook
from timetravel.projection.two_points import LAST_YEAR
from timetravel.show.projection_grids import Grid, band
from timetravel.show.projection_sections import ahead, in_2022, sections, sight_row
from timetravel.show.report import as_text

if TYPE_CHECKING:
    from timetravel.projection.hindcasts import Score
    from timetravel.projection.series import Series
    from timetravel.studies.extrapolate import ExtrapolateResult

LEFT_TO_LONG = ("parameters (vision)", "compute", "dearest run, $")  # of the time traveller's table
LONG_LABEL = 24
PIXELS = "pixels"
LEGEND = "[ ]: 10 % to 90 % quantile; of D, E, F as told by --long, which has sources. 7e15 is 7 x 10^15."


def terminal(result: "ExtrapolateResult", *, long: bool = False) -> RenderableType:
    """Show the report: two screens, or with `long` every table of it."""
    parts: list[RenderableType] = [verdicts(result), changes(result), record_line(result)]
    parts += [outlook_table(result), Text(), traveller_table(result), mirror_line(result), Text(LEGEND, style="dim")]
    if long:
        parts += list(as_rich(result))
    return Group(*parts)


def block(*_: Mapping[str, Any]) -> str:
    """Return what the command prints where nothing is kept, for the docs. It reads the published results itself."""
    from timetravel.studies.extrapolate import Question, extrapolate

    with tempfile.TemporaryDirectory() as nothing:
        text = as_text(terminal(extrapolate(Question(store=Path(nothing)))))
    return f"```text\n$ timetravel extrapolate --to 2055\n\n{text}```"


def table(title: str, *columns: tuple[str, bool]) -> Table:
    """Return a table; a column is its head and whether it holds numbers, which never break."""
    made = Table(
        title=title, box=box.SIMPLE_HEAD, title_style="bold", title_justify="left", padding=(0, 1, 0, 0),
        show_edge=False, pad_edge=False, collapse_padding=True,
    )  # fmt: skip
    for head, numbers in columns:
        made.add_column(head, justify="right" if numbers else "left", overflow="fold", no_wrap=False)
    return made


@dataclass(frozen=True)
class Folding:
    """A number with its quantiles on one line or, where there is no room, with the quantiles on a line of their own."""

    text: str

    @property
    def two_lines(self) -> str:
        """The number, and below it the quantiles, as short as they may be."""
        number, *quantiles = self.text.split(" [")
        return "\n".join([number, *("[" + ends.replace(", ", ",") for ends in quantiles)])

    def __str__(self) -> str:
        """Return it on one line."""
        return self.text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Write it as wide as there is room: on one line, on two, or a word a line."""
        wide = options.max_width
        fits = max(map(len, self.two_lines.split("\n"))) <= wide < len(self.text)
        yield Text(self.two_lines if fits else self.text, justify=options.justify)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Return the width of its longest word, and of all on one line."""
        return Measurement(max(map(len, self.text.split())), len(self.text))


def whole(made: Table) -> Table:
    """Keep words and numbers from breaking: no column becomes narrower than its longest word."""
    for column in made.columns:
        words = [word for cell in (column.header, *column.cells) for word in str(cell).split()]
        column.min_width = max(map(len, words), default=1)
    return made


def verdicts(result: "ExtrapolateResult") -> Table:
    """Show the seven verdicts, each with its number and what it rests on."""
    made = table(
        f"The essay's claims about {result.to}",
        ("", False), ("claim", False), ("verdict", False), ("number", False), ("rests on", False),
    )  # fmt: skip
    for claim in result.claims:
        made.add_row(claim.id, claim.short, Text(claim.verdict, style="bold"), broken(claim.shown), claim.kind)
    return whole(made)


def broken(text: str) -> str:
    """Put what stands in round brackets on a line of its own, so that no column grows for one row."""
    return text.replace(" (", "\n(")


def changes(result: "ExtrapolateResult") -> Text:
    """Say what would change each verdict."""
    text = Text.assemble(("What would change a verdict: ", "bold"))
    for place, claim in enumerate(result.claims):
        text.append("; " if place else "")
        text.append(claim.id, style="bold")
        text.append(f" {claim.changes}")
    return text.append(".")


def record_line(result: "ExtrapolateResult") -> Text:
    """Say how the method did when it was asked about years that have passed."""
    score = result.score
    if score is None:
        return Text("\nThe method's record: no backtest is possible with these figures.")
    judged = (
        f"its 80 % intervals held {score.inside} of {score.with_interval} figures that came "
        f"({100 * score.inside / score.with_interval:.0f} %)"
        if score.with_interval
        else "too few years for intervals"
    )
    near = [horizon(years, one) for years, one in result.by_horizon.items() if years[0] != years[1]]
    far = [f"{ahead(years)}: {far_off(one)}" for years, one in result.by_horizon.items() if years[0] == years[1]]
    return Text.assemble(
        ("\nThe method's record first: ", "bold"),
        f"standing in 1989 to 2022, {judged}; median error {score.median_error:.1f} orders of magnitude (OOM; a plain "
        f"line's {score.median_line_error:.1f}), worst {score.worst:+.1f}.",
        f" Years ahead {'; '.join(near)}." if near else "",
        (f" {'; '.join(far)}." if far else "", "bold"),
        "\n",
    )


def horizon(years: tuple[int, int], one: "Score") -> str:
    """Say in short how the method did so many years ahead: '1-3: 54 of 72, median 0.4'."""
    judged = f"{one.inside} of {one.with_interval}, " if one.with_interval else ""
    return f"{years[0]}-{years[1]}: {judged}median {one.median_error:.1f}"


def far_off(one: "Score") -> str:
    """Say how the method did, and on which side it was wrong."""
    judged = f"{one.inside} of {one.with_interval} inside, " if one.with_interval else ""
    lean = {0: "none", one.cells: "all"}.get(one.too_low, f"{one.too_low} of {one.cells}")
    return f"{judged}median {one.median_error:.1f} OOM, worst {one.worst:+.1f}, {lean} too low"


def outlook_table(result: "ExtrapolateResult") -> Table:
    """Show every chosen quantity in the target year by scenario, and the limit that its trend meets first."""
    heads = [(name, True) for name in result.scenarios]
    made = table(
        f"The largest in {result.to}; naive: arithmetic, else extrapolation",
        ("", False), (str(LAST_YEAR), True), ("last record", True), *heads, ("meets", False),
    )  # fmt: skip
    by_key = {(one.series.name, one.scenario): one for one in result.outlooks}
    for series in result.chosen:
        found = [by_key.get((series.name, scenario)) for scenario in result.scenarios]
        record = result.futures.records[series.name]
        year = min(LAST_YEAR, record.last)
        made.add_row(
            series.label if len(series.label) < LONG_LABEL else broken(series.label),
            broken(in_2022(10 ** record.at(year), year)),
            f"{short(10 ** record.values[-1])} ({record.last})",
            *(Folding(banded(one)) for one in found),
            meets(result, series),
        )
    return whole(made)


def banded(one: Outlook | None) -> str:
    """Write a projected figure with its quantiles."""
    return "-" if one is None else band(one.band)


def meets(result: "ExtrapolateResult", series: "Series") -> str:
    """Say which assumed limit a trend meets first, and when."""
    first = first_limit(list(result.crossings), series.name)
    return "-" if first is None else f"{first.limit} {first.year}"


def traveller_table(result: "ExtrapolateResult") -> Table:
    """Show what the best of a year looks like from the target year."""
    scenario = result.scenarios[-1]
    made = table(
        f"{seen(result)} seen from {result.to} ({scenario}; times and costs by the assumptions)",
        ("", False), ("then", True), (str(result.to), True), ("times", True),
    )  # fmt: skip
    for one in result.sights[scenario]:
        if one.what not in LEFT_TO_LONG:
            made.add_row(*sight_row(one))
    costs = [one for one in result.repeats if one.unit != "s"]
    for one in result.repeats:
        if one not in costs[:-1]:  # of costs the largest run's; the others in the long form
            made.add_row(*sight_row(one))
    return whole(made)


def mirror_line(result: "ExtrapolateResult") -> Text:
    """Say what 1989 looks like from 2022, by the essay and by our figures."""
    text = Text.assemble((f"The mirror, 1989 from {LAST_YEAR}, essay / ours: ", "bold"))
    parts = []
    for row in result.mirror:
        if row.ours is None and row.what == PIXELS:
            continue  # in the long form: only the essay counts them
        ours = "-" if row.ours is None else short(row.ours)
        parts.append(f"{row.what} {'-' if row.essay is None else short(row.essay)} / {ours}")
    speed = " (measured here)" if result.rows else " (yours: timetravel train --era 1989)"
    return text.append(f"{'; '.join(parts)}{speed}.")


def seen(result: "ExtrapolateResult") -> str:
    """Name the best of the year looked back at."""
    return "Today's best" if result.since == "today" else f"{result.since}'s best"


def as_rich(result: "ExtrapolateResult") -> Iterator[RenderableType]:
    """Show every section of the report as Rich renderables."""
    for section in sections(result):
        yield Text(f"\n{section.title}", style="bold underline")
        for paragraph in section.paragraphs:
            yield Text(paragraph)
        for grid in section.grids:
            yield rich_grid(grid)


def rich_grid(grid: Grid) -> Table:
    """Show a grid of texts."""
    made = table(grid.title, *((head, place in grid.numbers) for place, head in enumerate(grid.head)))
    for column in made.columns:
        column.no_wrap = False
    for row in grid.rows:
        made.add_row(*(Text(cell) for cell in row))
    return made
