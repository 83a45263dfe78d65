"""How a command ends: tables or JSON on stdout, files in --out."""

import json
import shlex
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from timetravel.cli.consoles import errors, results
from timetravel.cli.options import Options
from timetravel.errors import TimetravelError, UsageError
from timetravel.files import clean, write_whole

REMEDY = "Choose a folder that can be written, with some space left."


def check_folder(folder: Path | None) -> None:
    """Make sure that --out can be written before any work begins; raises UsageError."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"--out {folder} can't be written: {error.strerror}.", REMEDY) from error


def as_text(document: Mapping[str, Any]) -> str:
    """Return a document as JSON."""
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def emit(document: Mapping[str, Any], options: Options) -> None:
    """Print a document as tables or JSON and write its files. Raises TimetravelError where they can't be written."""
    from timetravel.report import render
    from timetravel.report.tables import sections

    if options.as_json:
        sys.stdout.write(as_text(document))
        sys.stdout.flush()
    else:
        results().print(render.rich(sections(document), long=options.long))
    if options.out is not None:
        write_files(document, options.out)
        if not options.quiet:
            errors().print(f"Written: {options.out}", style="dim", markup=False, soft_wrap=True)


def write_files(document: Mapping[str, Any], out: Path) -> None:
    """Write results.json, the tables and the reports, then the charts, and the page again with the charts in it.

    What is written stays. Raises TimetravelError where something can't be written, or drawn.
    """
    from timetravel.report import charts, render, tables

    sections = tables.sections(document)
    typed = document.get("provenance", document).get("command_line") or document.get("typed") or command_line()
    title = f"timetravel {document['command']}"
    report = f"# {title}\n\n{render.markdown(sections)}\n\nMade by `{typed}`. The numbers are in results.json.\n"
    texts = {
        "results.json": as_text(document),
        "report.md": report,
        "report.html": render.html(title, sections, {}, typed),
    }
    write({**{name: text.encode() for name, text in texts.items()}, **tables.files(document)}, out)
    if drawn := charts.files(document):
        write({**drawn, "report.html": render.html(title, sections, drawn, typed).encode()}, out)


def write(contents: Mapping[str, bytes], out: Path) -> None:
    """Write files, each whole or not at all; raises TimetravelError that tells of each that can't be written."""
    failed = []
    for name, content in contents.items():
        try:
            write_whole(out / name, content)
        except OSError as error:
            failed.append(f"{out / name} can't be written: {error.strerror}.")
    if failed:
        raise TimetravelError(" ".join(failed), REMEDY)


def command_line() -> str:
    """Return the command as it was typed."""
    return shlex.join(["timetravel", *sys.argv[1:]])


def show(command: str, content: Mapping[str, Any], options: Options) -> None:
    """Show what no study made, as a document of its own."""
    from timetravel.studies.base import SCHEMA

    emit(clean({"schema": SCHEMA, "command": command, **content}), options)
