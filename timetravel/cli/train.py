"""`timetravel train`: one era, many seeds."""

from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.study import Options, carry_out, set_up
from timetravel.eras import ERAS
from timetravel.eras import era as find_era

EXAMPLES = (
    "[dim]timetravel train --era 1989[/dim]\n\n"
    "[dim]timetravel train --era 2022 --data usps --seeds 20[/dim]\n\n"
    "[dim]timetravel train --era 1989-essay --subset karpathy-test-first[/dim]\n\n"
    "[dim]timetravel train --era 1989 --set learning_rate=0.1 --seeds 3[/dim]"
)


def _eras() -> list[str]:
    return list(ERAS)


def train(
    era: Annotated[str, typer.Option("--era", help=f"Whose recipe: {', '.join(ERAS)}.", autocompletion=_eras)] = "1989",
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Change a number of the recipe, as learning_rate=0.1. Repeatable.",
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option("--size", help="Training digits.  \\[default: 1989's 7,291]", rich_help_panel=o.DIGITS),
    ] = None,
    data: o.Data = "mnist",
    data_root: o.DataRoot = None,
    subset: o.Subset = "0",
    test: o.Test = "2007",
    seeds: o.Seeds = "8",
    epochs: o.Epochs = None,
    backend: o.Backend = "auto",
    device: o.Device = "cpu",
    workers: o.Workers = None,
    fresh: o.Fresh = False,
    dry_run: o.DryRun = False,
    out: o.Out = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Train the net of an era on its digits, and set it beside the paper, the essay and three days of 1989."""
    from timetravel.recipes import changed

    chosen = find_era(era)
    o.at_least_one("--epochs", epochs)
    recipe = changed(chosen.recipe, [*(change or []), *([f"epochs={epochs}"] if epochs else [])])
    options = Options(
        data, data_root, subset, test, seeds, backend, device, workers, fresh, dry_run, out, as_json, quiet
    )
    from timetravel.cli.clock import EpochClock

    setup = set_up(options, [size] if size is not None else [], EpochClock(quiet, recipe.epochs))

    from timetravel.show import tables
    from timetravel.studies.train import Train

    result = carry_out(Train(setup, chosen, recipe, size), setup, options, tables.train)
    if result is not None and all(run.diverged for run in result.rows[0].runs):
        from timetravel.errors import TimetravelError

        raise TimetravelError(
            "Every run diverged: the loss stopped being a number.",
            "Lower learning_rate, as --set learning_rate=0.01.",
        )
