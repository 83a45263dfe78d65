"""`timetravel modernize`: what each tweak is worth."""

from dataclasses import replace
from typing import Annotated, Literal

import typer

from timetravel.cli import options as o
from timetravel.cli.output import show
from timetravel.cli.run import perform

EXAMPLES = (
    "timetravel modernize --tweaks all\n\n"
    "timetravel modernize --tweaks essay --data usps --out ladder/\n\n"
    "timetravel modernize --tweaks momentum,muon,sam --mode alone\n\n"
    "timetravel modernize --tweaks essay --mode shares\n\n"
    "timetravel modernize --mode decompose --seeds 6\n\n"
    "timetravel modernize --list"
)
TWEAKS = "all (up to today), essay (up to 2022), or a comma list (--list shows them)."
MODE = (
    "ladder: one on top of another; alone: each on 1989-essay (all: every tweak there is); without: the full set but "
    "each; shares: each one's part in the whole, as a mean over orders; decompose: how much is algorithm, longer "
    "training and more data."
)
LIST = "Show all tweaks with their years and papers; do nothing."


def _tweaks() -> list[str]:
    from timetravel.ladders import NAMED
    from timetravel.tweaks import TWEAKS

    return [*NAMED, *TWEAKS]


@o.with_options()
def modernize(
    context: typer.Context,
    tweaks: Annotated[str, typer.Option(help=TWEAKS, autocompletion=_tweaks)] = "all",
    mode: Annotated[Literal["ladder", "alone", "without", "shares", "decompose"], typer.Option(help=MODE)] = "ladder",
    listing: Annotated[bool, typer.Option("--list", help=LIST)] = False,
    *,
    options: o.Options,
) -> None:
    """Climb from 1989 to 2022 and to today one tweak at a time: same digits, same net size, and each step's worth."""
    if listing:
        from timetravel.ladders import listing as every_tweak

        show("tweaks", {"tweaks": every_tweak()}, options)
        return
    source = context.get_parameter_source("seeds")
    if source and source.name == "DEFAULT":
        options = replace(options, seeds=None)
    from timetravel.api import calls

    perform(calls.modernize(options, tweaks, mode=mode), options)
