"""The digits of 1989 themselves, from the two files of LIBSVM's `usps`, which torchvision downloads.

torchvision's own reader rounds the grey levels down to bytes; this one keeps them as published, in [-1, 1].
Source of the counts: the published zip.train and zip.test (The Elements of Statistical Learning).
"""

import bz2
import tempfile
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.collection import SIDE, content_fingerprint
from timetravel.digits.prepare import Pool
from timetravel.errors import DataError

PROVENANCE = (
    "USPS zip-code digits of 1989 (LeCun et al.; published with The Elements of Statistical Learning), "
    "16x16 in [-1, 1] as published"
)
GET_IT = (
    "`timetravel data fetch usps` gets it; "
    "or point TIMETRAVEL_DATA or --data-root to a folder that holds USPS/usps.bz2 and USPS/usps.t.bz2."
)
GET_IT_AGAIN = "Delete it, then `timetravel data fetch usps` gets it again."
TRAIN_COUNT = 7291
TEST_COUNT = 2007


@dataclass(frozen=True)
class Published:
    """What is known of one split: its file, digits a class, and the fingerprint of the decoded digits."""

    file: str
    class_counts: tuple[int, ...]
    fingerprint: str


PUBLISHED = {
    "train": Published(
        "usps.bz2",
        (1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644),
        "b169874fa30ab9ea8a272ee14dc19c890d393d0a169a2d4399b22e8b0e9c48d2",
    ),
    "test": Published(
        "usps.t.bz2",
        (359, 264, 198, 166, 200, 160, 170, 147, 166, 177),
        "8fd8efbe8154d50ec2ac4e7369361b758153932573cf3b604a67a32c41ed3816",
    ),
}


@dataclass(frozen=True)
class Loaded:
    """One split as read: its digits, their fingerprint, and a warning where it is not the known edition."""

    pool: Pool
    fingerprint: str
    warning: str = ""


def holding(root: Path) -> Path | None:
    """Return the folder, root/USPS or root itself, that holds a USPS file; None where neither does."""
    for folder in (root / "USPS", root):
        if any((folder / published.file).is_file() for published in PUBLISHED.values()):
            return folder
    return None


def find(root: Path) -> Path:
    """Return the folder that holds both USPS files: root/USPS, or root itself.

    Raises DataError where neither does, naming the file that is missing where there is only one.
    """
    folder = holding(root)
    if folder is None:
        raise DataError(f"The usps digits are not in {root}.", GET_IT)
    for published in PUBLISHED.values():
        if not (folder / published.file).is_file():
            raise DataError(f"{folder / published.file} is missing.", GET_IT)
    return folder


def load(split: str, folder: Path) -> Loaded:
    """Read and check "train" or "test" from `folder`: float32 (7,291 or 2,007, 16, 16).

    Raises DataError naming the file where it is damaged or its counts are not the published ones.
    """
    published = PUBLISHED[split]
    path = folder / published.file
    try:
        images, labels = parse_libsvm(bz2.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError) as problem:
        raise DataError(f"{path} is damaged: {problem}.", GET_IT_AGAIN) from problem
    counts = tuple(int(count) for count in np.bincount(labels, minlength=10))
    if counts != published.class_counts:
        raise DataError(
            f"{path} holds {len(labels):,} digits, {counts} of the ten classes; "
            f"published are {sum(published.class_counts):,}, {published.class_counts}.",
            GET_IT_AGAIN,
        )
    fingerprint = content_fingerprint(images, labels)
    warning = "" if fingerprint == published.fingerprint else _other_edition(path, fingerprint)
    return Loaded(Pool(images, labels, "signed"), fingerprint, warning)


def parse_libsvm(text: bytes) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return images, float32 (n, 16, 16) in [-1, 1], and labels, int64 (n,) in 0..9, from LIBSVM's text.

    A line holds a label, 1 to 10 for the digits 0 to 9, and 256 times `index:value`, indices from 1.
    Raises ValueError saying what is wrong with a text of any other form.
    """
    words = text.replace(b":", b" ").split()
    numbers = {word: float(word) for word in set(words)}  # few words differ: ten times fewer conversions
    width = 1 + 2 * SIDE * SIDE
    if not words or len(words) % width:
        raise ValueError("not every line holds a label and 256 grey levels")
    table = np.fromiter(map(numbers.__getitem__, words), np.float32, len(words)).reshape(-1, width)
    labels, indices, levels = table[:, 0], table[:, 1::2], table[:, 2::2]
    if not (indices == np.arange(1, SIDE * SIDE + 1)).all():
        raise ValueError("the pixels of a digit are not numbered 1 to 256")
    if not np.isin(labels, np.arange(1, 11)).all():
        raise ValueError("a label is not a whole number from 1 to 10")
    if not (np.abs(levels) <= 1).all():
        raise ValueError("a grey level is not within -1 to 1")
    return np.ascontiguousarray(levels).reshape(-1, SIDE, SIDE), labels.astype(np.int64) - 1


def download(root: Path) -> Path:
    """Download both files through torchvision into root/USPS, check them, and return that folder.

    Nothing half-written stays behind: the files move into place only after they are read and checked.
    Raises DataError with the reason where the download or the check fails.
    """
    folder = root / "USPS"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as scratch:
            _download_with_torchvision(Path(scratch))
            for split in PUBLISHED:
                load(split, Path(scratch))
            for published in PUBLISHED.values():
                (Path(scratch) / published.file).replace(folder / published.file)
    except (OSError, RuntimeError, ValueError, EOFError, HTTPException, DataError) as problem:
        raise DataError(
            f"The usps digits could not be downloaded into {folder}: {problem}",
            "Check the connection and try again, or put usps.bz2 and usps.t.bz2 from LIBSVM's data page "
            f"into {folder} by hand.",
        ) from problem
    return folder


def _download_with_torchvision(folder: Path) -> None:
    from torchvision.datasets import USPS

    for train in (True, False):
        USPS(folder, train=train, download=True)


def _other_edition(path: Path, fingerprint: str) -> str:
    return (
        f"{path} has the published counts but is another edition than the known one: "
        f"its digits have the fingerprint {fingerprint}."
    )
