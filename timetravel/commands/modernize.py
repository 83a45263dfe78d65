"""`timetravel modernize`: what each tweak is worth."""

from typing import Annotated, Literal

import typer

from timetravel.commands import options as o
from timetravel.commands.setup import set_up
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
SHOW = "Show an era's recipe, as --recipe reads it; do nothing."
LIST = "Show all tweaks with their years and papers; do nothing."


def _tweaks() -> list[str]:
    from timetravel.ladders import NAMED
    from timetravel.tweaks import TWEAKS

    return [*NAMED, *TWEAKS]


@o.command()
def modernize(
    call: o.Call,
    tweaks: Annotated[str, typer.Option(help=TWEAKS, autocompletion=o.after_comma(_tweaks))] = "all",
    *,
    mode: Annotated[Literal["ladder", "alone", "without", "shares", "decompose"], typer.Option(help=MODE)] = "ladder",
    show: Annotated[str | None, typer.Option(metavar="ERA", help=SHOW)] = None,
    list: Annotated[bool, typer.Option("--list", help=LIST)] = False,
) -> "o.Made":
    """Climb from 1989 to 2022 and to today one tweak at a time: same digits, same net size, and each step's worth.
    \f
    tweaks: all, essay, a comma list, or a list of names and of tweaks of your own. show: an era whose recipe is wanted.
    Karpathy (2022), https://karpathy.github.io/2022/03/14/lecun1989/; each tweak's paper stands in `timetravel.TWEAKS`.

    >>> mine = tt.Tweak("smooth", {"label_smoothing": 0.1}, needs=["softmax"])
    >>> found = tt.modernize(["softmax", mine], data=few, seeds=1, progress=False)
    >>> [row["label"] for row in found.document["rows"]]
    ['1989-essay', '+ softmax', '+ smooth']
    """
    from timetravel import ladders

    if show is not None:
        from timetravel.eras import era_of

        return era_of(show).recipe.to_toml()
    if list:
        return {"command": "tweaks", "tweaks": ladders.listing()}
    if mode == "decompose" and (tweaks != "all" or call.size or call.epochs):
        own = "--mode decompose has rows, digits and epochs of its own."
        raise UsageError(own, "Leave --tweaks, --size and --epochs out, or choose another mode.")
    chosen = ladders.parse_tweaks(tweaks, alone=mode == "alone")
    setup = set_up(call)
    from timetravel.studies.decompose import Decompose
    from timetravel.studies.modernize import Modernize
    from timetravel.studies.shares import ORDERS, Shares

    if mode == "shares":
        shares = Shares(setup, chosen)
        return Shares(setup.seeded(range(ORDERS)), chosen) if shares.sampled and call.usual_seeds else shares
    return Decompose(setup) if mode == "decompose" else Modernize(setup, chosen, mode)
