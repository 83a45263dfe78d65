"""`timetravel extrapolate`: the essay's claims about 2055, with evidence, intervals and verdicts."""

import shlex
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from timetravel.cli import options as o
from timetravel.cli.consoles import errors
from timetravel.cli.output import check_folder, show
from timetravel.projection.series import BY_NAME, checked_year, chosen

EXAMPLES = (
    "timetravel extrapolate --to 2055\n\n"
    "timetravel extrapolate --to 2040 --from today --quantity compute --long\n\n"
    "timetravel extrapolate --assume mine.toml --milestones mine.csv --out projection/"
)
_asked = partial(typer.Option, rich_help_panel="What is asked")
_given = partial(typer.Option, metavar="FILE", show_default=False, rich_help_panel="What it stands on")


@o.with_options(*o.OUTPUTS)
def extrapolate(
    to: Annotated[int, _asked("--to", metavar="YEAR", help="The year to project to: 2023 to 2200.")] = 2055,
    since: Annotated[
        Literal["1989", "2022", "today"], _asked("--from", help="Whose best is looked back at from then.")
    ] = "2022",
    scenario: Annotated[
        Literal["naive", "trend", "limited"] | None,
        _asked(
            "--scenario",
            help="Show one only: naive (the essay's 10,000,000 times in 33 years), trend (records carried on), or "
            "limited (trends bent by limits).  \\[default: all]",
            show_default=False,
        ),
    ] = None,
    quantity: Annotated[
        str | None,
        _asked(
            "--quantity",
            metavar="NAME",
            help="Show one only: parameters, parameters-vision, tokens, images, compute, compute-vision, cost, price, "
            "energy or algorithms.  \\[default: all]",
            show_default=False,
            autocompletion=lambda: list(BY_NAME),
        ),
    ] = None,
    milestones: Annotated[
        Path | None,
        _given("--milestones", help="Your own CSV of milestones, in place of the package's, quantity by quantity."),
    ] = None,
    assume: Annotated[
        Path | None,
        _given(
            "--assume",
            help="A TOML file that changes assumptions: a table for each name, with low and high, or value.",
        ),
    ] = None,
    *,
    options: o.Options,
) -> None:
    """Judge the essay's seven claims about 2055 against trends, limits and what was measured.

    Begins with the verdicts, then how the method did in the past, then what it says. Trains nothing.
    """
    checked_year(to)
    from timetravel.projection.inputs import read_assumptions, read_milestones

    series = chosen(quantity)
    own = None if milestones is None else read_milestones(milestones)
    assumed = None if assume is None else read_assumptions(assume)
    check_folder(options.out)

    from timetravel.studies.extrapolate import Extrapolate

    given: dict[str, object] = {"--from": since if since != "2022" else None, "--scenario": scenario}
    given |= {"--quantity": quantity, "--milestones": milestones, "--assume": assume}
    typed = ["timetravel", "extrapolate", "--to", str(to)]
    typed += [part for option, value in given.items() if value is not None for part in (option, str(value))]
    study = Extrapolate(to, since, scenario, series, own, assumed, typed=shlex.join(typed))
    found = study.result([])
    if not options.quiet:
        for note in found["notes"]:
            errors().print(note, style="dim", markup=False, soft_wrap=True)
    show(study.command, found, options)
