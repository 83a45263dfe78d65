"""How a command ends: tables or JSON on stdout, files in --out."""

import shlex
import sys
from collections.abc import Mapping
from typing import Any

from timetravel.api.consoles import errors, results
from timetravel.cli.options import Options


def emit(document: Mapping[str, Any], options: Options) -> None:
    """Print a document as tables or JSON and write its files. Raises TimetravelError where they can't be written."""
    from timetravel.report import render
    from timetravel.report.files import as_text, write_files
    from timetravel.report.tables import sections

    try:
        if options.as_json:
            sys.stdout.write(as_text(document))
            sys.stdout.flush()
        else:
            results().print(render.rich(sections(document), long=options.long))
    finally:  # a closed pipe, or a full disk, costs no files
        if options.out is not None:
            write_files(document, options.out, command_line())
            if not options.quiet:
                errors().print(f"Written: {options.out}", style="dim", markup=False, soft_wrap=True)


def command_line() -> str:
    """Return the command as it was typed."""
    return shlex.join(["timetravel", *sys.argv[1:]])
