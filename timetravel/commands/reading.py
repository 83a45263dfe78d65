"""How what was asked for is read: a text as it is typed, or in Python the values themselves. Imports nothing heavy."""

import math
import os
import re
from collections.abc import Callable, Iterable
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from timetravel.errors import UsageError
from timetravel.numbers import nearest, with_point

MOST_SEEDS: Final = 10_000  # that anybody waits for
MOST_DIGITS: Final = 10**18
PERCENT: Final = "numbers above 0 and below 100, with commas: --error 1,0.5"
HALVES: Final = "halves from 0.5 to 16, with commas: --widths 0.5,1,2,4"
LAYERS: Final = "whole numbers of further layers from 0 to 64, with commas: --depths 0,4,16"


def typed(value: Any) -> str:
    """Return a value, or several, as it would be typed."""
    return ",".join(map(str, value)) if several(value) else str(value)


def several(value: Any) -> bool:
    """Whether these are values rather than one."""
    return isinstance(value, Iterable) and not isinstance(value, str)


def usual(option: Parameter) -> Any:
    """Return what an option is where it is not given: what its variable of the environment says, or its default."""
    said = get_args(option.annotation)[-1] if get_origin(option.annotation) is Annotated else None
    return os.environ.get(getattr(said, "envvar", None) or "", option.default)


def checked(name: str, value: Any, option: Parameter) -> Any:
    """Return a value as an option's declaration, an Annotated type, reads it; raises UsageError."""
    if value is None and option.default is not None:
        raise UsageError(f"--{name.strip('_')} None is not allowed.", "Leave it out.")
    if value is None or get_origin(option.annotation) is not Annotated:
        return value
    kind, said = get_args(option.annotation)
    if said.parser:
        return said.parser(value)
    if isinstance(value, str) and "list" in str(kind):
        return [value]
    literal = next((part for part in (kind, *get_args(kind)) if get_origin(part) is Literal), None)
    if literal and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if (names := get_args(literal)) and value not in names:
        guess = nearest(str(value), names)
        raise UsageError(f"--{name.strip('_')} {value!r} is not allowed.{guess}", f"Allowed: {', '.join(names)}.")
    return value


def parse_seeds(given: Any) -> tuple[int, ...]:
    """Read '8', or 8, as seeds 0 to 7; '0,3,5', '10-19' and a list as themselves; raises UsageError."""
    text = typed(given)
    allowed = "Type how many (--seeds 8), a list (--seeds 0,3,5) or a range (--seeds 10-19)."
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})(?:-([0-9]{1,9}))?\s*", part)
        if not match:
            raise UsageError(f"--seeds {text}: {part.strip() or 'nothing'!r} is not a seed.", allowed)
        first, last = int(match[1]), int(match[2] or match[1])
        if match[0] == text and match[2] is None and not several(given):
            if first == 0:
                raise UsageError("--seeds 0: at least one seed is needed.", allowed)
            first, last = 0, first - 1
        if last < first:
            raise UsageError(f"--seeds {text}: the range {part.strip()} runs backwards.", allowed)
        if last - first >= MOST_SEEDS:
            few = f"At most {MOST_SEEDS:,} at a time."
            raise UsageError(f"--seeds {text}: {last - first + 1:,} seeds are too many.", few)
        seeds.extend(range(first, last + 1))
    if len(set(seeds)) < len(seeds):
        raise UsageError(f"--seeds {text}: a seed is named twice.", allowed)
    return tuple(seeds)


def parse_test(given: Any) -> int | str:
    """Read the number of test digits, or 'full'; raises UsageError."""
    if (text := typed(given)) == "full":
        return text
    if not re.fullmatch("[0-9]{1,18}", text) or int(text) == 0:
        raise UsageError(f"--test {text} is not a number of test digits.", "Allowed: 1 or more (2007), or full.")
    return int(text)


def number(option: str, kind: type[int] | type[float], least: float, most: float = math.inf) -> Callable[[Any], Any]:
    """Return a parser of a whole number (int) or any number (float) from `least` to `most`."""
    ends = f"from {least:g} on" if most == math.inf else f"from {least:g} to {most:g}"

    def parse(given: Any) -> int | float:
        try:
            value = kind(str(given))
        except ValueError:
            value = math.nan
        if not least <= value <= most or value == math.inf:
            whole = "whole " if kind is int else ""
            guess = with_point(str(given)) if kind is float else ""
            raise UsageError(f"{option} {given} is not allowed.{guess}", f"Allowed: {whole}numbers {ends}.")
        return value

    return parse


def parse_folder(text: Any) -> Path:
    """Read the path of a folder; raises UsageError for none."""
    if not str(text).strip():
        raise UsageError("--out '' names no folder.", "Type --out DIR; . is the folder that you are in.")
    return Path(text)


def comma_list(
    option: str, what: str, allowed: str, read: Callable[[str], Any], fits: Callable[[Any], bool], word: str = ""
) -> Callable[[Any], tuple[Any, ...]]:
    """Return a parser of a comma list: `read` makes a number of each part, or raises ValueError, and `fits` allows it.

    what: the parts, as an error calls them; allowed: what to type; word: one that may stand alone in place of a list.
    """

    def parse(given: Any) -> tuple[Any, ...]:
        text = typed(given)
        if word and text == word:
            return (word,)
        values = []
        for part in map(str.strip, text.split(",")):
            try:
                value = read(part)
            except ValueError:
                value = None
            if value is None or not fits(value):
                raise UsageError(f"{option} {text}: {part or 'nothing'!r} is not {what}.", f"Type {allowed}.")
            values.append(value)
        return tuple(values)

    return parse


def parse_sizes(option: str, word: str = "") -> Callable[[Any], tuple[Any, ...]]:
    """Return a parser of a comma list of numbers of training digits; `word` may stand alone in place of it."""
    allowed = f"whole numbers from 1 on, with commas: {option} 1000,7291,50000{f'; or {word}' if word else ''}"
    return comma_list(option, "a number of training digits", allowed, int, lambda size: 0 < size < MOST_DIGITS, word)


parse_cost = number("--label-cost", float, 0.0001)
parse_errors = comma_list("--error", "an error in percent", PERCENT, float, lambda error: 0 < error < 100)
parse_widths = comma_list("--widths", "a width", HALVES, float, lambda each: 0.5 <= each <= 16 and each % 0.5 == 0)
parse_depths = comma_list("--depths", "a depth", LAYERS, int, lambda each: 0 <= each <= 64)
