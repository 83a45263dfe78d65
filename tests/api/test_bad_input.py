"""What a caller can get wrong, or interrupt: an error of its own kind, in plain words, and never a wrong number."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from typer.testing import CliRunner

import timetravel as tt
from timetravel.cli.app import app
from timetravel.digits import Digits, Source
from timetravel.errors import TimetravelError, UsageError

QUICK: dict[str, Any] = {"seeds": 1, "epochs": 1, "progress": False}


@pytest.fixture
def few(few_mnist: tuple[Digits, Digits]) -> Source:
    digits = few_mnist[0]
    return tt.digits(digits.images[:150], digits.labels[:150])


class Buffered(nn.Module):
    """A net whose buffer is drawn at random."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("noise", torch.rand(256))
        self.read = nn.Linear(256, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.read(images.flatten(1) + self.noise)
        return found


def test_a_net_of_ones_own_reads_as_it_was_trained_whatever_its_buffers_hold(few: Source) -> None:
    before = torch.random.get_rng_state()
    run = tt.train("1989-essay", data=few, net=Buffered, **QUICK).runs[0]
    image = np.zeros((1, 28, 28), dtype=np.uint8)
    assert (run.predict(image).outputs == run.predict(image).outputs).all()
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_net_of_ones_own_is_called_as_its_class_is(few: Source) -> None:
    found = tt.train("1989-essay", data=few, net=Buffered, **QUICK).document["rows"][0]["label"]
    assert found.startswith("1989-essay, net own:Buffered for lecun1989")


@pytest.mark.parametrize("net", [lambda: 3, lambda: nn.Linear(3, 10), lambda: nn.Linear(16, 10)])
def test_what_is_no_net_of_digits_is_refused(net: Any, few: Source) -> None:
    with pytest.raises(UsageError, match="A net of one's own can't be"):
        tt.train("1989-essay", data=few, net=net, **QUICK)


def test_a_net_of_ones_own_that_1989s_optimizer_can_not_train_is_named_as_its_class(few: Source) -> None:
    with pytest.raises(UsageError, match="can't train the net own:Buffered: no rule"):
        tt.train("1989", data=few, net=Buffered, **QUICK)


def test_tweaks_of_ones_own_have_names_of_their_own_and_need_what_there_is() -> None:
    for name in ("all", "essay", "a,b", " a", ""):
        with pytest.raises(UsageError, match="can't be a tweak"):
            tt.Tweak(name, {"epochs": 2})
    with pytest.raises(UsageError, match="can't be a tweak"):
        tt.Tweak("mine", {"epochs": 2}, needs="softmax")
    with pytest.raises(UsageError, match="'softmx', which one needs"):
        tt.modernize([tt.Tweak("mine", {"epochs": 2}, needs=["softmx"])])
    with pytest.raises(UsageError, match="is a name or a Tweak"):
        tt.modernize([3])
    with pytest.raises(UsageError, match="'fast' is no learning_rate"):
        tt.modernize([tt.Tweak("mine", {"learning_rate": lambda _: "fast"})])


def test_equal_epochs_that_leave_nothing_to_compare_are_refused(few: Source) -> None:
    with pytest.raises(UsageError, match="nothing is left to compare"):
        tt.modernize("more-epochs", mode="without", data=few, **QUICK)
    with pytest.raises(UsageError, match="has epochs of its own"):
        tt.scale_data(budget="essay", data=few, **QUICK)


def test_an_era_and_a_recipe_are_one_too_many(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(tt.modernize(show="2022"))
    with pytest.raises(UsageError, match="are two recipes"):
        tt.train("1989", recipe=file)
    told = CliRunner().invoke(app, ["train", "--era", "1989", "--recipe", str(file)])
    assert (told.exit_code, "are two recipes" in told.output) == (2, True)


def test_nothing_is_no_value_and_one_change_is_a_list_of_one(few: Source) -> None:
    for given in ({"seeds": None}, {"era": None}, {"device": None}):
        with pytest.raises(UsageError, match="None is not allowed"):
            tt.train(**given)
    found = tt.train("1989-essay", set="learning_rate=0.1", data=few, **QUICK)
    assert "learning rate 0.1 for 0.03" in found.document["rows"][0]["label"]


def test_python_reads_the_variable_that_names_the_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMETRAVEL_DIGITS", "nowhere.npz")
    with pytest.raises(TimetravelError, match=r"nowhere\.npz"):
        tt.train(**QUICK)


def test_an_interrupt_with_nothing_to_tell_says_so_without_noise(few: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("timetravel.engine.collect.train_jobs", interrupted)
    with pytest.raises(TimetravelError, match="Stopped before there was anything to tell") as told:
        tt.train(data=few, **QUICK)
    assert told.value.__suppress_context__


def test_the_list_of_tweaks_is_a_result_and_a_folder_is_made_for_it(tmp_path: Path) -> None:
    listed = tt.modernize(list=True)
    assert "softmax" in listed.table()["tweak"].to_list()
    assert repr(listed)
    told = CliRunner().invoke(app, ["modernize", "--list", "--out", str(tmp_path / "new")])
    assert told.exit_code == 0
    assert json.loads((tmp_path / "new" / "results.json").read_text())["command"] == "tweaks"
    with pytest.raises(UsageError, match="names no folder"):
        listed.save("")


def test_the_command_that_a_search_ends_with_can_be_typed(few: Source) -> None:
    asked: dict[str, Any] = {"trials": 1, "confirm": 0, "progress": False}
    told = tt.tune("1989-essay", data=few, epochs=1, **asked).document["measure_on_test"]
    assert told == "tt.train('1989-essay', set={'epochs': 1}, data=..., seeds=8)"


def test_epochs_mean_the_same_in_every_study(few: Source) -> None:
    tail = tt.ERAS["2022"].recipe.but(epochs=80, averaging="tail", averaging_epochs=20)
    (row,) = tt.train(tail, data=few, seeds=1, epochs=8, progress=False).document["rows"]
    assert (row["settings"]["epochs"], row["settings"]["averaging_epochs"]) == (8, 2)
