"""`timetravel modernize`: what each tweak is worth."""

from typing import Annotated, Literal

import typer

from timetravel.cli import options as o
from timetravel.cli.output import show
from timetravel.cli.run import perform, set_up
from timetravel.errors import UsageError

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
    tweaks: Annotated[str, typer.Option(help=TWEAKS, autocompletion=o.after_comma(_tweaks))] = "all",
    mode: Annotated[Literal["ladder", "alone", "without", "shares", "decompose"], typer.Option(help=MODE)] = "ladder",
    listing: Annotated[bool, typer.Option("--list", help=LIST)] = False,
    *,
    options: o.Options,
) -> None:
    """Climb from 1989 to 2022 and to today one tweak at a time: same digits, same net size, and each step's worth."""
    from timetravel import ladders

    if listing:
        show("tweaks", {"tweaks": ladders.listing()}, options)
        return
    if mode == "decompose" and tweaks != "all":
        raise UsageError("--mode decompose has rows of its own.", "Leave --tweaks out, or choose another mode.")
    chosen = ladders.parse_tweaks(tweaks, alone=mode == "alone")
    setup = set_up(options)
    from timetravel.studies.decompose import Decompose
    from timetravel.studies.modernize import Modernize
    from timetravel.studies.setup import Setup
    from timetravel.studies.shares import ORDERS, Shares

    if mode == "shares":
        shares, source = Shares(setup, chosen), context.get_parameter_source("seeds")
        if shares.sampled and source and source.name == "DEFAULT":
            shares = Shares(Setup(setup.source, setup.subsets, options.test, range(ORDERS)), chosen)
        perform(shares, options)
        return
    perform(Decompose(setup) if mode == "decompose" else Modernize(setup, chosen, mode), options)
