"""The tweaks: each a named, dated and sourced change of a recipe. A new one is one entry in TWEAKS."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from timetravel.errors import UsageError
from timetravel.recipes import Recipe
from timetravel.words import nearest


@dataclass(frozen=True)
class Tweak:
    """One change of a recipe."""

    name: str
    title: str
    year: int  # of the paper
    reason: str
    source: str
    link: str
    apply: Callable[[Recipe], Recipe]


def _softmax(recipe: Recipe) -> Recipe:
    slower = {"learning_rate": 0.01} if recipe.optimizer == "sgd" else {}
    return recipe.but(loss="cross-entropy", output="linear", initial_output_bias=0.0, **slower)


def _adamw(recipe: Recipe) -> Recipe:
    return recipe.but(
        optimizer="adamw",
        learning_rate=3e-4,
        schedule="linear",
        final_learning_rate=1e-4,
        weight_decay=0.01,
        passes=max(recipe.passes, 46),
    )


def _shift(recipe: Recipe) -> Recipe:
    return recipe.but(shift=1, passes=max(recipe.passes, 60))


def _dropout(recipe: Recipe) -> Recipe:
    return recipe.but(dropout=0.25, activation="relu", passes=max(recipe.passes, 80))


TWEAKS: Final[dict[str, Tweak]] = {
    tweak.name: tweak
    for tweak in (
        Tweak(
            "softmax",
            "softmax and cross-entropy",
            1990,
            "a loss made for choosing one of ten; the essay lowers SGD's learning rate to 0.01 with it",
            "Bridle (1990), Probabilistic Interpretation of Feedforward Classification Network Outputs",
            "https://doi.org/10.1007/978-3-642-76153-9_28",
            _softmax,
        ),
        Tweak(
            "adamw",
            "AdamW, decayed",
            2017,
            "a learning rate for each weight, falling from 3e-4 to 1e-4; the essay doubles the passes with it",
            "Loshchilov and Hutter (2017), Decoupled Weight Decay Regularization",
            "https://arxiv.org/abs/1711.05101",
            _adamw,
        ),
        Tweak(
            "shift",
            "shifts by up to 1 pixel",
            1998,
            "every presentation rolls the image by at most a pixel each way; the essay goes on to 60 passes",
            "LeCun, Bottou, Bengio and Haffner (1998), Gradient-Based Learning Applied to Document Recognition",
            "https://doi.org/10.1109/5.726791",
            _shift,
        ),
        Tweak(
            "dropout",
            "dropout and ReLU",
            2012,
            "a quarter of H2 is silent at each presentation, with ReLU everywhere; the essay goes on to 80 passes",
            "Hinton et al. (2012), Improving Neural Networks by Preventing Co-adaptation of Feature Detectors",
            "https://arxiv.org/abs/1207.0580",
            _dropout,
        ),
    )
}

ESSAY_LADDER: Final = ("softmax", "adamw", "shift", "dropout")


def parse_tweaks(text: str) -> list[Tweak]:
    """Read 'all' or a comma list of tweaks; raises UsageError for an unknown, repeated or missing name."""
    names = list(ESSAY_LADDER) if text.strip() == "all" else [name.strip() for name in text.split(",")]
    allowed = f"Tweaks: {', '.join(TWEAKS)}; or all."
    if names == [""]:
        raise UsageError("No tweak is named.", allowed)
    for name in names:
        if name not in TWEAKS:
            raise UsageError(f"There is no tweak {name!r}.{nearest(name, TWEAKS)}", allowed)
        if names.count(name) > 1:
            raise UsageError(f"The tweak {name!r} is named twice.", "A ladder climbs each rung once.")
    return [TWEAKS[name] for name in names]


def climb(recipe: Recipe, tweaks: Iterable[Tweak] | Sequence[str]) -> list[Recipe]:
    """Return the recipe and what becomes of it as the tweaks are added one by one."""
    rungs = [recipe]
    for tweak in tweaks:
        rungs.append((TWEAKS[tweak] if isinstance(tweak, str) else tweak).apply(rungs[-1]))
    return rungs
