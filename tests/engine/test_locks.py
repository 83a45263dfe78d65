"""Locks of runs: one holder, dead ones replaced, living ones respected, whatever the machine's clock says."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from timetravel.api.progress import Progress
from timetravel.digits import Digits
from timetravel.engine import locks
from timetravel.engine.collect import Stopped, Workshop, collect
from timetravel.engine.locks import SILENT, Lock
from timetravel.engine.runs import Job, Run
from timetravel.engine.store import Store, key
from timetravel.errors import TimetravelError
from timetravel.recipes import Recipe


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The waiter's clock, which stands until a test moves it."""
    now = Mock(return_value=0.0)
    monkeypatch.setattr(locks, "clock", now)
    return now


def elsewhere(folder: Path, name: str = "run") -> Path:
    """Make a lock as a process of another machine would have."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("another-host boot namespace\n1\n1234\ntoken")
    return path


def test_one_of_many_threads_gets_a_lock_and_only_its_holder_gives_it_back(tmp_path: Path) -> None:
    several, won = [Lock(tmp_path / "locks", "run") for _ in range(16)], []
    threads = [threading.Thread(target=lambda lock=lock: won.append(lock.try_acquire())) for lock in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 15 + [True]
    holder = next(lock for lock in several if lock.path.read_bytes() == lock.owner)
    for lock in several:
        if lock is not holder:
            lock.release()
    assert holder.path.exists()
    holder.release()
    assert list((tmp_path / "locks").iterdir()) == []
    assert several[0].try_acquire()
    several[0].release()


def test_the_lock_of_a_process_that_is_gone_is_taken_at_once(tmp_path: Path) -> None:
    code = f"import os; from pathlib import Path; from timetravel.engine.locks import Lock; \
print(Lock(Path({str(tmp_path)!r}), 'run').try_acquire(), flush=True); os.kill(os.getpid(), 9)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.stdout == "True\n", told.stderr
    assert (tmp_path / "run").exists()
    with Lock(tmp_path, "run") as lock:
        assert (tmp_path / "run").read_bytes() == lock.owner
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell when a process began")
def test_a_process_number_that_is_used_again_is_no_owner(tmp_path: Path) -> None:
    host, pid, began, token = Lock(tmp_path, "run").owner.decode().split("\n")
    (tmp_path / "run").write_text("\n".join([host, pid, began, token]))
    assert not Lock(tmp_path, "run").try_acquire()
    (tmp_path / "run").write_text("\n".join([host, pid, str(int(began) - 1), token]))
    assert Lock(tmp_path, "run").try_acquire()


def test_a_lock_of_another_machine_is_respected_while_its_heart_beats_and_taken_when_it_is_silent(
    tmp_path: Path, clock: Any
) -> None:
    path, lock = elsewhere(tmp_path), Lock(tmp_path, "run")
    for beat in range(4):
        clock.return_value += SILENT - 1
        os.utime(path, ns=(0, 10**18 * (-1) ** beat))  # its clock jumps years to and fro: only a change counts
        assert not lock.try_acquire()
    clock.return_value += SILENT - 1
    assert not lock.try_acquire()
    clock.return_value += 2
    assert lock.try_acquire()
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [lock.owner]


def test_of_two_that_find_a_lock_silent_the_slower_puts_back_what_the_faster_made(
    tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere(tmp_path)
    slow, fast = Lock(tmp_path, "run"), Lock(tmp_path, "run")
    assert not slow.try_acquire()
    assert not fast.try_acquire()
    clock.return_value = SILENT + 1
    alive, calls = locks.alive, []

    def meanwhile(owner: bytes) -> bool | None:
        calls.append(owner)
        if len(calls) == 1:  # the slow one has looked, and renames next
            assert fast.try_acquire()
        return alive(owner)

    monkeypatch.setattr(locks, "alive", meanwhile)
    assert not slow.try_acquire()
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [fast.owner]


def test_a_lock_that_says_nothing_is_waited_for_and_then_taken(tmp_path: Path, clock: Any) -> None:
    for content in (b"", b"\xff\xfe", b"a\nb\nc\nd", f"{locks.here()}\n{10**30}\n\n".encode()):
        (tmp_path / "run").write_bytes(content)
        lock = Lock(tmp_path, "run")
        assert not lock.try_acquire()
        clock.return_value += SILENT + 1
        assert lock.try_acquire()


def test_an_empty_lock_is_waited_for_a_few_seconds_and_its_maker_then_has_none(
    tmp_path: Path, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").touch()
    lock, slow = Lock(tmp_path, "run"), Lock(tmp_path, "slow")
    assert not lock.try_acquire()
    clock.return_value = locks.BEAT + 1
    assert lock.try_acquire()
    monkeypatch.setattr(locks, "beating", (tmp_path / "slow").unlink)  # as another does if it stands still that long
    assert not slow.try_acquire()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/no/where")])
def test_what_is_no_file_in_the_place_of_a_lock_is_no_hang(tmp_path: Path, clock: Any, make: Any) -> None:
    make(tmp_path / "run")
    lock = Lock(tmp_path, "run")
    assert not lock.try_acquire()
    clock.return_value = locks.BEAT + 1
    assert lock.try_acquire()
    lock.release()
    store = Store(tmp_path / "store")
    store.folder.mkdir()
    make(store.folder / "locks")
    with store.lock("a" * 64):
        pass
    make(store.folder / "locks" / ("a" * 64))
    with store.lock("a" * 64):
        pass
    assert len(list((store.folder / "set-aside").iterdir())) == (1 if make == Path.mkdir else 2)


def test_held_locks_are_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "BEAT", 0.01)
    locks.beating.cache_clear()  # a quicker thread beside the usual one
    with Lock(tmp_path, "run") as lock:
        os.utime(lock.path, (0, 0))
        while lock.path.stat().st_mtime == 0:
            threading.Event().wait(0.01)


def test_a_lock_that_cannot_be_written_is_told_as_a_store_that_cannot(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("in the way")
    with pytest.raises(TimetravelError, match="Runs can't be kept in") as told:
        Lock(tmp_path / "locks", "run").try_acquire()
    assert "TIMETRAVEL_STORE" in told.value.hint


class Heard(Mock):
    """Progress that remembers whose runs are waited for."""


def jobs_of(few_mnist: tuple[Digits, Digits], seeds: int = 3) -> list[Job]:
    digits, test = few_mnist[0].take(range(40)), few_mnist[1].take(range(30))
    return [Job(Recipe(epochs=1), digits, test, seed) for seed in range(seeds)]


def test_a_run_that_another_process_finishes_is_taken_from_the_store_and_not_made_again(
    few_mnist: tuple[Digits, Digits], tmp_path: Path
) -> None:
    jobs, theirs = jobs_of(few_mnist), Store(tmp_path / "theirs")
    (made, *_) = collect(jobs, Workshop(theirs), Heard())
    store = Store(tmp_path / "store")
    lock = store.lock(key(made, made.backend))
    assert lock.try_acquire()

    def finish(count: int) -> None:
        assert count == 1  # the others are made
        store.put(made)
        lock.release()

    heard = Heard(waiting=Mock(side_effect=finish))
    runs = collect(jobs, Workshop(store), heard)
    assert [run.seed for run in runs] == [0, 1, 2]
    assert runs[0].provenance == made.provenance
    assert runs[0].seconds == made.seconds
    assert sum(call.args[0] for call in heard.seen.call_args_list) == 120
    assert list((store.folder / "locks").iterdir()) == []


def test_a_run_that_another_process_gives_up_is_made_here_also_in_a_batch_and_afresh(
    few_mnist: tuple[Digits, Digits], tmp_path: Path, backends: list[str]
) -> None:
    jobs = jobs_of(few_mnist)
    for backend, fresh in zip(backends, (True, False), strict=False):
        workshop = Workshop(Store(tmp_path / f"{backend}{fresh}"), backend=backend, fresh=fresh)  # type: ignore[arg-type]
        store = workshop.store
        lock = store.lock(key(jobs[1].framed(), workshop.choice(jobs[1].recipe).version))
        assert lock.try_acquire()
        made: list[int] = []

        def finished(job: Job, run: Run, made: list[int] = made) -> None:
            made.append(run.seed)

        heard = Heard(waiting=Mock(side_effect=lambda _, lock=lock: lock.release()), finished=finished)
        assert [run.seed for run in collect(jobs, workshop, heard)] == [0, 1, 2]
        assert made == [0, 2, 1]
        assert list((store.folder / "locks").iterdir()) == []


def test_all_locks_are_given_back_when_a_training_fails_or_is_stopped(
    few_mnist: tuple[Digits, Digits], tmp_path: Path, backends: list[str]
) -> None:
    for backend in backends:
        for error in (KeyboardInterrupt, OSError):
            store = Store(tmp_path / f"{backend}{error.__name__}")
            with pytest.raises(Exception):  # noqa: B017, PT011
                collect(jobs_of(few_mnist), Workshop(store, backend=backend), Heard(seen=Mock(side_effect=error)))  # type: ignore[arg-type]
            assert list((store.folder / "locks").iterdir()) == []


def test_the_wait_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    progress.waiting(3)
    progress.waiting(2)
    assert capsys.readouterr().err == "Waiting for 3 runs that another process trains.\n"


def test_time_that_is_up_ends_the_wait_for_another_process(few_mnist: tuple[Digits, Digits], tmp_path: Path) -> None:
    store, jobs = Store(tmp_path), jobs_of(few_mnist, 1)
    name = key(jobs[0].framed(), Workshop(store).choice(jobs[0].recipe).version)
    with store.lock(name), pytest.raises(Stopped) as stopped:
        collect(jobs, Workshop(store), Heard(), until=0.0)
    assert stopped.value.in_time


def test_what_is_derived_is_made_by_one_while_the_others_wait(tmp_path: Path) -> None:
    store, made = Store(tmp_path), []

    def make() -> dict[str, Any]:
        made.append(1)
        threading.Event().wait(0.05)
        return {"values": [1.0, 2.0]}

    threads = [threading.Thread(target=store.derived, args=({"of": "this"}, make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
