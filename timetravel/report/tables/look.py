"""What `timetravel look` shows: what a net takes for what, its surest mistakes, its kernels, its maps of one digit."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from timetravel.numbers import counted
from timetravel.report.grid import Cell, Grid, Pictures, Section, Value
from timetravel.report.render import csv

Document = Mapping[str, Any]
SHOWN, ROOM = 4, 300  # of the first screen: digits, and pixels of kernels
LISTS: Final = (("surest_mistakes", "The surest mistakes"), ("least_sure_right", "Read rightly, but least surely"))
STRENGTH: Final = "Percentages: how active an output unit is, where 100 is what it was trained to give for its digit."


def sections(document: Document) -> list[Section]:
    """Return the confusion matrix with a few mistakes and kernels, then all pictures."""
    lines: list[list[Cell]] = [
        [str(true), *(Value(count or None) for count in counts), Value(sum(counts) - counts[true])]
        for true, counts in enumerate(document["confusion"])
    ]
    matrix = Grid("A line is a digit, a column what it was read as", ["", *map(str, range(10)), "misread"], lines)
    about, shares, (kernels, *maps) = document["about"], document["digit"]["shares"], inside(document)
    units = Grid("Its output units, in percent", [*map(str, range(10))], [[Value(100 * share) for share in shares]], ())
    few = ROOM // len(base64.b64decode(kernels.digits[0]))
    first = [cut(each, SHOWN) for each in lists(document)[:1] if document["mistakes"]] + [cut(kernels, few)]
    notes = [f"Trained on {counted(about['training_digits'], 'digit')}, seed {about['seed']}. {STRENGTH}"]
    heat = [("confusion", "What each digit was read as, by how many test digits.")]
    sure = [("digits", "The digits misread most surely, and those read rightly but least surely.")]
    seen = [("inside", "H1's kernels, and what the maps make of one test digit.")]
    return [
        Section("", document["finding"], [matrix, *first], notes, charts=heat),
        Section("Sure and unsure", parts=lists(document), charts=sure, long=True),
        Section("Inside the net", parts=[kernels, *maps, units], charts=seen, long=True),
    ]


def lists(document: Document) -> list[Pictures]:
    """Return the lists of digits that are not empty, with captions of what was read and how surely."""
    return [
        Pictures(title, [one["pixels"] for one in document[name]], [caption(one) for one in document[name]])
        for name, title in LISTS
        if document[name]
    ]


def caption(one: Mapping[str, Any]) -> str:
    """Say what a digit was read as, and how active two units were: its reading's, and its own or the next."""
    read = f"{one['true']} read as {one['read_as']}" if one["true"] != one["read_as"] else f"a {one['true']}"
    return f"{read}\n{one['read_as']}: {100 * one['share']:.0f} %, {one['beside']}: {100 * one['share_beside']:.0f} %"


def inside(document: Document) -> list[Pictures]:
    """Return a net's kernels, a test digit, and the maps of it."""
    one, name = document["digit"], "H1's kernels" if document["digit"]["maps"] else "The weights of H1's units"
    told = [(f"{name}: white adds, black takes away", document["kernels"])]
    told += [
        (f"{layer.upper()}'s maps of it: white is active, black the opposite", maps)
        for layer, maps in one["maps"].items()
    ]
    kernels, *maps = (
        Pictures(title if len(shown) == made["count"] else f"{title} ({len(shown)} of {made['count']})", shown, blank)
        for title, made in told
        for shown, blank in [(made["pixels"], [""] * len(made["pixels"]))]
    )
    return [kernels, Pictures(f"Test digit {one['place']:,}", [one["pixels"]], [caption(one)]), *maps]


def cut(pictures: Pictures, count: int) -> Pictures:
    """Return the first of some pictures."""
    return Pictures(pictures.title, pictures.digits[:count], pictures.captions[:count])


def files(document: Document) -> dict[str, bytes]:
    """Return the confusion matrix as CSV: a line for each digit and what it was read as."""
    matrix = enumerate(document["confusion"])
    return {
        "table.csv": csv(
            [{"true": true, "read_as": read, "digits": n} for true, row in matrix for read, n in enumerate(row)]
        )
    }
