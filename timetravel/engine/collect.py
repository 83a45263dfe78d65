"""Asks the store first and trains only what is missing: how every study gets its runs."""

import math
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Protocol

import numpy as np

from timetravel.engine.executor import send_jobs
from timetravel.engine.locks import POLL, Lock
from timetravel.engine.provenance import core_time
from timetravel.engine.runs import Job, Point, Run
from timetravel.engine.store import Store, key
from timetravel.engine.torch_backend import TorchBackend, one_thread
from timetravel.engine.train import BackendName, Choice, Hooks, answers, choose_backend, train_jobs
from timetravel.recipes import Recipe

CALIBRATION_SECONDS, CALIBRATION_DIGITS = 1.0, 256
SLOWEST_POLL = 2.0  # seconds between two looks at what other processes make


class Stopped(Exception):  # noqa: N818
    """Not all runs were made, for Ctrl-C or, if `in_time`, because the time was up: `runs`, by their identity, were."""

    def __init__(self, runs: dict[object, Run], *, in_time: bool) -> None:
        super().__init__("stopped")
        self.runs, self.in_time = runs, in_time


@dataclass(frozen=True)
class Workshop:
    """Where and how runs are made: store, backend, device, workers; `warn` hears of what is damaged there.

    executor: makes the runs, `workers` at a time, in place of this process's own threads.
    """

    store: Store
    backend: BackendName = "auto"
    device: str = "cpu"
    workers: int = 1
    fresh: bool = False
    warn: Callable[[str], None] = warnings.warn
    executor: Executor | None = None

    def choice(self, recipe: Recipe) -> Choice:
        """Return which backend trains a recipe, and why."""
        return choose_backend(recipe, self.backend, self.device)

    def kept(self, job: Job, watched: bool = False) -> Run | None:
        """Return the kept run of a job, if there is one and kept runs may be used.

        A net that never met these test digits meets them now. What is damaged is set aside, and said so.
        """
        if self.fresh:
            return None
        job, choice = job.framed(), self.choice(job.recipe)
        ask = partial(answers, job, choice=choice)
        return self.store.sound(lambda: self.store.get(job, choice.version, ask, watched=watched), self.warn)


@dataclass(frozen=True)
class Plan:
    """What a study is about to do."""

    kept: dict[object, Run]  # runs found in the store, by the identity of their jobs
    missing: tuple[Job, ...]  # runs to be made
    choices: tuple[Choice, ...]  # the backends in use, each once
    estimate: Callable[[], float]  # times throw-away nets

    @cached_property
    def seconds(self) -> float:
        """About how long the missing runs take here."""
        return self.estimate()

    @property
    def examples(self) -> int:
        """Examples to be made."""
        return sum(job.examples for job in self.missing)


class Progress(Protocol):
    """Hears how a study comes along. The command line draws it; the engine only reports."""

    def planned(self, plan: Plan) -> None:
        """Hear what will be done, before it is done."""

    def seen(self, count: int) -> None:
        """Hear that so many more examples are done."""

    def epoch_done(self, job: Job, point: Point) -> None:
        """Hear a watched run's figures after an epoch."""

    def finished(self, job: Job, run: Run) -> None:
        """Hear that a run is done and kept."""

    def waiting(self, count: int) -> None:
        """Hear that so many runs are left that other processes make; may be told again."""

    def ended(self) -> None:
        """Hear that there is nothing more to come, all done or not."""


def make_plan(jobs: Sequence[Job], workshop: Workshop, *, watched: bool = False) -> Plan:
    """Look up what is kept and measure how long the rest takes. Writes nothing."""
    kept: dict[object, Run] = {}
    missing: dict[object, Job] = {}
    for job in (job.framed() for job in jobs):
        if run := workshop.kept(job, watched):
            kept[job.identity] = run
        else:
            missing[job.training] = job
    choices = sorted({workshop.choice(job.recipe) for job in jobs}, key=lambda choice: choice.name)
    wanted = tuple(missing.values())
    return Plan(kept, wanted, tuple(choices), partial(estimate_seconds, wanted, workshop, watched=watched))


def collect(
    jobs: Sequence[Job], workshop: Workshop, progress: Progress, *, watched: bool = False, until: float = math.inf
) -> list[Run]:
    """Return a run for every job: kept ones from the store, the others trained now and kept as each is finished.

    A run that another process trains meanwhile is waited for, and then comes from the store.
    `watched` runs are measured after every epoch and carry their curves. Raises Stopped at the time `until` (by
    time.monotonic) and at Ctrl-C, with the runs that are finished.
    """
    jobs = [job.framed() for job in jobs]
    plan = make_plan(jobs, workshop, watched=watched)
    making, stop = Making(workshop, progress, watched, dict(plan.kept)), threading.Event()
    alarm = threading.Timer(min(until - time.monotonic(), threading.TIMEOUT_MAX), stop.set)
    alarm.daemon = True
    alarm.start()
    try:
        progress.planned(plan)
        if plan.missing:
            workshop.store.check()
        for run in plan.kept.values():
            workshop.store.put_answers(run)
        making.make(plan.missing, stop)
        for job in (job for job in jobs if job.identity not in making.runs):  # its net was trained for other digits
            again = replace(workshop, fresh=False).kept(job, watched)
            assert again is not None
            making.take(again)
    except (KeyboardInterrupt, CancelledError) as error:
        raise Stopped(making.runs, in_time=isinstance(error, CancelledError)) from error
    finally:
        alarm.cancel()
        making.release()
    return [making.runs[job.identity] for job in jobs]


@dataclass
class Making:
    """Runs that are made, each by one process at a time, whichever begins it first."""

    workshop: Workshop
    progress: Progress
    watched: bool
    runs: dict[object, Run]  # finished and kept, by their identity
    locks: dict[object, Lock] = field(default_factory=dict)  # of runs that are made here, or waited for

    def make(self, jobs: Sequence[Job], stop: threading.Event) -> None:
        """Make all runs that no other process makes, then wait for those; raises CancelledError at `stop`."""
        hooks = Hooks(self.progress.seen, self.progress.epoch_done if self.watched else None, self.finished, self.claim)
        shop = self.workshop
        pause = POLL
        while jobs:
            if shop.executor is not None:  # one that is idle may count as empty
                send_jobs(jobs, shop.backend, shop.executor, shop.workers, hooks, stop)
            else:
                train_jobs(jobs, shop.backend, shop.device, shop.workers, hooks, stop)
            if jobs := [job for job in jobs if job.identity not in self.runs]:
                self.progress.waiting(len(jobs))
                if stop.wait(pause):
                    raise CancelledError
                pause = min(2 * pause, SLOWEST_POLL)

    def claim(self, job: Job) -> bool:
        """Say whether a run is to be made here now: not if another process makes it, or has made it since the plan."""
        if job.training not in self.locks:
            name = key(job, self.workshop.choice(job.recipe).version)
            self.locks[job.training] = self.workshop.store.lock(name)
        if not self.locks[job.training].try_acquire():
            return False
        if run := self.workshop.kept(job, self.watched):
            self.locks.pop(job.training).release()
            self.take(run)
            self.progress.seen(job.examples)
            self.progress.finished(job, run)
            return False
        return True

    def take(self, run: Run) -> None:
        """Take a kept run, and keep its answers to these test digits."""
        self.workshop.store.put_answers(run)
        self.runs[run.identity] = run

    def finished(self, job: Job, run: Run) -> None:
        """Keep a run that was made here, and let others have it."""
        self.workshop.store.put(run)
        self.runs[run.identity] = run
        if lock := self.locks.pop(job.training, None):
            lock.release()
        self.progress.finished(job, run)

    def release(self) -> None:
        """Give back what is left when all ends early."""
        for lock in self.locks.values():
            lock.release()


def estimate_seconds(jobs: Sequence[Job], workshop: Workshop, *, watched: bool = False) -> float:
    """Time a short stretch of each kind of recipe, about a second in all, and scale it to the whole.

    What every epoch of a watched run, and the end of any run, takes to be measured counts, too.
    """
    kinds: dict[object, list[Job]] = {}
    for job in jobs:
        kinds.setdefault(kind(job.recipe), []).append(job)
    total = 0.0
    for group in kinds.values():
        native = workshop.choice(group[0].recipe).name == "native"
        lanes = 1 if native else len({job.seed for job in group})
        here = core_time() if workshop.executor is None else math.inf
        beside = min(workshop.workers, len(jobs), here) if native else lanes
        rate = seconds_an_example(group[0], lanes, workshop, CALIBRATION_SECONDS / len(kinds), watched=watched)
        ends = seconds_to_measure(group[0]) * (len(group) if native else len(group) / lanes)
        total += (rate * sum(job.examples for job in group) + ends) / beside
    return total


def kind(recipe: Recipe) -> object:
    """Return what recipes have in common whose examples take equally long."""
    values = [(about.costly, getattr(recipe, name)) for name, about in recipe.settings().items()]
    return tuple(value if costly == "by value" else value > 0 for costly, value in values if costly != "no")


def seconds_to_measure(job: Job) -> float:
    """Return how long PyTorch takes to read a job's test digits, as it does once with every finished net."""
    few = job.test.images[: 4 * CALIBRATION_DIGITS]
    net = TorchBackend(job.recipe, [0])
    with one_thread():
        net.outputs(few)  # wakes everything up
        began = time.perf_counter()
        net.outputs(few)
        return (time.perf_counter() - began) * len(job.test) / len(few)


def seconds_an_example(job: Job, lanes: int, workshop: Workshop, limit: float, *, watched: bool = False) -> float:
    """Train throw-away nets on a few digits for more and more epochs until about `limit` seconds are spent.

    Returns the seconds that one example takes in all lanes together: by how much longer more of them take, so that
    what every run spends on beginning and ending does not count.
    """
    few = job.digits.take(np.arange(min(CALIBRATION_DIGITS, len(job.digits))))
    test = job.test.take(np.arange(max(1, len(job.test) * len(few) // len(job.digits))))  # its share of an epoch
    hooks = Hooks(epoch_done=(lambda *_: None) if watched else None)
    epochs, before = 1, (0.0, 0)
    while True:
        trial = replace(job, recipe=job.recipe.but(epochs=epochs, teacher_epochs=0), digits=few, test=test)
        began = time.perf_counter()
        lot = [replace(trial, seed=lane) for lane in range(lanes)]
        train_jobs(lot, workshop.backend, workshop.device, 1, hooks)
        now = time.perf_counter() - began, trial.examples
        longer, more = now[0] - before[0], now[1] - before[1]
        enough = longer > limit / 4 or trial.examples >= job.examples
        if epochs > 1 and enough:  # the first trial only wakes everything up
            return longer / more if longer > 0 else now[0] / now[1]
        epochs, before = epochs * 4, now
