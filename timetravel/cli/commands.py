"""What every command and group of commands has: help that shows flags as they are typed, and one way to end amiss."""

from typing import Any

import typer
from rich.panel import Panel
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from timetravel.api.consoles import errors
from timetravel.errors import TimetravelError, printable


class PlainFlags:
    """Lets flags, which take no value, show no type in help."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: D102
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for each in parameters:
            if getattr(each, "is_flag", False):
                each.metavar = ""
        return parameters


class Command(PlainFlags, TyperCommand):
    """A command."""


class Group(PlainFlags, TyperGroup):
    """Ends every command that fails with one clear message and the right exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; turn what a user can cause into a message and an exit code."""
        try:
            return super().invoke(ctx)
        except TimetravelError as error:
            show_error(error)
            raise typer.Exit(error.exit_code) from error
        except OSError as error:
            if error.filename is None:  # of a stream
                raise
            told = f"{printable(error.filename)} can't be used: {error.strerror}."
            show_error(TimetravelError(told, "Name a file or folder that you may read and write."))
            raise typer.Exit(1) from error
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")  # a word of the library that converts
            raise
        except KeyboardInterrupt as error:
            errors().print("Stopped. Finished runs are kept; the same command goes on from them.")
            raise typer.Exit(130) from error


def show_error(error: TimetravelError) -> None:
    """Print what was wrong and what to do, in one panel on stderr, and pictures of what is meant below it."""
    text = Text(error.message)
    if error.hint:
        text.append(f"\n{error.hint}", style="dim")
    title = {2: "Not understood", 3: "Digits, pictures or kept runs"}.get(error.exit_code, "Failed")
    errors().print(Panel(text, title=title, title_align="left", border_style="red"))
    if error.pictures:
        from timetravel.report.pictures import PictureRow

        errors().print(PictureRow(*error.pictures))
