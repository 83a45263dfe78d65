import io
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from rich.console import Console

from timetravel.report.pictures import PictureRow, digit_picture


def printed(renderable, width: int = 80, **console) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, **console).print(renderable)
    return stream.getvalue()


def cross() -> np.ndarray:
    image = np.full((16, 16), -1, dtype=np.float32)
    image[7] = 1
    image[:, 4] = 1
    return image


def test_greys_are_the_pixels_above_in_front_and_below_behind():
    picture = digit_picture(np.linspace(-1, 1, 256, dtype=np.float32).reshape(16, 16))
    lines = picture.plain.split("\n")
    assert [len(line) for line in lines] == [16] * 8
    assert set("".join(lines)) == {"▀"}
    first, last = picture.spans[0].style, picture.spans[127].style
    assert first.color.triplet.normalized == (0, 0, 0)
    assert first.bgcolor.triplet.red == 16
    assert last.color.triplet.red == 239
    assert last.bgcolor.triplet.normalized == (1, 1, 1)


def test_without_colour_the_shape_itself_is_drawn():
    for blocks, top, middle in (
        (True, "    █           ", "▄▄▄▄█▄▄▄▄▄▄▄▄▄▄▄"),
        (False, "    #           ", "....#..........."),
    ):
        lines = digit_picture(cross(), colour=False, blocks=blocks).plain.split("\n")
        assert (lines[0], lines[3]) == (top, middle)
    assert digit_picture(np.ones((3, 2), np.float32), colour=False).plain == "██\n▀▀"  # an odd row: background below


def test_a_row_wraps_to_the_width():
    for width, lines_of_pictures in ((200, 1), (80, 2), (60, 2), (20, 5), (10, 5)):
        text = printed(PictureRow([cross()] * 5, ["true 4, read as 9"] * 5), width)
        assert text.count("▄▄▄▄█▄▄▄▄▄") == 5
        assert sum("▄▄▄▄█▄▄▄▄▄" in line for line in text.splitlines()) == lines_of_pictures, width
        assert all(len(line) <= width for line in text.splitlines())
    assert printed(PictureRow([], [])) == ""


def test_captions_stand_under_their_pictures_one_each():
    captions = printed(PictureRow([cross()] * 3, [f"true {label}, read as 9" for label in range(3)])).splitlines()[8]
    assert [captions.index(f"true {label}") for label in range(3)] == [0, 19, 38]
    with pytest.raises(ValueError, match="shorter"):
        PictureRow([cross(), cross()], ["one"])


def test_a_long_caption_folds_and_markup_is_shown_as_it_is():
    caption = "[red] a caption that is longer than any picture is wide"
    text = printed(PictureRow([cross()], [caption]))
    assert " ".join("".join(text.splitlines(keepends=True)[8:]).split()) == caption
    assert max(map(len, text.splitlines())) <= 24


def test_colour_where_there_is_colour_and_none_where_it_is_off():
    row = PictureRow([cross()], ["a cross"])
    coloured = printed(row, force_terminal=True, color_system="truecolor", no_color=False)
    assert "\x1b[38;2;255;255;255" in coloured
    for plain in (printed(row), printed(row, force_terminal=True, color_system="truecolor", no_color=True)):
        assert "▄▄▄▄█▄▄▄▄▄" in plain
        assert "38;2" not in plain


def test_piped_output_is_readable_in_any_encoding(tmp_path):
    command = [sys.executable, "-m", "timetravel", "data", "show", "--count", "2"]
    for encoding, mark in (("utf-8", "█"), ("ascii", "#")):
        environment = os.environ | {"PYTHONIOENCODING": encoding}
        done = subprocess.run(command, capture_output=True, env=environment, cwd=tmp_path, check=True)
        text = done.stdout.decode(encoding)
        assert mark in text
        assert "\x1b" not in text
        assert re.search(r"a \d {15}a \d", text)
