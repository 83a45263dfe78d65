"""Results that were saved, read again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from timetravel.errors import DataError
from timetravel.files import clean, contents, digest

AGAIN = "Make it again with the command that made it, and --out or --json."


@contextmanager
def intact(files: str) -> Iterator[None]:
    """Raise DataError where what a saved result lacks, or holds amiss, ends the work with it."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        lacks = f"it does not say {error}" if isinstance(error, KeyError) else f"it says what can't be ({error})"
        raise DataError(f"{files} is damaged: {lacks}.", AGAIN) from error


def saved(file: Path) -> dict[str, Any]:
    """Return a saved document; raises DataError for what is none, or one of another version of the package."""
    from timetravel.report.tables import known
    from timetravel.studies.base import SCHEMA

    try:
        content = contents(file, str(file), "Give the path of a results.json.")
        document = clean(json.loads(content))
        changed = isinstance(document, dict) and document.pop("digest", digest(document)) != digest(document)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file} is not JSON, or damaged: {error}.", AGAIN) from error
    if not isinstance(document, dict) or not {"schema", "command"} <= document.keys():
        raise DataError(f"{file} is no result of timetravel.", "Give the path of a results.json.")
    if changed:  # the store's results carry their digest
        raise DataError(f"{file} was changed since it was written.", AGAIN)
    if (schema := document["schema"]) != SCHEMA:
        shown = f"This version shows schema {SCHEMA}. {AGAIN}"
        raise DataError(f"{file} is of schema {schema}, from another version of timetravel.", shown)
    if document.get("dry_run"):
        raise DataError(f"{file} is of a dry run: it holds no result.", "Make one by the command without --dry-run.")
    if not known(document):
        raise DataError(f"{file} is of the command {document['command']!r}, which has no tables.", AGAIN)
    return document
