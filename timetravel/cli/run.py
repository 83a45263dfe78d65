"""From options to a setup, from a study to its output: what every command that carries out a study does."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from timetravel.cli.consoles import errors, results
from timetravel.cli.options import Options
from timetravel.cli.output import as_text, check_folder, command_line, emit
from timetravel.cli.progress import Progress, describe
from timetravel.errors import UsageError
from timetravel.numbers import duration

if TYPE_CHECKING:
    from timetravel.engine.collect import Workshop
    from timetravel.recipes import Recipe
    from timetravel.studies.base import Document, Study
    from timetravel.studies.setup import Setup


def set_up(options: Options, sizes: Sequence[int] = (), *, by_class: bool = False, folds: bool = False) -> "Setup":
    """Check everything that can be checked, then load the digits, and only then PyTorch.

    folds: choices are made on folds of the training digits, so that there is one subset.
    """
    from timetravel.digits import TEST_SIZE_1989, TRAIN_SIZE_1989, open_source
    from timetravel.digits.subsets import checked_size, named_subsets

    named = options.subset or ("0" if folds else "")
    names = named_subsets(options.data, named) if named else []
    if folds and len(names) > 1:
        raise UsageError(f"--subset {named}: folds are made of a single subset.", "Name one.")
    source = open_source(options.data, options.data_root)
    checked_size(None if options.test == TEST_SIZE_1989 else options.test, TEST_SIZE_1989, source.test_count, "test")
    for size in sizes:
        checked_size(size, TRAIN_SIZE_1989, source.train_count, "training")
    if not options.dry_run:
        check_folder(options.out)
    if not options.quiet:
        for warning in source.warnings:
            errors().print(f"Warning: {warning}", style="yellow", markup=False)
    loading(options)
    from timetravel.studies.setup import Setup

    return Setup(source, names, options.test, options.seeds, by_class=by_class)


def set_values(recipe: "Recipe", changes: Sequence[str], options: Options) -> "Recipe":
    """Return a recipe with what --set says; warns of values that it makes no use of. Raises UsageError."""
    from timetravel.recipes import changed

    made = changed(recipe, changes)
    for name in (change.partition("=")[0].strip() for change in changes):
        if not options.quiet and not made.settings()[name].used(made):
            errors().print(f"Warning: {name} has no effect on this recipe.", style="yellow", markup=False)
    return made


def loading(options: Options) -> None:
    """Say that PyTorch is loaded next, which takes seconds."""
    if not options.quiet:
        errors().print("Loading ...", style="dim")


def open_workshop(options: Options) -> "Workshop":
    """Return where runs are made and kept."""
    from timetravel.engine.collect import Workshop
    from timetravel.engine.provenance import available_cores
    from timetravel.engine.store import Store

    return Workshop(Store(), options.backend, options.device, options.workers or available_cores(), options.fresh)


def perform(study: "Study", options: Options, progress: Progress | None = None) -> "Document | None":
    """Carry out a study and show what it found; with --dry-run only say what it would do (and return None).

    Stopped early, it shows what is known; after Ctrl-C it then raises KeyboardInterrupt.
    """
    from timetravel.studies.base import SCHEMA, carry_out

    workshop, progress = open_workshop(options), progress or Progress(options.quiet, study)
    minutes = options.minutes or study.minutes
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
        return None
    document = carry_out(study, workshop, progress, command_line(), minutes)
    emit(document, options)
    if document.get("stopped", {}).get("why") == "Ctrl-C":
        raise KeyboardInterrupt
    return document
