"""What digits are at hand, whether they are undamaged, and how to get those that are missing."""

from dataclasses import dataclass
from pathlib import Path

from timetravel.digits import mnist, usps
from timetravel.digits.sources import data_root, no_such_source
from timetravel.errors import DataError


@dataclass(frozen=True)
class SourceStatus:
    """One source: what it is, where it is, and `state`: "ready", "missing" or "damaged: ...".

    train_count, test_count: digits as published. how: how to get it, or what to do next.
    """

    name: str
    what: str
    where: str
    train_count: int
    test_count: int
    state: str
    how: str

    @property
    def ready(self) -> bool:
        """Whether the source can be used now."""
        return self.state == "ready"


@dataclass(frozen=True)
class Check:
    """One comparison: `expected` and `found` are digests; `note` says what else there is to know."""

    what: str
    where: str
    expected: str
    found: str
    ok: bool
    note: str = ""


def inventory(root: Path | None = None) -> list[SourceStatus]:
    """Return the state of every source, reading each one whole (about two seconds). Changes nothing."""
    return [_mnist_status(), _usps_status(data_root(root))]


def verify(root: Path | None = None) -> list[Check]:
    """Compare all digits that are at hand with what was published: the packaged MNIST, MNIST's own files
    in root/MNIST/raw, and the USPS files. What is not there is not listed. Changes nothing.
    """
    folder = data_root(root)
    return [*_packaged_checks(), *_raw_checks(folder / "MNIST" / "raw"), *_usps_checks(folder)]


def fetch(name: str, root: Path | None = None) -> Path:
    """Make the source `name` available and return where it is.

    mnist is in the package, nothing to do. usps is downloaded through torchvision into root/USPS, unless
    root has it undamaged.
    Raises UsageError for another name, DataError with the reason where the download fails.
    """
    if name == "mnist":
        return mnist.PACKED
    if name != "usps":
        raise no_such_source(name)
    folder = data_root(root)
    try:
        found = usps.find(folder)
        for split in usps.PUBLISHED:
            usps.load(split, found)
    except DataError:
        return usps.download(folder)
    return found


def _mnist_status() -> SourceStatus:
    state, how = "ready", "comes with timetravel"
    try:
        mnist.load("train")
        mnist.load("test")
    except DataError as error:
        state, how = f"damaged: {error.message}", error.hint
    return SourceStatus(
        "mnist",
        "handwritten digits of 1998, 28x28; the 2022 essay's data",
        str(mnist.PACKED),
        mnist.TRAIN_COUNT,
        mnist.TEST_COUNT,
        state,
        how,
    )


def _usps_status(root: Path) -> SourceStatus:
    holding = usps.holding(root)
    state, how = "ready", "found in the data folder"
    try:
        folder = usps.find(root)
        for split in usps.PUBLISHED:
            how = usps.load(split, folder).warning or how
    except DataError as error:
        state = f"damaged: {error.message}" if holding else "missing"
        how = error.hint
    return SourceStatus(
        "usps",
        "the zip-code digits of 1989 themselves, 16x16",
        str(holding or root / "USPS"),
        usps.TRAIN_COUNT,
        usps.TEST_COUNT,
        state,
        how,
    )


def _packaged_checks() -> list[Check]:
    where = str(mnist.PACKED)
    try:
        contents = mnist.read_parts()
    except DataError as error:
        return [Check("packaged MNIST", where, "four published files", error.message, ok=False)]
    return [
        _md5_check(f"packaged {part.file}", where, part, content)
        for part, content in zip(mnist.PARTS, contents, strict=True)
    ]


def _raw_checks(raw: Path) -> list[Check]:
    checks = []
    for part in mnist.PARTS:
        path = raw / part.file
        if not path.is_file():
            continue
        try:
            checks.append(_md5_check(part.file, str(path), part, path.read_bytes()))
        except OSError as problem:
            checks.append(Check(part.file, str(path), part.md5, f"unreadable: {problem}", ok=False))
    return checks


def _md5_check(what: str, where: str, part: mnist.Part, content: bytes) -> Check:
    found = mnist.md5_of(content)
    return Check(what, where, f"md5 {part.md5}", f"md5 {found}", ok=found == part.md5)


def _usps_checks(root: Path) -> list[Check]:
    folder = usps.holding(root)
    if folder is None:
        return []
    return [_usps_check(split, folder, published) for split, published in usps.PUBLISHED.items()]


def _usps_check(split: str, folder: Path, published: usps.Published) -> Check:
    what, where = f"usps {split} digits", str(folder / published.file)
    expected = f"sha256 {published.fingerprint}"
    try:
        loaded = usps.load(split, folder)
    except DataError as error:
        return Check(what, where, expected, error.message, ok=False, note=error.hint)
    return Check(what, where, expected, f"sha256 {loaded.fingerprint}", ok=True, note=loaded.warning)
