"""`timetravel scale-data`: error against the number of training digits."""

from typing import Annotated, Any, Literal

import typer

from timetravel.cli import options as o
from timetravel.cli.run import perform, set_up
from timetravel.errors import UsageError

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
ERAS = "Whose recipes, with commas."
BUDGET = (
    "How long to train on more than 7,291 digits: the recipe's own epochs, about as many examples as on 7,291, or the "
    "essay's 100 epochs."
)
PREDICT = "Tell the error at these numbers of digits, with commas."
ERROR = "Tell how many labelled digits these errors take, in %, with commas."
LABEL_COST = "What one label costs, to put a price on --error's digits."
QUESTIONS = "Questions"
PERCENT = "numbers above 0 and below 100, with commas: --error 1,0.5"
parse_errors = o.comma_list("--error", "an error in percent", PERCENT, float, lambda error: 0 < error < 100)

parse_cost = o.number("--label-cost", float, 0.0001)


@o.with_options()
def scale_data(
    sizes: Annotated[Any, o.read_by(o.parse_sizes("--sizes", "max"), SIZES)] = None,
    eras: Annotated[str, typer.Option(help=ERAS, autocompletion=o.after_comma(o.eras))] = "1989-essay,2022,today",
    budget: Annotated[Literal["epochs", "examples", "essay"], typer.Option(help=BUDGET)] = "epochs",
    predict: Annotated[Any, o.read_by(o.parse_sizes("--predict"), PREDICT, QUESTIONS)] = None,
    error: Annotated[Any, o.read_by(parse_errors, ERROR, QUESTIONS)] = None,
    label_cost: Annotated[Any, o.read_by(parse_cost, LABEL_COST, QUESTIONS, "DOLLARS")] = None,
    *,
    options: o.Options,
) -> None:
    """Cheat with data: how the error of each era falls as the training digits grow in number, and by which law.

    The law is chosen by how well it predicts the largest sizes from the smaller ones.
    """
    from timetravel.eras import parse_eras

    chosen = parse_eras(eras)
    if label_cost is not None and not error:
        raise UsageError(f"--label-cost {label_cost:g} prices no digits.", "Give --error 0.5 --label-cost 0.05.")
    wanted = [] if sizes in (None, ("max",)) else list(sizes)
    setup = set_up(options, wanted, by_class=True)

    from timetravel.stats.curves import Questions
    from timetravel.studies.scale_data import ScaleData, sizes_up_to

    count = setup.source.train_count
    wanted = wanted or sizes_up_to(count) + ([count] if sizes else [])
    perform(ScaleData(setup, chosen, wanted, budget, Questions(predict or (), error or (), label_cost)), options)
