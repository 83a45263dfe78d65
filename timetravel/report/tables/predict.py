"""What `timetravel predict` shows: of one picture a row a net, of several a row a picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from timetravel.numbers import percent
from timetravel.report.grid import Grid, Pictures, Section


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return what was read, and the pixels that the nets saw."""
    pictures, labels = document["pictures"], [net["label"] for net in document["nets"]]
    rows = {one["picture"]: [row for row in document["rows"] if row["picture"] == one["picture"]] for one in pictures}
    if len(pictures) > 1:
        names = [Path(one["picture"]).name for one in pictures]  # without folders, where they still differ
        names = names if len(set(names)) == len(names) else [one["picture"] for one in pictures]
        why = ["can't be read" if one["problem"] else "" if one["reads"] else "nothing drawn" for one in pictures]
        read = [map(marked, rows[one["picture"]]) for one in pictures]
        told = [[name, *each, remark] for name, each, remark in zip(names, read, why, strict=True)]
        grids = [Grid("What each net reads (?: unsure)", ["picture", *labels, ""], told, range(len(labels) + 2))]
    else:
        several = len(pictures[0]["reads"]) > 1
        head = ("net", "reads", "least confidence" if several else "confidence", "")
        told = [
            [row["net"], marked(row), percent(min(row["confidence"])), "unsure" if any(row["unsure"]) else ""]
            for row in document["rows"]
            if row["reads"]
        ]
        grids = [Grid("", head, told, (0, 1, 3))] if told else []
    drawn = [Pictures(one["picture"], *seen(rows[one["picture"]])) for one in pictures if one["reads"]]
    return [
        Section("", document["finding"], grids, document["remarks"]),
        Section("What the nets saw", "", drawn, long=not document["show"]),
    ]


def marked(row: Mapping[str, Any]) -> str:
    """Return the digits that a net reads, with a mark after each of which it is unsure."""
    pairs = zip(row["reads"], row["unsure"], strict=True)
    return "".join(f"{digit}{'?' if doubt else ''}" for digit, doubt in pairs)


def seen(rows: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the 16x16 pixels that nets saw, and as captions which did."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        for pixels in row["seen"]:
            found.setdefault(pixels, {})[row["net"]] = None
    return list(found), ["; ".join(nets) for nets in found.values()]
