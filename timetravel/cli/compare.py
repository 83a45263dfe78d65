"""`timetravel compare`: two saved results, row by row."""

from pathlib import Path
from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.output import check_folder, command_line
from timetravel.cli.output import show as show_document
from timetravel.cli.run import loading
from timetravel.cli.show import intact, read

EXAMPLES = "timetravel compare a.json b.json\n\ntimetravel compare a/results.json b/results.json --long --out compared/"


@o.with_options(*o.OUTPUTS)
def compare(
    a: Annotated[Path, typer.Argument(help="A results.json, or what --json printed.")],
    b: Annotated[Path, typer.Argument(help="Another, whose rows are compared with those of the first.")],
    *,
    options: o.Options,
) -> None:
    """Compare two saved results row by row, run by run and digit by digit. Trains nothing: their runs must be kept."""
    documents = read(a), read(b)
    check_folder(options.out)
    loading(options)
    from timetravel.engine.store import Store
    from timetravel.studies.compare import Result
    from timetravel.studies.compare import compare as of_results

    with intact(f"{a} or {b}"):
        found = of_results(Result(str(a), documents[0]), Result(str(b), documents[1]), Store())
    show_document("compare", {"command_line": command_line(), **found}, options)
