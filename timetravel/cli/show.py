"""`timetravel show`: a saved result again, as tables and charts."""

from pathlib import Path
from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.output import emit

EXAMPLES = "timetravel show results.json\n\ntimetravel show results.json --long --out drawn-again/"


@o.with_options(*o.OUTPUTS)
def show(
    file: Annotated[Path, typer.Argument(help="A results.json that a command wrote, or what --json printed.")],
    *,
    options: o.Options,
) -> None:
    """Show a saved result again: its tables here, its charts and report with --out. Nothing is computed."""
    from timetravel.api.results import load
    from timetravel.commands.saved import intact
    from timetravel.report.files import check_folder

    document = load(file).document
    check_folder(options.out)
    with intact(str(file)):
        emit(document, options)
