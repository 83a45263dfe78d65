"""The command line: its commands, and what is global."""

import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from timetravel.api.consoles import ready_streams
from timetravel.cli import show
from timetravel.cli.commands import Command as Typed
from timetravel.cli.commands import Group
from timetravel.cli.data import app as data
from timetravel.cli.run import typed
from timetravel.cli.store import app as store
from timetravel.version import __version__


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        sys.stdout.write(f"timetravel {__version__}\n")
        raise typer.Exit


app = typer.Typer(
    name="timetravel",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: timetravel train --era 1989",
)


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Train the digit net of 1989 as its authors did, as 2022 would, and argue about 2055."""
    del version


PANELS = {
    "Travel": ("train", "modernize", "scale_data", "scale_model", "foundation", "interpretations", "tune"),
    "Project": ("extrapolate",),
    "Look around": ("page", "predict", "look", "compare", "bench", "export"),
}
for panel, names in PANELS.items():
    for name in names:
        module = import_module(f"timetravel.commands.{name}")
        shown = {"rich_help_panel": panel, "epilog": module.EXAMPLES}
        app.command(name.replace("_", "-"), cls=Typed, **shown)(typed(getattr(module, name)))
app.command("show", cls=Typed, rich_help_panel="Look around", epilog=show.EXAMPLES)(show.show)
app.add_typer(data, name="data", rich_help_panel="Look around")
app.add_typer(store, name="store", rich_help_panel="Look around")


def main() -> None:
    """Run the command line (the entry point)."""
    ready_streams()
    try:
        app(prog_name="timetravel")
        sys.stdout.flush()
    except OSError as error:  # a closed pipe; help and the version, too, may meet a full disk
        # What the stream still holds goes nowhere, so that Python's own flush at the end can't fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"timetravel: nothing can be written: {error.strerror}.\n")
            sys.exit(1)
