"""`timetravel compare`: two saved results, row by row."""

from pathlib import Path
from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.output import command_line, emit

EXAMPLES = "timetravel compare a.json b.json\n\ntimetravel compare a/results.json b/results.json --long --out compared/"


@o.with_options(*o.OUTPUTS)
def compare(
    a: Annotated[Path, typer.Argument(help="A results.json, or what --json printed.")],
    b: Annotated[Path, typer.Argument(help="Another, whose rows are compared with those of the first.")],
    *,
    options: o.Options,
) -> None:
    """Compare two saved results row by row, run by run and digit by digit. Trains nothing: their runs must be kept."""
    from timetravel.api import calls
    from timetravel.report.files import check_folder

    found = calls.compare(a, b)
    check_folder(options.out)
    emit({"command_line": command_line(), **found}, options)
