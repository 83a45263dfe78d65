"""What would change a verdict: each named assumption is moved alone, in steps, and the claim is judged again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from timetravel.numbers import listed
from timetravel.projection.assumptions import Assumption
from timetravel.projection.futures import Futures

TIMES: Final = (10, 100, 1000)  # beyond its high, or below its low
RATES: Final = (2, 4)  # a yearly growth beyond its high: so many times as much above 1
A_YEAR: Final = "times a year"


@dataclass(frozen=True)
class Move:
    """Assumptions that change a verdict if they are held at a value in all futures, and what the verdict is then."""

    held: tuple[tuple[str, float], ...]
    verdict: str

    @property
    def short(self) -> str:
        """Write it in a few words."""
        return f"{' and '.join(f'{name} {written(value)}' for name, value in self.held)} ({self.verdict})"

    @property
    def full(self) -> str:
        """Write it for a sentence."""
        return f"{' and '.join(f'`{name}` at {written(value)}' for name, value in self.held)} ('{self.verdict}')"


def moves(futures: Futures, names: Sequence[str], judge: Callable[[Futures], str]) -> list[Move]:
    """Return each assumption's first step, up and down, that changes the verdict; those that do nothing are out."""
    before, found = judge(futures), []
    for name in names:
        one = futures.assumptions[name]
        for steps in (upwards(one), downwards(one)):
            for value in steps:
                verdict = judge(futures.with_one(name, value))
                if verdict != before:
                    found.append(Move(((name, value),), verdict))
                    break
    return found


def together(futures: Futures, names: Sequence[str], judge: Callable[[Futures], str], before: str) -> list[Move]:
    """Return the first step of several assumptions, upwards at once, that changes the verdict; none if none does."""
    for values in zip(*(upwards(futures.assumptions[name]) for name in names), strict=False):
        moved = futures
        for name, value in zip(names, values, strict=True):
            moved = moved.with_one(name, value)
        verdict = judge(moved)
        if verdict != before:
            return [Move(tuple(zip(names, values, strict=True)), verdict)]
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


def told(found: Sequence[Move], names: Sequence[str]) -> str:
    """Say it in a sentence. `names`: all that were moved."""
    if not found:
        return f"None of {listed([f'`{name}`' for name in names])} changes it alone, moved far beyond its range."
    return f"By judging again with assumptions held beyond their ranges: {'; '.join(one.full for one in found)}."


def written(value: float) -> str:
    """Write a value of an assumption: '500', '1e7'."""
    return f"{value:g}".replace("e+0", "e").replace("e+", "e")
