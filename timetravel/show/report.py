"""Finished results as a Markdown report: the finding, the tables as text, the figure."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

    from timetravel.studies.setup import Result

WIDTH = 100  # columns of the tables in a report


def markdown(result: "Result", renderable: "RenderableType", command: str) -> str:
    """Return the report of a result; `command` is what makes it again."""
    return (
        f"# timetravel {result.command}\n\n{result.finding}\n\n"
        f"```text\n{as_text(renderable)}```\n\n"
        f"![{result.finding}](figure.svg)\n\n"
        f"Made by `{command}`. The numbers are in results.json and table.csv.\n"
    )


def as_text(renderable: "RenderableType", width: int = WIDTH) -> str:
    """Render something of Rich's as plain text without colours or trailing blanks."""
    from rich.console import Console

    stream = io.StringIO()
    Console(file=stream, width=width, no_color=True, force_terminal=False, highlight=False).print(renderable)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())
