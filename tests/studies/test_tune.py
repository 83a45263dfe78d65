"""A search: what it searches, what it is given, how it goes on, how it compares."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from timetravel.digits import Digits
from timetravel.digits.folds import FOLDS, folds
from timetravel.engine.collect import Workshop
from timetravel.engine.runs import Job, Run
from timetravel.engine.store import Store
from timetravel.eras import ERAS
from timetravel.errors import DataError, TimetravelError, UsageError
from timetravel.recipes import RANGES, Recipe, changed
from timetravel.studies import tune as study
from timetravel.studies.book import Trial
from timetravel.studies.space import SPACE, Choices, Range, default_space, parse_space, settings
from timetravel.studies.tune import Tune
from timetravel.studies.tune_result import TuneResult, compare

RECIPE = Recipe(epochs=1)
SLOW = RECIPE.but(learning_rate=0.003)  # which any other trial beats
SPACE_OF_TWO = ("learning_rate=0.003:0.3:log", "activation=tanh,relu")


class Silent:
    """A progress that remembers which jobs were made."""

    def __init__(self) -> None:
        self.made: list[Job] = []

    def planned(self, plan: object) -> None: ...
    def seen(self, count: int) -> None: ...
    def epoch_done(self, job: object, point: object) -> None: ...
    def ended(self) -> None: ...

    def finished(self, job: Job, run: Run) -> None:
        self.made.append(job)


Maker = Callable[..., Tune]


@pytest.fixture
def make(few_mnist: tuple[Digits, Digits], tmp_path: Path) -> Maker:
    """Return a function that makes a search on 60 digits."""

    def made(trials: int, *space: str, recipe: Recipe = RECIPE, **options: Any) -> Tune:
        workshop = Workshop(Store(), fresh=options.pop("fresh", False))
        given = {"seeds": (0,), "confirm": 0, "storage": tmp_path / "search"} | options
        searched = parse_space(space or SPACE_OF_TWO)
        digits = few_mnist[0].take(slice(0, 60))
        return Tune("own", recipe, searched, digits, given.pop("seeds"), workshop, Silent(), trials=trials, **given)

    return made


def made(work: Tune) -> list[Job]:
    """Return the jobs that a search trained."""
    assert isinstance(work.progress, Silent)
    return work.progress.made


def test_the_first_trial_is_the_recipe_as_it_stands_and_all_lie_in_the_space(make: Maker) -> None:
    result = make(5).run()
    assert [trial.number for trial in result.trials] == list(range(5))
    assert dict(result.trials[0].values) == {"learning_rate": 0.03, "activation": "tanh"}
    for trial in result.trials:
        assert all(part.holds(trial.values[part.name]) for part in result.space)
        assert trial.values["learning_rate"] == float(f"{trial.values['learning_rate']:.4g}")
    assert len({json.dumps(dict(trial.values)) for trial in result.trials}) == 5


def test_every_job_is_measured_on_a_fold_of_the_training_digits(make: Maker) -> None:
    work = make(2, recipe=SLOW, seeds=(4, 2), confirm=2)
    result = work.run()
    pairs = {(fit.fingerprint, judge.fingerprint) for fit, judge in folds(work.training)}
    assert len(pairs) == FOLDS
    assert {(job.digits.fingerprint, job.test.fingerprint) for job in made(work)} == pairs
    assert all(judge.split == "train" for _, judge in work.pairs)
    searched = [job for job in made(work) if job.seed in (2, 4)]
    assert len(searched) == 2 * 2 * FOLDS
    assert result.confirmation is not None
    assert result.confirmation.seeds == (5, 6)
    assert len(made(work)) - len(searched) == 2 * 2 * FOLDS


def test_the_mistakes_are_those_of_the_folds(make: Maker, few_mnist: tuple[Digits, Digits]) -> None:
    result = make(1, seeds=(0, 1)).run()
    workshop = Workshop(Store())
    pairs = folds(few_mnist[0].take(slice(0, 60)))
    for seed, told in enumerate(result.trials[0].mistakes.values):
        runs = [workshop.kept(Job(RECIPE, fit, judge, seed)) for fit, judge in pairs]
        assert told == sum(run.test.mistakes for run in runs if run)
    assert result.error(result.trials[0].mistakes).mean == pytest.approx(100 * result.trials[0].mistakes.mean / 60)


def test_three_trials_and_three_more_are_the_six_of_one_search(make: Maker, tmp_path: Path) -> None:
    first = make(3).run()
    before = (tmp_path / "search").read_bytes()
    more = make(6)
    assert [trial.number for trial in more.kept] == [0, 1, 2]
    second = more.run()
    assert (tmp_path / "search").read_bytes().startswith(before)
    assert second.trials[:3] == first.trials
    assert len(made(more)) == 3 * FOLDS
    assert make(6, storage=tmp_path / "other").run().trials == second.trials
    again = make(6)
    assert not again.plan().missing
    assert again.run().to_dict() == second.to_dict()
    assert not made(again)
    assert make(3).run().trials == first.trials


def test_an_interrupted_trial_leaves_no_trace_and_is_proposed_again(
    make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = make(5)

    def stop(trial: Trial, best: Trial) -> None:
        if trial.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work.run(stop)
    through, left = study.collect, iter([1])

    def stopping(*arguments: Any) -> list[Run]:
        runs = through(*arguments)
        if next(left, None) is None:
            raise KeyboardInterrupt  # all folds are trained, nothing is written down
        return runs

    monkeypatch.setattr(study, "collect", stopping)
    work = make(5)
    with pytest.raises(KeyboardInterrupt):
        work.run()
    monkeypatch.undo()
    monkeypatch.setenv("TIMETRAVEL_STORE", str(tmp_path / "store"))
    last = make(5)
    assert len(last.kept) == 4
    result = last.run()
    assert not made(last), "the runs of the interrupted trial were kept"
    assert result.trials == make(5, storage=tmp_path / "other").run().trials


def test_a_small_space_is_searched_to_its_end_and_never_twice(make: Maker) -> None:
    result = make(20, "activation=tanh,relu", "batch_size=1:2").run()
    assert len(result.trials) == 4
    assert len({tuple(trial.values.values()) for trial in result.trials}) == 4


def test_a_recipe_outside_the_space_is_trial_0_all_the_same(make: Maker) -> None:
    result = make(3, "learning_rate=0.1:0.2", "activation=relu,gelu").run()
    assert dict(result.trials[0].values) == {"learning_rate": 0.03, "activation": "tanh"}
    assert all(0.1 <= trial.values["learning_rate"] <= 0.2 for trial in result.trials[1:])
    assert make(3, "learning_rate=0.1:0.2", "activation=relu,gelu").run().trials == result.trials


def test_a_diverged_trial_is_kept_with_its_mistakes(make: Maker) -> None:
    recipe = RECIPE.but(output="linear", loss_scale=1e6)
    result = make(2, "learning_rate=0.5:1", recipe=recipe).run()
    assert [trial.diverged for trial in result.trials] == [FOLDS, FOLDS]
    assert [trial.mistakes.mean for trial in result.trials] == [60, 60]
    assert "none errs less" in result.finding


def test_fresh_begins_anew(make: Maker) -> None:
    first = make(2).run()
    anew = make(2, fresh=True)
    assert len(anew.kept) == 0
    assert anew.run().trials == first.trials
    assert len(made(anew)) == 2 * FOLDS
    assert len(make(2).kept) == 2


def test_planning_writes_nothing_and_counts_what_is_left(make: Maker, tmp_path: Path) -> None:
    work = make(4, confirm=2)
    plan = work.plan()
    assert len(plan.missing) == 4 * FOLDS + 2 * 2 * FOLDS
    assert plan.examples == 8 * 4 * 60
    assert plan.seconds > 0
    assert not (tmp_path / "search").exists()
    assert not (tmp_path / "store").exists()
    make(2).run()
    assert len(make(4).plan().missing) == 2 * FOLDS


@pytest.mark.parametrize("damage", [b"abc\n", b"abc", b"{}\n", b"\x00\xff\n", "cut", "changed"])
def test_a_damaged_file_is_refused_and_left_alone(make: Maker, tmp_path: Path, damage: bytes | str) -> None:
    file = tmp_path / "search"
    make(2).run()
    content = file.read_bytes()
    if damage == "cut":
        damage = content.replace(b'"mistakes"', b'"mistake"')
    elif damage == "changed":
        damage = content.replace(b'"mistakes":[', b'"mistakes":[1')
    assert isinstance(damage, bytes)
    file.write_bytes(damage)
    with pytest.raises(DataError, match="damaged"):
        make(2)
    assert file.read_bytes() == damage


def test_trials_that_do_not_agree_with_their_runs_are_refused(make: Maker, tmp_path: Path) -> None:
    trials = make(3, recipe=SLOW).run().trials
    best = min(trials, key=lambda trial: trial.rank)
    assert best.number
    file = tmp_path / "search"
    count = int(best.mistakes.mean)
    text = (
        file.read_text().replace(f'"value":{count}.0', '"value":1.0').replace(f'"mistakes":[{count}]', '"mistakes":[1]')
    )
    file.write_text(text)
    with pytest.raises(DataError, match="does not agree with its runs"):
        make(3, recipe=SLOW).run()


def test_a_half_written_last_line_is_dropped(make: Maker, tmp_path: Path) -> None:
    first = make(3).run()
    file = tmp_path / "search"
    file.write_bytes(file.read_bytes()[:-40])
    work = make(4)
    assert work.kept == list(first.trials[:2])
    assert work.run().trials[:3] == first.trials
    assert len(make(4).kept) == 4


def test_a_file_of_another_search_is_refused(make: Maker, tmp_path: Path) -> None:
    make(1).run()
    for options in ({"seeds": (1,)}, {"recipe": RECIPE.but(shift=1)}):
        with pytest.raises(UsageError, match="another search"):
            make(1, **options)
    with pytest.raises(UsageError, match="another search: it differs in values"):
        make(1, "learning_rate=0.003:0.3:log")
    with pytest.raises(UsageError, match="a folder"):
        make(1, storage=tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(TimetravelError, match="can't be"):
        make(1, storage=tmp_path / "file" / "search").run()


def test_without_storage_every_search_has_a_file_of_its_own(make: Maker, tmp_path: Path) -> None:
    files = {make(1, storage=None, seeds=seeds).book.file for seeds in ((0,), (1,))}
    assert len(files) == 2
    assert {file.parent for file in files} == {tmp_path / "tune"}
    assert not (tmp_path / "tune").exists()


@pytest.mark.parametrize(
    ("space", "part"),
    [
        ("learning_rate=0.001:1:log", "'foo'"),
        ("table=blocks,foo", "'foo'"),
        ("loss=squared-error,cross-entropy", "linear"),
        ("optimizer=sgd,diagonal-newton", "normalized"),
    ],
)
def test_what_no_backend_can_train_is_found_before_any_training(make: Maker, space: str, part: str) -> None:
    recipe = RECIPE.but(table="foo") if part == "'foo'" else RECIPE.but(weight_normalization=part == "normalized")
    with pytest.raises(UsageError, match=part):
        make(1, space, recipe=recipe)


def test_the_comparison_counts_digits() -> None:
    rng = np.random.default_rng(0)
    first = rng.random((7, 200)) < 0.4
    second = first & (rng.random((7, 200)) < 0.5)
    found = compare(np.stack([first, second]), range(3, 10))
    assert found.verdict == "better"
    assert found.seed == 3
    assert found.only_second == 0
    assert found.only_first == first[0].sum() - second[0].sum()
    assert found.mcnemar_p == binomtest(0, found.only_first).pvalue
    assert found.change.mean == np.mean(second.sum(axis=1) - first.sum(axis=1))
    assert compare(np.stack([second, first])[:, :5], range(5)).verdict == "too few seeds"
    assert compare(np.stack([first, first]), range(7)).verdict == "not resolved"
    assert compare(np.stack([first, first]), range(7)).mcnemar_p == 1


def test_the_finding_names_both_measures(make: Maker) -> None:
    work = make(3, recipe=SLOW, confirm=1, measure=lambda best: "--set " + str(best.learning_rate))
    result: TuneResult = work.run()
    assert result.confirmation is not None
    assert "1 fresh seed" in result.finding
    assert "not touched" in result.finding
    assert str(result.best.values["learning_rate"]) in result.measure
    assert result.to_dict()["best"] == SLOW.but(**result.best.values).to_dict()


@pytest.mark.parametrize("era", ERAS.values(), ids=lambda era: era.name)
def test_the_default_space_holds_what_the_recipe_uses(era: Any) -> None:
    space = default_space(era.recipe)
    names = [part.name for part in space]
    assert "learning_rate" in names
    assert set(names) <= set(SPACE)
    for part in space:
        value = getattr(era.recipe, part.name)
        assert isinstance(part, Range)
        assert part.holds(value)
        assert value > 0
        assert RANGES[part.name][0] <= part.low < part.high <= RANGES[part.name][1]
        assert part.whole == isinstance(value, int)
    assert ("mu" in names) == (era.recipe.optimizer == "diagonal-newton")
    assert ("dropout" in names) == (era.recipe.dropout > 0)


def test_spaces_are_read_as_they_are_typed() -> None:
    assert parse_space(
        ["shift=0:3", "dropout=0:0.5", "learning_rate=1e-3:1:log", "table=blocks,ring", "epochs=1:9:log"]
    ) == (
        Range("shift", 0, 3, whole=True),
        Range("dropout", 0.0, 0.5),
        Range("learning_rate", 0.001, 1.0, log=True),
        Choices("table", ("blocks", "ring")),
        Range("epochs", 1, 9, log=True, whole=True),
    )
    assert parse_space(["weight_normalization=true,false", "batch_size=1,4"])[1].options == (1, 4)
    assert Range("dropout", 0.0, 0.5).rounded(0.123456) == 0.1235
    assert Range("learning_rate", 0.001, 0.002).rounded(0.00123456) == 0.001235
    assert Range("learning_rate", 0.001, 1, log=True).rounded(0.9999999) == 1


def test_the_settings_bring_a_recipe_back() -> None:
    base = Recipe()
    wanted = base.but(learning_rate=0.0123, weight_normalization=True, output="linear", loss="cross-entropy", shift=1)
    assert changed(base, settings(wanted, base)[1::2]) == wanted
    assert settings(base, base) == []
