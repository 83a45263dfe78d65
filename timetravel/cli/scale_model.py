"""`timetravel scale-model`: error against the size of the net."""

from typing import Annotated

import typer

from timetravel import paper
from timetravel.cli import options as o
from timetravel.cli.study import Options, carry_out, set_up

EXAMPLES = (
    "[dim]timetravel scale-model[/dim]\n\n"
    "[dim]timetravel scale-model --widths 1,2,8 --depths 0 --sizes 7291 --device cuda[/dim]\n\n"
    "[dim]timetravel scale-model --widths 1 --depths 8,32 --sizes 7291 --seeds 6 --out depth/[/dim]"
)


def scale_model(
    widths: Annotated[
        str,
        typer.Option(
            "--widths",
            help="Times as many maps and hidden units as in 1989: halves from 0.5 to 16, with commas. Width 1 is "
            "always among them.",
        ),
    ] = "0.5,1,2,4",
    depths: Annotated[
        str,
        typer.Option(
            "--depths",
            help="Further hidden layers at width 1, from 0 to 64, with commas: plain, with residual connections, and "
            "with normalization too.",
        ),
    ] = "0,4,16",
    sizes: Annotated[
        str | None,
        typer.Option(
            "--sizes",
            help="Training digits, with commas.  \\[default: 7,291 and 50,000, if there are so many]",
            show_default=False,
        ),
    ] = None,
    era: Annotated[
        str, typer.Option("--era", help="Whose algorithm, in mini-batches: 1989, 1989-essay, 2022 or today.")
    ] = "2022",
    data: o.Data = "mnist",
    data_root: o.DataRoot = None,
    subset: o.Subset = "0",
    test: o.Test = "2007",
    seeds: o.Seeds = "3",
    epochs: Annotated[
        int,
        typer.Option(
            "--epochs", help="Epochs over 7,291 digits (1989 made 23); over more digits fewer.", rich_help_panel=o.RUNS
        ),
    ] = paper.EPOCHS,
    backend: o.Backend = "torch",
    device: o.Device = "cpu",
    workers: o.Workers = None,
    fresh: o.Fresh = False,
    dry_run: o.DryRun = False,
    out: o.Out = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Cheat with size: the same net wider and deeper, what that costs, and what 1989's computer could have reached.

    With more digits a net makes about as many examples as with 7,291, so that data and length are not confused.
    PyTorch trains all rows by default, so that times and gradients compare; the compiled kernel knows width 1 only.
    """
    from timetravel.eras import era as find_era

    chosen = find_era(era)
    wanted_widths, wanted_depths = o.parse_widths(widths), o.parse_depths(depths)
    o.at_least_one("--epochs", epochs)
    wanted = None if sizes is None else o.parse_sizes(sizes)
    options = Options(
        data, data_root, subset, test, seeds, backend, device, workers, fresh, dry_run, out, as_json, quiet
    )
    setup = set_up(options, wanted or [])

    from timetravel.show import scale_model as show
    from timetravel.studies.scale_model import ScaleModel

    study = ScaleModel(setup, chosen, wanted_widths, wanted_depths, wanted, epochs)
    carry_out(study, setup, options, show.scale_model)
