"""The eras: named recipes, each written as its difference from its parent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from timetravel.errors import UsageError
from timetravel.ladders import ESSAY_LADDER, TODAY_LADDER, climb
from timetravel.numbers import nearest
from timetravel.recipes import Recipe
from timetravel.tweaks import ESSAYS, FOLDS

TODAY: Final = "today"
ESSAY_LINK = "https://karpathy.github.io/2022/03/14/lecun1989/"


@dataclass(frozen=True)
class Era:
    """A recipe with a name, a story and a source."""

    name: str
    recipe: Recipe
    reason: str  # what it stands for
    chosen: str  # how its free numbers were chosen, and on what
    source: str
    link: str
    essay: str  # the row of the 2022 essay to set beside it
    rivals: tuple[Recipe, ...] = ()  # other nets that its source trained the same way


_ESSAY = Recipe()
_PAPER = _ESSAY.but(
    optimizer="diagonal-newton",
    learning_rate=0.0005,
    mu=0.01,
    initial_power=1.0,
    target_low=-0.8,
    target_high=0.8,
    table="random-2",
)

_TODAY = climb(_ESSAY, TODAY_LADDER)[-1]

_ERAS: Final = (
    Era(
        "1989",
        _PAPER,
        "the paper, read as the folds suggest",
        "what the paper leaves open: by the least error on five folds of the 7,291 training digits of usps "
        "(timetravel interpretations --study choice)",
        "LeCun et al. (1989), Backpropagation Applied to Handwritten Zip Code Recognition",
        "https://doi.org/10.1162/neco.1989.1.4.541",
        "1989-essay",
        (_PAPER.but(net="fully-connected"),),
    ),
    Era(
        "1989-essay",
        _ESSAY,
        "the 2022 essay's interpretation of the paper: plain SGD",
        ESSAYS,
        "Karpathy (2022), Deep Neural Nets: 33 years ago and 33 years from now",
        ESSAY_LINK,
        "1989-essay",
    ),
    Era(
        "2022",
        climb(_ESSAY, ESSAY_LADDER)[-1],
        "1989-essay with the essay's four tweaks",
        ESSAYS,
        "Karpathy (2022), Deep Neural Nets: 33 years ago and 33 years from now",
        ESSAY_LINK,
        "2022",
    ),
    Era(
        TODAY,
        _TODAY,
        "the best that we know for the same net, the same digits and the same latency",
        FOLDS,
        "the papers of its tweaks (timetravel modernize --list); the essay set the task",
        ESSAY_LINK,
        "2022",
    ),
    Era(
        "distilled",
        # The window is for reading alone: usps's digits fill their 16x16, and MNIST's 20 of 28 pixels. Of eight, two
        # others read the even drawings (tests/drawings) as well, and none better.
        _TODAY.but(labels="recognizer", window=0.7143, deslant=0.0),
        "today's recipe, taught by what a text recognizer reads, and by no human label",
        f"today's numbers: {FOLDS}, by people's labels; the window on synthetic drawings",
        "Hinton, Vinyals and Dean (2015), Distilling the Knowledge in a Neural Network; the recognizer: PP-OCRv6",
        "https://arxiv.org/abs/1503.02531",
        "2022",
    ),
)
ERAS: Final = {era.name: era for era in _ERAS}


def era(name: str) -> Era:
    """Return an era by name; raises UsageError with the nearest name."""
    if name not in ERAS:
        raise UsageError(f"There is no era {name!r}.{nearest(name, ERAS)}", f"Eras: {', '.join(ERAS)}.")
    return ERAS[name]


def era_of(name: str | Recipe, file: str | Path | None = None) -> Era:
    """Return an era by name, or one made of a recipe of one's own, or of the TOML file of one.

    Raises UsageError for an unknown name and for what is no recipe.
    """
    if file is None and not isinstance(name, Recipe):
        return era(name)
    recipe = name if isinstance(name, Recipe) else Recipe.read(Path(str(file)))
    known = next((each for each in ERAS.values() if each.recipe == recipe), None)
    called = Path(str(file)).stem if file else "own recipe"
    return known or Era(called, recipe, "a recipe of one's own", "by hand", "", "", "1989-essay")


def parse_eras(text: str) -> list[Era]:
    """Read a comma list of eras; raises UsageError for an unknown or repeated name."""
    names = [name.strip() for name in text.split(",")]
    if len(set(names)) < len(names):
        raise UsageError(f"--eras {text}: an era is named twice.", f"Eras: {', '.join(ERAS)}.")
    return [era(name) for name in names]
