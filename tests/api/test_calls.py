"""`import timetravel as tt`: every command is a call, and both ways in say the same."""

import doctest
import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn
from typer.main import get_command
from typer.testing import CliRunner

import timetravel as tt
from timetravel.cli.app import app
from timetravel.digits import Source
from timetravel.errors import DataError, TimetravelError, UsageError

COMMANDS = (
    "train",
    "modernize",
    "scale-data",
    "scale-model",
    "interpretations",
    "tune",
    "extrapolate",
    "compare",
    "bench",
)
OF_THE_SCREEN = {"dry_run", "long", "out", "as_json", "quiet", "help"}  # options of the command line alone
OF_PYTHON = {(name, own) for name in COMMANDS for own in ("executor", "progress")} | {("train", "net")}  # and of Python


def test_the_import_is_light_and_names_are_listed_before_they_are_loaded() -> None:
    code = (
        "import sys, timetravel as tt\n"
        "names = dir(tt)\n"
        "assert not {'torch', 'numpy', 'typer', 'pandas'} & set(sys.modules), sys.modules\n"
        "assert {'train', 'digits', 'ERAS', 'TWEAKS', 'Tweak', 'Recipe', 'load'} <= set(names)\n"
        "assert callable(tt.digits) and tt.train and callable(tt.digits)\n"
        "assert all(getattr(tt, name) for name in names)\n"
        "try: tt.trian\nexcept AttributeError: pass\nelse: raise SystemExit(1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_call_has_the_options_of_its_command_with_their_defaults(name: str) -> None:
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    typed = {parameter.name: parameter.default for parameter in command.params if parameter.name not in OF_THE_SCREEN}
    called = inspect.signature(getattr(tt, name.replace("-", "_"))).parameters.values()
    known = {each.name: each.default for each in called if (name, each.name) not in OF_PYTHON}
    assert list(known) == list(typed)
    for option, default in known.items():
        assert default in (inspect.Parameter.empty, typed[option]), option


def asked_both_ways(typed: list[object], call: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    told = CliRunner().invoke(app, [*map(str, typed), "--json", "-q"])
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout), call.document


def without_times(document: Any) -> Any:
    timed = {"provenance", "command_line", "seconds", "seconds_a_net", "speed_up", "finding", "latency_us"}
    timed |= {"latency_ratio", "time_ratio", "same_size_and_latency"}
    if isinstance(document, dict):
        return {key: without_times(value) for key, value in document.items() if key not in timed}
    return [without_times(value) for value in document] if isinstance(document, list) else document


def test_a_command_and_its_call_tell_the_same(tmp_path: Path, few: Source) -> None:
    own = tmp_path / "own.npz"
    np.savez(own, images=few.pools["train"].pixels, labels=few.pools["train"].labels)
    for typed, call in (
        (["train", "--era", "1989-essay", "--epochs", "2", "--set", "learning_rate=0.1", "--seeds", "2"],
         lambda: tt.train("1989-essay", epochs=2, set={"learning_rate": 0.1}, seeds=2, data=str(own), progress=False)),
        (["modernize", "--tweaks", "softmax", "--mode", "alone", "--seeds", "3,5"],
         lambda: tt.modernize(["softmax"], mode="alone", seeds=[3, 5], data=own, progress=False)),
        (["scale-data", "--sizes", "100,200,300", "--eras", "1989-essay", "--seeds", "1", "--predict", "1000"],
         lambda: tt.scale_data([100, 200, 300], eras="1989-essay", seeds=1, predict=1000, data=own, progress=False)),
        (["scale-model", "--widths", "1", "--depths", "0", "--sizes", "100", "--epochs", "1", "--seeds", "1"],
         lambda: tt.scale_model(1, depths=0, sizes=100, epochs=1, seeds=1, data=own, progress=False)),
        (["tune", "--era", "1989-essay", "--set", "epochs=1", "--trials", "2", "--confirm", "1"],
         lambda: tt.tune("1989-essay", set={"epochs": 1}, trials=2, confirm=1, data=str(own), progress=False)),
    ):  # fmt: skip
        first, second = asked_both_ways([*typed, "--data", own], call())
        assert without_times(first) == without_times(second), typed
        assert first["finding"].split(";")[0] == second["finding"].split(";")[0]
    first, second = asked_both_ways(["extrapolate", "--from", "today"], tt.extrapolate(from_="today"))
    assert without_times(first) == without_times(second)


def test_a_result_says_what_was_found_and_has_its_table_runs_and_files(few: Source, tmp_path: Path) -> None:
    found = tt.train("1989-essay", data=few, seeds=2, epochs=3, progress=False)
    assert repr(found) == found.document["finding"]
    assert f"<strong>{found.document['finding'][:10]}" in found._repr_html_()
    assert found._repr_html_().count("<table>") == 1
    table = found.table()
    assert table["test_mistakes_mean"][0] == pytest.approx(np.mean([run.test.mistakes for run in found.runs]))
    folder = found.save(tmp_path / "out")
    assert {"results.json", "report.html", "table.csv"} <= {file.name for file in folder.iterdir()}
    again = tt.load(folder / "results.json")
    assert again.document == found.document
    for run, kept in zip(found.runs, again.runs, strict=True):
        assert (run.seed, run.recipe, run.test) == (kept.seed, kept.recipe, kept.test)
        assert all(np.array_equal(array, kept.weights[name]) for name, array in run.weights.items())


def test_a_run_reads_pictures_as_it_was_measured(few: Source) -> None:
    run = tt.train("1989-essay", data=few, seeds=1, epochs=3, progress=False).runs[0]
    test = few.test_digits(size="full")
    read = run.predict(test.images)
    assert np.array_equal(read.outputs, run.outputs)
    assert np.array_equal(read.digits, run.predictions)
    mnist = tt.digits("mnist")
    rows = np.arange(5)
    stored, prepared = mnist.load("test").pixels[rows], mnist.load("test").prepared(rows)
    assert np.array_equal(run.predict(stored).outputs, run.predict(prepared).outputs)
    assert run.predict(np.zeros((1, 28, 28), dtype=np.uint8)).outputs.shape == (1, 10)
    for bad in (np.zeros((28, 28)), np.zeros((2, 3), dtype=np.uint8), np.full((1, 28, 28), 300.0)):
        with pytest.raises(DataError):
            run.predict(bad)


def test_runs_that_are_no_longer_kept_say_how_they_are_made_again(few: Source, own_store: Path) -> None:
    found = tt.train("1989-essay", data=few, seeds=1, epochs=1, progress=False)
    for file in own_store.glob("*/*"):
        file.unlink()
    with pytest.raises(DataError, match="seed 0") as told:
        _ = found.runs
    assert "tt.train('1989-essay', data=Source(own" in told.value.hint


def test_what_is_not_allowed_is_told_in_the_words_of_the_command_line(few: Source) -> None:
    blank = np.zeros((5, 28, 28), dtype=np.uint8)
    for call, words, hint in (
        (lambda: tt.train("1066"), "There is no era '1066'.", "Eras: 1989"),
        (lambda: tt.train(seeds=0), "--seeds 0: at least one seed is needed.", "Type how many"),
        (
            lambda: tt.train(data=blank),
            "--data: a ndarray is no source of digits.",
            "timetravel.digits(images, labels)",
        ),
        (lambda: tt.digits(blank), "their labels are missing", "digits(images, labels)"),
        (lambda: tt.digits(blank[0], range(28)), "images of shape (28, 28); allowed is (digits, height, width).", ""),
        (lambda: tt.digits(blank, [1.5] * 5), "label 1.5 (digit 1) is no digit", ""),
        (lambda: tt.train(data="uspps"), "neither a source of digits", "usps"),
        (lambda: tt.train(workers=0), "--workers 0 is not allowed.", "from 1 on"),
        (lambda: tt.train(backend="fast"), "--backend 'fast' is not allowed.", "auto, native, torch"),
        (lambda: tt.train(set={"rate": 1}), "a recipe has no 'rate'.", "learning_rate"),
        (lambda: tt.train(data=few, size=10**6), "1000000 is not a number of training digits", "1 to 392"),
        (lambda: tt.modernize("sofmax"), "There is no tweak 'sofmax'.", "softmax"),
        (lambda: tt.load("nowhere.json"), "nowhere.json can't be read", "results.json"),
        (lambda: tt.extrapolate(1066), "--to 1066 is not allowed.", "from 1990 to 2200"),
        (lambda: tt.train("1989", data=few, seeds=1, epochs=1, progress=False).chart("x"), "no chart 'x'", "Charts:"),
    ):
        with pytest.raises(TimetravelError) as told:
            call()
        error = told.value
        assert words in error.message
        assert hint in error.hint
        assert error.__suppress_context__ or isinstance(error, UsageError)
        assert error.__cause__ is None


def test_a_tweak_of_ones_own_climbs_the_ladder_like_the_others(few: Source) -> None:
    mine = tt.Tweak("mine", {"learning_rate": lambda recipe: 2 * recipe.learning_rate}, needs=("softmax",))
    found = tt.modernize([mine], data=few, seeds=1, progress=False).document
    rows = {row["label"]: row for row in found["rows"]}
    assert list(rows)[:3] == ["1989-essay", "+ softmax", "+ mine"]
    assert rows["+ mine"]["settings"]["learning_rate"] == 0.02
    assert rows["+ mine"]["builds_on"] == rows["+ softmax"]["recipe"]
    assert "mine" not in tt.TWEAKS
    with pytest.raises(UsageError, match="There is a tweak 'softmax' already"):
        tt.modernize([tt.Tweak("softmax", {"epochs": 1})], data=few)
    with pytest.raises(UsageError, match="a recipe has no 'droput'"):
        tt.Tweak("mine", {"droput": 0.1})


def test_a_shown_recipe_is_a_file_that_is_read(few: Source, tmp_path: Path) -> None:
    for name, era in tt.ERAS.items():
        told = CliRunner().invoke(app, ["modernize", "--show", name])
        assert told.exit_code == 0, told.output
        file = tmp_path / f"{name}.toml"
        file.write_text(told.stdout)
        assert tt.Recipe.read(file) == era.recipe
    file = tmp_path / "mine.toml"
    file.write_text("epochs = 2\nlearning_rate = 1")
    found = tt.train(recipe=file, data=few, seeds=1, progress=False)
    assert found.document["rows"][0]["label"] == "mine"
    assert found.document["rows"][0]["settings"] == {"epochs": 2, "learning_rate": 1.0}
    same = tt.train(tt.Recipe(epochs=2, learning_rate=1.0), data=few, seeds=1, progress=False)
    assert same.document["rows"][0]["runs"] == found.document["rows"][0]["runs"]
    for text, words in (
        ("epochs = ", "is not TOML"),
        ("epoch = 1", "a recipe has no 'epoch'"),
        ("epochs = 0.5", "0.5"),
    ):
        file.write_text(text)
        with pytest.raises(UsageError, match=words):
            tt.train(recipe=file)


class Mine(nn.Sequential):
    """A net of one's own: 1,554 weights and biases, 5,040 multiply-adds."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 4, 5, stride=2), nn.Tanh(), nn.Flatten(), nn.Dropout(0.1), nn.Linear(4 * 6 * 6, 10)
        )


def test_a_net_of_ones_own_is_trained_by_its_seeds_and_has_a_size(few: Source) -> None:
    given: dict[str, Any] = {"net": Mine, "data": few, "seeds": 2, "epochs": 3, "progress": False}
    found = tt.train("1989-essay", **given)
    row = found.document["rows"][0]
    assert (row["parameters"], row["multiply_adds"]) == (4 * 26 + 10 * 145, 4 * 36 * 25 + 144 * 10)
    assert row["test_error"]["mean"] < 60
    first, second = found.runs
    assert not np.array_equal(first.weights["4_weight"], second.weights["4_weight"])
    again = tt.train("1989-essay", **given, fresh=True)
    for run, same in zip(found.runs, again.runs, strict=True):
        assert all(np.array_equal(array, same.weights[name]) for name, array in run.weights.items())
    test = few.test_digits(size="full")
    assert np.allclose(first.predict(test.images).outputs, first.outputs, atol=1e-6)


def test_a_net_that_cannot_be_trained_is_refused(few: Source) -> None:
    for net, era, words in (
        (Mine(), "2022", "made anew for every seed"),
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(256, 9)), "2022", r"other outputs than \(B, 10\)"),
        (lambda: nn.Sequential(nn.Flatten(), nn.BatchNorm1d(256), nn.Linear(256, 10)), "2022", "batch normalization"),
        (nn.Identity, "2022", "no layer with a weight"),
        (Mine, "1989", "no rule tells the curvature of its layers"),
    ):
        with pytest.raises(UsageError, match=words):
            tt.train(era, net=net, data=few, seeds=1, progress=False)


def test_an_interrupt_returns_what_is_known_and_the_next_call_goes_on(
    few: Source, own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from timetravel.engine.collect import Hooks, train_jobs

    def interrupted(jobs: Any, *rest: Any) -> Any:
        *how, hooks, _ = rest
        train_jobs(jobs[:3], *how, Hooks(finished=hooks.finished))
        raise KeyboardInterrupt

    given: dict[str, Any] = {"data": few, "seeds": 3, "progress": False}
    with monkeypatch.context() as patched:
        patched.setattr("timetravel.engine.collect.estimate_seconds", lambda *_, **__: 1.0)
        patched.setattr("timetravel.engine.collect.train_jobs", interrupted)
        part = tt.modernize(["shift"], **given)
    assert "Stopped, for Ctrl-C, after 3 of 9 nets." in repr(part)
    kept = len(list(own_store.glob("??/*.json")))
    whole = tt.modernize(["shift"], **given)
    assert kept > 0
    assert "stopped" not in whole.document


def test_examples_of_docstrings_run(few: Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    finder, known = doctest.DocTestFinder(), {"tt": tt, "np": np, "few": few}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL)
    owners = [import_module(f"timetravel.{name}") for name in ("api.results", "digits", "tweaks")]
    tests = [test for owner in owners for test in finder.find(owner, globs=dict(known))]
    for name in (*COMMANDS, "predict", "look", "export", "page"):
        tests += finder.find(getattr(tt, name.replace("-", "_")), name, globs=dict(known))
    told: list[str] = []
    examples = sum(runner.run(test, out=told.append).attempted for test in tests)
    assert runner.summarize(verbose=False).failed == 0, "".join(told)
    assert examples >= 15
