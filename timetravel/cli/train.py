"""`timetravel train`: one era, many seeds."""

from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.run import perform, set_up
from timetravel.errors import TimetravelError

EXAMPLES = (
    "timetravel train --era 1989\n\n"
    "timetravel train --era 2022 --data usps --seeds 20\n\n"
    "timetravel train --era 1989-essay --subset karpathy-test-first\n\n"
    "timetravel train --era 1989 --set learning_rate=0.1 --seeds 3"
)


@o.with_options(seeds=o.SEEDS["train"])
def train(
    era: o.Era = "1989",
    change: o.Set = None,
    size: Annotated[
        int | None,
        typer.Option("--size", help="Training digits.  \\[default: 1989's 7,291]", rich_help_panel=o.DIGITS),
    ] = None,
    epochs: o.Epochs = None,
    *,
    options: o.Options,
) -> None:
    """Train the net of an era on its digits, and set it beside the paper, the essay and three days of 1989."""
    from timetravel.eras import era as find_era
    from timetravel.recipes import changed

    chosen = find_era(era)
    recipe = changed(chosen.recipe, [*(change or []), *([f"epochs={epochs}"] if epochs else [])])
    setup = set_up(options, [] if size is None else [size])
    from timetravel.cli.clock import EpochClock
    from timetravel.studies.train import Train

    document = perform(Train(setup, chosen, recipe, size), options, EpochClock(options.quiet, recipe.epochs))
    if document is not None and len(document["rows"][0]["diverged"]) == len(setup.seeds):
        raise TimetravelError(
            "Every run diverged: the loss stopped being a number.",
            "Lower learning_rate, as --set learning_rate=0.01.",
        )
