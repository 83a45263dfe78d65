"""What `timetravel compare` shows: each row of B against its like in A."""

from collections.abc import Mapping
from typing import Any

from timetravel.report.grid import Grid, Section, mean, number, word
from timetravel.report.tables import verdict


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return the changes with their verdicts, and what A and B are."""
    rows, sizes = document["rows"], (("training digits", "train_size"), ("test digits", "test_size"))
    varied = [number(head, key) for head, key in sizes if len({row[key] for row in rows}) > 1]
    title = "" if varied else "On {data}: {train_size:,} training digits, {test_size:,} test digits".format(**rows[0])
    columns = [
        word("row", "label"),
        *varied,
        number("mistakes of A", "mistakes_of_a", ",.1f"),
        number("of B", "mistakes_of_b", ",.1f"),
        mean("B against A, mistakes", "change_against_a", "+,.1f", "+,.0f"),
        number("p", "p_against_a", ".2g"),
        ("verdict", verdict("_against_a")),
        number("runs", "runs_used"),
    ]
    files = [
        f"{name.upper()}: {told['file']}, made by `{told['made_by']}`." for name, told in document["files"].items()
    ]
    notes = [*files, " ".join(document["method"]), *document["remarks"]]
    return [Section("", document["finding"], [Grid.of(title, rows, columns)], notes)]
