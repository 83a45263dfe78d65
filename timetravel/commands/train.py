"""`timetravel train`: one era, many seeds."""

from typing import Any

from timetravel.commands import options as o
from timetravel.commands.setup import set_up, with_changes

EXAMPLES = (
    "timetravel train --era 1989\n\n"
    "timetravel train --era 2022 --data usps --seeds 20\n\n"
    "timetravel train --era 1989-essay --subset karpathy-test-first\n\n"
    "timetravel train --era 1989 --set learning_rate=0.1 --seeds 3"
)


@o.command()
def train(
    call: o.Call,
    era: o.Era = "1989",
    *,
    set: o.Set = None,
    recipe: o.RecipeFile = None,
    net: Any = None,
) -> "o.Made":
    """Train the net of an era on its digits, and set it beside the paper, the essay and three days of 1989.
    \f
    era: a name, or a `Recipe`. set: changes by name, {"learning_rate": 0.1}. recipe: a TOML
    file. net: a net of your own, a class or function that returns a torch.nn.Module of images (B, 1, 16, 16) to its
    ten output units (B, 10), before the recipe's output function. It holds layers with weights and no batch
    normalization; it is made anew for every seed, and PyTorch trains it. What the recipe says of 1989's net alone
    (activation, dropout, initial weights) does not concern it. LeCun et al. (1989),
    https://doi.org/10.1162/neco.1989.1.4.541.

    >>> found = tt.train("1989-essay", data=few, seeds=2, epochs=3, progress=False)
    >>> found.runs[0].outputs.shape, found.runs[0].weights["h3_weight"].shape
    ((108, 10), (30, 192))
    """
    from timetravel.eras import era_of

    chosen = era_of(era, recipe)
    trained = with_changes(call, chosen.recipe, set)
    if net is not None:
        from timetravel.nets import own

        trained = trained.but(net=own(net))
    setup = set_up(call)
    from timetravel.studies.train import Train

    return Train(setup, chosen, trained)
