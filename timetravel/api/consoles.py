"""The two streams: results on stdout, everything else on stderr. Made anew for every use, never at import."""

import os

from rich.console import Console


def results() -> Console:
    """Return the console for tables and data."""
    return Console(highlight=False, width=_width())


def errors() -> Console:
    """Return the console for progress, notes, warnings and errors."""
    return Console(stderr=True, highlight=False, width=_width())


def _width() -> int | None:
    """Return 80 where the environment says that a terminal has no width, as containers do; else what Rich finds."""
    return 80 if os.environ.get("COLUMNS", "").strip() == "0" else None
