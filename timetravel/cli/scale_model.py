"""`timetravel scale-model`: error against the size of the net."""

from typing import Annotated, Any

from timetravel import paper
from timetravel.cli import options as o
from timetravel.cli.run import perform, set_up

EXAMPLES = (
    "timetravel scale-model\n\n"
    "timetravel scale-model --widths 1,2,8 --depths 0 --sizes 7291 --device cuda\n\n"
    "timetravel scale-model --widths 1 --depths 8,32 --sizes 7291 --seeds 6 --out depth/"
)
WIDTHS = (
    "Times as many maps and hidden units as in 1989: halves from 0.5 to 16, with commas. Width 1 is always among them."
)
DEPTHS = (
    "Further hidden layers at width 1, from 0 to 64, with commas: plain, with residual connections, and with "
    "normalization too."
)
SIZES = "Training digits, with commas.  \\[default: 7,291 and 50,000, if there are so many]"
EPOCHS = "Epochs over 7,291 digits (1989 made 23); over more digits fewer."
HALVES = "halves from 0.5 to 16, with commas: --widths 0.5,1,2,4"
LAYERS = "whole numbers of further layers from 0 to 64, with commas: --depths 0,4,16"
parse_widths = o.comma_list("--widths", "a width", HALVES, float, lambda each: 0.5 <= each <= 16 and each % 0.5 == 0)
parse_depths = o.comma_list("--depths", "a depth", LAYERS, int, lambda each: 0 <= each <= 64)


@o.with_options(backend="torch")
def scale_model(
    widths: Annotated[Any, o.read_by(parse_widths, WIDTHS)] = "0.5,1,2,4",
    depths: Annotated[Any, o.read_by(parse_depths, DEPTHS)] = "0,4,16",
    sizes: Annotated[Any, o.read_by(o.parse_sizes("--sizes"), SIZES)] = None,
    era: o.Era = "2022",
    epochs: Annotated[Any, o.read_by(o.number("--epochs", int, 1), EPOCHS, o.RUNS, "N")] = str(paper.EPOCHS),
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
