"""Runs that others make: sent in chunks to a concurrent.futures.Executor, each kept as soon as it arrives.

Digits go along with as many chunks as there are workers; where a worker lacks some even so, the chunk is sent once more
with all of its digits. A worker that is lost is the executor's business: it has the chunk made again elsewhere. Both
sides unpickle what the other sends, so they must trust each other, as Ray's and Dask's do.
"""

import pickle
import platform
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple, TypeAlias

from timetravel.digits import Digits
from timetravel.engine import native_backend
from timetravel.engine.runs import Job, Run
from timetravel.engine.train import BackendName, Choice, Hooks, choose_backend, train_jobs
from timetravel.errors import TimetravelError, UsageError
from timetravel.recipes import OWN
from timetravel.version import __version__

EXAMPLES: Final = 200_000  # that a chunk for the compiled kernel sees at most, if it has more than one run
LANES: Final = 16  # runs of a chunk for PyTorch, which trains them side by side
HELD: Final = 16  # sets of digits that a worker keeps, of 8 to 70 MB each
POLL: Final = 0.2  # seconds between two looks at whether to stop
PARTS: Final = ("images", "labels", "name", "split", "targets")  # of which Digits are made again, as they are now


class Part(NamedTuple):
    """Digits as they travel."""

    fingerprint: str
    made_of: dict[str, Any]


Answer: TypeAlias = list[Run] | None  # the runs of a chunk; None where the worker lacks digits
VERSION: Final = f"timetravel {__version__}", f"Python {'.'.join(platform.python_version_tuple()[:2])}"
_held: OrderedDict[str, Digits] = OrderedDict()  # by a worker; what was used last comes last


def make_runs(asked: tuple[str, str], order: bytes, *parts: Part) -> Answer:
    """Make the runs of a chunk, on a worker, or return None where it lacks digits.

    order: pickled; what each run is of, the backend, and whether every epoch is measured. Raises UsageError where the
    versions are others than asked, or the backend can't be used.
    """
    here = f"The worker {platform.node()}"
    if asked != VERSION:
        told = f"{here} has {' and '.join(VERSION)}; this is {' and '.join(asked)}."
        raise UsageError(told, "Install the same on every machine.")
    runs, backend, watched = pickle.loads(order)
    for name, made_of in parts:
        _held[name] = _held.get(name) or Digits(**made_of)
    try:
        known = {name: _held[name] for _, *names, _ in runs for name in names}
    except KeyError:
        return None
    for name in known:
        _held.move_to_end(name)
    while len(_held) > HELD:
        _held.popitem(last=False)
    if backend == "native" and (why := native_backend.missing()):
        hint = "Install a wheel of timetravel there; or type --backend torch: those are other runs, and kept apart."
        raise UsageError(f"{here} can't make these runs: {why}.", hint)
    jobs = [Job(recipe, known[train], known[test], seed) for recipe, train, test, seed in runs]
    return train_jobs(jobs, backend, "cpu", 1, Hooks(epoch_done=(lambda *_: None) if watched else None))


@dataclass
class Sending:
    """Chunks that are under way to an executor, and what has come back."""

    executor: Executor
    workers: int
    hooks: Hooks
    out: dict[Future[Answer], tuple[list[Job], Choice]] = field(default_factory=dict)
    back: SimpleQueue[Future[Answer]] = field(default_factory=SimpleQueue)
    sent: Counter[str] = field(default_factory=Counter)  # how often, by the fingerprint of digits

    def send(self, jobs: list[Job], choice: Choice, *, whole: bool = False) -> None:
        """Send a chunk, with the digits that some worker may lack, or `whole`, with all."""
        runs = [(job.recipe, job.digits.fingerprint, job.test.fingerprint, job.seed) for job in jobs]
        digits = {each.fingerprint: each for job in jobs for each in (job.digits, job.test)}
        due = [name for name in digits if whole or self.sent[name] < self.workers]
        parts = [Part(name, {part: getattr(digits[name], part) for part in PARTS}) for name in due]
        self.sent.update(due)
        order = pickle.dumps((runs, choice.name, self.hooks.epoch_done is not None))
        with worded():
            future = self.executor.submit(make_runs, VERSION, order, *parts)
        self.out[future] = jobs, choice
        future.add_done_callback(self.back.put)

    def take(self, future: Future[Answer]) -> None:
        """Hand on the runs that came back, or send what was lacking. Raises TimetravelError where the worker failed."""
        jobs, choice = self.out.pop(future)
        with worded():
            answer = future.result()
        if answer is None:
            self.send(jobs, choice, whole=True)  # it may come to another worker, which lacks others
            return
        for job, run in zip(jobs, answer, strict=True):
            if self.hooks.epoch_done:
                for point in run.curve:
                    self.hooks.epoch_done(job, point)
            self.hooks.seen(job.examples)
            self.hooks.finished(job, run)

    def end(self) -> None:
        """Call off what is under way, and hand on what came back meanwhile."""
        for future in [each for each in self.out if not each.cancel()]:
            if future.done() and not future.exception() and future.result() is not None:
                self.take(future)


def send_jobs(
    jobs: Sequence[Job], backend: BackendName, executor: Executor, workers: int, hooks: Hooks, stop: threading.Event
) -> None:
    """Have runs made by an executor, twice as many chunks as it has workers at a time; hands each to the hooks.

    At the first failure, Ctrl-C, or `stop`, which raises CancelledError, what has come back is handed on, and the rest
    called off. Raises TimetravelError where a worker fails, UsageError for a net of one's own.
    """
    left, sending = chunks([job.framed() for job in jobs], backend), Sending(executor, workers, hooks)
    try:
        while not stop.is_set():
            while len(sending.out) < 2 * workers and (chunk := next(left, None)):
                if claimed := [job for job in chunk[0] if hooks.claim(job)]:
                    sending.send(claimed, chunk[1])
            if not sending.out:
                return
            with suppress(Empty):
                sending.take(sending.back.get(timeout=POLL))
        raise CancelledError
    finally:
        sending.end()


def chunks(jobs: Sequence[Job], backend: BackendName) -> Iterator[tuple[list[Job], Choice]]:
    """Yield runs that are sent together, alike in their recipe, with the backend that trains them."""
    for (recipe, _), group in groupby(jobs, key=lambda job: (job.recipe, len(job.digits))):
        if recipe.net.startswith(OWN):
            raise UsageError("A net of one's own can't be sent to other workers.", "Leave out executor, or cluster.")
        alike, choice = list(group), choose_backend(recipe, backend)
        size = LANES if choice.name == "torch" else max(1, EXAMPLES // alike[0].examples)
        for first in range(0, len(alike), size):
            yield alike[first : first + size], choice


@contextmanager
def worded() -> Iterator[None]:
    """Put what an executor raises into words; raises TimetravelError."""
    try:
        yield
    except (TimetravelError, CancelledError):
        raise
    except ImportError as error:
        told = f"A worker can't load timetravel: {error}."
        raise TimetravelError(told, f"Install {VERSION[0]} on every machine.") from error
    except Exception as error:
        kind = "" if isinstance(error, BrokenExecutor) else f"{type(error).__name__}: "
        why = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        told = f"The workers failed: {kind}{why}."
        raise TimetravelError(told, "Finished runs are kept: the same command goes on from them.") from error
