"""Files of one's own digits, written from the first digits of MNIST, and what reading them must give."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from timetravel.digits import stored
from timetravel.errors import DataError

TRAIN, TEST = 30, 20
PARTS = [("train", "images"), ("train", "labels"), ("t10k", "images"), ("t10k", "labels")]
CODES = {np.dtype("u1"): 8, np.dtype(">i4"): 12, np.dtype(">i2"): 11, np.dtype(">f4"): 13, np.dtype(">f8"): 14}


def idx(array) -> bytes:
    array = np.asarray(array)
    head = struct.pack(f">4B{array.ndim}I", 0, 0, CODES[array.dtype], array.ndim, *array.shape)
    return head + array.tobytes()


def png(image, kind="PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind)
    return file.getvalue()


def put(folder, files) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def mnist(digits, name="{}-{}-idx{}-ubyte", pack=lambda content: content):
    """MNIST's four files under names of this form."""
    return {name.format(*part, array.ndim): pack(idx(array)) for part, array in zip(PARTS, digits, strict=True)}


def csv(images, labels, separator=",", header="", last=False) -> bytes:
    columns = [labels[:, None], images.reshape(len(images), -1)]
    rows = np.column_stack(columns[::-1] if last else columns)
    lines = [separator.join(f"{value:.9g}" for value in row) for row in rows.tolist()]
    return "".join(f"{line}\n" for line in ([header] if header else []) + lines).encode()


def kaggle(width=784):
    return ",".join(["label", *(f"pixel{at}" for at in range(width))])


def check(path, expected):
    """The arrays of a path are these, whatever their type and whether rows are flat."""
    found = stored.read(path)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(np.asarray(one).reshape(np.shape(other)), other)


def refused(path, *named) -> str:
    """A path is refused with these words and by a message of a line or two; returns all that is said."""
    with pytest.raises(DataError) as caught:
        stored.read(path)
    told = f"{caught.value.message} {caught.value.hint}"
    for name in named:
        assert name in told
    assert len(caught.value.message) < 600
    told.encode()
    return told
