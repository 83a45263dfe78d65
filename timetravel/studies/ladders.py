"""The rows of `modernize`: a ladder of tweaks, each tweak alone, or the full set without each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from timetravel.eras import ERAS, TODAY
from timetravel.ladders import Chosen, climb, with_needs
from timetravel.numbers import counted
from timetravel.recipes import Recipe
from timetravel.studies.setup import Entry
from timetravel.tweaks import TWEAKS, Tweak

Mode = Literal["ladder", "alone", "without"]
START: Final = "1989-essay"
LATER: Final = ("2022", TODAY)


@dataclass(frozen=True)
class Step:
    """A row to be measured, and the row that it builds on."""

    entry: Entry
    base: int | None = None
    control: bool = False  # the same recipe as its base, trained longer
    needed: bool = False  # there only because a tweak needs it


class Steps(list[Step]):
    """The rows of one study, each recipe once."""

    def add(self, step: Step) -> int:
        """Add a row unless its recipe is there already; returns its place."""
        for place, known in enumerate(self):
            if known.entry.recipe == step.entry.recipe:
                return place
        self.append(step)
        return len(self) - 1

    def lengthen(self, place: int, epochs: int) -> int:
        """Add the control of a row: the same recipe with more epochs."""
        entry = self[place].entry
        if entry.recipe.epochs >= epochs:
            return place
        trained_longer = replace(
            entry,
            name=f"{entry.name}@{epochs}",
            label=f"{entry.era or entry.label.removeprefix('+ ')}, {counted(epochs, 'epoch')}",
            era=None,
            recipe=longer(entry.recipe, epochs),
        )
        return self.add(Step(trained_longer, place, control=True))


def era_entry(name: str) -> Entry:
    """Return the row of an era."""
    era = ERAS[name]
    return Entry(name, name, name, era.recipe, chosen=era.chosen)


def tweaked(recipe: Recipe, tweaks: Sequence[Tweak], label: str) -> Entry:
    """Return the row of a tweaked recipe; one that equals an era bears its name."""
    name = next((era.name for era in ERAS.values() if era.recipe == recipe), None)
    joined = "+".join([START, *(tweak.name for tweak in tweaks)])
    return Entry(name or joined, label, name, recipe, chosen=tweaks[-1].chosen)


def ladder(chosen: Chosen) -> Steps:
    """Climb from 1989-essay, one tweak a step, then train lower steps as long as the top one.

    The ladder to `today` begins with 1989; its controls train the essay's steps as long as 2022 and the eras as long as
    `today`.
    """
    steps = Steps()
    essays = climb(ERAS[START].recipe, chosen.tweaks)
    whole = essays[-1] == ERAS[TODAY].recipe
    if whole:
        steps.add(Step(era_entry("1989")))
    place = steps.add(Step(era_entry(START), 0 if whole else None))
    for number, (tweak, recipe) in enumerate(zip(chosen.tweaks, essays[1:], strict=True), start=1):
        place = steps.add(Step(tweaked(recipe, chosen.tweaks[:number], f"+ {tweak.name}"), place))
    places = range(len(steps))
    top = steps[-1].entry.recipe.epochs
    era_steps = [i for i in places if steps[i].entry.era is not None]
    if whole:
        for summit in era_steps:
            if summit != places[-1]:
                for place in places[:summit]:
                    steps.lengthen(place, steps[summit].entry.recipe.epochs)
    for place in era_steps if whole else places:
        steps.lengthen(place, top)
    return steps


def alone(chosen: Chosen) -> Steps:
    """Put each tweak alone on 1989-essay, or on what it needs, beside the same without it at equal epochs."""
    steps = Steps([Step(era_entry(START))])
    for tweak in sorted(chosen.tweaks, key=lambda tweak: not only_lengthens(tweak)):
        needs = [TWEAKS[name] for name in with_needs((tweak.name,)).names[:-1]]
        base = 0
        for number in range(len(needs)):
            label = " + ".join(need.name for need in needs[: number + 1])
            base = put_on(steps, needs[: number + 1], base, label, needed=needs[number] not in chosen.tweaks)
        label = tweak.name if not needs else f"{tweak.name}, with {' and '.join(need.name for need in needs)}"
        put_on(steps, [*needs, tweak], base, label)
    return steps


def put_on(steps: Steps, tweaks: Sequence[Tweak], under: int, label: str, *, needed: bool = False) -> int:
    """Add the last of some tweaks to a row that has the others, beside that row at equal epochs; returns its place."""
    recipe = tweaks[-1].apply(steps[under].entry.recipe)
    base = under if only_lengthens(tweaks[-1]) else steps.lengthen(under, recipe.epochs)
    return steps.add(Step(tweaked(recipe, tweaks, label), base, needed=needed))


def without(chosen: Chosen) -> Steps:
    """Take each tweak, and those that need it, out of the full set; the epochs stay, where they are not the tweak."""
    full = climb(ERAS[START].recipe, chosen.tweaks)[-1]
    steps = Steps([Step(era_entry(START)), Step(tweaked(full, chosen.tweaks, "all of them"), 0)])
    for tweak in chosen.tweaks:
        gone = dependent(tweak, chosen.tweaks)
        kept = [other for other in chosen.tweaks if other not in gone]
        recipe = climb(ERAS[START].recipe, kept)[-1]
        if not only_lengthens(tweak):
            recipe = longer(recipe, full.epochs)
        others = [other.name for other in gone if other is not tweak]
        label = f"- {tweak.name}" + (f" (and {', '.join(others)})" if others else "")
        name = f"{steps[1].entry.name}-{tweak.name}"
        steps.add(Step(Entry(name, label, None, recipe, chosen=tweak.chosen), 1))
    return steps


def longer(recipe: Recipe, epochs: int) -> Recipe:
    """Return the recipe with other epochs; an average of its last ones keeps its share of them."""
    share = epochs / recipe.epochs if recipe.averaging == "tail" else 1
    return recipe.but(epochs=epochs, averaging_epochs=recipe.averaging_epochs * share)


def only_lengthens(tweak: Tweak) -> bool:
    """Whether a tweak is longer training and nothing else."""
    return set(tweak.changes) == {"epochs"}


def dependent(tweak: Tweak, tweaks: Sequence[Tweak]) -> list[Tweak]:
    """Return a tweak and those that need it."""
    gone = [tweak]
    for other in tweaks:
        if other not in gone and any(need in [g.name for g in gone] for need in other.needs):
            gone.append(other)
    return gone


def build(mode: Mode, chosen: Chosen) -> Steps:
    """Return the rows of a mode."""
    return {"ladder": ladder, "alone": alone, "without": without}[mode](chosen)
