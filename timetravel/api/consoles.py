"""The two streams: results on stdout, everything else on stderr. Made anew for every use, never at import."""

import os

from rich.console import Console


def results() -> Console:
    """Return the console for tables and data."""
    return Console(highlight=False, width=_width())


def errors() -> Console:
    """Return the console for progress, notes, warnings and errors."""
    return Console(stderr=True, highlight=False, width=_width())


def no_width() -> bool:
    """Whether the environment says that the terminal has no width at all, as in containers."""
    return os.environ.get("COLUMNS", "").strip() == "0"


def _width() -> int | None:
    return 80 if no_width() else None  # None: what Rich finds
