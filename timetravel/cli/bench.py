"""`timetravel bench`."""

EXAMPLES = ""


def bench() -> None:
    """Stub."""
