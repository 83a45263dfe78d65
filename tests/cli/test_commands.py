"""The commands as a user types them, on few digits."""

import errno
import io
import json
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from rich.console import Console
from texts import words

from timetravel.report import files, render
from timetravel.report.tables import sections

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "reference" / "results.schema.json").read_text())
TRAIN = ["train", "--size", "60", "--epochs", "2", "--seeds", "2", "--test", "50"]
MODERNIZE = ["modernize", "--tweaks", "softmax,shift", "--seeds", "2"]
SCALE = ["scale-data", "--sizes", "40,80", "--eras", "1989-essay,2022", "--seeds", "2", "--test", "50"]
LAWS = ["scale-data", "--sizes", "100,300,1000", "--eras", "1989-essay", "--test", "500", "--seeds", "2"]
QUESTIONS = ["--predict", "60000,500000", "--error", "1", "--label-cost", "0.05"]


def test_json_and_files_tell_one_document_in_the_published_format(run, own: Path, tmp_path: Path) -> None:
    drawn = {
        "train": ["figure", "rejection", "mistakes"],
        "modernize": ["figure", "power", "digits"],
        "scale-data": ["figure"],
    }
    for command in (TRAIN, [*MODERNIZE, "--data", own], SCALE):
        out = tmp_path / "new" / command[0]
        result = run(*command, "--json", "--out", out)
        assert "Written" in result.stderr
        document = json.loads(result.stdout)
        assert document == json.loads((out / "results.json").read_text())
        jsonschema.validate(document, SCHEMA)
        assert document["command"] == command[0]
        assert {"command_line", "peak_memory_mb", "torch", "processor", "digits"} <= set(document["provenance"])
        keys = [(r["recipe"], r["data"], str(r["subsets"]), r["train_size"], r["epochs"]) for r in document["rows"]]
        assert len(set(keys)) == len(keys)
        for row in document["rows"]:
            assert row["seeds"] == [run["seed"] for run in row["runs"]] == [0, 1]
            assert {"test_digits", "mistakes_of_2007", "variances", "failure", "collapsed"} <= set(row)
            for part in ("train", "test"):
                errors = [100 * k / row[f"{part}_size"] for k in row[f"{part}_mistakes"]["values"]]
                assert row[f"{part}_error"]["values"] == pytest.approx(errors)
                assert all(isinstance(k, int) for k in row[f"{part}_mistakes"]["values"])
        charts = {f"{name}{end}" for name in drawn[command[0]] for end in (".png", ".svg", "-dark.svg")}
        written = {path.name for path in out.iterdir()}
        assert written == {"table.csv", "results.json", "report.md", "report.html"} | charts
        table = pd.read_csv(out / "table.csv")
        measured = table[table.kind == "measured"]
        assert list(measured.test_mistakes_mean) == [row["test_mistakes"]["mean"] for row in document["rows"]]
        assert words(document["finding"]) in words((out / "report.md").read_text())
        assert "data:image/svg+xml;base64" in (out / "report.html").read_text()
        assert (out / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_json_is_one_document_where_nothing_is_trained(run) -> None:
    for command in ([*TRAIN, "--dry-run"], ["modernize", "--list"], ["data", "list"], ["bench", "--dry-run"]):
        jsonschema.validate(json.loads(run(*command, "--json").stdout), SCHEMA)


def test_show_shows_a_saved_result_as_it_was_shown(run, tmp_path: Path) -> None:
    first = run(*TRAIN, "--out", tmp_path / "a")
    again = run("show", tmp_path / "a" / "results.json", "--out", tmp_path / "b")
    assert again.stdout == first.stdout
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert {path.name for path in (tmp_path / "b").iterdir()} == names
    for name in names - {"report.md", "report.html"}:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_show_names_what_is_no_result_of_this_version(run, tmp_path: Path) -> None:
    file = tmp_path / "saved.json"
    for text, told in (
        ('{"schema": 1, "command": "train"}', "schema 1, from another version"),
        ('{"schema": 2, "command": "fly"}', "'fly', which has no tables"),
        ('{"schema": 2, "command": "train", "dry_run": true}', "of a dry run: it holds no result"),
        ("[1, 2]", "no result of timetravel"),
        ('{"schema": 2, "comm', "not JSON, or damaged"),
        ('{"schema": 2, "command": "train", "rows": []}', "damaged"),
    ):
        file.write_text(text)
        assert told in words(run("show", file, code=3).stderr)
    assert "can't be read" in words(run("show", tmp_path / "nowhere.json", code=3).stderr)


def test_a_repeated_command_reuses_its_runs_and_says_so(run) -> None:
    first = run(*TRAIN, "--json")
    again = run(*TRAIN, "--json")
    assert "2 runs kept from before; nothing is trained" in again.stderr
    assert "Training" not in again.stderr
    assert json.loads(first.stdout)["rows"] == json.loads(again.stdout)["rows"]
    other_test = run(*TRAIN[:-1], "full", "--json")
    assert "nothing is trained" in other_test.stderr
    assert json.loads(other_test.stdout)["rows"][0]["test_size"] == 10_000
    assert "Training 2 nets" in run(*TRAIN, "--fresh").stderr


def test_a_dry_run_says_what_it_would_do_and_creates_nothing(run, tmp_path: Path, own_store: Path) -> None:
    out = tmp_path / "out"
    result = run(*TRAIN, "--dry-run", "--out", out)
    assert "Training 2 nets, 240 examples: about" in result.stdout
    assert result.stderr == "Loading ...\n"  # before PyTorch, which takes seconds
    assert not out.exists()
    assert not own_store.exists()


def test_train_shows_its_epochs_the_paper_the_essay_and_the_worst_mistakes(run) -> None:
    result = run(*TRAIN)
    assert "in 1989 it would be" in result.stderr
    assert "Monday 09:03" in result.stderr  # 2 epochs of 60 digits are 3 of the minutes in three days
    for word in ("paper", "essay", "this run", "102", "82", "3 days", "Read wrongly most often", "read as"):
        assert word in result.stdout
    assert result.stdout.startswith("1989, epochs 2 for 23 on mnist: ")
    assert "2 of 2 nets collapsed. " in words(result.stdout)  # so few epochs; there are no others to take means over
    changed = run(*TRAIN, "--set", "learning_rate=0.1", "--json", "--quiet")
    assert changed.stderr == ""
    (row,) = json.loads(changed.stdout)["rows"]
    assert (row["era"], row["settings"]["learning_rate"]) == (None, 0.1)


def test_a_value_that_a_recipe_makes_no_use_of_is_warned_of(run) -> None:
    idle = ("teacher_epochs=3", "momentum=0.5")
    for change in idle:
        told = run("train", "--set", change, "--dry-run").stderr
        assert f"Warning: {change.partition('=')[0]} has no effect on this recipe." in told
    used = run("train", "--set", "optimizer=momentum", "--set", "momentum=0.5", "--dry-run").stderr
    assert "Warning" not in used


@pytest.mark.slow
def test_the_backend_and_the_reason_are_told(run, monkeypatch: pytest.MonkeyPatch) -> None:
    from timetravel.engine import native_backend

    asked = run(*TRAIN, "--backend", "torch").stderr
    assert f"Backend: torch ({'asked for' if native_backend.missing() is None else 'the compiled kernel'}" in asked
    monkeypatch.setattr(native_backend, "_kernel", None)
    for command in (TRAIN, SCALE):
        stderr = words(run(*command, "--fresh").stderr)
        assert "Backend: torch (the compiled kernel was not built" in stderr
        assert "apt install g++" in stderr
    assert "not built" in run(*TRAIN, "--backend", "native", code=2).stderr


def test_a_loss_that_is_no_number_ends_with_one_clear_message(run) -> None:
    result = run(*TRAIN, "--era", "2022", "--set", "optimizer=sgd", "--set", "learning_rate=1e30", code=1)
    assert "diverged" in result.stderr
    assert "learning_rate" in result.stderr


def test_help_shows_flags_without_a_type(run) -> None:
    for arguments in (["--help"], ["train", "--help"], ["data", "--help"], ["data", "list", "--help"]):
        assert "bool" not in run(*arguments).stdout.lower(), arguments


def test_bad_input_gets_one_clear_message(run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    empty = ("--data", "usps", "--data-root", tmp_path / "empty")
    for arguments, code, told in (
        (["train", "--era", "1990"], 2, "1989-essay"),
        (["train", "--era", "1989-esay"], 2, "Did you mean 1989-essay"),
        (["modernize", "--tweaks", "adam"], 2, "Did you mean adamw"),
        (["train", "--data", "mnits"], 2, "Did you mean mnist"),
        (["train", "--seeds", "0"], 2, "--seeds 0"),
        (["train", "--seeds", "-3"], 2, "-3"),
        (["train", "--size", "0"], 2, "--size 0"),
        (["train", "--size", "60001"], 2, "60,000"),
        (["train", "--size", "-1"], 2, "-1"),
        (["train", "--test", "10001"], 2, "10,000"),
        (["train", "--test", "none"], 2, "full"),
        (["train", "--subset", "-1"], 2, "-1"),
        (["train", "--subset", "karpathy"], 2, "karpathy-test-first"),
        (["train", "--data", "usps", "--subset", "karpathy-test-first"], 2, "mnist"),
        (["train", "--epochs", "0"], 2, "--epochs 0 is not allowed. Allowed: whole numbers from 1 on."),
        (["train", "--minutes", "x"], 2, "--minutes x is not allowed. Allowed: numbers from 0.01 on."),
        (["train", "--backend", "x"], 2, "'--backend': 'x' is not one of 'auto', 'native', 'torch'."),
        (["train", "--subset", "0-x"], 2, "several (0-4 or 0,2,5)"),
        (["train", "--set", "elastic=much"], 2, "'much' is no elastic. Allowed: a number from 0 to 8."),
        (["train", "--set", "residual=7"], 2, "true or false"),
        (["train", "--set", "epochs=3", "--epochs", "4"], 2, "epochs is set twice"),
        (["train", "--workers", "0"], 2, "--workers 0"),
        (["train", "--set", "speed=3"], 2, "speed"),
        (["scale-data", "--sizes", "1000,99999"], 2, "60,000"),
        (["scale-data", "--sizes", "0"], 2, "'0'"),
        (["scale-data", "--eras", "2022,1066"], 2, "1066"),
        (["train", "--era", "distilled"], 2, "Type --data usps, in its known edition"),
        (["scale-data", "--eras", "today,distilled", "--sizes", "50"], 2, "come with the package for usps alone"),
        (["data", "fetch", "cifar"], 2, "cifar"),
        (["data", "show", "--digit", "11"], 2, "--digit 11 is not allowed. Allowed: whole numbers from 0 to 9."),
        (["bench", "--repeats", "0"], 2, "--repeats 0"),
        (["train", "--out", tmp_path / "file" / "out"], 1, "--out"),
        (["train", "--out", ""], 2, "--out '' names no folder"),
        *(([*command, *empty], 3, "timetravel data fetch usps") for command in (
            ["train"], ["modernize"], ["scale-data"], ["interpretations"], ["data", "show"]
        )),
    ):  # fmt: skip
        result = run(*arguments, code=code)
        assert told in words(result.stderr), arguments
        assert "Training" not in result.output
        assert result.stdout == ""


def test_a_full_disk_leaves_what_was_written_whole(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []

    def full(path: Path, content: bytes) -> None:
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        path.write_bytes(content)
        written.append(path)

    monkeypatch.setattr(files, "write_whole", full)
    result = run(*TRAIN, "--out", tmp_path / "out", code=1)
    assert "No space left on device" in result.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"results.json", "report.md", "report.html"}


def test_no_column_is_lost_at_any_width(run, own: Path) -> None:
    for command, expected in (
        (TRAIN, ["paper", "essay", "this run", "examples seen"]),
        ([*MODERNIZE, "--data", own], ["recipe", "error", "mistakes", "softmax", "63,660"]),
        ([*LAWS, *QUESTIONS], ["recipe", "mistakes", "law", "exponent", "scenario", "labels"]),
    ):
        document = json.loads(run(*command, "--json").stdout)
        for width in (60, 80, 200):
            stream = io.StringIO()
            Console(file=stream, width=width, no_color=True).print(render.rich(sections(document), long=True))
            assert max(map(len, stream.getvalue().splitlines())) <= width
            assert "…" not in stream.getvalue()
            for word in expected:
                assert word in words(stream.getvalue()), (command[0], width, word)
