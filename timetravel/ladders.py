"""Which tweaks go together, and how recipes climb them one by one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, Final

from timetravel.errors import UsageError
from timetravel.numbers import nearest
from timetravel.recipes import Recipe
from timetravel.tweaks import TWEAKS, Tweak

ESSAY_LADDER: Final = ("softmax", "adamw", "shift", "dropout")
TODAY_LADDER: Final = (
    *ESSAY_LADDER,
    "mini-batches",
    "cosine",
    "affine",
    "no-dropout",
    "elastic",
    "gelu",
    "ema",
    "mixup",
    "longer",
    "deslant",
)
NAMED: Final[dict[str, tuple[str, ...]]] = {"essay": ESSAY_LADDER, "all": TODAY_LADDER}


@dataclass(frozen=True)
class Chosen:
    """Tweaks in the order in which they are applied, and those among them that were added because others need them."""

    tweaks: tuple[Tweak, ...]
    added: Mapping[str, str] = field(default_factory=dict)  # an added tweak, and the first that needs it
    left_out: tuple[str, ...] = ()  # of all, because the package that they need is not installed
    fixed: bool = False  # one of the named ladders

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tweaks."""
        return tuple(tweak.name for tweak in self.tweaks)


def parse_tweaks(text: str, *, alone: bool = False) -> Chosen:
    """Read 'all', 'essay' or a comma list of tweaks. For tweaks `alone`, 'all' is every one that there is.

    Raises UsageError for an unknown, repeated or missing name, and for tweaks that can't go together.
    """
    names = NAMED.get(text.strip()) or tuple(name.strip() for name in text.split(","))
    if alone and text.strip() == "all":
        missing = tuple(t.name for t in TWEAKS.values() if t.package and find_spec(t.package) is None)
        return Chosen(tuple(tweak for tweak in TWEAKS.values() if tweak.name not in missing), left_out=missing)
    allowed = f"Tweaks: {', '.join(TWEAKS)}; or {', or '.join(NAMED)}."
    if names == ("",):
        raise UsageError("No tweak is named.", allowed)
    for name in names:
        if name not in TWEAKS:
            raise UsageError(f"There is no tweak {name!r}.{nearest(name, TWEAKS)}", allowed)
        if names.count(name) > 1:
            raise UsageError(f"The tweak {name!r} is named twice.", "A ladder climbs each step once.")
    if alone:
        return Chosen(tuple(TWEAKS[name] for name in names))
    chosen = with_needs(names)
    check(chosen.tweaks)
    return replace(chosen, fixed=text.strip() in NAMED)


def with_needs(names: Sequence[str]) -> Chosen:
    """Put before each tweak what it needs and what was not named; one that is named later moves up."""
    ordered: list[str] = []
    added: dict[str, str] = {}

    def add(name: str, for_whom: str | None) -> None:
        if name in ordered:
            return
        for need in TWEAKS[name].needs:
            add(need, name)
        if for_whom is not None and name not in names:
            added[name] = for_whom
        ordered.append(name)

    for name in names:
        add(name, None)
    return Chosen(tuple(TWEAKS[name] for name in ordered), added)


def check(tweaks: Sequence[Tweak]) -> None:
    """Refuse tweaks that can't go together; raises UsageError with the reason."""
    for i, first in enumerate(tweaks):
        for second in tweaks[i + 1 :]:
            if second.name in first.excludes or first.name in second.excludes:
                raise UsageError(
                    f"{first.name} and {second.name} can't go together: {first.title}, {second.title}.",
                    "Leave one of them out, or compare them with --mode alone.",
                )


def remarks(chosen: Chosen, start: Recipe) -> list[str]:
    """Return what somebody who put tweaks together should know: which were added, do nothing, or undo another."""
    told = [f"{name} is added: {needed_by} needs it." for name, needed_by in chosen.added.items()]
    told += [f"{name} is left out: the package that it needs is not installed." for name in chosen.left_out]
    if chosen.fixed:
        return told
    setters: dict[str, str] = {}
    for (before, after), tweak in zip(pairwise(climb(start, chosen.tweaks)), chosen.tweaks, strict=True):
        changed = after.changes_from(before)
        if not changed:
            told.append(f"{tweak.name} changes nothing there, and has no row of its own.")
        undone = {
            setters[name]: name for name in changed if name in setters and name not in ("epochs", "learning_rate")
        }
        told += [f"{tweak.name} undoes the {name} of {other}." for other, name in undone.items()]
        setters |= dict.fromkeys(changed, tweak.name)
    return told


def check_digits(tweaks: Iterable[Tweak], digits: int) -> None:
    """Refuse tweaks that need more training digits than there are; raises UsageError."""
    for tweak in tweaks:
        if digits < tweak.digits:
            raise UsageError(
                f"{tweak.name} needs {tweak.digits} training digits; there are {digits}.", f"Leave {tweak.name} out."
            )


def climb(recipe: Recipe, tweaks: Iterable[Tweak] | Sequence[str]) -> list[Recipe]:
    """Return the recipe and what becomes of it as the tweaks are added one by one."""
    steps = [recipe]
    for tweak in tweaks:
        steps.append((TWEAKS[tweak] if isinstance(tweak, str) else tweak).apply(steps[-1]))
    return steps


def listing() -> list[dict[str, Any]]:
    """Return every tweak of the registry as plain data, by year, with the ladder that it stands on."""
    return [
        {
            "tweak": tweak.name,
            "year": tweak.year,
            "title": tweak.title,
            "reason": tweak.reason,
            "ladder": "essay" if tweak.name in ESSAY_LADDER else "today" if tweak.name in TODAY_LADDER else None,
            "needs": list(tweak.needs),
            "excludes": list(tweak.excludes),
            "chosen": tweak.chosen,
            "source": tweak.source,
            "link": tweak.link,
        }
        for tweak in sorted(TWEAKS.values(), key=lambda tweak: tweak.year)
    ]
