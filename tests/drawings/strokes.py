"""The stroke plans: ten and more ways to write each digit, as control points in a box of 100 by 100, y downwards.

A plan's strokes are written as text, "14,8 84,6 | 40,100": points that a smooth curve runs through, with | after a
point where the pen turns sharply. Each digit's plans are all combinations of a few habits that people have.
"""

import math
from itertools import product
from typing import NamedTuple


class Plan(NamedTuple):
    """One way to write a digit: its name tells the habits, strokes are texts as above, in the order of writing."""

    label: int
    name: str
    strokes: tuple[str, ...]


def arc(x: float, y: float, across: float, up: float, start: float, end: float, drift: float = 0.0) -> str:
    """Return points of an ellipse about (x, y): from `start` to `end` degrees clockwise from the top.

    across, up: the radii. drift: the share by which the radii have shrunk at the end.
    """
    steps = max(3, round(abs(end - start) / 45))
    points = []
    for step in range(steps + 1):
        angle, radius = math.radians(start + (end - start) * step / steps), 1 - drift * step / steps
        points.append(f"{x + radius * across * math.sin(angle):.1f},{y - radius * up * math.cos(angle):.1f}")
    return " ".join(points)


def zeros() -> list[Plan]:
    """From the top or the upper right, either way round, closed, overlapping or not quite closed."""
    starts, ways, ends = {"top": 5, "right": 45}, {"left": -1, "clock": 1}, {"closed": 358, "over": 395, "gap": 342}
    return [
        Plan(
            0,
            f"{start}-{way}-{end}",
            (arc(50, 50, 42, 50, starts[start], starts[start] + ways[way] * ends[end], 0.06),),
        )
        for end, start, way in product(ends, starts, ways)
    ]


def ones() -> list[Plan]:
    """A stem, straight or bowed, with no serif, a short or a long one, with or without a foot."""
    heads = {"bare": "", "serif": "32,20 54,0 |", "flag": "20,34 54,0 |"}
    stems = {"straight": "54,0 51,50 49,100", "bowed": "54,0 57,45 50,100"}
    feet: dict[str, tuple[str, ...]] = {"": (), "foot": ("20,100 84,99",)}
    return [
        Plan(1, f"{head}-{stem}-{foot}".strip("-"), (f"{heads[head]} {stems[stem]}", *feet[foot]))
        for foot, head, stem in product(feet, heads, stems)
        if not (foot and head == "bare")
    ]


def twos() -> list[Plan]:
    """A plain or curled start, a corner, a bend or a loop below, a flat or a waved base."""
    starts = {"plain": "12,22 46,0", "curled": "24,34 10,22 46,0"}
    turns = {
        "corner": "84,24 62,60 8,97 |",
        "bend": "84,24 70,54 32,82 11,93 30,97",
        "loop": "86,24 68,54 38,82 17,97 5,92 12,82 28,86",
    }
    bases = {"flat": "55,97 92,97", "waved": "50,94 70,100 94,91"}
    return [
        Plan(2, f"{start}-{turn}-{base}", (f"{starts[start]} {turns[turn]} {bases[base]}",))
        for base, turn, start in product(bases, turns, starts)
    ]


def threes() -> list[Plan]:
    """A round or flat top, a sharp, soft or looped waist, a short or a curled end."""
    tops = {"round": "14,16 46,0 80,20", "flat": "14,4 80,3 |"}
    waists = {"sharp": "42,45 |", "soft": "60,42 39,47 62,52", "loop": "58,44 41,51 33,46 43,42"}
    ends = {"short": "72,52 87,74 50,100 12,88", "curled": "72,52 88,74 54,100 20,94 12,80"}
    return [
        Plan(3, f"{top}-{waist}-{end}", (f"{tops[top]} {waists[waist]} {ends[end]}",))
        for end, waist, top in product(ends, waists, tops)
    ]


def fours() -> list[Plan]:
    """Open with a corner or round, or closed at the top; the bar short or long; the stem upright or leaning."""
    forms = {"open": ("28,2 8,60 |", "70,8"), "round": ("15,2 14,40 25,57", "78,3"), "closed": ("64,0 6,63 |", "69,3")}
    bars, stems = {"short": "82,60", "long": "100,59"}, {"upright": "69,100", "leaning": "56,100"}
    return [
        Plan(4, f"{form}-{bar}-{stem}", (f"{forms[form][0]} {bars[bar]}", f"{forms[form][1]} {stems[stem]}"))
        for bar, stem, form in product(bars, stems, forms)
    ]


def fives() -> list[Plan]:
    """In one stroke or the roof last; a straight or leaning neck; a sharp or soft shoulder; a short or curled end."""
    necks = {"straight": ("26,4", "23,44"), "leaning": ("34,4", "18,46")}
    shoulders = {"sharp": "| 54,36", "soft": "34,38 58,36"}
    ends = {"short": "88,64 56,100 10,92", "curled": "90,66 54,100 22,96 8,84"}
    plans = []
    for shoulder, end, neck, strokes in product(shoulders, ends, necks, ("one", "two")):
        top, bottom = necks[neck]
        body = f"{bottom} {shoulders[shoulder]} {ends[end]}"
        written = (f"86,2 {top} | {body}",) if strokes == "one" else (f"{top} {body}", f"{top} 88,2")
        plans.append(Plan(5, f"{strokes}-{neck}-{shoulder}-{end}", written))
    return plans


def sixes() -> list[Plan]:
    """A straight or curved back; a large or small bowl; closed, curled inwards or not quite closed."""
    backs = {"straight": "66,0 30,38 12,70", "curved": "80,9 54,0 20,32 10,70"}
    bowls = {"large": ("44,100 88,72 56,44", "26,54"), "small": ("40,100 82,78 54,57", "28,64")}
    ends = {"closed": "13,72", "curled": "21,82", "gap": ""}
    return [
        Plan(6, f"{back}-{bowl}-{end}", (" ".join((backs[back], *bowls[bowl], ends[end])).strip(),))
        for end, bowl, back in product(ends, bowls, backs)
    ]


def sevens() -> list[Plan]:
    """With or without a hook, with or without a bar; the stem straight, curved, or rounded into the roof."""
    hooks = {"plain": "12,8", "hook": "10,22 13,6 |"}
    stems = {"straight": "86,5 | 38,100", "curved": "86,5 | 56,44 44,100", "rounded": "66,5 83,8 83,20 62,55 44,100"}
    bars: dict[str, tuple[str, ...]] = {"": (), "bar": ("38,54 82,50",)}
    return [
        Plan(7, f"{hook}-{stem}-{bar}".strip("-"), (f"{hooks[hook]} {stems[stem]}", *bars[bar]))
        for bar, hook, stem in product(bars, hooks, stems)
    ]


def eights() -> list[Plan]:
    """From the upper right, the top or the waist in one stroke, or two circles; a smaller or equal head."""
    heads, ends = {"small": (42, 30), "equal": (48, 38)}, ("closed", "over")
    plans = []
    for end, head, form in product(ends, heads, ("right", "top", "waist", "circles")):
        waist, wide = heads[head]
        left, right, upper, lower = 50 - wide, 50 + wide, waist * 0.48, (100 + waist) / 2
        body = f"50,{waist} 88,{lower} 50,100 12,{lower} 50,{waist}"
        back = f"{right},{upper:.0f}"
        past = {"closed": "", "over": f"{50 + wide * 0.4:.0f},{waist * 0.05:.0f} {50 - wide * 0.3:.0f},-4"}[end]
        strokes: tuple[str, ...]
        if form == "right":
            strokes = (
                f"{right - 4},{upper * 0.6:.0f} 50,0 {left},{upper:.0f} {body} {right},{upper * 0.8:.0f} {past}",
            )
        elif form == "top":
            strokes = (f"54,0 {left},{upper:.0f} {body} {back} 56,1 {'' if end == 'closed' else '42,2'}",)
        elif form == "waist":
            after = f"12,{lower} 50,100 88,{lower} 54,{waist + 1}"
            lead = f"50,{waist}" if end == "closed" else f"60,{waist + 6} 50,{waist}"
            strokes = (f"{lead} {left},{upper:.0f} 50,0 {back} 50,{waist} {after}",)
        else:
            turn = 364 if end == "closed" else 390
            strokes = (
                arc(50, waist / 2, wide, waist / 2, 20, 20 - turn),
                arc(50, lower, 40, (100 - waist) / 2, 0, -turn),
            )
        plans.append(Plan(8, f"{form}-{head}-{end}", tuple(each.strip() for each in strokes)))
    return plans


def nines() -> list[Plan]:
    """The loop closed or not quite; the stem straight, leaning or hooked, in the same stroke or one of its own."""
    loops = {"closed": "84,18 52,0 14,26 46,50 74,40 84,22", "gap": "74,12 46,2 14,28 44,51 72,42 84,26"}
    stems = {"straight": "84,10 | 80,55 76,100", "leaning": "88,9 | 60,100", "hooked": "85,10 | 82,60 56,97 18,94"}
    plans = []
    for loop, stem, strokes in product(loops, stems, ("one", "two")):
        start, line = stems[stem].split(" | ")
        apart = (loops[loop], f"{start} {line}")
        plans.append(
            Plan(9, f"{strokes}-{loop}-{stem}", apart if strokes == "two" else (f"{loops[loop]} {start} | {line}",))
        )
    return plans


PLANS = (zeros(), ones(), twos(), threes(), fours(), fives(), sixes(), sevens(), eights(), nines())
