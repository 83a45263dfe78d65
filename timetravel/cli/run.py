"""How a command is made one that can be typed: from its study to its output."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_origin

import typer

from timetravel.api.consoles import errors, results
from timetravel.api.progress import describe, progress_of
from timetravel.cli.options import OUTPUTS, Options, with_options
from timetravel.cli.output import command_line, emit
from timetravel.commands.options import TWO_RECIPES, Command
from timetravel.commands.setup import open_workshop
from timetravel.errors import DataError, TimetravelError, UsageError
from timetravel.numbers import duration

if TYPE_CHECKING:
    from timetravel.studies.base import Document, Study


def typed(command: Command) -> Callable[..., None]:
    """Return a command as Typer takes it: with its own options, the shared ones and those of the output."""

    def run(context: typer.Context, *, options: Options, **given: Any) -> None:
        source = context.get_parameter_source("seeds")
        call = replace(options, usual_seeds=source is not None and source.name == "DEFAULT")
        era = context.get_parameter_source("era")
        if given.get("recipe") and era is not None and era.name != "DEFAULT":
            raise UsageError(*TWO_RECIPES)
        if not command.shared:
            options.ready()
        found = command.begin(call, given)
        if isinstance(found, str):
            sys.stdout.write(found)
            return
        if isinstance(found, Path):
            call.note(f"Written: {found}")
            return
        tell(found, call) if isinstance(found, dict) else perform(found, call)

    first, options = (each for each in inspect.signature(run).parameters.values() if each.name != "given")
    own = [each for each in command.parameters.values() if each.name not in command.shared]
    own = [each for each in own if get_origin(each.annotation) is Annotated]  # the others can't be typed
    run.__name__, run.__doc__ = command.make.__name__, (command.make.__doc__ or "").partition("\f")[0]
    run.__signature__ = inspect.Signature([first, *(e.replace(kind=options.kind) for e in own), options])  # type: ignore[attr-defined]
    returned = inspect.signature(command.make).return_annotation
    tables = () if returned is str else ("quiet",) if "out" in command.parameters else OUTPUTS
    shown = ("dry_run", *tables) if command.trains else tables
    return with_options(*command.shared, *shown, **command.usual)(run)


def tell(document: "Document", options: Options) -> None:
    """Show a document that no study made."""
    from timetravel.studies.base import document_of

    if not options.quiet:
        for note in document.get("notes", ()):
            errors().print(note, style="dim", markup=False, soft_wrap=True)
    emit(document_of(document, command_line()), options)
    if document.get("failed"):
        raise DataError(document["failed"])


def perform(study: "Study", options: Options) -> None:
    """Carry out a study and show what it found; with --dry-run only say what it would do.

    Stopped early, it shows what is known; after Ctrl-C it then raises KeyboardInterrupt. Raises TimetravelError where
    every run of `train` diverged.
    """
    from timetravel.report.files import as_text
    from timetravel.studies.base import SCHEMA, carry_out

    workshop, minutes = open_workshop(options), options.minutes or study.minutes
    progress = progress_of(study, workshop, quiet=options.quiet)
    if minutes and not options.dry_run:
        progress.note(f"Stops after {duration(60 * minutes)} with what is known then (--minutes).")
    for remark in getattr(study, "remarks", ()):
        progress.note(remark)
    if options.dry_run:
        plan = study.plan(workshop)
        if options.as_json:
            told = {
                "dry_run": True,
                "runs_kept": len(plan.kept),
                "runs_to_train": len(plan.missing),
                "examples_to_see": plan.examples,
                "seconds": plan.seconds,
                "backends": [{"name": choice.name, "reason": choice.reason} for choice in plan.choices],
            }
            sys.stdout.write(as_text({"schema": SCHEMA, "command": study.command, **told}))
        else:
            lines = "\n".join(["Dry run: nothing is trained or written.", *describe(plan, study)])
            results().print(lines, markup=False)
        return
    document = carry_out(study, workshop, progress, command_line(), minutes)
    emit(document, options)
    if document.get("stopped", {}).get("why") == "Ctrl-C":
        raise KeyboardInterrupt
    if study.command == "train" and len(document["rows"][0]["diverged"]) == len(document["rows"][0]["runs"]):
        raise TimetravelError(
            "Every run diverged: the loss stopped being a number.",
            "Lower learning_rate, as --set learning_rate=0.01.",
        )
