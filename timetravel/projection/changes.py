"""What would change a verdict: each named assumption is moved alone, in steps, and the claim is judged again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from timetravel.numbers import listed
from timetravel.projection.assumptions import Assumption
from timetravel.projection.futures import Futures

TIMES: Final = (10, 100, 1000)  # beyond its high, or below its low
RATES: Final = (2, 4)  # a yearly growth beyond its high: so many times as much above 1
A_YEAR: Final = "times a year"
MOST_TOLD: Final = 2  # in the short form
Judge = Callable[[Futures], str]


@dataclass(frozen=True)
class Move:
    """Assumptions that change a verdict if they are held at a value in all futures, and what the verdict is then."""

    held: dict[str, float]
    verdict: str

    def written(self, form: str, verdict: str) -> str:
        """Write it with a form for each name and value, and one for the verdict."""
        values = {name: f"{value:g}".replace("e+0", "e").replace("e+", "e") for name, value in self.held.items()}
        held = " and ".join(form.format(name, value) for name, value in values.items())
        return f"{held} ({verdict.format(self.verdict)})"


def moves(futures: Futures, names: Sequence[str], judge: Judge, before: str) -> list[Move]:
    """Return each assumption's first step, up and down, that changes the verdict; those that do nothing are out."""
    return [
        move
        for one in (futures.assumptions[name] for name in names)
        for steps in (upwards(one), downwards(one))
        for move in first(futures, ({one.name: value} for value in steps), judge, before)
    ]


def together(futures: Futures, names: Sequence[str], judge: Judge, before: str) -> list[Move]:
    """Return the first step of several assumptions, upwards at once, that changes the verdict; none if none does."""
    steps = zip(*(upwards(futures.assumptions[name]) for name in names), strict=False)
    return first(futures, (dict(zip(names, values, strict=True)) for values in steps), judge, before)


def first(futures: Futures, steps: Iterable[dict[str, float]], judge: Judge, before: str) -> list[Move]:
    """Return the first of some steps that changes the verdict; none if none does."""
    for held in steps:
        verdict = judge(replace(futures, held=held))
        if verdict != before:
            return [Move(held, verdict)]
    return []


def upwards(one: Assumption) -> Iterator[float]:
    """Yield values above an assumption's range."""
    for times in RATES if one.unit == A_YEAR else TIMES:
        value = 1 + times * (one.high - 1) if one.unit == A_YEAR else times * one.high
        yield float(f"{min(value, one.most):.3g}")


def downwards(one: Assumption) -> Iterator[float]:
    """Yield values below an assumption's range; a yearly growth stops."""
    if one.unit == A_YEAR:
        yield max(1.0, one.least)
        return
    for times in TIMES:
        yield float(f"{max(one.low / times, one.least):.3g}")


def in_short(found: Sequence[Move], *before: str) -> str:
    """Name the first few of what changes a verdict, after what else does."""
    told = [one.written("{} {}", "{}") for one in found[:MOST_TOLD]]
    return ", ".join([*before, *told]) or "no assumption alone"


def in_full(found: Sequence[Move], names: Sequence[str]) -> str:
    """Say it in a sentence. `names`: all that were moved."""
    if not found:
        return f"None of {listed([f'`{name}`' for name in names])} changes it alone, moved far beyond its range."
    told = "; ".join(one.written("`{}` at {}", "'{}'") for one in found)
    return f"By judging again with assumptions held beyond their ranges: {told}."
