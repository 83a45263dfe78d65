"""`timetravel extrapolate`."""

EXAMPLES = ""


def extrapolate() -> None:
    """Stub."""
