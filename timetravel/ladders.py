"""Which tweaks go together, and how recipes climb them one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from timetravel.errors import UsageError
from timetravel.recipes import Recipe
from timetravel.tweaks import TWEAKS, Tweak
from timetravel.words import nearest

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
)
NAMED: Final[dict[str, tuple[str, ...]]] = {"essay": ESSAY_LADDER, "all": TODAY_LADDER}


@dataclass(frozen=True)
class Chosen:
    """Tweaks in the order in which they are applied, and those among them that were added because others need them."""

    tweaks: tuple[Tweak, ...]
    added: dict[str, str]  # an added tweak, and the first that needs it

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
        names = tuple(TWEAKS)
    allowed = f"Tweaks: {', '.join(TWEAKS)}; or {', or '.join(NAMED)}."
    if names == ("",):
        raise UsageError("No tweak is named.", allowed)
    for name in names:
        if name not in TWEAKS:
            raise UsageError(f"There is no tweak {name!r}.{nearest(name, TWEAKS)}", allowed)
        if names.count(name) > 1:
            raise UsageError(f"The tweak {name!r} is named twice.", "A ladder climbs each rung once.")
    if alone:
        return Chosen(tuple(TWEAKS[name] for name in names), {})
    chosen = with_needs(names)
    check(chosen.tweaks)
    return chosen


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


def check_digits(tweaks: Iterable[Tweak], digits: int) -> None:
    """Refuse tweaks that need more training digits than there are; raises UsageError."""
    for tweak in tweaks:
        if digits < tweak.digits:
            raise UsageError(
                f"{tweak.name} needs {tweak.digits} training digits; there are {digits}.", f"Leave {tweak.name} out."
            )


def climb(recipe: Recipe, tweaks: Iterable[Tweak] | Sequence[str]) -> list[Recipe]:
    """Return the recipe and what becomes of it as the tweaks are added one by one."""
    rungs = [recipe]
    for tweak in tweaks:
        rungs.append((TWEAKS[tweak] if isinstance(tweak, str) else tweak).apply(rungs[-1]))
    return rungs
