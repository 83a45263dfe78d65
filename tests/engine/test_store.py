"""Kept runs: whole or not at all, recognized by all that defines them, and never taken when damaged."""

import errno
from pathlib import Path

import numpy as np
import pytest

from timetravel.digits import Digits
from timetravel.engine import store as store_module
from timetravel.engine.collect import Workshop, collect, make_plan
from timetravel.engine.runs import Job, Run
from timetravel.engine.store import Store, key
from timetravel.engine.train import Hooks, train
from timetravel.errors import DataError, TimetravelError
from timetravel.recipes import Recipe

RECIPE = Recipe(epochs=1)


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


def test_a_run_comes_back_as_it_was(tmp_path: Path, job: Job, run: Run) -> None:
    store = Store(tmp_path)
    assert store.get(job, run.backend) is None
    store.put(run, job)
    again = store.get(job, run.backend, watched=True)
    assert again is not None
    np.testing.assert_array_equal(again.outputs, run.outputs)
    assert again.gradient_norms == run.gradient_norms != ()
    for name, weight in run.weights.items():
        np.testing.assert_array_equal(again.weights[name], weight)
    plain = {name: value for name, value in vars(run).items() if name not in ("outputs", "weights")}
    assert plain == {name: getattr(again, name) for name in plain}


def test_the_key_tells_recipe_digits_test_seed_and_backend_apart(job: Job) -> None:
    others = [
        Job(RECIPE.but(epochs=2), job.digits, job.test, 0),
        Job(RECIPE, job.test, job.test, 0),
        Job(RECIPE, job.digits, job.digits, 0),
        Job(RECIPE, job.digits, job.test, 1),
    ]
    keys = {key(job, "torch-1"), key(job, "native-1"), *(key(other, "torch-1") for other in others)}
    assert len(keys) == 6


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
@pytest.mark.parametrize("damage", ["truncated", "altered", "emptied", "swapped"])
def test_a_damaged_entry_is_named_and_never_used(tmp_path: Path, job: Job, run: Run, suffix: str, damage: str) -> None:
    store = Store(tmp_path)
    store.put(run, job)
    path = store.path(key(job, run.backend)).with_suffix(suffix)
    content = path.read_bytes()
    middle = len(content) // 2
    damaged = {
        "truncated": content[:middle],
        "altered": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "emptied": b"",
        "swapped": b'{"key": "x", "tensors": "y", "run": {}}',
    }[damage]
    path.write_bytes(damaged)
    with pytest.raises(DataError) as error:
        store.get(job, run.backend)
    assert str(store.path(key(job, run.backend))) in error.value.message
    assert "--fresh" in error.value.hint


def test_nothing_half_written_stays_when_the_disk_is_full(
    tmp_path: Path, job: Job, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store_module.os, "replace", full)
    with pytest.raises(TimetravelError, match="No space left") as error:
        Store(tmp_path).put(run, job)
    assert "TIMETRAVEL_STORE" in error.value.hint
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


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
    assert len(plan.kept) == 1
    assert len(plan.missing) == 1
