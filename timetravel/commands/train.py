"""`timetravel train`: one era, many seeds."""

from typing import TYPE_CHECKING, Annotated, Any

from timetravel.commands import options as o
from timetravel.commands.setup import as_typed, set_up

if TYPE_CHECKING:
    from timetravel.studies.base import Study

EXAMPLES = (
    "timetravel train --era 1989\n\n"
    "timetravel train --era 2022 --data usps --seeds 20\n\n"
    "timetravel train --era 1989-essay --subset karpathy-test-first\n\n"
    "timetravel train --era 1989 --set learning_rate=0.1 --seeds 3"
)
Size = Annotated[int | None, o.option(o.DIGITS, "Training digits.  \\[default: 1989's 7,291]")]
EPOCHS = "Epochs over the training digits.  \\[default: the recipe's]"


@o.command()
def train(
    call: o.Call,
    era: o.Era = "1989",
    *,
    set: o.Set = None,
    size: Size = None,
    recipe: o.RecipeFile = None,
    epochs: Annotated[int | None, o.option(o.RUNS, EPOCHS, min=1)] = None,
    net: Any = None,
) -> "Study":
    """Train the net of an era on its digits, and set it beside the paper, the essay and three days of 1989."""
    from timetravel.eras import era_of
    from timetravel.recipes import changed

    chosen = era_of(era, recipe)
    trained = changed(chosen.recipe, [*as_typed(set), *([f"epochs={epochs}"] if epochs else [])])
    if net is not None:
        from timetravel.nets import own

        trained = trained.but(net=own(net))
    setup = set_up(call, [] if size is None else [size])
    from timetravel.studies.train import Train

    return Train(setup, chosen, trained, size)
