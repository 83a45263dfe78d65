"""`timetravel scale-model`: error against the size of the net."""

from typing import Annotated, Any

import typer

from timetravel import paper
from timetravel.cli import options as o
from timetravel.cli.run import perform, set_up

EXAMPLES = (
    "timetravel scale-model\n\n"
    "timetravel scale-model --widths 1,2,8 --depths 0 --sizes 7291 --device cuda\n\n"
    "timetravel scale-model --widths 1 --depths 8,32 --sizes 7291 --seeds 6 --out depth/"
)
parse_widths = o.comma_list("--widths", "a width", "halves from 0.5 to 16, with commas: --widths 0.5,1,2,4", o.width)
parse_depths = o.comma_list(
    "--depths", "a depth", "whole numbers of further layers from 0 to 64, with commas: --depths 0,4,16", o.depth
)


@o.with_options(seeds=o.SEEDS["scale-model"], backend="torch")
def scale_model(
    widths: Annotated[
        Any,
        typer.Option(
            help="Times as many maps and hidden units as in 1989: halves from 0.5 to 16, with commas. Width 1 is "
            "always among them.",
            metavar="TEXT",
            parser=parse_widths,
        ),
    ] = "0.5,1,2,4",
    depths: Annotated[
        Any,
        typer.Option(
            help="Further hidden layers at width 1, from 0 to 64, with commas: plain, with residual connections, and "
            "with normalization too.",
            metavar="TEXT",
            parser=parse_depths,
        ),
    ] = "0,4,16",
    sizes: Annotated[
        Any,
        typer.Option(
            help="Training digits, with commas.  \\[default: 7,291 and 50,000, if there are so many]",
            show_default=False,
            metavar="TEXT",
            parser=o.parse_sizes("--sizes"),
        ),
    ] = None,
    era: o.Era = "2022",
    epochs: Annotated[
        int,
        typer.Option(
            min=1, help="Epochs over 7,291 digits (1989 made 23); over more digits fewer.", rich_help_panel=o.RUNS
        ),
    ] = paper.EPOCHS,
    *,
    options: o.Options,
) -> None:
    """Cheat with size: the same net wider and deeper, what that costs, and what 1989's computer could have reached.

    With more digits a net sees about as many examples as with 7,291, so that data and length are not confused.
    PyTorch trains all rows by default, so that times and gradients compare; the compiled kernel knows width 1 only.
    """
    from timetravel.eras import era as find_era

    chosen = find_era(era)
    wanted = list(sizes) if sizes else []
    setup = set_up(options, wanted)
    from timetravel.studies.scale_model import ScaleModel

    perform(ScaleModel(setup, chosen, list(widths), list(depths), wanted, epochs), options)
