"""Runs that an executor makes: the same bits, kept as they arrive, whatever becomes of the rest."""

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import timetravel as tt
from timetravel.digits import Digits, Source
from timetravel.engine import executor as sending
from timetravel.engine import native_backend
from timetravel.engine.executor import Part
from timetravel.engine.runs import Run
from timetravel.errors import TimetravelError, UsageError


class Worker(Executor):
    """Makes every call at once, in this process; `change` has a word in the arguments, by the number of the call."""

    def __init__(self, change: Callable[[int, list[Any]], object] = lambda *_: None) -> None:
        self.change, self.calls = change, 0
        self.parts: list[str] = []

    def __len__(self) -> int:
        """Return how many calls wait, as executorlib's executors do: an idle one is none the less there."""
        return 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.calls, given = self.calls + 1, list(args)
        try:
            self.change(self.calls, given)
            self.parts += [each.fingerprint for each in given if isinstance(each, Part)]
            future.set_result(fn(*given))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture
def few(few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch) -> Source:
    """Digits that no worker has yet, of which a chunk is two runs."""
    monkeypatch.setattr(sending, "_held", type(sending._held)())
    monkeypatch.setattr(sending, "EXAMPLES", 2 * 2 * 300)
    monkeypatch.setattr(sending, "LANES", 2)
    train, _ = few_mnist
    return tt.digits(train.images, train.labels)


def given(source: Source, **more: Any) -> dict[str, Any]:
    return {"data": source, "epochs": 2, "seeds": 5, "progress": False, **more}


def same(runs: list[Run], others: list[Run]) -> bool:
    """Whether runs are the same, to the last bit."""
    told, told_too = (
        [(r.recipe, r.seed, r.curve, r.outputs.tobytes(), {n: w.tobytes() for n, w in r.weights.items()}) for r in each]
        for each in (runs, others)
    )
    return told == told_too and len(runs) > 0


@pytest.mark.parametrize("backend", ["auto", "torch"])
@pytest.mark.parametrize("command", [tt.train, tt.modernize])
def test_an_executor_makes_the_same_runs(few: Source, command: Any, backend: str, own_store: Path) -> None:
    more = {"tweaks": ["shift", "adamw"]} if command is tt.modernize else {"era": "2022"}
    here = command(**more, **given(few, seeds=3, backend=backend, fresh=True))
    worker = Worker()
    there = command(**more, **given(few, seeds=3, backend=backend, fresh=True, executor=worker, workers=1))
    assert same(here.runs, there.runs)
    kept = command(**more, **given(few, seeds=3, backend=backend))
    assert same(kept.runs, there.runs)


def test_digits_go_along_with_as_many_chunks_as_there_are_workers(few: Source) -> None:
    worker = Worker()
    tt.train("1989", **given(few, seeds=8, subset="0", executor=worker, workers=2))
    assert worker.calls == 4
    assert sorted(map(worker.parts.count, set(worker.parts))) == [2, 2]


def test_a_worker_that_lacks_digits_is_sent_them(few: Source) -> None:
    def forget(number: int, _: Any) -> None:
        if number == 2:
            sending._held.clear()

    worker = Worker(forget)
    found = tt.train("1989", **given(few, seeds=8, subset="0", executor=worker, workers=1))
    assert set(map(worker.parts.count, set(worker.parts))) == {3}  # at first, and to both chunks that came meanwhile
    assert same(found.runs, tt.train("1989", **given(few, seeds=8, subset="0", fresh=True)).runs)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "The workers failed: OSError: .*No space left on device"),
        (ModuleNotFoundError("No module named 'timetravel'"), "A worker can't load timetravel: No module named"),
        (KeyboardInterrupt(), "Stopped, for Ctrl-C, after 2 of 5 nets."),
    ],
)
def test_what_arrived_before_a_failure_is_kept_and_the_next_call_goes_on(
    few: Source, own_store: Path, error: BaseException, words: str
) -> None:
    def fail(number: int, _: Any) -> None:
        if number == 2:
            raise error

    if isinstance(error, KeyboardInterrupt):
        assert words in repr(tt.train("1989", **given(few, executor=Worker(fail), workers=2)))
    else:
        with pytest.raises(TimetravelError, match=words):
            tt.train("1989", **given(few, executor=Worker(fail), workers=2))
    finished = [path for path in own_store.glob("??/*.json") if "." not in path.stem]
    assert len(finished) == (2 if isinstance(error, KeyboardInterrupt) else 3)
    assert not list(own_store.glob("locks/*"))
    worker = Worker()
    assert len(tt.train("1989", **given(few, executor=worker, workers=2)).runs) == 5
    assert worker.calls in (1, 2)


def test_when_the_time_is_up_what_has_come_is_told(few: Source) -> None:
    def slow(number: int, _: Any) -> None:
        if number > 2:
            time.sleep(1)

    found = tt.train("1989", **given(few, seeds=9, executor=Worker(slow), workers=1, minutes=0.01))
    assert "the time was up" in repr(found)
    assert 4 <= len(found.runs) < 9


def test_another_version_is_refused_in_words(few: Source) -> None:
    def older(_: int, call: list[Any]) -> None:
        call[0] = ("timetravel 0.1", "Python 2.7")

    with pytest.raises(UsageError, match=r"The worker .* has timetravel .* this is timetravel 0\.1 and Python 2\.7"):
        tt.train("1989", **given(few, executor=Worker(older)))


def test_a_worker_without_the_kernel_is_told(few: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    if native_backend.missing():
        pytest.skip("the compiled kernel is not built")

    def gone(*_: Any) -> None:
        monkeypatch.setattr(native_backend, "_kernel", None)

    with pytest.raises(UsageError, match="can't make these runs: the compiled kernel was not built") as refused:
        tt.train("1989", **given(few, executor=Worker(gone)))
    assert "--backend torch" in refused.value.hint


def test_what_cannot_be_sent_is_refused(few: Source) -> None:
    from torch import nn

    def net() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(256, 10))

    for more, words in (
        ({"net": net, "era": "2022"}, "A net of one's own can't be sent"),
        ({"device": "auto"}, "a cluster trains on processors"),
        ({"cluster": "auto"}, "two places to train"),
        ({"executor": "dask"}, "a str is no concurrent.futures.Executor"),
        ({"executor": None, "cluster": "nowhere"}, "no address of a cluster"),
        ({"executor": None, "cluster": ""}, "'' is no address of a cluster"),
        ({"executor": None, "cluster": 6379}, "no address of a cluster"),
        ({"executor": None, "cluster": "127.0.0.1:1"}, "nobody answers there"),
    ):
        with pytest.raises(UsageError, match=words):
            tt.train(**given(few, **{"executor": Worker(), **more}))


@pytest.mark.slow
def test_processes_are_sent_digits_once_or_twice_each(few: Source) -> None:
    sent: list[str] = []

    class Pool(ProcessPoolExecutor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            sent.extend(each.fingerprint for each in args if isinstance(each, Part))
            return super().submit(fn, *args, **kwargs)

    here = tt.train("2022", **given(few, seeds=40, subset="0", fresh=True))
    with Pool(2, multiprocessing.get_context("spawn")) as pool:
        there = tt.train("2022", **given(few, seeds=40, subset="0", fresh=True, executor=pool, workers=2))
    assert same(here.runs, there.runs)
    assert max(map(sent.count, sent)) <= 4
    assert len(there.runs) == 40


@pytest.mark.slow
def test_dask_makes_the_same_runs(few: Source) -> None:
    distributed = pytest.importorskip("distributed")
    here = tt.train("2022", **given(few, seeds=20, fresh=True))
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        there = tt.train("2022", **given(few, seeds=20, fresh=True, executor=client.get_executor(), workers=2))
    assert same(here.runs, there.runs)


def test_without_ray_it_is_told_what_to_type(few: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("timetravel.engine.cluster.find_spec", lambda _: None)
    with pytest.raises(UsageError, match="--cluster needs Ray, which is not installed") as refused:
        tt.train("1989", **given(few, cluster="auto"))
    assert refused.value.hint == "Type: pip install 'ray[client]'"
