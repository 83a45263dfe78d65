"""`timetravel scale-data`: error against the number of training digits."""

from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.study import Options, carry_out, set_up

EXAMPLES = (
    "[dim]timetravel scale-data[/dim]\n\n"
    "[dim]timetravel scale-data --sizes 7291,50000 --eras 2022 --seeds 5[/dim]\n\n"
    "[dim]timetravel scale-data --sizes 50000 --passes 1 --seeds 1[/dim]"
)


def scale_data(
    sizes: Annotated[
        str | None,
        typer.Option(
            "--sizes",
            help="Training digits, with commas.  \\[default: seven steps from 1,000 to 50,000, if there are so many]",
            show_default=False,
        ),
    ] = None,
    eras: Annotated[str, typer.Option("--eras", help="Whose recipes, with commas.")] = "1989-essay,2022",
    data: o.Data = "mnist",
    data_root: o.DataRoot = None,
    draw: o.Draw = "0",
    test: o.Test = "2007",
    seeds: o.Seeds = "3",
    passes: o.Passes = None,
    backend: o.Backend = "auto",
    device: o.Device = "cpu",
    workers: o.Workers = None,
    fresh: o.Fresh = False,
    dry_run: o.DryRun = False,
    out: o.Out = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Cheat with data: how the error of each era falls as the training digits grow in number.

    Above 1989's 7,291 digits a recipe makes about as many presentations as at 7,291, so that the data grow and the
    training does not; --passes sets the passes of every cell instead.
    """
    from timetravel.eras import parse_eras

    chosen = parse_eras(eras)
    o.at_least_one("--passes", passes)
    wanted = None if sizes is None else o.parse_sizes(sizes)
    options = Options(data, data_root, draw, test, seeds, backend, device, workers, fresh, dry_run, out, as_json, quiet)
    setup = set_up(options, wanted or [])

    from timetravel.show import tables
    from timetravel.studies.scale_data import ScaleData, sizes_up_to

    carry_out(
        ScaleData(setup, chosen, wanted or sizes_up_to(setup.source.train_count), passes),
        setup,
        options,
        tables.scale_data,
    )
