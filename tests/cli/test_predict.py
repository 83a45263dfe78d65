"""`timetravel predict`: what the nets read in pictures, files of every kind and real processes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from texts import flat, words

import timetravel as tt
from timetravel.digits import open_source
from timetravel.errors import DataError, UsageError

SIX = ["1989", "1989-essay", "2022", "today", "distilled, no human label", "today on 50,000 digits"]
POOL = open_source("mnist").load("test")
WITHOUT_TORCH = """
import sys
from timetravel.cli.app import main
sys.argv = ["timetravel", "predict", *sys.argv[1:], "-q"]
try:
    main()
finally:
    print("HEAVY", [name for name in ("torch", "torchvision", "pandas", "altair") if name in sys.modules])
"""


def on_paper(*rows: int, apart: int = 8) -> Image.Image:
    """Stored digits as dark ink on white paper, side by side, four times as large."""
    sheet = 255 - np.hstack([np.pad(POOL.pixels[row], apart) for row in rows])
    return Image.fromarray(sheet).resize((4 * sheet.shape[1], 4 * sheet.shape[0]))


def number_of(*rows: int) -> str:
    return "".join(str(POOL.labels[row]) for row in rows)


def predicted(run, *arguments: object) -> dict[str, Any]:
    return json.loads(run("predict", *arguments, "--json", "-q").stdout)


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    assert POOL.labels[0] == 7
    path = tmp_path / "seven.png"
    on_paper(0).save(path)
    return path


def test_a_digit_is_read_and_the_first_line_says_what(run, seven: Path) -> None:
    shown = run("predict", seven, "-q").stdout
    assert "seven.png: all 6 nets read 7." in re.sub(r"\n", "", shown)
    for label in SIX:
        assert re.search(rf"^{re.escape(label)} +7 +\d+ %", shown, re.M), label
    assert "mistakes on its 10,000 test digits: 1989: 364;" in words(shown)
    assert "pixels" not in shown
    assert "▀" in run("predict", seven, "--show", "-q").stdout


def test_nets_that_differ_are_counted_and_doubts_are_marked(run, tmp_path: Path) -> None:
    on_paper(553).save(tmp_path / "odd.png")  # an 8 that 1989 takes for a 6
    document = predicted(run, tmp_path / "odd.png")
    assert document["finding"].endswith("odd.png: 5 of 6 nets read 8; 1 of 6 unsure.")
    assert [(row["net"], row["reads"], row["unsure"]) for row in document["rows"]] == [
        (label, "6" if label == "1989" else "8", [label == "1989"]) for label in SIX
    ]
    shown = run("predict", tmp_path / "odd.png", "-q").stdout
    assert re.search(r"^1989 +6\? +\d+ % +unsure", shown, re.M)
    assert "Unsure: the paper's rule" in shown


def test_confidence_is_the_softmax_or_how_near_the_high_target_is(run, seven: Path) -> None:
    for row in predicted(run, seven)["rows"]:
        outputs = np.array(row["outputs"][0])
        recipe = tt.ERAS[row["net"].partition(" on ")[0].partition(",")[0]].recipe
        low, high = recipe.target_low, recipe.target_high
        softmax = np.exp(outputs) / np.exp(outputs).sum()
        wanted = softmax if recipe.loss == "cross-entropy" else np.clip((outputs - low) / (high - low), 0, 1)
        assert row["confidence"] == [pytest.approx(wanted.max(), abs=1e-4)]


def test_hundreds_of_stored_digits_are_read_about_as_well_as_the_test_digits(run, tmp_path: Path) -> None:
    for row in range(300):
        on_paper(row).save(tmp_path / f"{row:03d}.png")
    document = predicted(run, tmp_path)
    for label, most in zip(SIX, (24, 27, 15, 9, 15, 9), strict=True):
        read = "".join(row["reads"] for row in document["rows"] if row["net"] == label)
        assert sum(a != b for a, b in zip(read, number_of(*range(300)), strict=True)) <= most, label


def test_several_digits_are_told_of_and_split_reads_them_from_left_to_right(run, seven: Path, tmp_path: Path) -> None:
    on_paper(0, 1, 2, 3, 4).save(tmp_path / "zip.png")
    document = predicted(run, tmp_path / "zip.png")
    assert len(document["pictures"][0]["reads"]) == 1
    largest = document["pictures"][0]["reads"]
    told = f"zip.png: 5 digits; all 6 nets read the largest as {largest}. --split reads all."
    assert document["finding"].endswith(told)
    assert not any("--split" in remark for remark in document["remarks"])
    alone = predicted(run, tmp_path / "zip.png", "--net", "today")["finding"]
    assert alone.endswith(f"zip.png: 5 digits; today reads the largest as {largest}. --split reads all.")
    both = predicted(run, tmp_path / "zip.png", seven)["remarks"][0]
    assert both.startswith("Several digits, of which the largest is read; --split reads all from left to right: ")
    document = predicted(run, tmp_path / "zip.png", "--split")
    assert document["finding"].endswith(f"zip.png: all 6 nets read {number_of(0, 1, 2, 3, 4)}.")
    assert all(len(row["confidence"]) == 5 for row in document["rows"])
    assert not any("--split" in remark for remark in document["remarks"])
    lefts = [box[1] for box in document["pictures"][0]["boxes"]]
    assert lefts == sorted(lefts)


def test_forty_digits_are_read_one_by_one(run, tmp_path: Path) -> None:
    on_paper(*range(40), apart=14).save(tmp_path / "forty.png")
    (one,) = predicted(run, tmp_path / "forty.png", "--split")["pictures"]
    assert 30 <= len(one["reads"]) <= 50


def test_an_empty_picture_has_nothing_drawn_in_it(run, seven: Path, tmp_path: Path) -> None:
    for grey in (0, 130, 255):
        Image.new("L", (90, 70), grey).save(tmp_path / "paper.png")
        told = "".join(run("predict", tmp_path / "paper.png", "-q").stdout.split())  # however long the path is
        assert "paper.png:nothingdrawn." in told
    shown = run("predict", seven, tmp_path / "paper.png", "-q").stdout
    assert shown.startswith("Of 2 pictures 1 show digits; all 6 nets agree on 1.")
    assert re.search(r"paper\.png +nothing drawn", shown)


def test_pictures_of_every_kind_of_trouble(run, seven: Path, tmp_path: Path) -> None:
    content = seven.read_bytes()
    spoiled = {"empty": b"", "cut": content[: len(content) // 2], "text": b"seven"}
    for name, bad in spoiled.items():
        (tmp_path / f"{name}.png").write_bytes(bad)
        assert f"{name}.pngis" in flat(run("predict", tmp_path / f"{name}.png", code=3).stderr)
    told = run("predict", tmp_path, "-q", code=3)
    assert told.stdout.startswith("Of 4 pictures 1 show digits")
    assert told.stdout.count("can't be read") == 3
    assert "3 pictures of 4 can't be read." in told.stderr
    assert "No such file" in run("predict", tmp_path / "none.png", code=3).stderr
    seven.unlink()
    assert "3 pictures of 3 can't be read." in run("predict", tmp_path, "-q", code=3).stderr


def test_odd_pictures_are_read_as_plain_ones(run, tmp_path: Path) -> None:
    plain, folder = on_paper(0), tmp_path / "odd"
    folder.mkdir()
    clear = Image.new("RGBA", plain.size, (0, 0, 0, 0))
    clear.putalpha(Image.fromarray(255 - np.asarray(plain)))
    clear.save(folder / "clear.png")
    plain.convert("CMYK").save(folder / "cmyk.jpg")
    Image.fromarray(np.asarray(plain).astype(np.uint16) * 257).save(folder / "deep.png")
    Image.fromarray(255 - np.asarray(plain)).save(folder / "light-on-dark.bmp")
    plain.save(folder / "moving.gif", save_all=True, append_images=[Image.new("L", plain.size, 255)])
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    plain.rotate(180).save(folder / "turned.webp", exif=exif, lossless=True)
    document = predicted(run, folder)
    assert {one["picture"].rpartition("/")[2]: one["reads"] for one in document["pictures"]} == dict.fromkeys(
        ("clear.png", "cmyk.jpg", "deep.png", "light-on-dark.bmp", "moving.gif", "turned.webp"), "7"
    )
    assert any(re.search(r"Animated.*moving\.gif\.$", remark) for remark in document["remarks"])


def test_names_of_files_are_shown_as_text_whatever_they_hold(run, seven: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "<script>alert(1)</script>[red]|`x`.png".replace("/", "⁄")
    seven.rename(hostile)
    bytes_alone = os.fsencode(tmp_path) + b"/\xff.png"
    Path(os.fsdecode(bytes_alone)).write_bytes(hostile.read_bytes())
    shown = run("predict", tmp_path, "-q", "--out", tmp_path / "out").stdout
    assert "?.png" in shown
    assert "[red]" in shown
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script" not in page
    twin = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xfe.png"))
    on_paper(1).save(twin.with_name("two.png"))
    twin.with_name("two.png").rename(twin)
    reads = {Path(one["picture"]).name: one["reads"] for one in predicted(run, tmp_path, twin)["pictures"]}
    assert reads == {hostile.name: "7", "?.png": number_of(1), "?.png (2)": "7"}
    assert "&lt;script" in page


@pytest.mark.slow
def test_nets_are_chosen_by_name_result_and_file(run, seven: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(run("train", "--size", "300", "--epochs", "3", "--json", "-q").stdout)
    document = predicted(run, seven, "--net", "today", "--net", tmp_path / "mine.json")
    assert [net["label"] for net in document["nets"]] == ["today", "1989, epochs 3 for 23, seed 0"]
    assert "Never unsure, as no thresholds are known: 1989, epochs 3 for 23, seed 0." in document["remarks"]
    assert not any(any(row["unsure"]) for row in document["rows"] if row["net"] != "today")
    key = document["nets"][1]["about"]["key"]
    assert predicted(run, seven, "--net", key[:12])["rows"][0]["outputs"] == document["rows"][1]["outputs"]
    assert "There is no net" in run("predict", seven, "--net", "1990-essay", code=2).stderr
    assert "can't be read" in run("predict", seven, "--net", tmp_path / "none.json", code=3).stderr
    (tmp_path / "odd.safetensors").write_bytes(b"\0" * 100)
    assert "is no net" in run("predict", seven, "--net", tmp_path / "odd.safetensors", code=3).stderr


@pytest.mark.slow
def test_a_net_that_numpy_cannot_read_is_refused(run, seven: Path, tmp_path: Path) -> None:
    made = run(
        "train", "--era", "2022", "--size", "60", "--epochs", "1", "--set", "net=micro-vit", "--json", "-q"
    ).stdout
    (tmp_path / "vit.json").write_text(made)
    told = run("predict", seven, "--net", tmp_path / "vit.json", code=2).stderr
    assert "The net micro-vit is read by PyTorch alone" in told


def test_files_are_written_and_a_saved_result_is_shown_again(run, seven: Path, tmp_path: Path) -> None:
    shown = run("predict", seven, "--out", tmp_path / "out").stdout
    assert run("show", tmp_path / "out" / "results.json").stdout == shown
    table = (tmp_path / "out" / "table.csv").read_text().splitlines()
    assert len(table) == 7
    assert "all 6 nets read 7" in (tmp_path / "out" / "report.md").read_text()


def test_python_reads_paths_arrays_and_images(seven: Path) -> None:
    grey = np.asarray(Image.open(seven))
    found = tt.predict([str(seven), grey, np.dstack([grey] * 3), Image.open(seven)], net=["today"])
    assert [one["reads"] for one in found.document["pictures"]] == ["7"] * 4
    assert [one["picture"] for one in found.document["pictures"]][1:] == ["picture 2", "picture 3", "picture 4"]
    assert repr(tt.predict(seven)).endswith("seven.png: all 6 nets read 7.")
    assert found.table()["reads"].to_list() == [7] * 4
    with pytest.raises(DataError, match="picture 1 is an array of float64"):
        tt.predict(grey / 255)
    with pytest.raises(UsageError, match="There is no picture"):
        tt.predict([])


def test_no_pytorch_is_imported(seven: Path) -> None:
    for more in ((), ("--split", "--show"), ("--json",)):
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_TORCH, str(seven), *more], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr, done.stdout.splitlines()[-1]) == (0, "", "HEAVY []")


@pytest.mark.parametrize(
    ("part", "code", "told"),
    [(1.0, 0, "standard input: all 6 nets read 7."), (0.5, 3, "cut off or damaged"), (0.0, 3, "input is empty")],
)
def test_a_picture_comes_down_a_pipe_whole_or_not(seven: Path, part: float, code: int, told: str) -> None:
    content = seven.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "timetravel", "predict", "-", "-q"],
        input=content[: int(part * len(content))], capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert told in (done.stderr if code else done.stdout).decode()
    assert b"Traceback" not in done.stderr


def test_exit_codes_of_processes(seven: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for arguments, code in (([], 2), ([tmp_path / "folder"], 3), ([seven, "--net", "nineteen"], 2), ([seven], 0)):
        done = subprocess.run(
            [sys.executable, "-m", "timetravel", "predict", *map(str, arguments)], capture_output=True, check=False
        )
        assert done.returncode == code, arguments
        assert b"Traceback" not in done.stderr
