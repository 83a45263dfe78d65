"""What `timetravel look` shows: what a net takes for what, its surest mistakes, its kernels, its maps of one digit."""

from collections.abc import Mapping
from typing import Any, Final

from timetravel.numbers import counted
from timetravel.report.grid import Cell, Grid, Pictures, Section, Value
from timetravel.report.render import csv

Document = Mapping[str, Any]
SHOWN: Final = 4  # digits of the first screen
NARROW, FEW = 40, 12  # how long a small picture is at most in base64, and how many stand in a line
STRENGTH: Final = "Percentages: how active an output unit is, where 100 is what it was trained to give for its digit."


def sections(document: Document) -> list[Section]:
    """Return the confusion matrix with a few mistakes and kernels, then all other pictures."""
    lines: list[list[Cell]] = [
        [str(true), *(Value(count or None) for count in counts), Value(sum(counts) - counts[true])]
        for true, counts in enumerate(document["confusion"])
    ]
    about, shares, (kernels, *maps) = document["about"], document["digit"]["shares"], inside(document)
    few = FEW if len(kernels.digits[0]) < NARROW else SHOWN
    every = lists(document)
    mistakes = every[:1] if document["mistakes"] else []
    first: list[Grid | Pictures] = [
        Grid("A line is a digit, a column what it was read as", ["", *map(str, range(10)), "misread"], lines),
        *(Pictures(each.title, each.digits[:SHOWN], each.captions[:SHOWN]) for each in mistakes),
        Pictures(kernels.title, kernels.digits[:few], kernels.captions[:few]),
    ]
    units = Grid("Its output units, in percent", [*map(str, range(10))], [[Value(100 * share) for share in shares]], ())
    notes = [f"Trained on {counted(about['training_digits'], 'digit')}, seed {about['seed']}. {STRENGTH}"]
    sures = [part for each in mistakes for part in further(each, SHOWN)] + every[len(mistakes) :]
    heat = ("confusion", "What each digit was read as, by how many test digits.")
    sure = ("digits", "The digits misread most surely, and those read rightly but least surely.")
    seen = ("inside", "H1's kernels, and what the maps make of one test digit.")
    return [
        Section("", document["finding"], first, notes, charts=[heat]),
        Section("Sure and unsure", parts=sures, charts=[sure], long=True),
        Section("Inside the net", parts=[*further(kernels, few), *maps, units], charts=[seen], long=True),
    ]


def further(part: Pictures, shown: int) -> list[Pictures]:
    """Return the pictures that follow those that were shown, if there are any."""
    more = Pictures(f"{part.title}, continued", part.digits[shown:], part.captions[shown:])
    return [more] if more.digits else []


def lists(document: Document) -> list[Pictures]:
    """Return the lists of digits that are not empty, with captions of what was read and how surely."""
    named = {"The surest mistakes": "surest_mistakes", "Read rightly, but least surely": "least_sure_right"}
    told = {title: document[name] for title, name in named.items() if document[name]}
    return [Pictures(title, [one["pixels"] for one in few], list(map(caption, few))) for title, few in told.items()]


def caption(one: Document) -> str:
    """Say what a digit was read as, and how active two units were: its reading's, and its own or the next."""
    read = ", read rightly" if one["true"] == one["read_as"] else f" read as {one['read_as']}"
    shares = f"{one['read_as']}: {100 * one['share']:.0f} %, {one['beside']}: {100 * one['share_beside']:.0f} %"
    return f"{one['true']}{read}\n{shares}"


def inside(document: Document) -> list[Pictures]:
    """Return a net's kernels, a test digit, and the maps of it."""
    one, name = document["digit"], "H1's kernels" if document["digit"]["maps"] else "The weights of H1's units"
    told = {f"{name}: white adds, black takes away": document["kernels"]}
    told |= {f"{layer.upper()}'s maps of it: white is active": maps for layer, maps in one["maps"].items()}
    made = []
    for title, each in told.items():
        shown, count = each["pixels"], each["count"]
        more = "" if len(shown) == count else f" ({len(shown)} of {count})"
        made.append(Pictures(f"{title}{more}", shown, [""] * len(shown)))
    title = f"Test digit no. {one['place']:,}, {'an' if one['true'] == 8 else 'a'} {one['true']}"
    return [made[0], Pictures(title, [one["pixels"]], [caption(one)]), *made[1:]]


def matrix(document: Document) -> list[dict[str, int]]:
    """Return the confusion matrix as rows, one for each digit and what it was read as."""
    lines = enumerate(document["confusion"])
    return [{"true": true, "read_as": read, "digits": count} for true, line in lines for read, count in enumerate(line)]


def files(document: Document) -> dict[str, bytes]:
    """Return the confusion matrix as CSV."""
    return {"table.csv": csv(matrix(document))}
