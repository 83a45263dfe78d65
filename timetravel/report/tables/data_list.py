"""What `timetravel data list` shows: the sources of digits."""

from collections.abc import Mapping
from typing import Any

from timetravel.numbers import listed
from timetravel.report.grid import Grid, Section


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return what is here, where, how many, in what state, and how to get what is not."""
    rows, notes = [], []
    for one in document["sources"]:
        counts = f"{one['train_count']:,} + {one['test_count']:,}" if one["train_count"] else ""
        rows.append((one["name"], counts, one["state"], one["where"]))
        if not one["ready"]:
            notes.append(f"{one['name']}: {one['how']}")
    told = f"Ready: {listed([one['name'] for one in document['sources'] if one['ready']]) or 'no digits'}."
    head = ("source", "training + test digits", "state", "where")
    return [Section("", told, [Grid("Sources of digits", head, rows, (0, 1, 2, 3))], notes)]
