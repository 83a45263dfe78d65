"""What a search searches: ranges and choices of a recipe's values, as they are typed or by default."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final, Literal, get_args, get_type_hints

from timetravel.errors import TimetravelError, UsageError
from timetravel.numbers import nearest
from timetravel.recipes import RANGES, Recipe, changed

HOW: Final = "Type NAME=LOW:HIGH, NAME=LOW:HIGH:log or NAME=CHOICE,CHOICE."
MOST_COMBINATIONS = 1000  # that are checked, or counted out, one by one


@dataclass(frozen=True)
class Part:
    """What is searched of one value: a range between two ends, both allowed, or one of a few choices."""

    name: str
    ends: tuple[Any, ...]  # the least and the most, or all choices
    scale: Literal["linear", "log", "choices"] = "linear"

    @property
    def whole(self) -> bool:
        """Whether it is a range of whole numbers."""
        return self.scale != "choices" and type(self.ends[0]) is int

    @property
    def options(self) -> Sequence[Any]:
        """All its values, if they can be counted out; otherwise none."""
        if self.whole and self.ends[1] - self.ends[0] < MOST_COMBINATIONS:
            return range(self.ends[0], self.ends[1] + 1)
        return self.ends if self.scale == "choices" else ()

    def holds(self, value: Any) -> bool:
        """Say whether a value is one of the choices, or lies in the range."""
        return value in self.ends if self.scale == "choices" else bool(self.ends[0] <= value <= self.ends[1])

    def distribution(self) -> Any:
        """Return it in Optuna's words."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        if self.scale == "choices":
            return CategoricalDistribution(self.ends)
        low, high = self.ends
        return (IntDistribution if self.whole else FloatDistribution)(low, high, log=self.scale == "log")

    def rounded(self, value: Any) -> Any:
        """Return a value with no more digits than matter, so that what is shown and typed is what was trained."""
        if self.whole or self.scale == "choices":
            return value
        low, high = self.ends
        short = float(f"{value:.4g}") if self.scale == "log" else round(value, 3 - math.floor(math.log10(high - low)))
        return min(max(short, low), high)

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        if self.scale == "choices":
            return {"name": self.name, "options": self.ends}
        return {"name": self.name, "low": self.ends[0], "high": self.ends[1], "log": self.scale == "log"}


Space = Sequence[Part]


def default_space(recipe: Recipe) -> Space:
    """Return the obvious numbers that a recipe uses, each from a third to three times its value if it may be that."""
    space = []
    for name, about in recipe.settings().items():
        value = getattr(recipe, name)
        if about.search == "no" or not value or not about.used(recipe):
            continue
        least, most = RANGES[name]
        if isinstance(value, int):
            ends: tuple[float, float] = max(value // 3, math.ceil(least)), min(3 * value, int(most))
        else:
            ends = max(float(f"{value / 3:.3g}"), least), min(float(f"{3 * value:.3g}"), most)
        space.append(Part(name, ends, about.search))
    return space


def check_optuna() -> None:
    """Make sure that Optuna is here, without loading it; raises TimetravelError."""
    if find_spec("optuna") is None:
        raise TimetravelError("The search needs the package optuna.", "Type: pip install optuna")


def parse_space(texts: Sequence[str]) -> Space:
    """Read '--search' options; raises UsageError for what no recipe can have, and for a value named twice."""
    space: dict[str, Part] = {}
    for text in texts:
        part = parse(text)
        if part.name in space:
            raise UsageError(f"--search {text}: {part.name} is searched twice.", "Name each value once.")
        space[part.name] = part
    return list(space.values())


def parse(text: str) -> Part:
    """Read one '--search' option."""
    name, equals, values = (part.strip() for part in text.partition("="))
    hints = get_type_hints(Recipe)
    if not equals or not values:
        raise UsageError(f"--search {text}: there is no range and no choice.", HOW)
    if name not in hints:
        raise UsageError(f"--search {text}: a recipe has no {name!r}.{nearest(name, hints)}", HOW)
    if ":" not in values:
        options = [value_of(text, name, option) for option in values.split(",")]
        if len(options) < 2 or len({(type(option), option) for option in options}) < len(options):
            raise UsageError(f"--search {text}: that is no choice between different values.", HOW)
        return Part(name, tuple(options), "choices")
    if hints[name] not in (int, float):
        allowed = get_args(hints[name]) or (("false", "true") if hints[name] is bool else ())
        raise UsageError(
            f"--search {text}: {name} is no number, so it has no range.",
            f"Name choices, as {name}={','.join(allowed)}." if allowed else HOW,
        )
    low, high, *scale = values.split(":")
    if scale not in ([], ["log"]):
        raise UsageError(f"--search {text}: {':'.join(scale)!r} is no scale.", HOW)
    ends = [value_of(text, name, end) for end in (low, high)]
    if ends[0] >= ends[1]:
        raise UsageError(f"--search {text}: the range holds nothing; it begins at {low} and ends at {high}.", HOW)
    if scale and ends[0] <= 0:
        raise UsageError(f"--search {text}: a logarithmic scale begins above 0.", HOW)
    return Part(name, tuple(ends), "log" if scale else "linear")


def value_of(text: str, name: str, value: str) -> Any:
    """Read one value as `--set` does. What depends on other values is checked later."""
    neutral = Recipe() if name == "output" else Recipe(loss="cross-entropy", output="linear")
    if not value.strip():
        raise UsageError(f"--search {text}: a value is missing.", HOW)
    try:
        return getattr(changed(neutral, [f"{name}={value}"]), name)
    except UsageError as error:
        message = error.message.removeprefix(f"--set {name}={value}: ")
        raise UsageError(f"--search {text}: {message}", error.hint) from error


def corners(recipe: Recipe, space: Space) -> list[Recipe]:
    """Return the recipes at the ends of the space: all combinations, or, where those are many, one value at a time.

    Raises UsageError where values don't go together.
    """
    columns = [[(part.name, end) for end in part.ends] for part in space]
    few = math.prod(map(len, columns)) <= MOST_COMBINATIONS
    found = []
    for values in itertools.product(*columns) if few else ((end,) for column in columns for end in column):
        try:
            found.append(recipe.but(**dict(values)))
        except UsageError as error:
            raise UsageError(f"The search would meet {in_words(dict(values))}. {error.message}", error.hint) from error
    return found


def every_combination(space: Space) -> list[dict[str, Any]]:
    """Return all values of a small space of choices and whole numbers; nothing for any other."""
    columns = [[(part.name, option) for option in part.options] for part in space]
    few = all(columns) and math.prod(map(len, columns)) <= MOST_COMBINATIONS
    return list(map(dict, itertools.product(*columns))) if few else []


def settings(recipe: Recipe, base: Recipe) -> list[str]:
    """Return the '--set' options that turn the base into a recipe."""
    return [part for name, new in recipe.changes_from(base).items() for part in ("--set", written(name, new))]


def written(name: str, value: object) -> str:
    """Write 'name=value' as '--set' reads it."""
    return f"{name}={str(value).lower() if isinstance(value, bool) else value}"


def in_words(values: Mapping[str, Any]) -> str:
    """Return values in one line."""
    return ", ".join(written(name, value) for name, value in values.items())
