"""How long a recipe trains on more digits than 1989 had."""

from typing import Final, Literal

from timetravel import paper
from timetravel.recipes import Recipe

Budget = Literal["epochs", "examples", "essay"]
FEWER: Final = " More digits than 1989's are shown in fewer epochs."  # of the budget of examples
ESSAY_EPOCHS: Final = 100  # of the 2022 essay's two rows, over 50,000 digits


def budgeted(recipe: Recipe, size: int, budget: Budget) -> Recipe:
    """Return the recipe as a budget trains it on `size` digits; up to 1989's 7,291 as it is.

    epochs: the recipe's own. examples: about as many as on 1989's digits, in whole epochs, so that the data grow and
    the training does not. essay: the essay's 100.
    """
    if size <= paper.TRAINING_DIGITS or budget == "epochs":
        return recipe
    if budget == "essay":
        return recipe.but(epochs=ESSAY_EPOCHS)
    share = paper.TRAINING_DIGITS / size
    return recipe.but(
        epochs=max(1, round(recipe.epochs * share)),
        teacher_epochs=recipe.teacher_epochs and max(1, round(recipe.teacher_epochs * share)),
        averaging_epochs=recipe.averaging_epochs * share,
        warm_up=recipe.warm_up * share,
    )


def longer(recipe: Recipe, epochs: int) -> Recipe:
    """Return the recipe with other epochs; an average of its last ones keeps its share of them."""
    share = epochs / recipe.epochs if recipe.averaging == "tail" else 1
    return recipe.but(epochs=epochs, averaging_epochs=recipe.averaging_epochs * share)
