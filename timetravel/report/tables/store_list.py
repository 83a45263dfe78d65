"""What `timetravel store list` shows: the kept nets by recipe and digits."""

from collections.abc import Mapping
from typing import Any

from timetravel.report.grid import Grid, Section, Value, number, word


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return what is kept, a row for each recipe and number of training digits."""
    columns = [
        word("recipe", "label"),
        ("digits", lambda row: f"{row['size']:,} of {row['data']}" if row["data"] else f"{row['size']:,}"),
        number("nets", "nets"),
        ("seeds", lambda row: spans(row["seeds"])),
        ("backend", lambda row: ", ".join(row["backends"])),
        ("MB", lambda row: Value(row["bytes"] / 1e6, ",.1f")),
        word("last trained", "last"),
    ]
    return [
        Section("", document["finding"], [Grid.of("Kept nets", document["rows"], columns)] if document["rows"] else [])
    ]


def spans(numbers: list[int]) -> str:
    """Return whole numbers in order as '0-9, 12'."""
    firsts = [each for each in numbers if each - 1 not in numbers]
    lasts = [each for each in numbers if each + 1 not in numbers]
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in zip(firsts, lasts, strict=True))
