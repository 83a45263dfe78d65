"""The result of `scale-model` as Rich tables."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from timetravel.numbers import counted, duration
from timetravel.show.ladder import calibration
from timetravel.show.tables import INTERVALS, NEW_DIGITS, change, error, mistakes, new_table

if TYPE_CHECKING:
    from timetravel.studies.rows import Row
    from timetravel.studies.scale_model import ScaleModelResult

CAUSES = {"size": "the widest net, the same digits", "data": "width 1, the most digits", "both": "both"}


def scale_model(result: "ScaleModelResult") -> RenderableType:
    """Show the wide rows, what each costs, what size and data remove, the deep rows, and the answer for 1989."""
    parts: list[RenderableType] = [errors(result), costs(result), Text(cost_note(result), style="dim")]
    if result.removed:
        parts.append(removed(result))
    if len(result.deep) > 1:
        parts += [deep(result), Text(DEEP_NOTE, style="dim")]
    return Group(*parts, Text(note(result), style="dim"), Text(f"\n{result.finding}", style="bold"))


def errors(result: "ScaleModelResult") -> Table:
    """Return the error of every width at every size, against width 1."""
    first, base = result.rows[0], result.rows[result.base]
    table = new_table(
        f"The net of 1989 at other widths, on {first.data}: {first.test_size:,} test digits, "
        f"{counted(len(first.runs), 'seed')} a row",
        "net", "training\ndigits", "parameters", "test error, %", "mistakes",
        f"against\nwidth 1,\n{base.train_size:,}",
    )  # fmt: skip
    for place in result.wide:
        row = result.rows[place]
        table.add_row(
            Text(f"{row.label}{failed(row)}"),
            f"{row.train_size:,}",
            f"{row.size.parameters:,}",
            error(row.test_error, result.evidence.new_digits[place]),
            mistakes(row.test_mistakes),
            change(result.change(place), result.comparison(place)),
        )
    return table


def costs(result: "ScaleModelResult") -> Table:
    """Return what a net of each row costs to use and to train."""
    table = new_table(
        "What it costs",
        "net", "multiply-adds\na digit", "latency,\nus", "in 1989,\nms", "training,\nmultiply-adds", "time\na net",
    )  # fmt: skip
    for place, row in enumerate(result.rows):
        size = "" if row.train_size == result.rows[result.base].train_size else f", {row.train_size:,} digits"
        table.add_row(
            Text(f"{row.label}{size}"),
            f"{row.size.multiply_adds:,}",
            f"{result.latency.us[place]:.0f}",
            f"{result.milliseconds_in_1989(place):.1f}",
            f"{result.training(place):.2e}",
            duration(row.seconds_a_run),
        )
    return table


def removed(result: "ScaleModelResult") -> Table:
    """Return which share of the base's mistakes size and data remove."""
    base = result.rows[result.base]
    table = new_table(
        f"Removed of the mistakes of width 1 with {base.train_size:,} digits, %", "by", "parameters", "digits", "share"
    )
    for part in result.removed:
        told = "not told" if part["mean"] is None else f"{part['mean']:.0f}\n{{{part['low']:.0f}, {part['high']:.0f}}}"
        table.add_row(CAUSES[part["cause"]], f"{part['parameters']:,}", f"{part['train_size']:,}", told)
    return table


def deep(result: "ScaleModelResult") -> Table:
    """Return the error of deeper nets, and how far gradients reach in them."""
    table = new_table(
        f"The net of 1989 deeper, with {result.rows[result.base].train_size:,} digits",
        "net", "parameters", "test error, %", "against\ndepth 0", "gradient\nat the start", "in\ntraining",
    )  # fmt: skip
    for place in result.deep:
        row, slopes = result.rows[place], result.slopes[place]
        label = "depth 0" if place == result.base else row.label
        table.add_row(
            Text(f"{label}{failed(row)}"),
            f"{row.size.parameters:,}",
            error(row.test_error, result.evidence.new_digits[place]),
            change(result.change(place), result.comparison(place)),
            gradient(slopes.first_at_start, slopes.ratio("at_start")),
            gradient(slopes.first_in_training, slopes.ratio("in_training")),
        )
    return table


def gradient(length: float | None, ratio: float | None) -> str:
    """Write the length of the first layer's gradient, and below it how many times the last layer's that is."""
    if length is None:
        return "not told"
    return f"{length:.2g}" + ("" if ratio is None else f"\nx {ratio:.2g}")


def failed(row: "Row") -> str:
    """Say how many seeds diverged, or collapsed to no better than a guess."""
    told = [
        f"{word}: {counted(len(seeds), 'seed')}"
        for word, seeds in (("diverged", row.diverged), ("collapsed", row.collapsed))
        if seeds
    ]
    return f" ({', '.join(told)})" if told else ""


DEEP_NOTE = (
    "Gradient: how long that of the first layer's weights is on the first batch, and in the median over the first "
    "batches of all epochs; below, as a multiple of the last layer's. Medians over seeds."
)


def cost_note(result: "ScaleModelResult") -> str:
    """Say what the columns of the costs hold."""
    return (
        f"Latency: one image alone, by {result.latency.instrument}, on one thread, medians of interleaved rounds; its "
        "own steps outweigh the arithmetic of small nets. In 1989: one digit at the 12.5 million multiply-adds a "
        "second of the paper's signal processor, at its peak. Training: three times the multiply-adds of a digit for "
        "every example (forward, and backward to weights and to inputs)."
    )


def note(result: "ScaleModelResult") -> str:
    """Say what errors, changes and shares hold."""
    if len(result.rows[0].runs) == 1:
        return "Change in mistakes. One seed a row: an anecdote. In braces: the 95 % interval for new digits."
    return (
        f"Change in mistakes against width 1, paired by seed. {INTERVALS} {NEW_DIGITS}{calibration(result.evidence)} "
        "The best of many rows on the same test digits owes a little to luck."
    )
