"""The results of `modernize` as Rich tables."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from timetravel.numbers import counted, duration
from timetravel.report.pictures import picture_row
from timetravel.show.closing import closing, closing_note
from timetravel.show.tables import INTERVALS, NEW_DIGITS, change, error, figure, mistakes, new_table, spread

if TYPE_CHECKING:
    from timetravel.studies.decompose import DecomposeResult, Part
    from timetravel.studies.evidence import Evidence
    from timetravel.studies.modernize import ModernizeResult
    from timetravel.studies.seen import Misread

TITLES = {
    "ladder": "The ladder on {data}",
    "alone": "Each tweak alone on {data}",
    "without": "The full set but each tweak on {data}",
}
PICTURES = 8


def modernize(result: "ModernizeResult") -> RenderableType:
    """Show every row with its change against the row it builds on and against the first, then controls and costs."""
    first = result.rows[0]
    title = (
        f"{TITLES[result.mode].format(data=first.data)}: {first.train_size:,} training digits, "
        f"{first.test_size:,} test digits, {counted(len(first.runs), 'seed')} a row"
    )
    parts: list[RenderableType] = [rows(result, title, result.main)]
    if result.controls:
        parts.append(rows(result, "Controls: the same, trained longer", result.controls))
    parts += [Text(note(result), style="dim"), costs(result), Text(cost_note(result), style="dim"), *pictures(result)]
    if result.closing:
        parts += [
            closing(result.closing, "What tweaks are worth, at no cost to the user of the net"),
            Text(closing_note(result.closing), style="dim"),
        ]
    return Group(*parts, Text(f"\n{result.finding}", style="bold"))


def rows(result: "ModernizeResult", title: str, places: Sequence[int]) -> Table:
    """Return some of the rows as a table."""
    essay = {reference["recipe"]: reference for reference in result.references}
    told = any(result.rows[place].name in essay for place in places)
    against = "change" if result.mode == "ladder" else "against\nits base"
    columns = [
        "recipe",
        "epochs",
        "test error, %",
        "mistakes",
        against,
        "against\nfirst row",
        *(["essay"] if told else []),
    ]
    table = new_table(title, *columns)
    for place in places:
        row, base = result.rows[place], result.steps[place].base
        cells = [
            str(row.recipe.epochs),
            error(row.test_error, result.evidence.new_digits[place]),
            mistakes(row.test_mistakes),
            change(result.change(place, base), result.comparison(place, base)),
            change(result.change(place, 0), result.comparison(place, 0)) if place else "",
        ]
        if told:
            cells.append(figure(essay[row.name]["test_mistakes"] if row.name in essay else None, 1, ".0f", ".0f"))
        table.add_row(Text(row.title), *cells)
    return table


def costs(result: "ModernizeResult") -> Table:
    """Return what each row costs, to train and to use, and how many digits it would have to reject."""
    table = new_table(
        "What it costs",
        "recipe",
        "weights,\nMACs",
        "latency,\nus",
        "shown,\ntime a net",
        "x first",
        "rejected\n%",
    )
    for place, row in enumerate(result.rows):
        table.add_row(
            Text(
                f"{row.title}{' (!)' if result.differs(place) else ''}{' (t)' if result.other_backend(place) else ''}"
            ),
            f"{row.size.parameters:,}\n{row.size.multiply_adds:,}",
            f"{result.latency.us[place]:.1f}",
            f"{row.runs[0].examples_seen:,}\n{duration(row.seconds_a_run)}",
            f"{result.time_ratio(place):.3g}",
            spread(row.rejected_by_margin, ".1f"),
        )
    return table


def cost_note(result: "ModernizeResult") -> str:
    """Say what the columns of the costs hold."""
    return (
        "Weights and MACs: parameters and multiply-adds of one digit. Shown: examples of one net in training. "
        f"Latency: one image alone, by {result.latency.instrument}, medians of interleaved rounds. (!): another "
        "size than the first row's, or a latency more than 5 % from it. (t): trained by another backend than the first "
        "row, so their times can't be compared. Rejected: digits to leave "
        "unread, by the difference of the two largest outputs, for 1 % error on the others."
    )


def note(result: "ModernizeResult") -> str:
    """Say what the columns hold."""
    if len(result.rows[0].runs) == 1:
        text = "Change in mistakes. One seed a row: an anecdote. In braces: the 95 % interval for new digits."
    else:
        base = ""
        if result.mode == "alone":
            base = " Base: the same without the tweak, at equal epochs; for more-epochs and longer, at fewer."
        text = f"Change in mistakes, paired by seed.{base} {INTERVALS} {NEW_DIGITS}"
    text += calibration(result.evidence)
    if result.references:
        text += " Essay: the published mistakes of one seed on karpathy-test-first."
    return " ".join([text, *result.remarks])


def calibration(evidence: "Evidence") -> str:
    """Say how often a row read 'not resolved' from itself."""
    if not evidence.calibration:
        return ""
    unresolved, splits = evidence.calibration
    return f" Calibration: {unresolved} of {splits} comparisons of a row with itself read 'not resolved'."


def pictures(result: "ModernizeResult") -> list[RenderableType]:
    """Return the digits that the last era's nets all misread, and those that it repairs."""
    shown: list[RenderableType] = []
    for era in result.seen.eras[-1:]:
        nets = counted(era.nets, "net")
        for title, digits in (
            (f"Read wrongly by all {nets} of {era.name}: {len(era.shared)}", era.shared),
            (
                f"Read rightly by most nets of {era.name}, wrongly by most of the era before: {len(era.repaired)}",
                era.repaired,
            ),
        ):
            if digits:
                shown += [Text(f"\n{title}", style="bold"), misread_row(digits[:PICTURES])]
    return shown


def misread_row(digits: "Sequence[Misread]") -> RenderableType:
    """Return digits as pictures with what they are and what they are read as."""
    return picture_row([m.image for m in digits], [f"{m.true} read as {m.read}" for m in digits])


def decompose(result: "DecomposeResult") -> RenderableType:
    """Show every cell, then what each cause removes."""
    first = result.rows[0]
    cells = new_table(
        f"Algorithm, training and data on {first.data}: {first.test_size:,} test digits, "
        f"{counted(len(first.runs), 'seed')} a row",
        "recipe", "training\ndigits", "examples\nseen", "test error, %", "mistakes", "against\nfirst row",
    )  # fmt: skip
    for place, row in enumerate(result.rows):
        cells.add_row(
            Text(row.title),
            f"{row.train_size:,}",
            f"{row.runs[0].examples_seen:,}",
            error(row.test_error, result.evidence.new_digits[place]),
            mistakes(row.test_mistakes),
            change(result.change(place), result.evidence.comparisons.get((place, 0))),
        )
    causes = new_table(
        "What each cause removes of the mistakes, %", "cause", "alone, from 1989-essay", "as the last to come"
    )
    for part in result.parts:
        causes.add_row(part.name, share(part, "first"), share(part, "last"))
    text = f"{INTERVALS} {NEW_DIGITS}{calibration(result.evidence)}"
    if len({row.train_size for row in result.rows}) > 1:
        text += " With more digits a recipe makes about as many examples as with 1989's, in whole epochs."
    return Group(cells, causes, Text(text, style="dim"), Text(f"\n{result.finding}", style="bold"))


def share(part: "Part", which: str) -> str:
    """Write a share with its interval for new digits."""
    found = getattr(part, which)
    if found["mean"] is None:
        return "not told"
    return f"{found['mean']:.0f}\n{{{found['low']:.0f}, {found['high']:.0f}}}"
