"""The closing table: what tweaks and data are worth, what they cost to train, and what they cost to use."""

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from timetravel.numbers import duration
from timetravel.show.tables import change, error, mistakes, new_table

if TYPE_CHECKING:
    from timetravel.studies.closing import Closing


def closing(found: "Closing", title: str = "What tweaks and data are worth") -> Table:
    """Return the table; every cell is compared with the first."""
    table = new_table(title, "recipe", "mistakes", "error, %", "change", "training", "inference")
    for cell in found.cells:
        row = cell.row
        table.add_row(
            Text(f"{row.label}\n{row.train_size:,} digits"),
            mistakes(row.test_mistakes),
            error(row.test_error, cell.new_digits),
            change(cell.change, cell.comparison),
            f"{row.runs[0].examples_seen:,}\n{duration(row.seconds_a_run)}",
            f"{cell.latency_us:.1f} us\nx {cell.latency_ratio:.2f}",
        )
    return table


def closing_note(found: "Closing") -> str:
    """Say what the columns of the costs hold."""
    return (
        "Change: in mistakes, against the first row. Training: examples and time of one net. Inference: the net "
        f"alone on one image of 16x16, by {found.instrument}, median of interleaved rounds, and the ratio to the first "
        "row."
    )
