"""`timetravel modernize --mode shares`, as a user types it, on few digits."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from typer.testing import Result

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "results.schema.json"
FIVE = "softmax,adamw,shift,dropout,mini-batches"
SHARES = ("modernize", "--mode", "shares")


def test_few_tweaks_are_shared_out_exactly_and_written(run: Callable[..., Result], own: Path, tmp_path: Path) -> None:
    typed = (*SHARES, "--tweaks", "softmax,shift", "--data", own, "--seeds", 6)
    document = json.loads(run(*typed, "--json").stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    labels = [row["label"] for row in document["shares"]]
    assert labels == ["softmax", "shift", "all of it"]
    *each, whole = (row["change_share"]["mean"] for row in document["shares"])
    assert abs(sum(each) - whole) < 1e-9
    shown = run(*typed, "--long", "--out", tmp_path / "out").stdout
    for words in (document["finding"][:40], "a mean over 2 orders: 4 nets a run", "all of them"):
        assert words in " ".join(shown.split())
    with (tmp_path / "out" / "table.csv").open() as file:
        kinds = [(row["kind"], row["label"]) for row in csv.DictReader(file)]
    assert [label for kind, label in kinds if kind == "share"] == labels
    assert (tmp_path / "out" / "figure.svg").stat().st_size > 1000


def test_more_tweaks_are_shared_out_along_orders(run: Callable[..., Result], own: Path) -> None:
    typed = (*SHARES, "--tweaks", FIVE, "--data", own, "--seeds", "3,5")
    document = json.loads(run(*typed, "--json").stdout)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert {row["verdict_share"] for row in document["shares"][:-1]} <= {"too few runs", "same answers"}
    assert "a mean over 2 orders drawn at random" in document["method"][0]


@pytest.mark.slow
def test_unless_seeds_are_named_there_are_sixty_orders_or_ten_runs(run: Callable[..., Result], own: Path) -> None:
    for typed, nets in (([FIVE], 60 * 6), ([FIVE, "--seeds", 10], 10 * 6), (["essay"], 10 * 16)):
        told = json.loads(run(*SHARES, "--tweaks", *typed, "--data", own, "--dry-run", "--json").stdout)
        assert told["runs_to_train"] == nets


def test_one_tweak_has_nothing_to_share(run: Callable[..., Result], own: Path) -> None:
    for tweaks in ("softmax", "dropout,no-dropout", "longer,softmax", "longer"):
        stderr = run(*SHARES, "--tweaks", tweaks, "--data", own, code=2).stderr
        assert "There is nothing to share out" in stderr
