"""Kept runs: whole or not at all, named by what trains them alone, and never taken when damaged."""

import dataclasses
import errno
import json
from unittest.mock import Mock

import numpy as np
import pytest

from timetravel import files
from timetravel.engine import collect as collecting
from timetravel.engine.collect import Stopped, Workshop, collect, make_plan
from timetravel.engine.runs import Job
from timetravel.engine.store import Store, key
from timetravel.engine.train import Hooks, train
from timetravel.errors import DataError, TimetravelError
from timetravel.recipes import Recipe

RECIPE = Recipe(epochs=1)


def unasked(*_):
    raise AssertionError("the answers are kept")


@pytest.fixture
def job(few_mnist):
    return Job(RECIPE, few_mnist[0].take(range(40)), few_mnist[1], 0)


@pytest.fixture
def run(job):
    hooks = Hooks(epoch_done=lambda job, point: None)
    return train(job.recipe, job.digits, [0], test=job.test, backend="torch", hooks=hooks)[0]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "kept")


def collected(jobs, workshop, **how):
    """The runs of these jobs, and how many were trained for them."""
    listener = Mock()
    return collect(jobs, workshop, listener, **how), listener.finished.call_count


def test_a_net_that_cannot_be_asked_is_not_called_damaged(store, job, run):
    store.put(run)
    other = dataclasses.replace(job, test=job.test.take(range(50)))

    def lost(_):
        raise TimetravelError("The card was lost.")

    with pytest.raises(TimetravelError, match=r"^The card was lost\.$") as caught:
        store.get(other, run.backend, lost)
    assert not isinstance(caught.value, DataError)


def test_a_new_field_with_a_neutral_default_finds_earlier_runs(store, job, run):
    @dataclasses.dataclass(frozen=True, repr=False)
    class Later(Recipe):
        flavour: float = 0.0

    store.put(run)
    same, other = (dataclasses.replace(job, recipe=Later(epochs=1, flavour=flavour)) for flavour in (0.0, 0.5))
    again = store.get(same, run.backend, unasked)
    assert again is not None
    np.testing.assert_array_equal(again.outputs, run.outputs)
    assert store.get(other, run.backend, unasked) is None


def test_a_run_comes_back_as_it_was_and_is_told_in_one_line(store, job, run):
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


def test_the_key_tells_recipe_digits_seed_and_backend_apart_and_not_the_test_digits(job):
    others = [
        Job(RECIPE.but(epochs=2), job.digits, job.test, 0),
        Job(RECIPE, job.test, job.test, 0),
        Job(RECIPE, job.digits, job.test, 1),
    ]
    assert len({key(job, "torch-1"), key(job, "native-1"), *(key(other, "torch-1") for other in others)}) == 5
    assert key(Job(RECIPE, job.digits, job.digits, 0), "torch-1") == key(job, "torch-1")


def test_a_net_meets_other_test_digits_without_being_trained_again(tmp_path, job, monkeypatch, backends):
    for backend in backends:
        recipe = RECIPE.but(weight_normalization=backend == "torch", averaging="tail", averaging_epochs=0.5)
        first = dataclasses.replace(job, recipe=recipe)
        other = dataclasses.replace(first, test=job.test.take(range(150)))
        workshop = Workshop(Store(tmp_path / backend), backend=backend)
        (trained,), _ = collected([first], workshop)
        before = sorted(tmp_path.rglob("*"))
        assert make_plan([other], workshop).missing == ()
        assert sorted(tmp_path.rglob("*")) == before  # a plan writes nothing
        (met,), count = collected([other], workshop)
        assert count == 0
        (expected,) = train(recipe, other.digits, [0], test=other.test, backend=backend)
        np.testing.assert_array_equal(met.outputs, expected.outputs)
        assert (met.test, met.test_digits) == (expected.test, other.test.fingerprint)
        assert met.seconds == trained.seconds
        with monkeypatch.context() as patched:
            patched.setattr(collecting, "answers", unasked)
            again, _ = collected([first, other], workshop)
        np.testing.assert_array_equal(again[1].outputs, met.outputs)
        fresh = Workshop(Store(tmp_path / f"fresh-{backend}"), backend=backend)  # both at once are one training, too
        runs, count = collected([first, other], fresh)
        assert [run.test.size for run in runs] == [run.test.size for run in again] == [200, 150]
        assert count == 1


def test_a_damaged_entry_is_named_and_never_used(store, job, run):
    store.put(run)
    net = store.path(key(job, run.backend))
    files_of_run = sorted(path for path in store.folder.rglob("*") if path.is_file())
    assert len(files_of_run) == 4
    for path in files_of_run:
        content = path.read_bytes()
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        misnamed = b'{"format": 2, "key": "x", "tensors": "y", "run": {}}'
        for damaged in (content[:middle], flipped, b"", misnamed, b"[]"):
            path.write_bytes(damaged)
            with pytest.raises(DataError) as error:
                store.get(job, run.backend, unasked)
            assert net.stem in error.value.message
            assert "store check" in error.value.hint
            if path.suffix == ".json":
                assert [type(entry) for _, entry in store.listing()] != [dict]
        path.write_bytes(content)
    assert store.get(job, run.backend, unasked) is not None
    net.unlink()
    net.mkdir()
    with pytest.raises(DataError, match="is a folder"):
        store.get(job, run.backend, unasked)


def test_answers_are_found_by_key_with_their_labels(store, job, run):
    identity = key(job, run.backend)
    assert store.answers_of(identity, run.test_digits) is None
    store.put(run)
    outputs, labels = store.answers_of(identity, run.test_digits)
    np.testing.assert_array_equal(outputs, run.outputs)
    np.testing.assert_array_equal(labels, job.test.labels)
    assert store.answers_of(identity, job.digits.fingerprint) is None
    with pytest.raises(DataError, match="not what their name says"):
        store.answers_of(identity, run.test_digits[:-1] + "?")  # alike in what names the file, and other digits
    (file,) = store.folder.glob("??/*.*.safetensors")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DataError, match="damaged"):
        store.answers_of(identity, run.test_digits)


def test_a_net_whose_answers_were_kept_without_labels_is_asked_again(store, job, run):
    store.put(run)
    file = store.path(key(job, run.backend)).with_suffix(f".{run.test_digits[:16]}.json")
    store.write(file, {"test_digits": run.test_digits, "test": run.test}, {"outputs": run.outputs})
    assert store.answers_of(key(job, run.backend), run.test_digits) is None
    with pytest.raises(AssertionError, match="the answers are kept"):
        store.get(job, run.backend, unasked)
    _, trained = collected([job], Workshop(store, backend="torch"))
    assert trained == 0
    assert store.get(job, run.backend, unasked).test == run.test


def test_the_listing_reads_plain_values_and_tells_what_can_not_be_read(store, job, run):
    assert list(store.listing()) == []
    store.put(run)
    ((_, about),) = store.listing()
    assert (about["recipe"], about["seed"], about["digits"]) == ({"epochs": 1}, 0, job.digits.fingerprint)
    assert (about["test_digits"], about["test"]) == (job.test.fingerprint, [run.test.loss, run.test.mistakes, 200])
    older = store.folder / "aa" / f"{'a' * 64}.json"
    older.parent.mkdir(exist_ok=True)
    for text, told in ((json.dumps({"key": older.stem, "tensors": "", "run": {}}), "older"), ("{", "")):
        older.write_text(text)
        assert dict(store.listing())[older].version == told


def test_nothing_half_written_stays_when_the_disk_is_full(store, run, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "replace", full)
    with pytest.raises(TimetravelError, match="No space left") as error:
        store.put(run)
    assert "TIMETRAVEL_STORE" in error.value.hint
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def test_a_store_that_can_not_be_written_is_told_before_anything_is_trained(tmp_path, job):
    (tmp_path / "file").write_text("in the way")
    listener = Mock()
    with pytest.raises(TimetravelError, match="can't be kept"):
        collect([job], Workshop(Store(tmp_path / "file" / "store"), backend="torch"), listener)
    listener.seen.assert_not_called()


def test_a_repeated_study_trains_nothing_unless_it_is_told_to_or_lacks_a_curve(store, job):
    jobs, listener = [job, dataclasses.replace(job, seed=1), job], Mock()
    workshop = Workshop(store, backend="torch")
    made = collect(jobs, workshop, listener)
    assert listener.finished.call_count == 2
    assert sum(call.args[0] for call in listener.seen.call_args_list) == 80
    kept, count = collected(jobs, workshop)
    assert count == 0
    assert [run.seed for run in made] == [run.seed for run in kept] == [0, 1, 0]
    np.testing.assert_array_equal(made[0].outputs, kept[0].outputs)
    assert collected(jobs, dataclasses.replace(workshop, fresh=True))[1] == 2
    (run,), count = collected([job], workshop, watched=True)
    assert (len(run.curve), count) == (1, 1)
    assert make_plan([job], workshop, watched=True).missing == ()


def test_a_plan_tells_how_long_it_takes_and_writes_nothing(store, job, backends):
    taught = Recipe(loss="cross-entropy", output="linear", teachers=2, distillation=0.5, averaging="tail", epochs=2)
    for backend, recipe, examples in ((b, r, e) for b in backends for r, e in ((RECIPE, 40), (taught, 240))):
        jobs = [dataclasses.replace(job, recipe=recipe, seed=seed) for seed in (0, 1)]
        plan = make_plan(jobs, Workshop(store, backend=backend))
        assert plan.examples == 2 * examples
        assert plan.seconds > 0
    assert not store.folder.exists()


def test_finished_runs_survive_an_interruption(store, job):
    jobs = [job, dataclasses.replace(job, recipe=RECIPE.but(learning_rate=0.01))]
    workshop = Workshop(store, backend="torch")
    with pytest.raises(Stopped) as stopped:
        collect(jobs, workshop, Mock(finished=Mock(side_effect=KeyboardInterrupt)))
    assert not stopped.value.in_time
    assert len(stopped.value.runs) == 1
    plan = make_plan(jobs, workshop)
    assert (len(plan.kept), len(plan.missing)) == (1, 1)


def test_a_job_meets_its_digits_as_its_recipe_frames_them(few_mnist, store):
    digits, test = few_mnist[0].take(range(40)), few_mnist[1]
    job = Job(RECIPE.but(window=0.7857, deslant=1.0), digits, test, 0)
    framed = job.framed()
    assert framed.digits.frame == framed.test.frame == (0.7857, 1.0)
    assert framed.framed().identity == framed.identity
    plain = dataclasses.replace(framed, recipe=RECIPE).framed()
    assert plain.digits.fingerprint == digits.fingerprint
    (run,), _ = collected([job], Workshop(store, backend="torch"))
    assert (run.digits, run.test_digits) == (framed.digits.fingerprint, framed.test.fingerprint)
