"""`timetravel scale-data`: error against the number of training digits."""

from typing import Annotated, Any, Literal

import typer

from timetravel.api.reading import parse_errors, parse_sizes
from timetravel.cli import options as o
from timetravel.cli.run import perform

EXAMPLES = (
    "timetravel scale-data\n\n"
    "timetravel scale-data --sizes 7291,50000 --eras 2022,today --seeds 6\n\n"
    "timetravel scale-data --predict 1000000 --error 0.5 --label-cost 0.05\n\n"
    "timetravel scale-data --subset karpathy-test-first --sizes 7291,50000 --budget essay --seeds 6"
)
SIZES = (
    "Training digits, with commas; max: the default and all there are.  "
    "\\[default: seven steps from 1,000 to 50,000, if there are so many]"
)
BUDGET = (
    "How long to train on more than 7,291 digits: the recipe's own epochs, about as many examples as on 7,291, or the "
    "essay's 100 epochs."
)
PREDICT = "Tell the error at these numbers of digits, with commas."
ERROR = "Tell how many labelled digits these errors take, in %, with commas."
LABEL_COST = "What one label costs, to put a price on --error's digits."
QUESTIONS = "Questions"


@o.with_options()
def scale_data(
    sizes: Annotated[Any, o.read_by(parse_sizes("--sizes", "max"), SIZES)] = None,
    eras: Annotated[str, typer.Option(help="Whose recipes, with commas.")] = "1989-essay,2022,today",
    budget: Annotated[Literal["epochs", "examples", "essay"], typer.Option(help=BUDGET)] = "epochs",
    predict: Annotated[Any, o.read_by(parse_sizes("--predict"), PREDICT, QUESTIONS)] = None,
    error: Annotated[Any, o.read_by(parse_errors, ERROR, QUESTIONS)] = None,
    label_cost: Annotated[float | None, o.option(QUESTIONS, LABEL_COST, metavar="DOLLARS")] = None,
    *,
    options: o.Options,
) -> None:
    """Cheat with data: how the error of each era falls as the training digits grow in number, and by which law.

    The law is chosen by how well it predicts the largest sizes from the smaller ones.
    """
    from timetravel.api import calls

    asked = {"predict": predict, "error": error, "label_cost": label_cost}
    perform(calls.scale_data(options, sizes, eras=eras, budget=budget, **asked), options)
