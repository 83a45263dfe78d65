"""A result as files: results.json, the tables, the report and the charts, in one folder."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from timetravel.errors import TimetravelError, UsageError
from timetravel.files import write_whole
from timetravel.report import charts, render, tables

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


def write_files(document: Mapping[str, Any], out: Path, made_by: str) -> None:
    """Write results.json, the charts, the report and the tables, each whole or not at all.

    made_by: what made the document, where it does not say so itself. Raises TimetravelError where that fails.
    """
    sections = tables.sections(document)
    typed = document.get("provenance", document).get("command_line") or document.get("typed") or made_by
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
    try:
        with tempfile.TemporaryDirectory(dir=out, prefix=".") as scratch:  # all are written before the first is moved
            for name, content in contents.items():
                write_whole(Path(scratch, name), content)
            for name in contents:
                Path(scratch, name).replace(out / name)
    except OSError as error:
        raise TimetravelError(f"--out {out} can't be written: {error.strerror}.", REMEDY) from error
