"""`timetravel train`: one era, many seeds."""

from typing import Annotated, Any

from timetravel.cli import options as o
from timetravel.cli.run import perform, set_up, set_values
from timetravel.errors import TimetravelError

EXAMPLES = (
    "timetravel train --era 1989\n\n"
    "timetravel train --era 2022 --data usps --seeds 20\n\n"
    "timetravel train --era 1989-essay --subset karpathy-test-first\n\n"
    "timetravel train --era 1989 --set learning_rate=0.1 --seeds 3"
)
SIZE = "Training digits.  \\[default: 1989's 7,291]"
EPOCHS = "Epochs over the training digits.  \\[default: the recipe's]"


@o.with_options()
def train(
    era: o.Era = "1989",
    change: o.Set = None,
    size: Annotated[Any, o.read_by(o.number("--size", int, 1), SIZE, o.DIGITS, "N")] = None,
    epochs: Annotated[Any, o.read_by(o.number("--epochs", int, 1), EPOCHS, o.RUNS, "N")] = None,
    *,
    options: o.Options,
) -> None:
    """Train the net of an era on its digits, and set it beside the paper, the essay and three days of 1989."""
    from timetravel.eras import era as find_era

    chosen = find_era(era)
    recipe = set_values(chosen.recipe, [*(change or []), *([f"epochs={epochs}"] if epochs else [])], options)
    setup = set_up(options, [] if size is None else [size])
    from timetravel.studies.train import Train

    document = perform(Train(setup, chosen, recipe, size), options)
    if document is not None and len(document["rows"][0]["diverged"]) == len(setup.seeds):
        raise TimetravelError(
            "Every run diverged: the loss stopped being a number.",
            "Lower learning_rate, as --set learning_rate=0.01.",
        )
