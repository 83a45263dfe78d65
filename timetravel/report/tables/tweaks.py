"""What `timetravel modernize --list` shows: the registry of tweaks."""

from collections.abc import Mapping
from typing import Any

from timetravel.report.grid import Grid, Section


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return every tweak with its year, what it does, its paper, what it needs and what it can't go with."""
    rows = []
    for tweak in document["tweaks"]:
        company = "".join(
            f" {word} {', '.join(tweak[key])}."
            for word, key in (("Needs", "needs"), ("Not with", "excludes"))
            if tweak[key]
        )
        what = f"{tweak['title']}: {tweak['reason']}.{company} Numbers: {tweak['chosen']}."
        rows.append(
            (tweak["tweak"], str(tweak["year"]), tweak["ladder"] or "", what, f"{tweak['source']} {tweak['link']}")
        )
    note = "Ladder: essay, up to 2022; today, from there on."
    grid = Grid("The tweaks, by year", ("tweak", "year", "ladder", "what and why", "paper"), rows, (0, 1, 2, 3, 4))
    return [Section("", "", [grid], [note])]
