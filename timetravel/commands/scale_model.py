"""`timetravel scale-model`: error against the size of the net."""

from typing import Annotated, Any

from timetravel import paper
from timetravel.commands import options as o
from timetravel.commands.reading import parse_depths, parse_sizes, parse_widths
from timetravel.commands.setup import set_up

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


@o.command(*o.SIZED, backend="torch", epochs=paper.EPOCHS)
def scale_model(
    call: o.Call,
    widths: Annotated[Any, o.read_by(parse_widths, WIDTHS)] = "0.5,1,2,4",
    *,
    depths: Annotated[Any, o.read_by(parse_depths, DEPTHS)] = "0,4,16",
    sizes: Annotated[Any, o.read_by(parse_sizes("--sizes"), SIZES)] = None,
    era: o.Era = "2022",
    recipe: o.RecipeFile = None,
) -> "o.Made":
    """Cheat with size: the same net wider and deeper, what that costs, and what 1989's computer could have reached.

    With more digits a net sees about as many examples as with 7,291, so that data and length are not confused.
    PyTorch trains all rows by default, so that times and gradients compare; the compiled kernel knows width 1 only.
    \f
    widths: times as many maps as in 1989, a list; depths: further hidden layers; sizes: training digits.
    He et al. (2015), https://arxiv.org/abs/1512.03385.

    >>> found = tt.scale_model(1, depths=0, sizes=100, epochs=1, data=few, seeds=1, progress=False)
    >>> found.document["rows"][0]["parameters"]
    9760
    """
    from timetravel.eras import era_of

    chosen = era_of(era, recipe)
    wanted = list(sizes or ())
    setup = set_up(call, wanted)
    from timetravel.studies.scale_model import ScaleModel

    return ScaleModel(setup, chosen, list(widths), list(depths), wanted, call.epochs)
