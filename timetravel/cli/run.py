"""From a study to its output: what every command that carries one out does."""

import sys
from typing import TYPE_CHECKING

from timetravel.api.calls import open_workshop
from timetravel.api.consoles import results
from timetravel.api.progress import describe, progress_of
from timetravel.cli.options import Options
from timetravel.cli.output import command_line, emit
from timetravel.numbers import duration

if TYPE_CHECKING:
    from timetravel.studies.base import Document, Study


def perform(study: "Study", options: Options) -> "Document | None":
    """Carry out a study and show what it found; with --dry-run only say what it would do (and return None).

    Stopped early, it shows what is known; after Ctrl-C it then raises KeyboardInterrupt.
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
            lines = "\n".join(["Dry run: nothing is trained or written.", *describe(plan)])
            results().print(lines, markup=False)
        return None
    document = carry_out(study, workshop, progress, command_line(), minutes)
    emit(document, options)
    if document.get("stopped", {}).get("why") == "Ctrl-C":
        raise KeyboardInterrupt
    return document
