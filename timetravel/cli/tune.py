"""`timetravel tune`: a search for a recipe's numbers that never meets a test digit."""

from typing import Annotated

import typer

from timetravel.api.reading import MOST_SEEDS
from timetravel.cli import options as o
from timetravel.cli.run import perform

EXAMPLES = (
    "timetravel tune --era 2022 --trials 40 --data usps\n\n"
    "timetravel tune --era 1989-essay --search learning_rate=0.003:0.3:log --search batch_size=1,2,4\n\n"
    "timetravel tune --era 2022 --set rotation=5 --search rotation=0:15 --seeds 2 --out tuned/"
)
SEARCH = (
    "A value to search: learning_rate=0.01:0.1, with :log behind it on a logarithmic scale, or choices: "
    "batch_size=1,2,4. Repeatable.  \\[default: the recipe's obvious numbers, a third to three times each]"
)
TRIALS = "How many trials in all, those kept from before included."
CONFIRM = "Fresh seeds that measure the best and the recipe as it is again; 0 for none."


@o.with_options(*o.ON_FOLDS)
def tune(
    era: o.Era = "2022",
    change: o.Set = None,
    search: Annotated[list[str] | None, typer.Option(metavar="NAME=RANGE", help=SEARCH)] = None,
    trials: Annotated[int, typer.Option(min=1, max=10_000, help=TRIALS)] = 30,
    confirm: Annotated[int, typer.Option(min=0, max=MOST_SEEDS, help=CONFIRM)] = 3,
    *,
    options: o.Options,
) -> None:
    """Search for a recipe's numbers on five folds of the training digits; the test digits are never read."""
    from timetravel.api import calls

    perform(calls.tune(options, era, set=change, search=search, trials=trials, confirm=confirm), options)
