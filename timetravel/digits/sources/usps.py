"""The digits of 1989 themselves, from the two files of LIBSVM's `usps`, which torchvision downloads.

torchvision's own reader rounds the grey levels down to bytes; this one keeps them as published, in [-1, 1].
Source of the counts: the published zip.train and zip.test (The Elements of Statistical Learning).
"""

import bz2
import tempfile
from http.client import HTTPException
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.collection import content_fingerprint
from timetravel.digits.prepare import SIDE, SIGNED, Pool
from timetravel.digits.source import Check, Known, Missing
from timetravel.errors import DataError

GET_IT = (
    "`timetravel data fetch usps` gets it; "
    "or point TIMETRAVEL_DATA or --data-root to a folder that holds USPS/usps.bz2 and USPS/usps.t.bz2."
)
GET_IT_AGAIN = "Delete it, then `timetravel data fetch usps` gets it again."
FILES = {"train": "usps.bz2", "test": "usps.t.bz2"}
CLASSES = {  # digits a class, as published
    "train": (1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644),
    "test": (359, 264, 198, 166, 200, 160, 170, 147, 166, 177),
}
FINGERPRINTS = {  # of the decoded digits of the known edition
    "train": "b169874fa30ab9ea8a272ee14dc19c890d393d0a169a2d4399b22e8b0e9c48d2",
    "test": "8fd8efbe8154d50ec2ac4e7369361b758153932573cf3b604a67a32c41ed3816",
}


class Usps(Known):
    """The digits of 1989, from the folder of data sets. Raises DataError where they are missing or damaged."""

    name = "usps"
    what = "the zip-code digits of 1989 themselves, 16x16"
    how = "found in the data folder"
    provenance = (
        "USPS zip-code digits of 1989 (LeCun et al.; published with The Elements of Statistical Learning), "
        "16x16 in [-1, 1] as published"
    )
    counts = {"train": 7291, "test": 2007}  # noqa: RUF012
    fixed_order = True

    def __init__(self, root: Path) -> None:
        loaded = {split: load(split, find(root)) for split in FILES}
        self.pools = {split: pool for split, (pool, _, _) in loaded.items()}
        self.warnings = tuple(note for _, _, note in loaded.values() if note)

    @classmethod
    def where(cls, root: Path) -> Path:
        """Return the folder, root/USPS or root itself, that holds a USPS file; where neither does, the first."""
        return next((folder for folder in (root / "USPS", root) if _holds_any(folder)), root / "USPS")

    @classmethod
    def download(cls, root: Path) -> Path:
        """Download both files through torchvision into root/USPS, check them, and return that folder.

        Nothing half-written stays behind: the files move into place only after they are read and checked.
        Raises DataError with the reason where the download or the check fails.
        """
        from torchvision.datasets import USPS

        folder = root / "USPS"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as scratch:
                for split in FILES:
                    USPS(scratch, train=split == "train", download=True)
                    load(split, Path(scratch))
                for file in FILES.values():
                    (Path(scratch) / file).replace(folder / file)
        except (OSError, RuntimeError, ValueError, EOFError, HTTPException, DataError) as problem:
            raise DataError(
                f"The usps digits could not be downloaded into {folder}: {problem}",
                "Check the connection and try again, or put usps.bz2 and usps.t.bz2 from LIBSVM's data page "
                f"into {folder} by hand.",
            ) from problem
        return folder

    @classmethod
    def checks(cls, root: Path) -> list[Check]:
        """Compare each split's digits, where there are any, with the known edition's."""
        folder, found = cls.where(root), []
        for split in FILES if _holds_any(folder) else ():
            what, expected = f"usps {split} digits", f"sha256 {FINGERPRINTS[split]}"
            try:
                _, fingerprint, note = load(split, folder)
                found.append(Check(what, expected, f"sha256 {fingerprint}", ok=True, note=note))
            except DataError as error:
                found.append(Check(what, expected, error.message, ok=False, note=error.hint))
        return found


def find(root: Path) -> Path:
    """Return the folder that holds both USPS files: root/USPS, or root itself.

    Raises Missing where neither does, DataError naming the file that is missing where there is only one.
    """
    folder = Usps.where(root)
    absent = [folder / file for file in FILES.values() if not (folder / file).is_file()]
    if len(absent) == len(FILES):
        raise Missing(f"The usps digits are not in {root}.", GET_IT)
    if absent:
        raise DataError(f"{absent[0]} is missing.", GET_IT)
    return folder


def load(split: str, folder: Path) -> tuple[Pool, str, str]:
    """Read and check "train" or "test" from `folder`: float32 (7,291 or 2,007, 16, 16), its fingerprint, and a warning.

    The warning is empty for the known edition. Raises DataError for a damaged file and for other counts.
    """
    path = folder / FILES[split]
    try:
        images, labels = parse_libsvm(bz2.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError) as problem:
        raise DataError(f"{path} is damaged: {problem}.", GET_IT_AGAIN) from problem
    counts, published = tuple(np.bincount(labels, minlength=10).tolist()), CLASSES[split]
    if counts != published:
        told = f"{path} holds {len(labels):,} digits, {counts} of the ten classes"
        raise DataError(f"{told}; published are {sum(published):,}, {published}.", GET_IT_AGAIN)
    fingerprint = content_fingerprint(images, labels)
    note = f"{path} has the published counts but is another edition than the known one: its digits have the fingerprint"
    known = fingerprint == FINGERPRINTS[split]
    return Pool(images, labels, SIGNED), fingerprint, "" if known else f"{note} {fingerprint}."


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


def _holds_any(folder: Path) -> bool:
    return any((folder / file).is_file() for file in FILES.values())
