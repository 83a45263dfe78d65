"""Digits of one's own on the command line: how they are said to be, and what is shown of how they were read."""

from pathlib import Path

import numpy as np
import pytest

from timetravel.digits import Digits

QUICK = ("train", "--era", "1989-essay", "--seeds", "1", "--epochs", "1", "--data")
READ = "Own digits own.npz: 60 to train on and 30 to test on, 16x16 pixels, grey levels -1 to 1, bright ink on dark, "


@pytest.fixture
def seven(tmp_path: Path, few_mnist: tuple[Digits, Digits]) -> Path:
    """Digits of eight levels, dark ink on a bright background."""
    path, digits = tmp_path / "seven.npz", few_mnist[0]
    images = 7 - np.rint((digits.images[:60] + 1) * 3.5).transpose(0, 2, 1)
    np.savez(path, images=images.astype(np.uint8), labels=digits.labels[:60])
    return path


def test_every_training_says_how_own_digits_were_read_unless_it_is_to_be_quiet(run, own: Path, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    for command in ([*QUICK, own, "--dry-run"], ["look", "1989", "--data", own]):
        assert READ in run(*command).stderr
    assert READ not in run(*QUICK, own, "--dry-run", "--quiet").stderr
    assert "Own digits" not in run(*QUICK, "mnist", "--dry-run").stderr


def test_data_show_says_how_a_path_is_read_and_draws_its_digits(run, own: Path, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    shown = run("data", "show", own, "--count", "2").stdout
    assert shown.startswith(READ)
    assert shown == run("data", "show", "--data", own, "--count", "2").stdout
    monkeypatch.setenv("TIMETRAVEL_DIGITS", "mnist")
    assert shown == run("data", "show", own, "--count", "2").stdout
    assert "▀" in shown
    assert "are two sources" in run("data", "show", own, "--data", "usps", code=2).stderr


def test_doubtful_digits_are_drawn_and_read_once_it_is_said_what_they_are(run, seven: Path, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    refused = run(*QUICK, seven, code=3)
    assert refused.stdout == ""
    assert "--levels 0:7 --inverted." in " ".join(refused.stderr.replace("│", " ").split())
    *_, caption, more = refused.stderr.rstrip().split("\n")
    assert (caption.split(), more.split()) == (["by", "--levels", "0:7"] * 3, ["--inverted"] * 3)
    assert any("█" in line for line in refused.stderr.split("\n")[-11:])
    monkeypatch.setenv("COLUMNS", "300")
    shown = run("data", "show", seven, "--levels", "0:7", "--inverted")
    assert "Warning: These digits seem to lie on their side" in shown.stderr
    shown = run("data", "show", seven, "--levels=0:7", "--inverted", "--transpose", "--count", "1")
    assert "grey levels 0 to 7, dark ink on bright, turned over, transposed, classes 0 to 9" in shown.stdout
    assert not shown.stderr
    found = run("tune", "--data", seven, "--levels", "0:7", "--inverted", "--transpose", "--dry-run", "--trials", "1")
    assert "Own digits seven.npz" in found.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["data", "show", "--levels", "-0.5:0.5"], "--levels -0.5:0.5: the levels of mnist are known"),
        ([*QUICK, "usps", "--inverted"], "--inverted: the levels of usps are known"),
        ([*QUICK, "mnist", "--levels", "0,5:1"], "Type --levels 0.5:1."),
        (["look", "1989", "--levels", "1:0"], "--levels 0:1 --inverted."),
    ],
)
def test_what_is_said_of_known_digits_or_is_no_range_is_refused(run, arguments, told: str) -> None:
    assert told in " ".join(run(*arguments, code=2).stderr.replace("│", " ").split())
