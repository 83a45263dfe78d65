"""A result as files: results.json, the tables, the report and the charts, in one folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from timetravel.errors import TimetravelError
from timetravel.files import check_folder as writable
from timetravel.files import printable, write_whole
from timetravel.report import charts, render, tables

REMEDY = "Choose a folder that can be written, with some space left."


def check_folder(folder: Path | None) -> None:
    """Make sure that --out can be written before any work begins; raises TimetravelError."""
    if folder is not None:
        writable(folder, f"--out {folder} can't be written", REMEDY)


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
