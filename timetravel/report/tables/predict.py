"""What `timetravel predict` shows: of one picture a row a net, of several a row a picture."""

from collections.abc import Mapping
from typing import Any

from timetravel.numbers import percent
from timetravel.report.grid import Grid, Pictures, Section
from timetravel.report.render import csv

MARK = "?: unsure."


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return what was read, and the pixels that the nets saw."""
    rows, labels = document["rows"], [net["label"] for net in document["nets"]]
    drawn = [row for row in rows if row["reads"]]
    notes = [*document["remarks"]]
    if len(rows) == 1:
        grids = [of_one(row) for row in drawn]
    else:
        told = [[row["picture"], *(marked(net) for net in row["nets"]), remark(row)] for row in rows]
        grids = [Grid("What each net reads", ["picture", *labels, ""], told, range(len(labels) + 2))]
        notes = [*([MARK] if any("?" in cell for row in told for cell in row[1:-1]) else []), *notes]
    pictures = [Pictures(f"{row['picture']}, as nets saw it", *seen(row)) for row in drawn]
    return [
        Section("", document["finding"], grids, notes),
        Section("What the nets saw", "", pictures, long=not document["show"]),
    ]


def of_one(row: Mapping[str, Any]) -> Grid:
    """Return the table of one picture, a row a net."""
    several = len(row["reads"]) > 1
    head = ("net", "reads", "least confidence" if several else "confidence", "")
    lines = [
        (net["net"], marked(net), percent(min(net["confidence"])), "unsure" if any(net["unsure"] or ()) else "")
        for net in row["nets"]
    ]
    return Grid(row["picture"], head, lines, (0, 1, 3))


def marked(net: Mapping[str, Any]) -> str:
    """Return the digits that a net reads, with a mark after each of which it is unsure."""
    doubts = net["unsure"] or [False] * len(net["reads"])
    return "".join(f"{digit}{'?' if doubt else ''}" for digit, doubt in zip(net["reads"], doubts, strict=True))


def remark(row: Mapping[str, Any]) -> str:
    """Say what is wrong with a picture, if anything."""
    if row["problem"]:
        return "not read"
    return "" if row["reads"] else "nothing drawn"


def seen(row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the pictures of the 16x16 pixels that nets saw, and their captions."""
    pairs = [(digit, ", ".join(way["nets"])) for way in row["seen"] for digit in way["digits"]]
    return [digit for digit, _ in pairs], [caption for _, caption in pairs]


def files(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Return a row for every picture and net as CSV."""
    told = [
        {"picture": row["picture"], "problem": row["problem"]}
        | {name: net[name] for name in ("net", "reads")}
        | {name: " ".join(map(str, net[name] or ())) for name in ("confidence", "unsure")}
        for row in document["rows"]
        for net in row["nets"]
    ]
    return {"table.csv": csv(told)}
