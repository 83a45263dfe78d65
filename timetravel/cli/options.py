"""The options of the command line alone, and how shared ones are handed to a command as one object."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final

from timetravel.api.consoles import errors
from timetravel.commands.options import RUNS, Call, option, parameters, read_by
from timetravel.commands.reading import parse_folder
from timetravel.errors import TimetravelError

OUTPUT: Final = "Output"
_DRY_RUN = "Say what would be trained and how long it takes; do nothing."
_LONG = "Every table, not the first screen alone."
_OUT = "A folder for results.json, report.md, report.html, table.csv and the charts."
_JSON = "Print one JSON document and nothing else."
OUTPUTS: Final = ("long", "out", "as_json", "quiet")


@dataclass(frozen=True)
class Options(Call):
    """What every study is told, and how its result is shown."""

    dry_run: Annotated[bool, option(RUNS, _DRY_RUN, "--dry-run")] = False
    long: Annotated[bool, option(OUTPUT, _LONG, "--long")] = False
    out: Annotated[Any, read_by(parse_folder, _OUT, OUTPUT, "DIR")] = None
    as_json: Annotated[bool, option(OUTPUT, _JSON, "--json")] = False
    quiet: Annotated[bool, option(OUTPUT, "No progress and no notes.", "--quiet", "-q")] = False

    def ready(self) -> None:
        """Check that --out can be written, then say that PyTorch is loaded, which takes seconds; raises UsageError."""
        from timetravel.report.files import check_folder

        try:
            Path.cwd()
        except OSError as error:  # PyTorch's library would end the process
            raise TimetravelError("The current folder is gone, or can't be seen.", "Go to another.") from error
        if not self.dry_run:
            check_folder(self.out)
        self.note("Loading ...")

    def note(self, text: str) -> None:
        """Tell how far the work has come, on stderr."""
        if not self.quiet:
            errors().print(text, style="dim", markup=False)

    def warn(self, text: str) -> None:
        """Tell of something that should be known before anything is trained, on stderr."""
        if not self.quiet:
            errors().print(f"Warning: {text}", style="yellow", markup=False, soft_wrap=True)


def with_options(*names: str, **defaults: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options of those names to a command that takes `options: Options`.

    defaults: of this command, in place of the shared ones.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def wrapped(**given: Any) -> None:
            chosen = Options(**{each.name: given.pop(each.name) for each in fields(Options) if each.name in names})
            command(**given, options=chosen)

        own = [each for each in inspect.signature(command).parameters.values() if each.name != "options"]
        every = [*own, *parameters(Options, names, defaults).values()]
        each_by_name = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in every]
        wrapped.__signature__ = inspect.Signature(each_by_name)  # type: ignore[attr-defined]
        return wrapped

    return decorate
