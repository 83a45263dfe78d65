"""What `timetravel modernize --list` shows: the registry of tweaks."""

from collections.abc import Mapping
from typing import Any

from timetravel.report.grid import Grid, Section


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return every tweak with its year, what it does, its paper, what it needs and what it can't go with."""
    rows = []
    for tweak in document["tweaks"]:
        company = f" Needs {', '.join(tweak['needs'])}." if tweak["needs"] else ""
        company += f" Not with {', '.join(tweak['excludes'])}." if tweak["excludes"] else ""
        what = f"{tweak['title']}: {tweak['reason']}.{company} Numbers: {tweak['chosen']}."
        paper = f"{tweak['source']} {tweak['link']}"
        rows.append((tweak["tweak"], str(tweak["year"]), tweak["ladder"] or "", what, paper))
    note = "Ladder: essay, up to 2022; today, from there on."
    grid = Grid("The tweaks, by year", ("tweak", "year", "ladder", "what and why", "paper"), rows, (0, 1, 2, 3, 4))
    return [Section("", "", [grid], [note])]
