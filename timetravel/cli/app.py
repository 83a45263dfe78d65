"""The command line: what is global, and how errors and interruptions end."""

import os
import sys
from typing import Annotated, Any

import typer
from rich.panel import Panel
from rich.text import Text
from typer.core import TyperGroup

from timetravel.api.consoles import errors
from timetravel.cli import bench, show
from timetravel.cli.data import app as data
from timetravel.cli.run import typed
from timetravel.commands import compare, extrapolate, interpretations, modernize, scale_data, scale_model, train, tune
from timetravel.commands.options import Command
from timetravel.errors import TimetravelError
from timetravel.version import __version__


class Group(TyperGroup):
    """Ends every command that fails with one clear message and the right exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; turn what a user can cause into a message and an exit code."""
        try:
            return super().invoke(ctx)
        except TimetravelError as error:
            show_error(error)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            errors().print("Stopped. Finished runs are kept; the same command goes on from them.")
            raise typer.Exit(130) from error


def show_error(error: TimetravelError) -> None:
    """Print what was wrong and what to do, in one panel on stderr."""
    text = Text(error.message)
    if error.hint:
        text.append(f"\n{error.hint}", style="dim")
    title = {2: "Not understood", 3: "Digits or kept runs"}.get(error.exit_code, "Failed")
    errors().print(Panel(text, title=title, title_align="left", border_style="red"))


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
    "Travel": (train, modernize, scale_data, scale_model, interpretations, tune),
    "Project": (extrapolate,),
    "Look around": (show, compare, bench),
}
for panel, modules in PANELS.items():
    for module in modules:
        function = module.__name__.rpartition(".")[2]
        name = function.replace("_", "-")
        found = getattr(module, function)
        callback = typed(found) if isinstance(found, Command) else found
        app.command(name, rich_help_panel=panel, epilog=module.EXAMPLES)(callback)
app.add_typer(data, name="data", rich_help_panel="Look around")


def main() -> None:
    """Run the command line (the entry point)."""
    try:
        app(prog_name="timetravel")
        sys.stdout.flush()
    except OSError as error:  # a closed pipe; help and the version, too, may meet a full disk
        # What the stream still holds goes nowhere, so that Python's own flush at the end can't fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"timetravel: nothing can be written: {error.strerror}.\n")
            sys.exit(1)
