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
from timetravel.errors import TimetravelError
from timetravel.files import clean, write_whole

REMEDY = "Choose a folder that can be written, with some space left."


def check_folder(folder: Path | None) -> None:
    """Make sure that --out can be written before any work begins; raises TimetravelError."""
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise TimetravelError(f"--out {folder} can't be written: {error.strerror}.", REMEDY) from error


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
        try:
            write_files(document, options.out)
        except OSError as error:
            raise TimetravelError(f"--out {options.out} can't be written: {error.strerror}.", REMEDY) from error
        if not options.quiet:
            errors().print(f"Written: {options.out}", style="dim", markup=False, soft_wrap=True)


def write_files(document: Mapping[str, Any], out: Path) -> None:
    """Write results.json, the charts, the report and the tables, each whole or not at all."""
    from timetravel.report import charts, render, tables

    sections = tables.sections(document)
    typed = document.get("provenance", document).get("command_line") or document.get("typed") or command_line()
    title = f"timetravel {document['command']}"
    drawn = charts.files(document)
    report = f"# {title}\n\n{render.markdown(sections)}\n\nMade by `{typed}`. The numbers are in results.json.\n"
    contents = {
        "results.json": as_text(document).encode(),
        "report.md": report.encode(),
        "report.html": render.html(title, sections, drawn, typed).encode(),
        **tables.files(document),
        **drawn,
    }
    with tempfile.TemporaryDirectory(dir=out, prefix=".") as scratch:  # all are written before the first is moved
        for name, content in contents.items():
            write_whole(Path(scratch, name), content)
        for name in contents:
            Path(scratch, name).replace(out / name)


def command_line() -> str:
    """Return the command as it was typed."""
    return shlex.join(["timetravel", *sys.argv[1:]])


def show(command: str, content: Mapping[str, Any], options: Options) -> None:
    """Show what no study made, as a document of its own."""
    from timetravel.studies.base import SCHEMA

    emit(clean({"schema": SCHEMA, "command": command, **content}), options)
