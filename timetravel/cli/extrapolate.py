"""`timetravel extrapolate`: the lines from 1989 through 2022, carried on."""

from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.consoles import errors
from timetravel.cli.output import check_folder, emit
from timetravel.projection.two_points import checked_year

EXAMPLES = (
    "[dim]timetravel extrapolate --to 2055[/dim]\n\n"
    "[dim]timetravel extrapolate --to 2040 --json[/dim]\n\n"
    "[dim]timetravel extrapolate --to 2055 --out projection/[/dim]"
)


def extrapolate(
    to: Annotated[int, typer.Option("--to", metavar="YEAR", help="The year to project to: 2023 to 2200.")] = 2055,
    out: o.Out = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Carry 1989's and 2022's figures on to a year: a two-point rule, an arithmetic and no forecast.

    The training time of the 1989 net is the essay's, and beside it this machine's where runs of it are kept.
    """
    checked_year(to)
    check_folder(out)

    from timetravel.show.projection import tables
    from timetravel.studies.extrapolate import extrapolate as carry_on

    result = carry_on(to)
    if not quiet:
        for note in result.notes:
            errors().print(note, style="dim", markup=False, soft_wrap=True)
    emit(result, lambda: tables(result), as_json=as_json, quiet=quiet, out=out)
