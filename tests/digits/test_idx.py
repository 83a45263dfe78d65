import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timetravel.digits.idx import parse_idx
from timetravel.errors import DataError

GOOD = b"\0\0\x08\x02" + struct.pack(">2I", 2, 3) + bytes(range(6))


def test_an_idx_file_becomes_an_array():
    array = parse_idx(GOOD, "made")
    assert array.dtype == np.uint8
    assert array.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "it starts with nothing"),
        (b"\x89PNG\r\n", "it starts with 89504e47"),
        (b"\0\0\x08\0", "not an IDX file"),
        (b"\0\0\x0d\x01" + struct.pack(">I", 0), "0x0d; allowed is 0x08"),
        (GOOD[:9], "ends within its header"),
        (GOOD[:-1], r"holds 5 bytes of data; its header \(2, 3\) asks for 6"),
        (GOOD + b"!", "holds 7 bytes"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "asks for 79,228,162,458,924,105,385,300,197,375"),
    ],
)
def test_anything_else_is_refused_by_name(content, named):
    with pytest.raises(DataError, match=f"made.*{named}"):
        parse_idx(content, "made")


@given(st.binary(max_size=40))
def test_no_bytes_at_all_cause_another_error(content):
    with suppress(DataError):
        parse_idx(content, "made")
