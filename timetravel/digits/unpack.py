"""The content of files of one's own, unpacked no further than is asked; and IDX, whose header says how far that is."""

import bz2
import gzip
import io
import lzma
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from timetravel.errors import DataError
from timetravel.files import NoFile, regular

LIMIT: Final = 2**31  # bytes that arrays of one's own digits take at most: 2.7 million digits of 28x28
KINDS: Final = (
    "Allowed are a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, "
    "t10k-labels-idx1-ubyte (also .gz, QMNIST's or EMNIST's), with a train and a test file of .csv or .parquet, or "
    "with pictures by class (0/ to 9/, or these in train/ and test/); a .csv or .parquet with a column label; an .npz "
    "with train_images, train_labels, test_images, test_labels, or x_train, y_train, x_test, y_test, or images, "
    "labels, as np.savez('digits.npz', images=images, labels=labels) makes it of what else can be read in Python."
)
SUFFIXES: Final = {"gzip": ".gz", "lzma": ".xz", "bz2": ".bz2"}
_UNPACK: Final = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ": lzma.open, b"BZh": bz2.open}
_TYPES: Final = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}  # of IDX elements
_CODES: Final = {np.dtype(kind).newbyteorder("="): code for code, kind in _TYPES.items()}
_SAID = re.compile(r"[-.]idx(\d)-(ubyte|int)")  # by a file's name: the dimensions and the type of its array
_STEP: Final = 2**24  # bytes that are unpacked at a time


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turn whatever reading a file raises into a DataError with the file's name."""
    try:
        yield
    except DataError:
        raise
    except Exception as problem:  # whatever a reader meets in what is cut off or damaged
        why = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
        raise DataError(f"{path} can't be read: {why.splitlines()[0][:200].rstrip('.')}.", KINDS) from problem


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a file's content, which is unpacked as its first bytes say, whatever its name. Never opens a pipe or device.

    Raises DataError, which names the file, also for what goes wrong while it is read.
    """
    with named(path):
        try:
            stored = regular(path)
        except (NoFile, IsADirectoryError) as error:
            told = f"{path} is no file, but a folder, a pipe or a device."
            raise DataError(told, f"Write what it gives to a file, and give that. {KINDS}") from error
        with stored as file:
            head = file.peek(6)
            unpack: Any = next((unpack for magic, unpack in _UNPACK.items() if head.startswith(magic)), nullcontext)
            with unpack(file) as content:
                yield content


def check_total(count: int, where: str) -> None:
    """Raise DataError where arrays would take more bytes than LIMIT."""
    if count > LIMIT:
        raise DataError(f"{where} asks for {count:,} bytes of digits.", f"Allowed are {LIMIT:,}: give a part of them.")


def idx_file(path: Path) -> NDArray[Any]:
    """Return the array of an IDX file. Raises DataError, which names it, also where its name says something else."""
    with opened(path) as file:
        array, suffix = parse_idx(file, str(path)), SUFFIXES.get(type(file).__module__, "")
    if said := _SAID.search(path.name.lower()):
        code = _CODES[array.dtype]
        if (array.ndim, code) != (int(said[1]), {"ubyte": 8, "int": 12}[said[2]]):
            told = f"{path} holds IDX element type 0x{code:02x} in {array.ndim} dimensions, against its name."
            raise DataError(told, "QMNIST's tables of labels are read under their own names, ...-labels-idx2-int.")
        if suffix != path.suffix and (suffix or path.suffix in SUFFIXES.values()):
            how = f"packed with {type(file).__module__}" if suffix else "not packed"
            raise DataError(f"{path} is {how}.", f"Name it {path.name + suffix if suffix else path.stem}.")
    return array


def parse_idx(content: Any, where: str) -> NDArray[Any]:
    """Return the array of an IDX file, its bytes or open, of the shape and type that its big-endian header gives.

    where: the file's name.

    Source: the format's description on the MNIST page (Y. LeCun, C. Cortes, C. Burges).
    Raises DataError for another format and for a length that differs from the header's; a byte beyond that is read.
    """
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or not 0 < head[3] <= 8:
        raise DataError(f"{where} is not an IDX file: it starts with {head.hex() or 'nothing'}.")
    if head[2] not in _TYPES:
        allowed = ", ".join(f"0x{code:02x}" for code in _TYPES)
        raise DataError(f"{where} holds IDX element type 0x{head[2]:02x}; allowed are {allowed}.")
    if len(sizes := file.read(4 * head[3])) < 4 * head[3]:
        raise DataError(f"{where} ends within its header.")
    shape, kind = struct.unpack(f">{head[3]}I", sizes), np.dtype(_TYPES[head[2]])
    expected, found = prod(shape) * kind.itemsize, 0
    check_total(expected, f"{where}: its header {shape}")
    pixels = np.empty(expected + 1, dtype=np.uint8)
    while part := file.read(min(_STEP, len(pixels) - found)):
        pixels[found : found + len(part)] = np.frombuffer(part, dtype=np.uint8)
        found += len(part)
    if found != expected or not found:
        more = " or more" if found > expected else ""
        raise DataError(f"{where} holds {found:,} bytes{more} of data; its header {shape} asks for {expected:,}.")
    array = pixels[:-1].view(kind).reshape(shape).astype(kind.newbyteorder("="), copy=False)
    array.setflags(write=False)
    return array
