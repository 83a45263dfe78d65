"""`timetravel foundation` as it is typed, and what can't be asked of it."""

import json
from importlib.util import find_spec

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.texts import words as flat
from timetravel.cli.app import app
from timetravel.digits import open_source
from timetravel.engine import recognizer


@pytest.fixture
def few(tmp_path):
    """300 digits of MNIST in a file, 235 of them to train on."""
    digits = open_source("mnist").training_digits("3", 300)
    np.savez(tmp_path / "few.npz", images=digits.images, labels=digits.labels)
    return str(tmp_path / "few.npz")


@pytest.fixture
def pool(tmp_path):
    digits = open_source("mnist").training_digits("4", 300)
    np.savez(tmp_path / "pool.npz", images=digits.images, labels=digits.labels)
    return str(tmp_path / "pool.npz")


@pytest.fixture
def bare(monkeypatch):
    """A machine without the extra."""
    monkeypatch.setattr(recognizer.util, "find_spec", lambda name: None if name == "rapidocr" else find_spec(name))


def typed(*words):
    return CliRunner().invoke(app, ["foundation", *words])


@pytest.mark.slow
def test_without_the_extra_one_line_names_it_and_the_study_goes_on(few, pool, bare):
    found = typed("--data", few, "--pool", pool, "--labels", "0,20", "--seeds", "1", "--epochs", "1")
    assert found.exit_code == 0, found.output
    told = flat(found.output)
    assert (
        "PP-OCRv6 needs the package rapidocr. The extra foundation brings it: pip install rapidocr onnxruntime onnx"
        in told
    )
    assert "Until then only the MNIST net is a foundation." in told
    assert "MNIST net, finetuned" in told
    assert "today, from scratch, takes" in told


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--labels", "5"), 2, "--labels 5: allowed are 0, and 10, one a class, to 235, all that there are."),
        (("--labels", "1000"), 2, "--labels 1000: allowed are 0, and 10"),
        (("--labels", "many"), 2, "'many' is not a number of labels"),
        (("--pool", "nowhere"), 2, "'nowhere' is neither a source of digits nor a file"),
        (("--backbone", "none.onnx"), 3, "none.onnx can't be read"),
        (("--label-cost", "-1"), 2, "--label-cost -1 is not allowed"),
    ],
)
def test_what_cant_be_asked_is_told_before_any_training(few, pool, words, code, told):
    given = () if "--pool" in words else ("--pool", pool)
    found = typed("--data", few, *given, *words)
    assert found.exit_code == code, found.output
    assert told in flat(found.output)
    assert "Training" not in flat(found.output).replace("Training digits", "")


def test_a_backbone_that_was_asked_for_is_not_left_out(few, pool, monkeypatch):
    monkeypatch.setattr(recognizer.util, "find_spec", lambda name: None if name == "onnx" else find_spec(name))
    found = typed("--data", few, "--pool", pool, "--backbone", "mine.onnx")
    assert found.exit_code == 1
    assert "mine needs the package onnx. The extra foundation brings it" in flat(found.output)


def test_a_pool_of_the_digits_that_are_to_be_read_is_refused(few, bare):
    found = typed("--data", few, "--pool", few)
    assert found.exit_code == 3
    assert "digits of the pool few.npz are among those to be read" in flat(found.output)


@pytest.mark.slow
def test_without_the_digits_of_1989_it_rehearses_on_mnist(tmp_path, bare):
    asked = ("--data-root", str(tmp_path), "--size", "300", "--test", "200", "--labels", "0", "--seeds", "1")
    found = typed(*asked, "--epochs", "1", "--json")
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    assert document["data"] == "mnist-rehearsal"
    assert document["remarks"] == [
        "A rehearsal: MNIST's digits, slanted by 0.35 pixels a row and thickened by one pixel."
    ]
    assert "rehearses on MNIST" in flat(found.stderr)


def test_a_dry_run_trains_and_looks_at_nothing(few, pool, bare, own_store):
    found = typed("--data", few, "--pool", pool, "--seeds", "1", "--epochs", "1", "--labels", "0", "--dry-run")
    assert found.exit_code == 0, found.output
    assert "Dry run: nothing is trained or written." in flat(found.output)
    assert not own_store.exists()
