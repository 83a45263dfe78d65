"""`timetravel store`: what is kept, whether it is whole, and what can go."""

from collections import Counter
from typing import Annotated, Any

import typer

from timetravel.api.consoles import results
from timetravel.cli import options as o
from timetravel.cli.commands import Command, Group
from timetravel.cli.run import tell
from timetravel.commands.options import option

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="See, check and clean the folder of kept runs, which TIMETRAVEL_STORE names.",
    epilog="timetravel store list\n\ntimetravel store check\n\ntimetravel store clean --dry-run",
)


def opened(*, empty: bool = False) -> Any:
    """Return the store; ends the command where there is none yet, unless that is as good as an empty one."""
    from timetravel.engine.store import Store
    from timetravel.errors import TimetravelError

    store = Store()
    try:
        next(store.folder.iterdir(), None)
    except FileNotFoundError:
        if not empty:
            say(f"Nothing is kept yet: there is no {store.folder}.")
            raise typer.Exit from None
    except OSError as error:
        told = "Set TIMETRAVEL_STORE to a folder that can be read."
        raise TimetravelError(f"The store {store.folder} can't be read: {error.strerror}.", told) from error
    return store


def say(text: str) -> None:
    """Print a line, however long."""
    results().print(text, markup=False, soft_wrap=True)


@app.command(cls=Command)
def where() -> None:
    """Print the folder of kept runs."""
    from timetravel.engine.store import Store

    say(str(Store().folder))


@app.command("list", cls=Command)
@o.with_options("as_json", "quiet")
def list_(*, options: o.Options) -> None:
    """List the kept nets by recipe and digits."""
    from timetravel.studies.stored import listing

    tell(listing(opened(empty=options.as_json)), options)


@app.command(cls=Command)
def check() -> None:
    """Read and check all that is kept, and change nothing; exit code 3 if something is damaged."""
    from timetravel.engine.upkeep import inspect
    from timetravel.studies.stored import megabytes

    store, states, size = opened(), Counter[str](), 0
    for found in inspect(store):
        states[found.state] += 1
        size += found.size if found.state == "ok" else 0
        if found.state not in ("ok", "set aside"):
            say(f"{found.state}: {found.path}: {found.why}")
    others = "".join(f", {count:,} {state}" for state, count in sorted(states.items()) if state != "ok")
    say(f"{states['ok']:,} entries ok, {megabytes(size)}{others}, in {store.folder}")
    if states["damaged"]:
        say("What is damaged is set aside, and trained again, by the command that trained it.")
        raise typer.Exit(3)


@app.command(cls=Command)
def clean(
    dry_run: Annotated[bool, option(None, "Say what would be removed; do nothing.", "--dry-run")] = False,
) -> None:
    """Remove what interrupted commands left, what was set aside, and what older versions kept. Good runs stay.

    What is damaged is set aside, and removed by the next clean.
    """
    from timetravel.engine.upkeep import clean as cleaned
    from timetravel.studies.stored import megabytes

    store, freed, count = opened(), 0, 0
    for found, done, size in cleaned(store, dry_run=dry_run):
        freed, count = freed + size, count + 1
        say(f"{'to be ' if dry_run else ''}{done}: {found.path}: {found.state}, {found.why}")
    say(
        f"{'Would free' if dry_run else 'Freed'} {megabytes(freed)} in {store.folder}."
        if count
        else "Nothing to clean."
    )
