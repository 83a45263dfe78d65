"""Pictures, decoded: every kind that people have gives the same grey levels, and what is none is told."""

import io
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from timetravel.digits.pictures import LARGEST, LONG, decode, listed, of_value, read
from timetravel.errors import DataError

GREY = np.tile(np.linspace(0, 255, 60).astype(np.uint8), (40, 1))  # 40 high, 60 wide, dark on the left
GREY[5:10, 3:20] = 0


def saved(image: Image.Image, kind: str, **more: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def near(content: bytes, wanted: np.ndarray, most: float) -> bool:
    grey = decode(content, "it").grey.astype(int)
    return grey.shape == wanted.shape and np.abs(grey - wanted).mean() <= most


@pytest.mark.parametrize(
    ("kind", "mode", "most"),
    [
        *(("PNG", "L", 0), ("PNG", "RGB", 0), ("PNG", "P", 8), ("BMP", "RGB", 0), ("GIF", "L", 0)),
        *(("WEBP", "RGB", 4), ("JPEG", "L", 2), ("JPEG", "RGB", 2), ("JPEG", "CMYK", 4)),
    ],
)
def test_every_kind_of_picture_gives_its_grey_levels(kind: str, mode: str, most: float) -> None:
    image = Image.fromarray(GREY)
    image = image.quantize() if mode == "P" else image.convert("RGB").convert(mode)
    assert near(saved(image, kind), GREY, most)


def test_sixteen_bits_are_brought_to_eight() -> None:
    assert near(saved(Image.fromarray(GREY.astype(np.uint16) * 257), "PNG"), GREY, 0)


def test_what_is_transparent_is_white() -> None:
    opaque = np.where(GREY > 100, 255, 0).astype(np.uint8)
    ink = np.zeros((*GREY.shape, 4), np.uint8)
    ink[..., 3] = 255 - opaque
    assert near(saved(Image.fromarray(ink), "PNG"), opaque, 0)
    assert near(saved(Image.fromarray(ink[..., [0, 3]]), "PNG"), opaque, 0)
    palette = Image.fromarray(opaque).convert("P")
    (clear,) = {palette.getpixel((59, 30))}
    assert near(saved(palette, "PNG", transparency=clear), opaque, 0)


def test_a_picture_is_turned_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the stored picture's left side is up
    turned = saved(Image.fromarray(np.rot90(GREY).copy()), "JPEG", exif=exif, quality=95)
    assert near(turned, GREY, 3)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_read_and_that_is_said(kind: str) -> None:
    frames = [Image.fromarray(GREY).convert("RGB"), Image.fromarray(255 - GREY).convert("RGB")]
    found = decode(saved(frames[0], kind, save_all=True, append_images=frames[1:]), "it")
    assert found.animated
    assert np.abs(found.grey.astype(int) - GREY).mean() < 8
    assert not decode(saved(frames[0], kind), "it").animated


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_a_file_cut_off_anywhere_is_told_and_never_crashes(kind: str) -> None:
    content = saved(Image.fromarray(GREY).convert("RGB"), kind)
    for end in {1, 8, *range(1, len(content) // 2, max(1, len(content) // 40))}:
        with pytest.raises(DataError, match=r"it is (no picture|cut off or damaged)"):
            decode(content[:end], "it")


def test_damaged_files_are_told_or_read_and_never_crash() -> None:
    rng = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF"):
        content = np.frombuffer(saved(Image.fromarray(GREY).convert("RGB"), kind), np.uint8)
        for _ in range(40):
            spoiled = content.copy()
            spoiled[rng.integers(0, len(content), 8)] = rng.integers(0, 256, 8)
            with suppress(DataError):
                assert decode(spoiled.tobytes(), "it").grey.ndim == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty."),
        (b"GIF", "it is no picture that can be read."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "it is no picture"),
        (saved(Image.fromarray(GREY), "TIFF"), "it is no picture"),
    ],
)
def test_what_is_no_picture_is_told(content: bytes, told: str) -> None:
    with pytest.raises(DataError, match=told) as failure:
        decode(content, "it")
    assert "PNG, JPEG, WebP, BMP and GIF" in failure.value.hint


@pytest.mark.parametrize("side", [10_001, 40_000])
def test_more_than_a_hundred_megapixels_are_refused_before_they_are_decoded(side: int) -> None:
    head = bytearray(saved(Image.fromarray(GREY), "BMP"))
    head[18:26] = side.to_bytes(4, "little") * 2  # the pixels that it promises are not there: nobody asks for them
    assert side * side > LARGEST
    with pytest.raises(DataError, match="it has too many pixels"):
        decode(bytes(head), "it")


def test_a_large_picture_is_made_smaller_with_all_that_is_in_it() -> None:
    large = Image.fromarray(GREY).resize((6000, 4000))
    for kind in ("PNG", "JPEG"):
        grey = decode(saved(large, kind), "it").grey
        assert LONG <= max(grey.shape) <= 2 * LONG
        small = np.asarray(Image.fromarray(grey).resize((60, 40))).astype(int)
        assert np.abs(small - GREY).mean() < 6


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P", "RGB"])
def test_a_large_transparent_picture_is_as_the_same_on_white(mode: str) -> None:
    ink = np.asarray(Image.fromarray(np.where(GREY > 100, 255, 0).astype(np.uint8)).resize((3000, 2000), 0))
    clear = np.where(ink, 0, 255).astype(np.uint8)  # ink and what is clear are black alike
    exif, told = Image.Exif(), {}
    exif[0x0112] = 3  # upside down
    if mode in ("P", "RGB"):
        image, told = Image.fromarray(ink).convert(mode), {"transparency": 255 if mode == "P" else (255, 255, 255)}
    else:
        image = Image.new(mode[:-1], clear.shape[::-1])
        image.putalpha(Image.fromarray(clear))
    assert image.mode == mode
    image.info |= told
    image.info["exif"] = exif.tobytes()
    grey, plain = of_value(image, "it").grey, of_value(Image.fromarray(ink[::-1, ::-1].copy()), "it").grey
    assert max(grey.shape) <= 2 * LONG
    np.testing.assert_allclose(grey.astype(int), plain.astype(int), atol=1)


def test_of_a_large_picture_with_transparency_few_copies_are_made() -> None:
    side = 9_000
    if not Path("/proc/self/status").exists():
        pytest.skip("how much memory a process has taken is told elsewhere here")
    code = (
        "from PIL import Image; from timetravel.digits.pictures import grey_of\n"
        f"image = Image.new('RGBA', ({side}, {side}), (0, 0, 0, 128))\n"
        "assert grey_of(image).mean().round() == 127\n"
        "print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 2.6 * 4 * side**2


def test_a_folder_stands_for_its_pictures_by_name(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in listed(tmp_path)] == ["a.JPG", "b.png"]
    assert listed(tmp_path / "notes.txt") == [tmp_path / "notes.txt"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no picture in the folder"):
        listed(tmp_path / "empty")


def test_a_directory_and_a_missing_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Is a directory"):
        read(tmp_path)
    with pytest.raises(DataError, match="No such file"):
        read(tmp_path / "none.png")
    with pytest.raises(DataError, match="can't be read"):
        read(tmp_path / "\0.png")


def test_a_pipe_is_refused_unopened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(DataError, match="is a pipe or a device"):
        read(tmp_path / "pipe.png")


def test_arrays_and_images_are_pictures_too() -> None:
    for value in (GREY, np.dstack([GREY] * 3), Image.fromarray(GREY), Image.fromarray(GREY).convert("RGBA")):
        np.testing.assert_array_equal(of_value(value, "it").grey, GREY)
    for wrong in (GREY / 255, GREY[0], np.zeros((0, 4), np.uint8), np.zeros((4, 4, 2), np.uint8), "seven", None):
        with pytest.raises(DataError, match="it is an array of"):
            of_value(wrong, "it")
