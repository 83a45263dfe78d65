"""The two streams: results on stdout, everything else on stderr. Made anew for every use, never at import."""

import io
import os
import sys
from typing import Any

from rich.console import Console

SIZES = ("COLUMNS", "LINES", "TERMINAL_WIDTH")  # the last is Typer's
WIDEST = 10_000  # characters that a line of any terminal has


def results() -> Console:
    """Return the console for tables and data."""
    return Console(highlight=False, _environ=_environment())


def errors() -> Console:
    """Return the console for progress, notes, warnings and errors."""
    return Console(stderr=True, highlight=False, _environ=_environment())


class Patient(io.FileIO):
    """A stream that may be full or closed: what can't be told there costs no result."""

    def write(self, content: Any) -> int:
        """Write, or do as if."""
        try:
            return super().write(content) or 0
        except OSError:
            return len(content)


def ready_streams() -> None:
    """Make the streams of a program such that none can end it: closed ones lead nowhere.

    A letter that an encoding lacks is replaced. Sizes of a terminal that none has, as 0 in containers, are forgotten.
    """
    for name in SIZES:
        if not _fits(os.environ.get(name, "80")):
            del os.environ[name]
    for name, mode in {"stdin": "r", "stdout": "w", "stderr": "w"}.items():
        if getattr(sys, name) is None:  # closed: the next file opened would take its place
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        told = io.BufferedWriter(Patient(2, "w", closefd=False))
        sys.stderr = io.TextIOWrapper(told, sys.stderr.encoding, "replace", line_buffering=True)


def _fits(size: str) -> bool:
    return size.isascii() and size.isdecimal() and 0 < int(size[:9]) <= WIDEST


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in SIZES or _fits(value)}
