"""The IDX format, in which MNIST was published: a big-endian header, then unsigned bytes."""

import struct
from math import prod

import numpy as np
from numpy.typing import NDArray

from timetravel.errors import DataError

UNSIGNED_BYTES = 0x08


def parse_idx(content: bytes, where: str) -> NDArray[np.uint8]:
    """Return the array that an IDX file of unsigned bytes holds, of the shape that its header gives.

    content: the whole file; where: the file's name for messages.
    Source: the format's description on the MNIST page (Y. LeCun, C. Cortes, C. Burges).
    Raises DataError for another format or element type and for a length that differs from the header's.
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[3] == 0:
        raise DataError(f"{where} is not an IDX file: it starts with {content[:4].hex() or 'nothing'}.")
    if content[2] != UNSIGNED_BYTES:
        raise DataError(f"{where} holds IDX element type 0x{content[2]:02x}; allowed is 0x08, unsigned bytes.")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise DataError(f"{where} ends within its header.")
    shape = struct.unpack_from(f">{content[3]}I", content, 4)
    expected, found = prod(shape), len(content) - start
    if found != expected:
        raise DataError(f"{where} holds {found:,} bytes of data; its header {shape} asks for {expected:,}.")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
