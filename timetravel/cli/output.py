"""How a command ends: a table or JSON on stdout, files in --out."""

import json
import math
import shlex
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timetravel.cli.consoles import errors, results
from timetravel.errors import TimetravelError, UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from timetravel.studies.setup import Result

Documents = Callable[[dict[str, bytes]], dict[str, bytes]]
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


def emit(
    result: "Result",
    render: "Callable[[], RenderableType]",
    *,
    as_json: bool,
    quiet: bool,
    out: Path | None,
    provenance: dict[str, Any] | None = None,
    documents: Documents | None = None,
) -> None:
    """Print a finished result and write its files.

    documents: makes a result's own texts, by file name, of its drawn figures; they stand in place of table.csv and
    report.md.
    """
    document = result.to_dict() | ({"provenance": provenance} if provenance else {})
    text = json.dumps(clean(document), indent=1, allow_nan=False) + "\n"
    if as_json:
        sys.stdout.write(text)
        sys.stdout.flush()
    else:
        results().print(render())
    if out is not None:
        try:
            write_files(result, render, text, out, documents)
        except OSError as error:
            raise TimetravelError(f"--out {out} can't be written: {error.strerror}.", REMEDY) from error
        if not quiet:
            errors().print(f"Written: {out}", style="dim", markup=False, soft_wrap=True)


def write_files(
    result: "Result",
    render: "Callable[[], RenderableType]",
    text: str,
    out: Path,
    documents: Documents | None = None,
) -> None:
    """Write results.json, the figures, and table.csv and report.md or a result's own, each whole or not at all."""
    from timetravel.files import write_whole
    from timetravel.show.figures import files
    from timetravel.show.report import markdown

    contents = files(result)
    if documents is None:
        contents["table.csv"] = result.table().to_csv(index=False).encode()
        contents["report.md"] = markdown(result, render(), command_line()).encode()
    else:
        contents |= documents(contents)
    contents["results.json"] = text.encode()
    with tempfile.TemporaryDirectory(dir=out, prefix=".") as scratch:  # all are written before the first is moved
        for name, content in contents.items():
            write_whole(Path(scratch, name), content)
        for name in contents:
            Path(scratch, name).replace(out / name)


def command_line() -> str:
    """Return the command as it was typed."""
    return shlex.join(["timetravel", *sys.argv[1:]])


def make_provenance(**facts: Any) -> dict[str, Any]:
    """Return the facts that every measured result carries."""
    from timetravel.engine import provenance

    return provenance.machine() | {
        "command_line": command_line(),
        "finished": provenance.now(),
        "peak_memory_mb": provenance.peak_memory_mb(),
        "threads_allowed": provenance.available_cores(),
        **facts,
    }


def clean(value: Any) -> Any:
    """Replace what JSON can't hold, a float that is no number, by null."""
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
