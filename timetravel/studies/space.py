"""What a search searches: ranges and choices of a recipe's values, as they are typed or by default."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args, get_type_hints

from timetravel.errors import UsageError
from timetravel.numbers import nearest
from timetravel.recipes import RANGES, Recipe, changed

# What is searched where nothing is said: each of these that the recipe uses, from a third to three times its value.
# True: on a logarithmic scale.
SPACE: Final = {name: about.search == "log" for name, about in Recipe.settings().items() if about.search != "no"}
HOW: Final = "Type NAME=LOW:HIGH, NAME=LOW:HIGH:log or NAME=CHOICE,CHOICE."
MOST_COMBINATIONS = 1000  # that are checked, or counted out, one by one


@dataclass(frozen=True)
class Range:
    """A number between two ends, both allowed."""

    name: str
    low: float
    high: float
    log: bool = False
    whole: bool = False

    def holds(self, value: object) -> bool:
        """Say whether a value lies in the range."""
        return isinstance(value, int | float) and self.low <= value <= self.high

    def rounded(self, value: float) -> float:
        """Return a value with no more digits than matter, so that what is shown and typed is what was trained."""
        if self.whole:
            return int(value)
        if self.log:
            short = float(f"{value:.4g}")
        else:
            short = round(float(value), 3 - math.floor(math.log10(self.high - self.low)))
        return min(max(short, self.low), self.high)

    @property
    def ends(self) -> tuple[float, float]:
        """The two ends."""
        return self.low, self.high

    @property
    def options(self) -> Sequence[Any] | None:
        """All its values, if they can be counted out."""
        if self.whole and self.high - self.low < MOST_COMBINATIONS:
            return range(int(self.low), int(self.high) + 1)
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return the range for JSON."""
        return {"name": self.name, "low": self.low, "high": self.high, "log": self.log}


@dataclass(frozen=True)
class Choices:
    """One of a few values."""

    name: str
    options: tuple[Any, ...]

    def holds(self, value: object) -> bool:
        """Say whether a value is one of the choices."""
        return value in self.options

    def rounded(self, value: Any) -> Any:
        """Return a choice as it is."""
        return value

    @property
    def ends(self) -> tuple[Any, ...]:
        """All choices."""
        return self.options

    def to_dict(self) -> dict[str, Any]:
        """Return the choices for JSON."""
        return {"name": self.name, "options": list(self.options)}


Space = tuple[Range | Choices, ...]


def default_space(recipe: Recipe) -> Space:
    """Return the obvious numbers of a recipe (see SPACE)."""
    return tuple(around(recipe, name) for name in SPACE if used(recipe, name))


def used(recipe: Recipe, name: str) -> bool:
    """Say whether a value of a recipe does anything."""
    return bool(getattr(recipe, name)) and recipe.settings()[name].used(recipe)


def around(recipe: Recipe, name: str) -> Range:
    """Return the range from a third to three times a recipe's value, within what a recipe can have."""
    value = getattr(recipe, name)
    least, most = RANGES[name]
    if isinstance(value, int):
        return Range(name, max(value // 3, math.ceil(least)), min(3 * value, int(most)), whole=True)
    low, high = (float(f"{end:.3g}") for end in (value / 3, 3 * value))
    return Range(name, max(low, least), min(high, most), SPACE[name])


def parse_space(texts: Sequence[str]) -> Space:
    """Read '--search' options; raises UsageError for what no recipe can have, and for a value named twice."""
    space: list[Range | Choices] = []
    for text in texts:
        part = parse(text)
        if part.name in [other.name for other in space]:
            raise UsageError(f"--search {text}: {part.name} is searched twice.", "Name each value once.")
        space.append(part)
    return tuple(space)


def parse(text: str) -> Range | Choices:
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
        return Choices(name, tuple(options))
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
    return Range(name, ends[0], ends[1], bool(scale), hints[name] is int)


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


def corners(recipe: Recipe, space: Space) -> Iterator[Recipe]:
    """Yield the recipes at the ends of the space: all combinations, or, where those are many, one value at a time.

    Raises UsageError where values don't go together.
    """
    columns = [[(part.name, end) for end in part.ends] for part in space]
    combinations: Iterable[tuple[tuple[str, Any], ...]]
    if math.prod(map(len, columns)) <= MOST_COMBINATIONS:
        combinations = itertools.product(*columns)
    else:
        combinations = [(end,) for column in columns for end in column]
    for values in combinations:
        try:
            yield recipe.but(**dict(values))
        except UsageError as error:
            words = ", ".join(f"{name}={value}" for name, value in values)
            raise UsageError(f"The search would meet {words}. {error.message}", error.hint) from error


def every_combination(space: Space) -> Iterator[Mapping[str, Any]] | None:
    """Yield all values of a small space of choices and whole numbers; None for any other."""
    columns = [part.options for part in space]
    counts = [len(column) for column in columns if column is not None]
    if len(counts) < len(columns) or math.prod(counts) > MOST_COMBINATIONS:
        return None
    names = [part.name for part in space]
    return (
        dict(zip(names, values, strict=True)) for values in itertools.product(*(c for c in columns if c is not None))
    )


def settings(recipe: Recipe, base: Recipe) -> list[str]:
    """Return the '--set' options that turn the base into a recipe."""
    return [part for name, new in recipe.changes_from(base).items() for part in ("--set", written(name, new))]


def written(name: str, value: object) -> str:
    """Write 'name=value' as '--set' reads it."""
    return f"{name}={str(value).lower() if isinstance(value, bool) else value}"


def in_words(values: Mapping[str, Any]) -> str:
    """Return values in one line."""
    return ", ".join(written(name, value) for name, value in values.items())
