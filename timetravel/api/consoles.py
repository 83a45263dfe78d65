"""The two streams: results on stdout, everything else on stderr. Made anew for every use, never at import."""

from rich.console import Console


def results() -> Console:
    """Return the console for tables and data."""
    return Console(highlight=False)


def errors() -> Console:
    """Return the console for progress, notes, warnings and errors."""
    return Console(stderr=True, highlight=False)
