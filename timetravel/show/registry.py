"""The registry of tweaks as a table."""

from rich.console import Group, RenderableType
from rich.text import Text

from timetravel.ladders import ESSAY_LADDER, TODAY_LADDER
from timetravel.show.tables import new_table
from timetravel.tweaks import TWEAKS


def tweaks() -> RenderableType:
    """Show every tweak with its year, what it does, its paper, what it needs and what it can't go with."""
    table = new_table("The tweaks, by year", "tweak", "year", "what and why", "paper")
    for column in table.columns[2:]:
        column.justify, column.min_width = "left", 20
    for tweak in sorted(TWEAKS.values(), key=lambda tweak: tweak.year):
        mark = "*" if tweak.name in ESSAY_LADDER else "+" if tweak.name in TODAY_LADDER else ""
        company = "".join(
            f" {word} {', '.join(names)}."
            for word, names in (("Needs", tweak.needs), ("Not with", tweak.excludes))
            if names
        )
        table.add_row(
            f"{tweak.name}{mark}",
            str(tweak.year),
            f"{tweak.title}: {tweak.reason}.{company} Numbers: {tweak.chosen}.",
            f"{tweak.source}\n{tweak.link}",
        )
    note = "*: on the essay's ladder, up to 2022. +: on the ladder from there to today."
    return Group(table, Text(note, style="dim"))
