"""`timetravel scale-data`: error against the number of training digits."""

from typing import Annotated, Any, Literal

import typer

from timetravel.commands import options as o
from timetravel.commands.reading import parse_cost, parse_errors, parse_sizes, typed
from timetravel.commands.setup import set_up
from timetravel.errors import UsageError

EXAMPLES = (
    "timetravel scale-data\n\n"
    "timetravel scale-data --sizes 7291,50000 --eras 2022,today --seeds 6\n\n"
    "timetravel scale-data --predict 1000000 --error 0.5 --label-cost 0.05\n\n"
    "timetravel scale-data --subset karpathy-test-first --sizes 7291,50000 --budget essay --test 2007"
)
SIZES = (
    "Training digits, with commas; max: the default and all there are.  "
    "\\[default: seven steps from 1,000 to 50,000, if there are so many]"
)
ERAS = "Whose recipes, with commas."
BUDGET = (
    "How long to train on more than 7,291 digits: the recipe's own epochs, about as many examples as on 7,291, or the "
    "essay's 100 epochs."
)
PREDICT = "Tell the error at these numbers of digits, with commas."
ERROR = "Tell how many labelled digits these errors take, in %, with commas."
LABEL_COST = "What one label costs, to put a price on --error's digits."
QUESTIONS = "Questions"


@o.command(*o.SIZED)
def scale_data(
    call: o.Call,
    sizes: Annotated[Any, o.read_by(parse_sizes("--sizes", "max"), SIZES)] = None,
    *,
    eras: Annotated[str, typer.Option(help=ERAS, autocompletion=o.after_comma(o.eras))] = "1989-essay,2022,today",
    budget: Annotated[Literal["epochs", "examples", "essay"], typer.Option(help=BUDGET)] = "epochs",
    predict: Annotated[Any, o.read_by(parse_sizes("--predict"), PREDICT, QUESTIONS)] = None,
    error: Annotated[Any, o.read_by(parse_errors, ERROR, QUESTIONS)] = None,
    label_cost: Annotated[Any, o.read_by(parse_cost, LABEL_COST, QUESTIONS, "DOLLARS")] = None,
) -> "o.Made":
    """Cheat with data: how the error of each era falls as the training digits grow in number, and by which law.

    The law is chosen by how well it predicts the largest sizes from the smaller ones.
    \f
    sizes: training digits, a list; predict: numbers of digits; error: in percent; label_cost: dollars a label.
    Hestness et al. (2017), https://arxiv.org/abs/1712.00409.

    >>> found = tt.scale_data([50, 100, 200], eras="1989-essay", data=few, seeds=1, progress=False)
    >>> [row["train_size"] for row in found.document["rows"]]
    [50, 100, 200]
    """
    from timetravel.eras import parse_eras

    chosen = parse_eras(typed(eras))
    if label_cost is not None and not error:
        raise UsageError(f"--label-cost {label_cost:g} prices no digits.", "Give --error 0.5 --label-cost 0.05.")
    if call.epochs and budget == "essay":
        raise UsageError("--budget essay has epochs of its own.", "Leave --epochs out.")
    wanted = [] if sizes in (None, ("max",)) else list(sizes)
    setup = set_up(call, wanted, by_class=True)

    from timetravel.stats.curves import Questions
    from timetravel.studies.scale_data import ScaleData, sizes_up_to

    count = setup.source.train_count
    wanted = wanted or sizes_up_to(count) + ([count] if sizes else [])
    return ScaleData(setup, chosen, wanted, budget, Questions(predict or (), error or (), label_cost))
