"""What digits are at hand, whether they are undamaged, and how to get those that are missing."""

from dataclasses import dataclass
from pathlib import Path

from timetravel.digits.source import Check, Missing
from timetravel.digits.sources import SOURCES, data_root, no_such_source
from timetravel.errors import DataError


@dataclass(frozen=True)
class SourceStatus:
    """What is known of one source.

    train_count, test_count: digits as published. state: "ready", "missing", or "damaged: " and the reason.
    how: how to get it, or what to do next. ready: whether it can be used now.
    """

    name: str
    what: str
    where: str
    train_count: int
    test_count: int
    state: str
    how: str
    ready: bool


def inventory(root: Path | None = None) -> list[SourceStatus]:
    """Return the state of every source, reading each one whole (about two seconds). Changes nothing."""
    found, root = [], data_root(root)
    for kind in SOURCES.values():
        state = "ready"
        try:
            how = "; ".join(kind.whole(root).warnings) or kind.how
        except DataError as error:
            state, how = "missing" if isinstance(error, Missing) else f"damaged: {error.message}", error.hint
        counts = kind.counts["train"], kind.counts["test"]
        found.append(SourceStatus(kind.name, kind.what, str(kind.where(root)), *counts, state, how, state == "ready"))
    return found


def verify(root: Path | None = None) -> list[Check]:
    """Compare all digits that are at hand with what was published: the packaged MNIST, MNIST's own files
    in root/MNIST/raw, and the USPS files. What is not there is not listed. Changes nothing.
    """
    return [check for kind in SOURCES.values() for check in kind.checks(data_root(root))]


def fetch(name: str, root: Path | None = None) -> Path:
    """Make the source `name` available and return where it is.

    mnist is in the package, nothing to do. usps is downloaded through torchvision into root/USPS, unless
    root has it undamaged.
    Raises UsageError for another name, DataError with the reason where the download fails.
    """
    if name not in SOURCES:
        raise no_such_source(name)
    kind, folder = SOURCES[name], data_root(root)
    try:
        kind.whole(folder)
    except DataError:
        return kind.download(folder)
    return kind.where(folder)
