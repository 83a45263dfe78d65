import io
import os
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


def test_a_digit_is_16_columns_by_8_lines_of_half_blocks():
    lines = digit_picture(cross()).plain.split("\n")
    assert [len(line) for line in lines] == [16] * 8
    assert set("".join(lines)) == {"▀"}


def test_greys_are_the_pixels_above_in_front_and_below_behind():
    image = np.linspace(-1, 1, 256, dtype=np.float32).reshape(16, 16)
    picture = digit_picture(image)
    first, last = picture.spans[0].style, picture.spans[127].style
    assert first.color.triplet.normalized == (0, 0, 0)
    assert first.bgcolor.triplet.red == 16
    assert last.color.triplet.red == 239
    assert last.bgcolor.triplet.normalized == (1, 1, 1)


def test_without_colour_the_shape_itself_is_drawn():
    lines = digit_picture(cross(), colour=False).plain.split("\n")
    assert lines[0] == "    █           "
    assert lines[3] == "▄▄▄▄█▄▄▄▄▄▄▄▄▄▄▄"
    ascii_lines = digit_picture(cross(), colour=False, blocks=False).plain.split("\n")
    assert ascii_lines[0] == "    #           "
    assert ascii_lines[3] == "....#..........."


def test_an_odd_number_of_rows_ends_with_background():
    assert digit_picture(np.ones((3, 2), np.float32), colour=False).plain == "██\n▀▀"


@pytest.mark.parametrize(("width", "lines_of_pictures"), [(200, 1), (80, 2), (60, 2), (20, 5), (10, 5)])
def test_a_row_wraps_to_the_width(width, lines_of_pictures):
    text = printed(PictureRow([cross()] * 5, ["true 4, read as 9"] * 5), width)
    assert text.count("▄▄▄▄█▄▄▄▄▄") == 5
    assert sum("▄▄▄▄█▄▄▄▄▄" in line for line in text.splitlines()) == lines_of_pictures
    assert all(len(line) <= width for line in text.splitlines())


def test_captions_stand_under_their_pictures(few_mnist):
    digits = few_mnist[1]
    text = printed(PictureRow(digits.images[:3], [f"true {label}, read as 9" for label in digits.labels[:3]]))
    captions = text.splitlines()[8]
    assert [captions.index(f"true {label}", 19 * at) for at, label in enumerate(digits.labels[:3])] == [0, 19, 38]


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


def test_as_many_captions_as_pictures():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        PictureRow([cross(), cross()], ["one"])


def test_nothing_to_show_shows_nothing():
    assert printed(PictureRow([], [])) == ""


@pytest.mark.parametrize(("encoding", "mark"), [("utf-8", "█"), ("ascii", "#")])
def test_piped_output_is_readable_in_any_encoding(encoding, mark):
    code = (
        "from rich.console import Console\n"
        "from timetravel.digits import open_source\n"
        "from timetravel.report.pictures import PictureRow\n"
        "digits = open_source('mnist').test_digits(size=2)\n"
        "Console().print(PictureRow(digits.images, ['one', 'two']))"
    )
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    text = done.stdout.decode(encoding)
    assert mark in text
    assert "\x1b" not in text
    assert "one               two" in text
