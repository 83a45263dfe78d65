"""A result as files: results.json, the tables, the report and the charts, in one folder."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from timetravel.errors import TimetravelError, UsageError, printable
from timetravel.files import check_folder as writable
from timetravel.files import write_whole
from timetravel.report import charts, render, tables

REMEDY = "Choose a folder that can be written, with some space left."


def check_folder(folder: Path | None) -> None:
    """Make sure that --out can be written before any work begins; raises TimetravelError."""
    if folder is None:
        return
    writable(folder, f"--out {folder} can't be written", REMEDY)
    for name in ("results.json", "report.md", "report.html", "table.csv"):
        if (folder / name).is_dir():
            raise TimetravelError(f"--out {folder} can't be written: {name} is a folder there.", REMEDY)


def check_file(file: Path, example: str) -> None:
    """Make sure that a file can be written, in place of an earlier one at most; raises UsageError, TimetravelError."""
    if os.path.isdir(file):  # noqa: PTH112  (no error for a name that is too long)
        raise UsageError(f"--out {file} is a folder.", f"Name a file, as {file / example}.")
    if os.path.exists(file) and not os.path.isfile(file):  # noqa: PTH110, PTH113
        raise UsageError(f"--out {file} is a pipe or a device.", f"Name a file, as {example}.")
    check_folder(file.parent)


def as_text(document: Mapping[str, Any]) -> str:
    """Return a document as JSON."""
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def write_files(document: Mapping[str, Any], out: Path, made_by: str) -> None:
    """Write results.json, the tables and the reports, then the charts, and the page again with the charts in it.

    What is written stays. made_by: what made the document, where it does not say so itself. Raises TimetravelError
    where something can't be written, or drawn.
    """
    sections = tables.sections(document)
    typed = document.get("typed") or document.get("provenance", document).get("command_line") or printable(made_by)
    title = f"timetravel {document['command']}"
    report = f"# {title}\n\n{render.markdown(sections)}\n\nMade by `{typed}`. The numbers are in results.json.\n"
    page = render.html(title, sections, {}, typed)
    texts = {"results.json": as_text(document), "report.md": report, "report.html": page}
    write({**{name: text.encode() for name, text in texts.items()}, **tables.files(document)}, out)
    if drawn := charts.files(document):
        write({**drawn, "report.html": render.html(title, sections, drawn, typed).encode()}, out)


def write(contents: Mapping[str, bytes], out: Path) -> None:
    """Write files, each whole or not at all; raises TimetravelError that tells of each that can't be written."""
    failed = []
    for name, content in contents.items():
        try:
            if Path(name).name != name:  # as a document might have it, to write elsewhere
                raise OSError(0, "it is no name of a file")
            out.mkdir(parents=True, exist_ok=True)
            write_whole(out / name, content)
        except OSError as error:
            failed.append(f"{out / name} can't be written: {error.strerror}.")
    if failed:
        raise TimetravelError(" ".join(failed), REMEDY)
