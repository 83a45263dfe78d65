"""What `timetravel compare` shows: each row of B against its like in A."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from timetravel.report.grid import Grid, Section, mean, number, word
from timetravel.report.tables import grounds, scope, verdicts


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
        mean("change from A to B", "change_against_a", "+,.1f", "+,.0f"),
        *verdicts("_against_a"),
    ]
    files = [
        f"{name.upper()}: {told['file']}, made by `{told['made_by']}`." for name, told in document["files"].items()
    ]
    grid = Grid.of(title or "Mistakes", rows, columns)
    notes = [*files, *scope(document, grid), *document["remarks"]]
    sure = [word("row", "label"), *varied, number("p", "p_against_a", ".2g"), number("runs", "runs_used")]
    told = replace(grounds(document), parts=[Grid.of("", rows, sure)])
    return [Section("", document["finding"], [grid], notes), told]
