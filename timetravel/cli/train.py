"""`timetravel train`: one era, many seeds."""

from typing import Annotated

from timetravel.cli import options as o
from timetravel.cli.run import perform
from timetravel.errors import TimetravelError

EXAMPLES = (
    "timetravel train --era 1989\n\n"
    "timetravel train --era 2022 --data usps --seeds 20\n\n"
    "timetravel train --era 1989-essay --subset karpathy-test-first\n\n"
    "timetravel train --era 1989 --set learning_rate=0.1 --seeds 3"
)
Size = Annotated[int | None, o.option(o.DIGITS, "Training digits.  \\[default: 1989's 7,291]")]
EPOCHS = "Epochs over the training digits.  \\[default: the recipe's]"


@o.with_options()
def train(
    era: o.Era = "1989",
    change: o.Set = None,
    size: Size = None,
    epochs: Annotated[int | None, o.option(o.RUNS, EPOCHS, min=1)] = None,
    *,
    options: o.Options,
) -> None:
    """Train the net of an era on its digits, and set it beside the paper, the essay and three days of 1989."""
    from timetravel.api import calls

    document = perform(calls.train(options, era, set=change, size=size, epochs=epochs), options)
    if document is not None and len(document["rows"][0]["diverged"]) == len(document["rows"][0]["runs"]):
        raise TimetravelError(
            "Every run diverged: the loss stopped being a number.",
            "Lower learning_rate, as --set learning_rate=0.01.",
        )
