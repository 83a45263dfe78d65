"""The two streams: results on stdout, everything else on stderr. Made anew for every use, never at import."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def results() -> "Console":
    """Return the console for tables and data."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def errors() -> "Console":
    """Return the console for progress, notes, warnings and errors."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)
