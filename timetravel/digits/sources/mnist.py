"""MNIST as it travels inside the package: the four published IDX files, one after the other, in one xz file.

The test files come first, so that test digits alone are read without unpacking the training digits.
"""

import hashlib
import lzma
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from timetravel.digits.prepare import BYTES, Pool
from timetravel.digits.source import Check, Known
from timetravel.digits.unpack import parse_idx
from timetravel.errors import DataError

PACKED = Path(__file__).parents[1] / "mnist.xz"
REINSTALL = "Install timetravel again to restore it."


class Part(NamedTuple):
    """One published file: its name, length in bytes and published md5."""

    file: str
    length: int
    md5: str

    def check(self, what: str, content: bytes) -> Check:
        """Compare a file's content with the published one."""
        found = md5_of(content)
        return Check(what, f"md5 {self.md5}", f"md5 {found}", ok=found == self.md5)


# In the order of the packed file. Source of the md5s: the MNIST page's files, as torchvision checks them.
PARTS = (
    Part("t10k-images-idx3-ubyte", 7_840_016, "2646ac647ad5339dbf082846283269ea"),
    Part("t10k-labels-idx1-ubyte", 10_008, "27ae3e4e09519cfbb04c329615203637"),
    Part("train-images-idx3-ubyte", 47_040_016, "6bbc9ace898e44ae57da46a324031adb"),
    Part("train-labels-idx1-ubyte", 60_008, "a25bea736e30d166cdddb491f175f624"),
)


class Mnist(Known):
    """The digits of 1998, from the package."""

    name = "mnist"
    what = "handwritten digits of 1998, 28x28; the 2022 essay's data"
    how = "comes with timetravel"
    provenance = (
        "MNIST (LeCun, Cortes, Burges; CC BY-SA 3.0), packaged; "
        "28x28 grey levels scaled to [-1, 1], bilinear to 16x16 as in the 2022 essay"
    )
    counts = {"train": 60_000, "test": 10_000}  # noqa: RUF012

    def load(self, split: str) -> Pool:
        """Return all stored digits of "train" or "test"."""
        return load(split, PACKED)

    @classmethod
    def where(cls, root: Path) -> Path:
        """Return the packed file."""
        del root
        return PACKED

    download = where  # there is nothing to do

    @classmethod
    def checks(cls, root: Path) -> list[Check]:
        """Compare the packed file, and MNIST's own files in root/MNIST/raw, with the published md5s."""
        try:
            packed = zip(PARTS, read_parts(), strict=True)
            found = [part.check(f"packaged {part.file}", content) for part, content in packed]
        except DataError as error:
            found = [Check("packaged MNIST", "four published files", error.message, ok=False)]
        for part in PARTS:
            path = root / "MNIST" / "raw" / part.file
            try:
                if path.is_file():
                    found.append(part.check(part.file, path.read_bytes()))
            except OSError as problem:
                found.append(Check(part.file, part.md5, f"unreadable: {problem}", ok=False))
        return found


def md5_of(content: bytes) -> str:
    """Return the md5 of `content` in hex; against damage, not against malice."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def read_parts(count: int = len(PARTS), packed: Path | None = None) -> list[bytes]:
    """Return the first `count` published files from the packed file, unchecked.

    Raises DataError where the packed file is missing, cut short or does not unpack.
    """
    packed = packed or PACKED
    try:
        *_, wanted = ends = list(accumulate((part.length for part in PARTS[:count]), initial=0))
        content = lzma.LZMADecompressor().decompress(packed.read_bytes(), wanted + 1)  # at once, which lets others work
        if len(content) < wanted or (count == len(PARTS) and len(content) > wanted):
            raise lzma.LZMAError(f"it has {'less' if len(content) < wanted else 'more'} data than MNIST")
        return [content[start:stop] for start, stop in pairwise(ends)]
    except (OSError, EOFError, lzma.LZMAError) as problem:
        raise DataError(f"{packed} is damaged or missing: {problem}.", REINSTALL) from problem


@lru_cache(maxsize=2)
def load(split: str, packed: Path) -> Pool:
    """Return the digits of "train" or "test": uint8 (60,000 or 10,000, 28, 28), kept for the next call.

    Raises DataError naming the packed file where its content is not the published one.
    """
    start, stop = (2, 4) if split == "train" else (0, 2)
    contents = read_parts(stop, packed)[start:]
    for part, content in zip(PARTS[start:stop], contents, strict=True):
        if (found := md5_of(content)) != part.md5:
            raise DataError(f"{packed} is damaged: {part.file} has md5 {found}, not {part.md5}.", REINSTALL)
    pixels, labels = (parse_idx(content, f"{packed}") for content in contents)
    return Pool(pixels, labels.astype(np.int64), BYTES)
