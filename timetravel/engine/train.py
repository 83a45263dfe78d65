"""How a recipe becomes a run: the loop over epochs, the same for every backend."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from timetravel.digits import Digits
from timetravel.engine import native_backend, provenance
from timetravel.engine.epochs import Block, Epochs, Teacher
from timetravel.engine.native_backend import NativeBackend
from timetravel.engine.optimizers import refuse
from timetravel.engine.runs import Job, Point, Run, measure, read
from timetravel.engine.torch_backend import TorchBackend, available_device, one_thread
from timetravel.engine.workers import Stopped, spread
from timetravel.errors import TimetravelError, UsageError
from timetravel.recipes import Recipe
from timetravel.seeds import teacher_seed

Measured = tuple[Point, np.ndarray]
BackendName = Literal["auto", "native", "torch"]


class Backend(Protocol):
    """Something that steps through blocks, one a lane, and reads digits."""

    name: str
    version: str

    def step(self, blocks: Sequence[Block]) -> np.ndarray:
        """Train on one block a lane; returns the summed losses, float64 (lanes,)."""

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return the output units, float32 (lanes, n, 10)."""

    def weights(self, lane: int) -> dict[str, np.ndarray]:
        """Return one lane's parameters by name."""

    def gradient_norms(self) -> np.ndarray | None:
        """Return the lengths of the first and of the last layer's gradient at the last block's first update.

        Shape (lanes, 2); None from a backend that does not tell.
        """


@dataclass(frozen=True)
class Choice:
    """Which backend trains a recipe, and why."""

    name: Literal["native", "torch"]
    version: str
    reason: str


def choose_backend(recipe: Recipe, backend: BackendName = "auto", device: str = "cpu") -> Choice:
    """Pick the backend for a recipe; raises UsageError if the one asked for can't train it here."""
    if problem := available_device(device):
        raise UsageError(f"--device {device} can't be used: {problem}.", "Allowed here: cpu.")
    obstacle = native_backend.missing() or native_backend.uncovered(recipe)
    if device != "cpu":
        obstacle = obstacle or f"the compiled kernel does not run on {device}"
    if backend == "native" and obstacle:
        raise UsageError(f"--backend native can't be used: {obstacle}.", "Use --backend torch, or auto.")
    if backend == "torch" or obstacle:
        refuse(recipe)
        return Choice("torch", TorchBackend.version, obstacle or "asked for")
    return Choice(
        "native",
        NativeBackend.version,
        "asked for" if backend == "native" else "built, and covers the recipe",
    )


def _nothing(*_: object) -> None:
    """Hear and do nothing."""


@dataclass
class Hooks:
    """What a caller may want to hear while runs are made. Called from worker threads, one call at a time."""

    seen: Callable[[int], None] = _nothing  # so many more examples are done
    epoch_done: Callable[[Job, Point], None] | None = None  # setting it measures every epoch
    finished: Callable[[Job, Run], None] = _nothing


def train(
    recipe: Recipe,
    digits: Digits,
    seeds: Iterable[int],
    *,
    test: Digits,
    backend: BackendName = "auto",
    device: str = "cpu",
    workers: int = 1,
    hooks: Hooks | None = None,
) -> list[Run]:
    """Train one net a seed on `digits` and measure the finished nets on `test`. Prints nothing and writes nothing."""
    jobs = [Job(recipe, digits, test, seed) for seed in seeds]
    return train_jobs(jobs, backend=backend, device=device, workers=workers, hooks=hooks)


def train_jobs(
    jobs: Sequence[Job],
    *,
    backend: BackendName = "auto",
    device: str = "cpu",
    workers: int = 1,
    hooks: Hooks | None = None,
) -> list[Run]:
    """Make many runs, spread over `workers` threads, and return them in the order of the jobs.

    Natively one net a thread; on PyTorch all seeds of a recipe and its digits in one batched model.
    """
    hooks = Locked(hooks or Hooks())
    lots: dict[object, list[int]] = {}
    for index, job in enumerate(jobs):
        choice = choose_backend(job.recipe, backend, device)
        together = (job.recipe, job.digits.fingerprint, job.test.fingerprint)
        lots.setdefault(index if choice.name == "native" else together, []).append(index)
    stop = threading.Event()

    native = [indices for key, indices in lots.items() if isinstance(key, int)]
    batched = [indices for key, indices in lots.items() if not isinstance(key, int)]
    workers = min(workers, len(native)) or 1

    def make(indices: list[int]) -> list[Run]:
        lot = [jobs[i] for i in indices]
        choice = choose_backend(lot[0].recipe, backend, device)
        return train_lot(lot, choice, device, workers, hooks, stop)

    with one_thread():
        made = spread(make, native, workers, stop) + [make(indices) for indices in batched]
    runs = {
        i: run for indices, lot in zip(native + batched, made, strict=True) for i, run in zip(indices, lot, strict=True)
    }
    return [runs[i] for i in range(len(jobs))]


def train_lot(
    lot: Sequence[Job], choice: Choice, device: str, workers: int, hooks: Hooks, stop: threading.Event
) -> list[Run]:
    """Train the runs of one lot side by side: the same recipe and digits, a lane a seed."""
    began = time.perf_counter()
    recipe, digits, test = lot[0].recipe, lot[0].digits, lot[0].test
    seeds = [job.seed for job in lot]
    net = make_net(choice, recipe, seeds, device)
    teachers = [make_teacher(recipe, digits, seed, choice, device, hooks, stop) for seed in seeds]
    epochs = [Epochs(recipe, digits, seed, teacher) for seed, teacher in zip(seeds, teachers, strict=True)]
    diverged: list[int | None] = [None] * len(lot)
    curves: list[list[Point]] = [[] for _ in lot]
    final: list[Measured] = []
    norms: list[np.ndarray] = []
    done = 0
    while done < recipe.epochs and not all(diverged):
        losses = one_epoch(net, epochs, done, hooks, stop, norms)
        done += 1
        diverged = [when or (None if fine else done) for when, fine in zip(diverged, np.isfinite(losses), strict=True)]
        if hooks.epoch_done is not None or done == recipe.epochs or all(diverged):
            final = measure_lanes(net, done, digits, test, recipe)
        if hooks.epoch_done is not None:
            for job, curve, (point, _) in zip(lot, curves, final, strict=True):
                curve.append(point)
                hooks.epoch_done(job, point)
    hooks.seen((recipe.epochs - done) * len(digits) * len(lot))  # what diverged runs leave undone
    seconds = time.perf_counter() - began
    runs = []
    for lane, (job, (point, outputs)) in enumerate(zip(lot, final, strict=True)):
        run = Run(
            recipe=recipe,
            seed=job.seed,
            digits=digits.fingerprint,
            test_digits=test.fingerprint,
            train=point.train,
            test=point.test,
            outputs=outputs,
            weights=net.weights(lane),
            examples_seen=(done + recipe.all_epochs - recipe.epochs) * len(digits),
            seconds=seconds,
            beside=len(lot) if choice.name == "torch" else workers,
            backend=choice.version,
            diverged=diverged[lane],
            curve=tuple(curves[lane]),
            gradient_norms=tuple((float(of_epoch[lane, 0]), float(of_epoch[lane, 1])) for of_epoch in norms),
            provenance=provenance.machine() | {"finished": provenance.now(), "device": device},
        )
        check_with_torch(run, test)
        hooks.finished(job, run)
        runs.append(run)
    return runs


def make_net(choice: Choice, recipe: Recipe, seeds: Sequence[int], device: str) -> Backend:
    """Return new nets, one a seed, on the backend that was chosen."""
    return NativeBackend(recipe, seeds) if choice.name == "native" else TorchBackend(recipe, seeds, device)


def make_teacher(
    recipe: Recipe, digits: Digits, seed: int, choice: Choice, device: str, hooks: Hooks, stop: threading.Event
) -> Teacher | None:
    """Train the teachers of one run on its digits; returns the mean of their softmax, or None where there are none."""
    if not recipe.teachers:
        return None
    plain = recipe.teacher()
    taught = []
    for number in range(recipe.teachers):
        own = teacher_seed(seed, number)
        net, epochs = make_net(choice, plain, [own], device), [Epochs(plain, digits, own)]
        for done in range(plain.epochs):
            one_epoch(net, epochs, done, hooks, stop, [])
        taught.append(net)

    def read_by_all(images: np.ndarray) -> np.ndarray:
        logits = np.concatenate([net.outputs(images) for net in taught])
        odds = np.exp(logits - logits.max(axis=2, keepdims=True))
        probabilities: np.ndarray = (odds / odds.sum(axis=2, keepdims=True)).mean(axis=0)
        return probabilities

    return read_by_all


def one_epoch(
    net: Backend, epochs: Sequence[Epochs], number: int, hooks: Hooks, stop: threading.Event, norms: list[np.ndarray]
) -> np.ndarray:
    """Step through one epoch of every lane; returns their summed losses, float64 (lanes,).

    Appends to `norms` the lengths of gradients at the epoch's first update, if the backend tells them.
    """
    losses = np.zeros(len(epochs))
    for place, blocks in enumerate(zip(*(p.blocks(number) for p in epochs), strict=True)):
        if stop.is_set():
            raise Stopped
        losses += net.step(blocks)
        if place == 0 and (lengths := net.gradient_norms()) is not None:
            norms.append(lengths)
        hooks.seen(len(blocks[0]) * len(blocks))
    return losses


def measure_lanes(net: Backend, epochs: int, digits: Digits, test: Digits, recipe: Recipe) -> list[Measured]:
    """Measure every lane on both splits; returns its figures and its outputs for the test digits."""
    on_train, on_test = net.outputs(digits.images), net.outputs(test.images)
    return [
        (Point(epochs, measure(a, digits, recipe), measure(b, test, recipe)), b)
        for a, b in zip(on_train, on_test, strict=True)
    ]


def check_with_torch(run: Run, test: Digits, tolerance: float = 1e-3) -> None:
    """Let PyTorch read the test digits with the run's final weights; the kernel and it must agree.

    Raises TimetravelError if an output differs by more than float noise, or a digit is read differently although its
    two most active units are further apart than that.
    """
    if run.backend == TorchBackend.version or run.diverged:
        return
    reference = TorchBackend(run.recipe, [run.seed])
    reference.load(run.weights)
    outputs = reference.outputs(test.images)[0]
    scale = max(1.0, float(np.abs(outputs).max()))
    worst = float(np.abs(outputs - run.outputs).max()) / scale
    second, first = np.partition(outputs, -2, axis=1)[:, -2:].T
    clear = first - second > 2 * tolerance * scale
    if worst > tolerance or (read(outputs) != run.predictions)[clear].any():
        raise TimetravelError(
            f"The compiled kernel and PyTorch read the same net differently (by {worst:.2g} at most).",
            "Train with --backend torch, and please report this with the output of `timetravel --version`.",
        )


class Locked(Hooks):
    """Hooks that let one thread in at a time."""

    def __init__(self, hooks: Hooks) -> None:
        lock = threading.Lock()

        def guarded(call: Callable[..., None]) -> Callable[..., None]:
            def one_at_a_time(*values: object) -> None:
                with lock:
                    call(*values)

            return one_at_a_time

        epoch_done = guarded(hooks.epoch_done) if hooks.epoch_done else None
        super().__init__(guarded(hooks.seen), epoch_done, guarded(hooks.finished))
