"""The rows of `modernize`: a ladder of tweaks, each tweak alone, or the full set without each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from timetravel.eras import ERAS, TODAY
from timetravel.ladders import Chosen, climb, with_needs
from timetravel.numbers import counted, listed
from timetravel.recipes import Recipe
from timetravel.studies.budgets import longer
from timetravel.studies.setup import Entry

Mode = Literal["ladder", "alone", "without"]
START: Final = "1989-essay"
LATER: Final = ("2022", TODAY)


@dataclass(frozen=True)
class Step:
    """A row to be measured, and the place of the row that it builds on; the first row builds on none."""

    entry: Entry
    base: int = 0
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

    def all_with(self, epochs: int) -> "Steps":
        """Return the rows with other epochs, those that are the same then once, so that there are no controls."""
        made, places = Steps(), [0]
        for step in self:
            entry = replace(step.entry, recipe=longer(step.entry.recipe, epochs))
            places.append(made.add(replace(step, entry=entry, base=places[step.base + 1] if made else 0)))
        return made

    def lengthen(self, place: int, epochs: int) -> int:
        """Add the control of a row: the same recipe with more epochs."""
        entry = self[place].entry
        if entry.recipe.epochs >= epochs:
            return place
        label = f"{entry.era or entry.label.removeprefix('+ ')}, {counted(epochs, 'epoch')}"
        trained_longer = Entry(f"{entry.name}@{epochs}", label, None, longer(entry.recipe, epochs), chosen=entry.chosen)
        return self.add(Step(trained_longer, place, control=True))


def era_step(name: str) -> Step:
    """Return the row of an era."""
    return Step(Entry(name, name, name, ERAS[name].recipe, chosen=ERAS[name].chosen))


def tweaked(recipe: Recipe, names: Sequence[str], label: str, chosen: Chosen) -> Entry:
    """Return the row of a recipe with tweaks; one that equals an era bears its name."""
    era = next((era.name for era in ERAS.values() if era.recipe == recipe), None)
    return Entry(era or "+".join([START, *names]), label, era, recipe, chosen=chosen.known[names[-1]].chosen)


def ladder(chosen: Chosen) -> Steps:
    """Climb from 1989-essay, one tweak a step, then train lower steps as long as the top one.

    The ladder to `today` begins with 1989; its controls train the essay's steps as long as 2022 and the eras as long as
    `today`.
    """
    essays = climb(ERAS[START].recipe, chosen.names, chosen.known)
    whole = essays[-1] == ERAS[TODAY].recipe
    steps = Steps([era_step("1989")] if whole else [])
    place = steps.add(era_step(START))
    for number, (name, recipe) in enumerate(zip(chosen.names, essays[1:], strict=True), start=1):
        place = steps.add(Step(tweaked(recipe, chosen.names[:number], f"+ {name}", chosen), place))
    controlled: Sequence[int] = range(len(steps))
    top = steps[-1].entry.recipe.epochs
    if whole:
        controlled = [place for place in controlled if steps[place].entry.era]
        for summit in controlled[:-1]:
            for place in range(summit):
                steps.lengthen(place, steps[summit].entry.recipe.epochs)
    for place in controlled:
        steps.lengthen(place, top)
    return steps


def alone(chosen: Chosen) -> Steps:
    """Put each tweak alone on 1989-essay, or on what it needs, beside the same without it at equal epochs."""
    steps = Steps([era_step(START)])
    for tweak in sorted(chosen.names, key=lambda name: not only_lengthens(name, chosen)):
        names = with_needs((tweak,), chosen.known).names
        place = 0
        for number, name in enumerate(names, start=1):
            label = " + ".join(names[:number])
            if number == len(names) > 1:
                label = f"{tweak}, with {' and '.join(names[:-1])}"
            recipe = chosen.known[name].apply(steps[place].entry.recipe)
            base = place if only_lengthens(name, chosen) else steps.lengthen(place, recipe.epochs)
            place = steps.add(
                Step(tweaked(recipe, names[:number], label, chosen), base, needed=name not in chosen.names)
            )
    return steps


def without(chosen: Chosen) -> Steps:
    """Take each tweak, and those that need it, out of the full set; the epochs stay, where they are not the tweak."""
    full = climb(ERAS[START].recipe, chosen.names, chosen.known)[-1]
    steps = Steps([era_step(START), Step(tweaked(full, chosen.names, "all of them", chosen))])
    for name in chosen.names:
        gone = [name]
        for other in chosen.names:
            if set(gone) & set(chosen.known[other].needs):
                gone.append(other)
        recipe = climb(ERAS[START].recipe, [other for other in chosen.names if other not in gone], chosen.known)[-1]
        if not only_lengthens(name, chosen):
            recipe = longer(recipe, full.epochs)
        label = f"without {name}{f' (and {listed(gone[1:])})' if gone[1:] else ''}"
        entry = Entry(f"{steps[1].entry.name}-{name}", label, None, recipe, chosen=chosen.known[name].chosen)
        steps.add(Step(entry, 1))
    return steps


ROWS: Final = {"ladder": ladder, "alone": alone, "without": without}


def only_lengthens(name: str, chosen: Chosen) -> bool:
    """Whether a tweak is longer training and nothing else."""
    return set(chosen.known[name].changes) == {"epochs"}
