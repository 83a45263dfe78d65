"""`import timetravel as tt`: every command as one call, which returns a result."""

import inspect
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from timetravel.api.progress import progress_of
from timetravel.api.results import Result
from timetravel.commands.options import TWO_RECIPES, Call, Command
from timetravel.commands.reading import checked, usual
from timetravel.commands.setup import open_workshop
from timetravel.errors import UsageError, plainly
from timetravel.studies.base import carry_out, document_of

SHARED: Final = """

Shared options: data is a name, a path or `digits(images, labels)`; seeds how many nets (8: seeds 0 to 7) or a list of
seeds; subset, test, backend, device, workers, cluster, minutes and fresh are as `timetravel train --help` says;
executor, a concurrent.futures.Executor, makes the runs, twice `workers` at a time; progress=False shows no bar. Returns
a `Result`. Finished runs are kept; an interrupt returns the result of those that are finished, or is raised where that
is too little, and the next call goes on from them. Raises UsageError for what is not allowed, DataError for digits or
kept runs that are missing or damaged, TimetravelError for other failures; their `hint` says what to do.
"""


def front(name: str) -> Callable[..., Result]:
    """Return what calls a command: it takes the options of the command line, and `progress` for its bar."""
    command: Command = getattr(import_module(f"timetravel.commands.{name}"), name)
    known = command.parameters
    kind = inspect.Parameter.KEYWORD_ONLY
    sends = [inspect.Parameter("executor", kind, default=None)] if "cluster" in known else []
    bar = [inspect.Parameter("progress", kind, default=True)] if command.trains else []
    signature = inspect.Signature([*known.values(), *sends, *bar])

    @wraps(command.make)
    def called(*given: Any, **named: Any) -> Any:
        asked = signature.bind(*given, **named)
        if asked.arguments.keys() >= {"era", "recipe"}:
            raise UsageError(*TWO_RECIPES)
        progress, executor = asked.arguments.pop("progress", True), asked.arguments.pop("executor", None)
        told = {each: usual(option) for each, option in known.items()} | asked.arguments
        values = {each: checked(each, value, known[each]) for each, value in told.items()}
        typed = f"tt.{name}({', '.join([*map(repr, given), *(f'{k}={v!r}' for k, v in named.items())])})"
        call = Call(**{each: values.pop(each) for each in command.shared}, usual_seeds="seeds" not in named)
        found = command.begin(call, values)
        if isinstance(found, str | Path):
            return found
        if isinstance(found, dict):
            return Result(document_of(found, typed))
        workshop = open_workshop(call, executor)
        telling = progress_of(found, workshop, quiet=not progress, notes=False)
        return Result(carry_out(found, workshop, telling, typed, call.minutes or found.minutes))

    called.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    )
    called.__doc__ = (inspect.getdoc(command.make) or "").replace("\f", "") + (SHARED if command.trains else "")
    return plainly(called)
