"""The commands as a user types them, on few digits."""

import errno
import json
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from timetravel.cli import output
from timetravel.cli.app import app
from timetravel.show.report import as_text

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "results.schema.json").read_text())
TRAIN = ["train", "--size", "60", "--epochs", "2", "--seeds", "2", "--test", "50"]
MODERNIZE = ["modernize", "--tweaks", "softmax,shift", "--data", "OWN", "--seeds", "2"]
SIZES = [100, 300, 1000]
SCALE = ["scale-data", "--sizes", "40,80", "--eras", "1989-essay,2022", "--seeds", "2", "--test", "50"]


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


@pytest.fixture
def own(tmp_path: Path, few_mnist: tuple) -> Path:
    """A small file of one's own digits."""
    import numpy as np

    digits, test = few_mnist
    path = tmp_path / "own.npz"
    np.savez(
        path,
        train_images=digits.images[:40], train_labels=digits.labels[:40],
        test_images=test.images[:30], test_labels=test.labels[:30],
    )  # fmt: skip
    return path


def typed(arguments: list[str], own: Path) -> list[str]:
    return [str(own) if a == "OWN" else a for a in arguments]


@pytest.mark.parametrize("command", [TRAIN, MODERNIZE, SCALE], ids=lambda c: c[0])
def test_json_is_one_document_in_the_published_format(command: list[str], own: Path) -> None:
    result = run(*typed(command, own), "--json")
    document = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["command"] == command[0]
    assert {"command_line", "peak_memory_mb", "torch", "processor"} <= set(document["provenance"])
    keys = [(r["recipe"], r["data"], str(r["subsets"]), r["train_size"], r["epochs"]) for r in document["rows"]]
    assert len(set(keys)) == len(keys)
    for row in document["rows"]:
        assert row["seeds"] == [0, 1]
        for part in ("train", "test"):
            errors = [100 * k / row[f"{part}_size"] for k in row[f"{part}_mistakes"]["values"]]
            assert row[f"{part}_error"]["values"] == pytest.approx(errors)
            assert all(isinstance(k, int) for k in row[f"{part}_mistakes"]["values"])


@pytest.mark.parametrize("command", [TRAIN, MODERNIZE, SCALE], ids=lambda c: c[0])
def test_out_writes_the_table_the_document_the_report_and_the_figures(
    command: list[str], own: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "out"
    result = run(*typed(command, own), "--out", out)
    names = {path.name for path in out.iterdir()}
    drawn = {"train": ["figure", "rejection", "mistakes"], "modernize": ["figure", "digits"]}.get(
        command[0], ["figure"]
    )
    figures = {f"{name}{mode}.{kind}" for name in drawn for mode in ("", "-dark") for kind in ("png", "svg")}
    assert names == {"table.csv", "results.json", "report.md"} | figures
    document = json.loads((out / "results.json").read_text())
    table = pd.read_csv(out / "table.csv")
    measured = table[table.kind == "measured"]
    assert list(measured.test_mistakes_mean) == [row["test_mistakes"]["mean"] for row in document["rows"]]
    report = (out / "report.md").read_text()
    assert document["finding"] in report
    assert "figure.svg" in report
    assert (out / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert "Written" in result.stderr


def test_a_repeated_command_reuses_its_runs_and_says_so() -> None:
    first = run(*TRAIN, "--json")
    again = run(*TRAIN, "--json")
    assert "2 runs kept from before; nothing is trained" in again.stderr
    assert "Training" not in again.stderr
    assert json.loads(first.stdout)["rows"] == json.loads(again.stdout)["rows"]
    assert "Training 2 nets" in run(*TRAIN, "--fresh").stderr


def test_a_dry_run_says_what_it_would_do_and_creates_nothing(tmp_path: Path, own_store: Path) -> None:
    out = tmp_path / "out"
    result = run(*TRAIN, "--dry-run", "--out", out)
    assert "Training 2 nets, 240 examples: about" in result.stdout
    assert not out.exists()
    assert not own_store.exists()


def test_quiet_leaves_only_the_result() -> None:
    assert run(*TRAIN, "--quiet").stderr == ""


def test_train_shows_its_epochs_the_paper_the_essay_and_the_worst_mistakes() -> None:
    result = run(*TRAIN)
    assert "in 1989 it would be" in result.stderr
    assert "Thursday 09:00" in result.stderr
    for words in ("paper", "essay", "this run", "102", "82", "3 days", "Read wrongly most often", "read as"):
        assert words in result.stdout
    assert result.stdout.rstrip().endswith(".")


def test_the_backend_and_the_reason_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from timetravel.engine import native_backend

    asked = run(*TRAIN, "--backend", "torch").stderr
    assert f"Backend: torch ({'asked for' if native_backend.missing() is None else 'the compiled kernel'}" in asked
    monkeypatch.setattr(native_backend, "_kernel", None)
    for command in (TRAIN, SCALE):
        stderr = run(*command, "--fresh").stderr
        assert "Backend: torch (the compiled kernel was not built" in " ".join(stderr.split())
        assert "apt install g++" in " ".join(stderr.split())
    assert "not built" in run(*TRAIN, "--backend", "native", code=2).stderr


def test_changed_settings_make_a_recipe_without_an_era() -> None:
    (row,) = json.loads(run(*TRAIN, "--set", "learning_rate=0.1", "--json").stdout)["rows"]
    assert row["era"] is None
    assert row["settings"]["learning_rate"] == 0.1


def test_a_loss_that_is_no_number_ends_with_one_clear_message() -> None:
    result = run(*TRAIN, "--era", "2022", "--set", "optimizer=sgd", "--set", "learning_rate=1e30", code=1)
    assert "diverged" in result.stderr
    assert "learning_rate" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["train", "--era", "1990"], 2, "1989-essay"),
        (["train", "--era", "1989-esay"], 2, "Did you mean 1989-essay"),
        (["modernize", "--tweaks", "adam"], 2, "Did you mean adamw"),
        (["train", "--data", "mnits"], 2, "Did you mean mnist"),
        (["train", "--seeds", "0"], 2, "--seeds 0"),
        (["train", "--seeds", "-3"], 2, "-3"),
        (["train", "--size", "0"], 2, "0 is not a number of training digits"),
        (["train", "--size", "60001"], 2, "60,000"),
        (["train", "--size", "-1"], 2, "-1"),
        (["train", "--test", "10001"], 2, "10,000"),
        (["train", "--test", "none"], 2, "full"),
        (["train", "--subset", "-1"], 2, "-1"),
        (["train", "--subset", "karpathy"], 2, "karpathy-test-first"),
        (["train", "--data", "usps", "--subset", "karpathy-test-first"], 2, "mnist"),
        (["train", "--epochs", "0"], 2, "--epochs 0"),
        (["train", "--workers", "0"], 2, "--workers 0"),
        (["train", "--set", "speed=3"], 2, "speed"),
        (["scale-data", "--sizes", "1000,99999"], 2, "60,000"),
        (["scale-data", "--sizes", "0"], 2, "'0'"),
        (["scale-data", "--eras", "2022,1066"], 2, "1066"),
        (["data", "fetch", "cifar"], 2, "cifar"),
        (["data", "show", "--digit", "11"], 2, "11"),
        (["bench", "--repeats", "0"], 2, "--repeats 0"),
        (["train", "--data", "usps", "--data-root", "EMPTY"], 3, "timetravel data fetch usps"),
        (["modernize", "--data", "usps", "--data-root", "EMPTY"], 3, "timetravel data fetch usps"),
        (["scale-data", "--data", "usps", "--data-root", "EMPTY"], 3, "timetravel data fetch usps"),
        (["data", "show", "--data", "usps", "--data-root", "EMPTY"], 3, "timetravel data fetch usps"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_clear_message(arguments: list[str], code: int, words: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run(*[str(tmp_path / "empty") if a == "EMPTY" else a for a in arguments], code=code)
    assert words in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_an_out_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run(*TRAIN, "--out", tmp_path / "file" / "out", code=2)
    assert "--out" in result.stderr
    assert "Training" not in result.stderr


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(output, "write_files", full)
    result = run(*TRAIN, "--out", tmp_path / "out", code=1)
    assert "No space left on device" in result.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_kept_run_is_named_and_fresh_mends_it(own_store: Path) -> None:
    run(*TRAIN)
    victim = next(own_store.rglob("*.json"))
    victim.write_text(victim.read_text()[:100])
    result = run(*TRAIN, code=3)
    assert victim.name in result.stderr.replace("│", "").replace("\n", "").replace(" ", "")
    run(*TRAIN, "--fresh")
    assert "nothing is trained" in run(*TRAIN).stderr


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_column_is_lost_at_any_width(width: int, own: Path) -> None:
    from timetravel.cli.progress import Progress
    from timetravel.digits import open_source
    from timetravel.engine.collect import Workshop
    from timetravel.engine.store import Store
    from timetravel.eras import ERAS
    from timetravel.ladders import parse_tweaks
    from timetravel.show import curves, ladder, tables
    from timetravel.studies.modernize import Modernize
    from timetravel.studies.scale_data import Questions, ScaleData
    from timetravel.studies.setup import Setup
    from timetravel.studies.train import Train

    def setup(source: str, test: int = 30) -> Setup:
        return Setup(open_source(source), ["0"], test, (0, 1), Workshop(Store()), Progress(quiet=True))

    era = ERAS["1989-essay"]
    recipe = era.recipe.but(epochs=1)
    asked = Questions((60_000, 500_000), (1.0,), 0.05)
    texts = {
        as_text(tables.train(Train(setup(str(own)), era, recipe).run()), width): ["paper", "essay", "this run"],
        as_text(ladder.modernize(Modernize(setup(str(own)), parse_tweaks("softmax")).run()), width): [
            "recipe", "epochs", "error", "mistakes", "change", "against", "softmax", "too few", "MACs", "latency",
            "63,660", "shown", "rejected",
        ],
        as_text(curves.scale_data(ScaleData(setup("mnist", 500), [era], SIZES, questions=asked).run()), width): [
            "recipe", "digits", "mistakes", "error", "change", "training", "inference", "x 1.00", "law", "exponent",
            "floor", "misses", "log", "Predicted", "scenario", "labels",
        ],
    }  # fmt: skip
    for text, words in texts.items():
        assert max(map(len, text.splitlines())) <= width
        assert "…" not in text
        for word in words:
            assert word in text, (word, text)
