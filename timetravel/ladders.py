"""Which tweaks go together, and how recipes climb them one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from itertools import combinations, pairwise
from typing import Any, Final

from timetravel.errors import UsageError
from timetravel.numbers import nearest
from timetravel.recipes import Recipe
from timetravel.tweaks import TWEAKS, Tweak

ESSAY_LADDER: Final = ("softmax", "adamw", "shift", "dropout")
_SINCE = ("mini-batches", "cosine", "affine", "no-dropout", "elastic", "gelu", "ema", "longer", "deslant")
TODAY_LADDER: Final = (*ESSAY_LADDER, *_SINCE)
NAMED: Final[dict[str, tuple[str, ...]]] = {"essay": ESSAY_LADDER, "all": TODAY_LADDER}


@dataclass(frozen=True)
class Chosen:
    """Tweaks in the order in which they are applied, and those among them that were added because others need them."""

    names: tuple[str, ...]
    added: Mapping[str, str] = field(default_factory=dict)  # an added tweak, and the first that needs it
    left_out: tuple[str, ...] = ()  # of all, because the package that they need is not installed
    fixed: bool = False  # one of the named ladders
    known: Mapping[str, Tweak] = field(default_factory=lambda: TWEAKS)  # the package's and one's own, by name

    @property
    def tweaks(self) -> list[Tweak]:
        """The tweaks themselves."""
        return [self.known[name] for name in self.names]


def parse_tweaks(given: str | Iterable[str | Tweak], *, alone: bool = False) -> Chosen:
    """Read 'all', 'essay', a comma list of tweaks, or such names and tweaks of one's own.

    For tweaks `alone`, 'all' is every one that there is. Raises UsageError for an unknown, repeated or missing name,
    for a tweak of one's own with the name of another, and for tweaks that can't go together.
    """
    parts = [given] if isinstance(given, str) else list(given)
    own = {each.name: each for each in parts if isinstance(each, Tweak) and each != TWEAKS.get(each.name)}
    for name in own:
        if name in TWEAKS:
            raise UsageError(f"There is a tweak {name!r} already: {TWEAKS[name].title}.", "Give yours another name.")
    missing = [need for each in own.values() for need in each.needs if need not in TWEAKS | own]
    if missing or not all(isinstance(part, str | Tweak) for part in parts):
        told = f"There is no tweak {missing[0]!r}, which one needs." if missing else "A tweak is a name or a Tweak."
        raise UsageError(told, f"Tweaks: {', '.join(TWEAKS)}.")
    known, text = TWEAKS | own, ",".join(each.name if isinstance(each, Tweak) else each for each in parts)
    names = NAMED.get(text.strip()) or tuple(name.strip() for name in text.split(","))
    if alone and text.strip() == "all":
        lacking = tuple(name for name, tweak in TWEAKS.items() if tweak.package and find_spec(tweak.package) is None)
        return Chosen(tuple(name for name in TWEAKS if name not in lacking), left_out=lacking)
    allowed = f"Tweaks: {', '.join(known)}; or {', or '.join(NAMED)}."
    if names == ("",):
        raise UsageError("No tweak is named.", allowed)
    for name in names:
        if name not in known:
            raise UsageError(f"There is no tweak {name!r}.{nearest(name, known)}", allowed)
        if names.count(name) > 1:
            raise UsageError(f"The tweak {name!r} is named twice.", "A ladder climbs each step once.")
    if alone:
        return Chosen(names, known=known)
    chosen = replace(with_needs(names, known), fixed=text.strip() in NAMED)
    for first, second in combinations(chosen.tweaks, 2):
        if second.name in first.excludes or first.name in second.excludes:
            raise UsageError(
                f"{first.name} and {second.name} can't go together: {first.title}, {second.title}.",
                "Leave one of them out, or compare them with --mode alone.",
            )
    return chosen


def with_needs(names: Sequence[str], known: Mapping[str, Tweak] = TWEAKS) -> Chosen:
    """Put before each tweak what it needs and what was not named; one that is named later moves up."""
    ordered: dict[str, str] = {}  # a tweak, and the first that needs it

    def add(name: str, needed_by: str) -> None:
        if name not in ordered:
            for need in known[name].needs:
                add(need, name)
            ordered[name] = needed_by

    for name in names:
        add(name, "")
    return Chosen(tuple(ordered), {name: by for name, by in ordered.items() if name not in names}, known=known)


def remarks(chosen: Chosen, start: Recipe) -> list[str]:
    """Return what somebody who put tweaks together should know: which were added, do nothing, or undo another."""
    told = [f"{name} is added: {needed_by} needs it." for name, needed_by in chosen.added.items()]
    told += [f"{name} is left out: pip install {TWEAKS[name].package} brings it in." for name in chosen.left_out]
    if chosen.fixed:
        return told
    setters: dict[str, str] = {}
    for (before, after), name in zip(pairwise(climb(start, chosen.names, chosen.known)), chosen.names, strict=True):
        changed = after.changes_from(before)
        if not changed:
            told.append(f"{name} changes nothing there, and has no row of its own.")
        known = setters.keys() - {"epochs", "learning_rate"}
        undone = {setters[setting]: setting for setting in changed if setting in known}
        told += [f"{name} undoes the {setting} of {other}." for other, setting in undone.items()]
        setters |= dict.fromkeys(changed, name)
    return told


def check_digits(tweaks: Iterable[Tweak], digits: int) -> None:
    """Refuse tweaks that need more training digits than there are; raises UsageError."""
    for tweak in tweaks:
        if digits < tweak.digits:
            raise UsageError(
                f"{tweak.name} needs {tweak.digits} training digits; there are {digits}.", f"Leave {tweak.name} out."
            )


def climb(recipe: Recipe, names: Iterable[str], known: Mapping[str, Tweak] = TWEAKS) -> list[Recipe]:
    """Return the recipe and what becomes of it as tweaks are added one by one."""
    steps = [recipe]
    for name in names:
        steps.append(known[name].apply(steps[-1]))
    return steps


def listing() -> list[dict[str, Any]]:
    """Return every tweak of the registry as plain data, by year, with the ladder that it stands on."""
    ladders = dict.fromkeys(TODAY_LADDER, "today") | dict.fromkeys(ESSAY_LADDER, "essay")
    told = ("year", "title", "reason", "needs", "excludes", "chosen", "source", "link")
    return [
        {"tweak": name, "ladder": ladders.get(name), **{key: getattr(tweak, key) for key in told}}
        for name, tweak in sorted(TWEAKS.items(), key=lambda item: item[1].year)
    ]
