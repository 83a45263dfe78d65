"""Synthetic drawings to test with: digits as people write them, on a pad or photographed, made from a seed.

Kept: 1,000 drawings on the pad and 200 photographs of seed 0. They were frozen before any net read one, and are
never changed so that a net reads them better; what must be chosen is chosen on the tuning half.
"""

from collections.abc import Iterator
from typing import NamedTuple

from drawings.hand import PAD, Floats, Pose, written
from drawings.render import Picture, on_pad, photographed
from drawings.strokes import PLANS, Plan

__all__ = ["KEPT", "PAD", "PLANS", "Drawing", "Pose", "drawings", "half", "plan_of"]
KEPT = {"pad": 1000, "photo": 200}


class Drawing(NamedTuple):
    """A drawn digit.

    strokes: each (n, 4): x and y on the pad of 280x280, seconds, and pressure from 0 to 1; a photograph's are those
    of the pad too. picture: uint8 (height, width), grey; 280x280 for the pad.
    """

    label: int
    strokes: list[Floats]
    picture: Picture


def half(number: int) -> str:
    """Return which half a drawing belongs to: "tuning" (even numbers) or "held out" (odd)."""
    return "held out" if number % 2 else "tuning"


def plan_of(number: int) -> Plan:
    """Return the plan of a drawing: pairs go round the digits, then round each digit's plans, alike in both halves."""
    plans = PLANS[number // 2 % 10]
    return plans[number // 20 % len(plans)]


def drawings(
    count: int | None = None, seed: int = 0, instrument: str = "pad", pose: Pose | None = None
) -> Iterator[Drawing]:
    """Yield the drawings 0 to count - 1 of a seed, the kept number where no count is given.

    instrument: "pad", or "photo" for photographs of the same strokes on paper or a blackboard. pose: a place, a size
    or an angle for all in place of their own.
    """
    for number in range(KEPT[instrument] if count is None else count):
        plan = plan_of(number)
        work = written(plan, seed, number, pose)
        yield Drawing(plan.label, work.strokes, {"pad": on_pad, "photo": photographed}[instrument](work, seed, number))
