"""A search: what it searches, what it is given, how it goes on, how it compares."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from timetravel.api.progress import Progress
from timetravel.digits import Digits
from timetravel.digits.folds import FOLDS, folds
from timetravel.engine import native_backend
from timetravel.engine.collect import Workshop
from timetravel.engine.runs import Job, Run
from timetravel.engine.store import Store
from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.recipes import RANGES, Recipe, changed
from timetravel.studies.base import Document, carry_out
from timetravel.studies.space import Part, default_space, parse_space, settings
from timetravel.studies.tune import Tune, compare

RECIPE = Recipe(epochs=1)
SLOW = RECIPE.but(learning_rate=0.003)  # which any other trial beats
SPACE_OF_TWO = ("learning_rate=0.003:0.3:log", "activation=tanh,relu")
Maker = Callable[..., Tune]


class Silent(Progress):
    """Remembers which jobs were trained, and may be interrupted after some."""

    def __init__(self, most: int | None = None) -> None:
        super().__init__(quiet=True)
        self.made: list[Job] = []
        self.most = most

    def finished(self, job: Job, run: Run) -> None:
        self.made.append(job)
        if len(self.made) == self.most:
            raise KeyboardInterrupt


@pytest.fixture
def make(few_mnist: tuple[Digits, Digits]) -> Maker:
    """Return a function that makes a search on 60 digits."""
    digits = few_mnist[0].take(slice(0, 60))

    def made(trials: int, *space: str, recipe: Recipe = RECIPE, seeds: Any = (0,), confirm: int = 0) -> Tune:
        measure = lambda best: f"--set {best.learning_rate}"  # noqa: E731
        parts = parse_space(space or SPACE_OF_TWO)
        return Tune("own", recipe, parts, digits, seeds, trials=trials, confirm=confirm, measure=measure)

    return made


def carried_out(study: Tune, *, store: Path | None = None, fresh: bool = False) -> tuple[Document, list[Job]]:
    """Carry a search out; return its document without provenance, and the jobs that were trained."""
    progress = Silent()
    document = carry_out(study, Workshop(Store(store), fresh=fresh), progress)
    del document["provenance"]
    return document, progress.made


def by_number(document: Document) -> list[dict[str, Any]]:
    return sorted(document["rows"], key=lambda row: row["trial"])


def test_the_first_trial_is_the_recipe_as_it_stands_and_all_others_lie_in_the_space(make: Maker) -> None:
    study, heard = make(5, "learning_rate=0.1:0.3:log", "activation=relu,gelu"), []  # the recipe lies outside
    study.tried = lambda trial, least: heard.append((trial.number, least.number))
    document, _ = carried_out(study)
    rows = by_number(document)
    assert [row["trial"] for row in rows] == list(range(5))
    assert [row["as_it_is"] for row in rows] == [True, *[False] * 4]
    assert rows[0]["values"] == {"learning_rate": 0.03, "activation": "tanh"}
    for row in rows[1:]:
        rate, activation = row["values"].values()
        assert 0.1 <= rate <= 0.3
        assert rate == float(f"{rate:.4g}")
        assert activation in ("relu", "gelu")
    assert len({json.dumps(row["values"]) for row in rows}) == 5
    means = [row["mistakes_on_folds"]["mean"] for row in rows]
    assert heard == [(number, int(np.argmin(means[: number + 1]))) for number in range(5)]
    assert document["rows"][0]["trial"] == heard[-1][1]


def test_every_job_is_measured_on_a_fold_of_the_training_digits_and_its_mistakes_are_told(make: Maker) -> None:
    study = make(2, recipe=SLOW, seeds=(4, 2), confirm=2)
    document, made = carried_out(study)
    pairs = folds(study.training)
    marks = {(fit.fingerprint, judge.fingerprint) for fit, judge in pairs}
    assert len(marks) == FOLDS
    assert {(job.digits.fingerprint, job.test.fingerprint) for job in made} == marks
    assert {job.test.split for job in made} == {"train"}
    assert [job.seed in (2, 4) for job in made].count(True) == len(made) / 2 == 2 * 2 * FOLDS
    assert document["confirmation"]["seeds"] == [5, 6]
    told = by_number(document)[0]
    for seed, mistakes in zip((4, 2), told["mistakes_on_folds"]["values"], strict=True):
        runs = [Workshop(Store()).kept(Job(SLOW, fit, judge, seed)) for fit, judge in pairs]
        assert mistakes == sum(run.test.mistakes for run in runs if run)
    assert told["error_on_folds"]["mean"] == pytest.approx(100 * told["mistakes_on_folds"]["mean"] / 60)
    assert 0 <= told["error_on_folds"]["low"] <= told["error_on_folds"]["high"] <= 100
    assert "Nothing but the recipe as it is" in carried_out(make(1))[0]["finding"]
    assert "2 fresh seeds " in document["finding"]
    values = document["rows"][0]["values"]
    assert document["measure_on_test"] == f"--set {values['learning_rate']}"
    assert document["best"] == SLOW.but(**values).to_dict()
    assert document["as_it_is"] == SLOW.to_dict()


def test_three_trials_and_three_more_are_the_six_of_one_search(make: Maker, tmp_path: Path) -> None:
    first, _ = carried_out(make(3, confirm=1))
    second, made = carried_out(make(6))
    assert by_number(second)[:3] == by_number(first)
    assert len(made) == 3 * FOLDS
    assert carried_out(make(6), store=tmp_path / "other")[0] == second
    again, made = carried_out(make(6))
    assert again == second
    assert made == []
    assert make(6).plan(Workshop(Store())).missing == ()
    assert len(make(6).plan(Workshop(Store(), fresh=True)).missing) == 6 * FOLDS
    anew, made = carried_out(make(6), fresh=True)
    assert anew == second
    assert len(made) == 6 * FOLDS


def test_an_interrupted_search_goes_on_as_if_it_had_not_been(make: Maker, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        carry_out(make(4), Workshop(Store()), Silent(most=2 * FOLDS + 2))
    left = make(4).plan(Workshop(Store()))
    kept = len(left.kept)
    assert 2 * FOLDS + 2 <= kept <= 3 * FOLDS  # what was all but done when the interruption came is kept, too
    assert len(left.missing) == 4 * FOLDS - kept
    document, made = carried_out(make(4))
    assert len(made) == 4 * FOLDS - kept
    assert document == carried_out(make(4), store=tmp_path / "other")[0]


def test_a_small_space_is_searched_to_its_end_and_never_twice(make: Maker) -> None:
    document, _ = carried_out(make(20, "activation=tanh,relu", "batch_size=1:2"))
    assert len({tuple(row["values"].values()) for row in document["rows"]}) == len(document["rows"]) == 4
    (remark,) = document["remarks"]
    assert "ends early, after 4 trials" in remark
    assert make(20, "activation=tanh,relu", "batch_size=1:2").plan(Workshop(Store())).missing == ()


def test_a_diverged_trial_counts_with_its_mistakes(make: Maker) -> None:
    recipe = RECIPE.but(output="linear", loss_scale=1e6)
    document, _ = carried_out(make(2, "learning_rate=0.5:1", recipe=recipe))
    assert [row["diverged"] for row in document["rows"]] == [FOLDS, FOLDS]
    assert [row["mistakes_on_folds"]["mean"] for row in document["rows"]] == [60, 60]
    assert "none errs less" in document["finding"]
    assert document["comparison"] is None


def test_planning_writes_nothing_and_counts_what_is_left(make: Maker, own_store: Path) -> None:
    plan = make(4, confirm=2).plan(Workshop(Store()))
    assert len(plan.missing) == 4 * FOLDS
    assert plan.examples == 4 * 4 * 60
    assert plan.seconds > 0
    assert not own_store.exists()
    carried_out(make(2, recipe=SLOW))
    assert len(make(4, recipe=SLOW).plan(Workshop(Store())).missing) == 2 * FOLDS
    assert len(make(2, recipe=SLOW, confirm=1).plan(Workshop(Store())).missing) == 2 * FOLDS


def test_what_no_backend_can_train_is_found_before_any_training(make: Maker, few_mnist: tuple[Digits, Digits]) -> None:
    for space, recipe, part in (
        ("learning_rate=0.001:1:log", RECIPE.but(table="foo"), "'foo'"),
        ("table=blocks,foo", RECIPE, "'foo'"),
        ("loss=squared-error,cross-entropy", RECIPE, "linear"),
        ("optimizer=sgd,diagonal-newton", RECIPE.but(weight_normalization=True), "normalized"),
    ):
        with pytest.raises(UsageError, match=part):
            make(1, space, recipe=recipe)
    with pytest.raises(UsageError, match="4 training digits can't be split"):
        Tune("own", RECIPE, parse_space(SPACE_OF_TWO), few_mnist[0].take(slice(0, 4)), (0,), trials=1, confirm=0)


@pytest.mark.skipif(native_backend.missing() is not None, reason="the compiled kernel is not built")
def test_a_choice_that_the_backend_asked_for_can_not_train_is_found_by_the_plan(make: Maker) -> None:
    study = make(2, "optimizer=sgd,muon")
    with pytest.raises(UsageError, match="--backend native"):
        study.plan(Workshop(Store(), backend="native"))
    assert {choice.name for choice in study.plan(Workshop(Store())).choices} == {"native", "torch"}


def test_the_comparison_counts_digits() -> None:
    rng = np.random.default_rng(0)
    first = rng.random((7, 200)) < 0.4
    second = first & (rng.random((7, 200)) < 0.5)
    found = compare(first, second)
    assert found["verdict"] == "better"
    assert found["change"]["mean"] == np.mean(second.sum(axis=1) - first.sum(axis=1))
    assert compare(second[:5], first[:5])["verdict"] == "too few runs"
    same = compare(first, first)
    assert (same["verdict"], same["p"]) == ("same answers", None)
    for share, verdict in ((0.049, "better"), (0.051, "not resolved")):  # of 1, which many trials take together
        assert compare(first, second, picked_from=round(share / found["p"]))["verdict"] == verdict


def test_the_default_space_holds_what_the_recipe_uses() -> None:
    for era in ERAS.values():
        space = {part.name: part for part in default_space(era.recipe)}
        assert "learning_rate" in space
        assert ("mu" in space) == (era.recipe.optimizer == "diagonal-newton")
        assert ("dropout" in space) == (era.recipe.dropout > 0)
        assert ("averaging_epochs" in space) == (era.recipe.averaging != "none")
        for part in space.values():
            value = getattr(era.recipe, part.name)
            assert part.holds(value)
            assert value > 0
            assert RANGES[part.name][0] <= part.ends[0] < part.ends[1] <= RANGES[part.name][1]
            assert part.whole == isinstance(value, int)
    assert default_space(Recipe())[0] == Part("learning_rate", (0.01, 0.09), "log")


def test_spaces_are_read_as_they_are_typed() -> None:
    typed = ["shift=0:3", "dropout=0:0.5", "learning_rate=1e-3:1:log", "table=blocks,ring", "epochs=1:9:log"]
    assert parse_space(typed) == [
        Part("shift", (0, 3)),
        Part("dropout", (0.0, 0.5)),
        Part("learning_rate", (0.001, 1.0), "log"),
        Part("table", ("blocks", "ring"), "choices"),
        Part("epochs", (1, 9), "log"),
    ]
    assert [part.whole for part in parse_space(typed)] == [True, False, False, False, True]
    assert parse_space(["weight_normalization=true,false", "batch_size=1,4"])[1].options == (1, 4)
    assert Part("dropout", (0.0, 0.5)).rounded(0.123456) == 0.1235
    assert Part("learning_rate", (0.001, 0.002)).rounded(0.00123456) == 0.001235
    assert Part("learning_rate", (0.001, 1.0), "log").rounded(0.9999999) == 1


def test_the_settings_bring_a_recipe_back() -> None:
    base = Recipe()
    wanted = base.but(learning_rate=0.0123, weight_normalization=True, output="linear", loss="cross-entropy", shift=1)
    assert changed(base, settings(wanted, base)[1::2]) == wanted
    assert settings(base, base) == []
