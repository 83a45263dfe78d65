"""Kept runs: whole or not at all, named by what trains them alone, and never taken when damaged."""

import dataclasses
import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from timetravel import files
from timetravel.digits import Digits
from timetravel.engine import native_backend
from timetravel.engine.collect import Workshop, collect, make_plan
from timetravel.engine.runs import Job, Run
from timetravel.engine.store import Store, key
from timetravel.engine.train import Hooks, train
from timetravel.errors import DataError, TimetravelError
from timetravel.recipes import Recipe, setting

RECIPE = Recipe(epochs=1)
NATIVE = [] if native_backend.missing() else ["native"]


def unasked(weights: object) -> np.ndarray:
    raise AssertionError("the answers are kept")


@pytest.fixture
def job(few_mnist: tuple[Digits, Digits]) -> Job:
    digits, test = few_mnist
    return Job(RECIPE, digits.take(np.arange(40)), test, 0)


@pytest.fixture
def run(job: Job) -> Run:
    hooks = Hooks(epoch_done=lambda job, point: None)
    return train(job.recipe, job.digits, [0], test=job.test, backend="torch", hooks=hooks)[0]


class Listener:
    """Counts what it hears."""

    def __init__(self) -> None:
        self.finished_runs = self.count = 0

    def planned(self, plan: object) -> None:
        self.plan = plan

    def seen(self, count: int) -> None:
        self.count += count

    def epoch_done(self, job: object, point: object) -> None: ...

    def finished(self, job: object, run: object) -> None:
        self.finished_runs += 1

    def ended(self) -> None: ...


def test_a_run_comes_back_as_it_was_and_is_told_in_one_line(tmp_path: Path, job: Job, run: Run) -> None:
    store = Store(tmp_path)
    assert store.get(job, run.backend, unasked) is None
    store.put(run)
    again = store.get(job, run.backend, unasked, watched=True)
    assert again is not None
    np.testing.assert_array_equal(again.outputs, run.outputs)
    assert again.gradient_norms == run.gradient_norms != ()
    for name, weight in run.weights.items():
        np.testing.assert_array_equal(again.weights[name], weight)
    plain = {name: value for name, value in vars(run).items() if name not in ("outputs", "weights")}
    assert plain == {name: getattr(again, name) for name in plain}
    assert len(repr(run)) < 120
    assert f"{run.test.mistakes} of 200" in repr(run)


def test_the_key_tells_recipe_digits_seed_and_backend_apart_and_not_the_test_digits(job: Job) -> None:
    others = [
        Job(RECIPE.but(epochs=2), job.digits, job.test, 0),
        Job(RECIPE, job.test, job.test, 0),
        Job(RECIPE, job.digits, job.test, 1),
    ]
    assert len({key(job, "torch-1"), key(job, "native-1"), *(key(other, "torch-1") for other in others)}) == 5
    assert key(Job(RECIPE, job.digits, job.digits, 0), "torch-1") == key(job, "torch-1")


def test_a_new_field_with_a_neutral_default_finds_earlier_runs(tmp_path: Path, job: Job, run: Run) -> None:
    @dataclasses.dataclass(frozen=True, repr=False)
    class Later(Recipe):
        flavour: float = setting(0.0, 0, 1)

    store = Store(tmp_path)
    store.put(run)
    later = dataclasses.replace(job, recipe=Later(epochs=1))
    found = store.get(later, run.backend, unasked)
    assert found is not None
    assert (found.recipe, found.test) == (later.recipe, run.test)
    assert store.get(dataclasses.replace(job, recipe=Later(epochs=1, flavour=0.5)), run.backend, unasked) is None


@pytest.mark.parametrize("backend", ["torch", *NATIVE])
def test_a_net_meets_other_test_digits_without_being_trained_again(
    tmp_path: Path, job: Job, backend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = RECIPE.but(weight_normalization=backend == "torch", averaging="tail", averaging_epochs=0.5)
    first = dataclasses.replace(job, recipe=recipe)
    other = dataclasses.replace(first, test=job.test.take(np.arange(150)))
    workshop, listener = Workshop(Store(tmp_path), backend=backend), Listener()
    (trained,) = collect([first], workshop, Listener())
    before = sorted(tmp_path.rglob("*"))
    assert make_plan([other], workshop).missing == ()
    assert sorted(tmp_path.rglob("*")) == before  # a plan writes nothing
    (met,) = collect([other], workshop, listener)
    assert listener.finished_runs == 0
    (expected,) = train(recipe, other.digits, [0], test=other.test, backend=backend)
    np.testing.assert_array_equal(met.outputs, expected.outputs)
    assert (met.test, met.test_digits) == (expected.test, other.test.fingerprint)
    assert met.seconds == trained.seconds
    monkeypatch.setattr("timetravel.engine.collect.answers", unasked)
    again = collect([first, other], workshop, Listener())
    np.testing.assert_array_equal(again[1].outputs, met.outputs)
    assert [len(run.outputs) for run in again] == [200, 150]


def test_one_net_with_two_sets_of_test_digits_is_one_training(tmp_path: Path, job: Job) -> None:
    listener = Listener()
    jobs = [job, dataclasses.replace(job, test=job.test.take(np.arange(150)))]
    runs = collect(jobs, Workshop(Store(tmp_path), backend="torch"), listener)
    assert (listener.finished_runs, [run.test.size for run in runs]) == (1, [200, 150])


def test_a_damaged_entry_is_named_and_never_used(tmp_path: Path, job: Job, run: Run) -> None:
    store = Store(tmp_path)
    store.put(run)
    net = store.path(key(job, run.backend))
    files_of_run = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert len(files_of_run) == 4
    for path in files_of_run:
        content = path.read_bytes()
        middle = len(content) // 2
        for damaged in (
            content[:middle],
            content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            b"",
            b'{"format": 2, "key": "x", "tensors": "y", "run": {}}',
            b"[]",
        ):
            path.write_bytes(damaged)
            with pytest.raises(DataError) as error:
                store.get(job, run.backend, unasked)
            assert net.stem in error.value.message
            assert "--fresh" in error.value.hint
            if path.suffix == ".json":
                assert [type(entry) for _, entry in store.listing()] != [dict]
        path.write_bytes(content)
    assert store.get(job, run.backend, unasked) is not None
    net.unlink()
    net.mkdir()
    with pytest.raises(DataError, match="can't be read"):
        store.get(job, run.backend, unasked)


def test_the_listing_reads_plain_values_and_passes_over_other_formats(tmp_path: Path, job: Job, run: Run) -> None:
    store = Store(tmp_path)
    assert list(store.listing()) == []
    store.put(run)
    (found,) = store.listing()
    about = found[1]
    assert isinstance(about, dict)
    assert (about["recipe"], about["seed"], about["digits"]) == ({"epochs": 1}, 0, job.digits.fingerprint)
    assert (about["test_digits"], about["test"]) == (job.test.fingerprint, [run.test.loss, run.test.mistakes, 200])
    older = tmp_path / "aa" / f"{'a' * 64}.json"
    older.parent.mkdir()
    older.write_text(json.dumps({"key": older.stem, "tensors": "", "about": "", "run": {}}))
    assert len(list(store.listing())) == 1
    older.write_text("{")
    assert type(dict(store.listing())[older]) is json.JSONDecodeError


def test_nothing_half_written_stays_when_the_disk_is_full(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(TimetravelError, match="No space left") as error:
        Store(tmp_path).put(run)
    assert "TIMETRAVEL_STORE" in error.value.hint
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_store_that_can_not_be_written_is_told_before_anything_is_trained(tmp_path: Path, job: Job) -> None:
    (tmp_path / "file").write_text("in the way")
    listener = Listener()
    with pytest.raises(TimetravelError, match="can't be kept"):
        collect([job], Workshop(Store(tmp_path / "file" / "store"), backend="torch"), listener)
    assert listener.count == 0


def test_a_repeated_study_trains_nothing(tmp_path: Path, job: Job) -> None:
    jobs = [job, Job(job.recipe, job.digits, job.test, 1), job]
    workshop = Workshop(Store(tmp_path), backend="torch")
    first, second, fresh = Listener(), Listener(), Listener()
    made = collect(jobs, workshop, first)
    kept = collect(jobs, workshop, second)
    assert (first.finished_runs, second.finished_runs) == (2, 0)
    assert first.count == 80
    assert [run.seed for run in made] == [run.seed for run in kept] == [0, 1, 0]
    np.testing.assert_array_equal(made[0].outputs, kept[0].outputs)
    collect(jobs, Workshop(Store(tmp_path), backend="torch", fresh=True), fresh)
    assert fresh.finished_runs == 2


def test_a_watched_study_retrains_what_has_no_curve(tmp_path: Path, job: Job) -> None:
    workshop = Workshop(Store(tmp_path), backend="torch")
    collect([job], workshop, Listener())
    (run,) = collect([job], workshop, Listener(), watched=True)
    assert len(run.curve) == 1
    assert make_plan([job], workshop, watched=True).missing == ()


def test_a_plan_writes_nothing(tmp_path: Path, job: Job) -> None:
    plan = make_plan([job], Workshop(Store(tmp_path / "store"), backend="torch"))
    assert plan.examples == 40
    assert plan.seconds > 0
    assert list(tmp_path.iterdir()) == []


def test_finished_runs_survive_an_interruption(tmp_path: Path, job: Job) -> None:
    class Impatient(Listener):
        def finished(self, job: object, run: object) -> None:
            raise KeyboardInterrupt

    other = Job(job.recipe.but(learning_rate=0.01), job.digits, job.test, 0)
    workshop = Workshop(Store(tmp_path), backend="torch")
    with pytest.raises(KeyboardInterrupt):
        collect([job, other], workshop, Impatient())
    plan = make_plan([job, other], workshop)
    assert (len(plan.kept), len(plan.missing)) == (1, 1)


def test_a_job_meets_its_digits_as_its_recipe_frames_them(few_mnist: tuple[Digits, Digits], tmp_path: Path) -> None:
    digits, test = few_mnist
    job = Job(RECIPE.but(window=0.7857, deslant=1.0), digits, test, 0)
    framed = job.framed()
    assert framed.digits.frame == framed.test.frame == (0.7857, 1.0)
    assert framed.framed().identity == framed.identity
    plain = dataclasses.replace(framed, recipe=RECIPE).framed()
    assert plain.digits.fingerprint == digits.fingerprint
    (run,) = collect([job], Workshop(Store(tmp_path), backend="torch"), Listener())
    assert (run.digits, run.test_digits) == (framed.digits.fingerprint, framed.test.fingerprint)
