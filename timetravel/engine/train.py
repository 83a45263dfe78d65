"""How a recipe becomes a run: the loop over epochs, the same for every backend."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

import numpy as np
import torch

from timetravel.digits import Digits
from timetravel.engine import native_backend, provenance
from timetravel.engine.cuda import backend as cuda
from timetravel.engine.epochs import Epochs, Teacher
from timetravel.engine.native_backend import NativeBackend
from timetravel.engine.optimizers import refuse
from timetravel.engine.runs import Job, Point, Run, measure, read
from timetravel.engine.torch_backend import TorchBackend, one_thread
from timetravel.errors import TimetravelError, UsageError
from timetravel.recipes import OWN, Recipe
from timetravel.seeds import generator, teacher_seed

BackendName = Literal["auto", "native", "torch"]
CHECKED = 4  # nets that a card trains side by side: so many of them PyTorch reads too
Backend = NativeBackend | TorchBackend | cuda.CudaBackend  # steps through blocks, one a lane, and reads digits


@dataclass(frozen=True)
class Choice:
    """Which backend trains a recipe, and why."""

    name: Literal["native", "torch", "cuda"]
    version: str
    reason: str
    device: str = "cpu"


def choose_backend(recipe: Recipe, backend: BackendName = "auto", device: str = "cpu") -> Choice:
    """Pick the backend for a recipe; raises UsageError if the one asked for can't train it here.

    The device auto is a CUDA card whose kernel covers the recipe, and else the processor.
    """
    if device == "auto":
        device = "cpu" if backend != "auto" or cuda.obstacle(recipe) else "cuda"
    known: dict[str, Callable[[], bool]] = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if device in known and not known[device]():
        problem = f"--device {device} can't be used: no {device.upper()} device is available."
        raise UsageError(problem, "Allowed here: cpu and auto.")
    on_device = None if device == "cpu" else f"the compiled kernel does not run on {device}"
    if device == "cuda" and backend == "auto" and (on_device := cuda.obstacle(recipe)) is None:
        return Choice("cuda", cuda.VERSION, "a card is here, and its kernel covers the recipe", device)
    obstacle = on_device or native_backend.missing() or native_backend.uncovered(recipe)
    if backend == "native" and obstacle:
        raise UsageError(f"--backend native can't be used: {obstacle}.", "Use --backend torch, or auto.")
    if backend == "torch" or obstacle:
        refuse(recipe)
        return Choice("torch", TorchBackend.version, obstacle or "asked for", device)
    reason = "asked for" if backend == "native" else "built, and covers the recipe"
    return Choice("native", NativeBackend.version, reason)


@dataclass
class Hooks:
    """What a caller may want to hear while runs are made. Called from worker threads, one call at a time."""

    seen: Callable[[int], None] = lambda _: None  # so many more examples are done
    epoch_done: Callable[[Job, Point], None] | None = None  # setting it measures every epoch
    finished: Callable[[Job, Run], None] = lambda *_: None
    claim: Callable[[Job], bool] = lambda _: True  # asked when a run begins: whether it is to be made now


@dataclass(frozen=True)
class Crew:
    """What all runs that are made at once share."""

    workers: int = 1
    hooks: Hooks = field(default_factory=Hooks)
    lock: threading.Lock = field(default_factory=threading.Lock)  # whoever calls a hook holds it
    stop: threading.Event = field(default_factory=threading.Event)  # set: every run stops at its next block


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
    return train_jobs(jobs, backend, device, workers, hooks or Hooks())


def train_jobs(
    jobs: Sequence[Job],
    backend: BackendName,
    device: str,
    workers: int,
    hooks: Hooks,
    stop: threading.Event | None = None,
) -> list[Run]:
    """Make many runs, spread over `workers` threads, and return those that were claimed in the order of the jobs.

    Natively one net a thread; on PyTorch and CUDA all runs of a recipe on as many digits side by side. The first
    failure, or Ctrl-C, stops running work, drops what has not begun and is raised once all have left; so does setting
    `stop`, which raises CancelledError.
    """
    jobs = [job.framed() for job in jobs]
    alone: list[tuple[Sequence[Job], Choice]] = []
    batched: dict[object, tuple[list[Job], Choice]] = {}
    for job in jobs:
        choice = choose_backend(job.recipe, backend, device)
        if choice.name == "native":
            alone.append(([job], choice))
        else:
            own = choice.name == "cuda" and job.recipe.optimizer == "diagonal-newton"  # one curvature for all its nets
            alone_at = job.seed if job.recipe.net.startswith(OWN) else None
            alike = job.recipe, job.digits.fingerprint if own else len(job.digits), job.test.fingerprint, alone_at
            batched.setdefault(alike, ([], choice))[0].append(job)
    for key in [key for key, (_, choice) in batched.items() if choice.name == "cuda"]:
        lot, choice = batched.pop(key)
        alone += [(part, choice) for part in cuda.together(lot)]
    crew = Crew(min(workers, len(alone)) or 1, hooks, stop=stop or threading.Event())
    with one_thread():
        with ThreadPoolExecutor(crew.workers) as pool:
            try:  # around the first of them, too: the pool's own end would wait until all are done
                futures = [pool.submit(train_lot, *lot, crew) for lot in alone]
                for future in as_completed(futures):
                    future.result()
            except BaseException:
                crew.stop.set()
                pool.shutdown(cancel_futures=True)
                raise
        made = [future.result() for future in futures] + [train_beside(*lot, crew) for lot in batched.values()]
    runs = {run.identity: run for run in chain(*made)}
    return [runs[job.identity] for job in jobs if job.identity in runs]


def train_beside(lot: Sequence[Job], choice: Choice, crew: Crew) -> list[Run]:
    """Train a lot in the main thread; what a net of one's own draws while it trains comes from its seed."""
    with torch.random.fork_rng(devices=[], enabled=lot[0].recipe.net.startswith(OWN)):
        if lot[0].recipe.net.startswith(OWN):
            torch.manual_seed(generator(lot[0].seed, "dropout").integers(2**31))
        return train_lot(lot, choice, crew)


def train_lot(lot: Sequence[Job], choice: Choice, crew: Crew) -> list[Run]:
    """Train runs side by side that differ in their seeds and in which training digits they have, a lane a run."""
    with crew.lock:
        lot = [job for job in lot if crew.hooks.claim(job)]
    if not lot:
        return []
    began = time.perf_counter()
    recipe, size, test, hooks = lot[0].recipe, len(lot[0].digits), lot[0].test, crew.hooks
    net = make_net(choice, recipe, [job.seed for job in lot])
    epochs = [Epochs(recipe, j.digits, j.seed, make_teacher(recipe, j.digits, j.seed, choice, crew)) for j in lot]
    diverged: list[int | None] = [None] * len(lot)
    curves: list[list[Point]] = [[] for _ in lot]
    norms: list[np.ndarray] = []
    done = 0
    while done < recipe.epochs and not all(diverged):
        losses = one_epoch(net, epochs, done, crew, norms)
        done += 1
        diverged = [when or (None if fine else done) for when, fine in zip(diverged, np.isfinite(losses), strict=True)]
        if hooks.epoch_done is not None or done == recipe.epochs or all(diverged):
            on_test, seen = net.outputs(test.images), {job.digits.fingerprint: job.digits for job in lot}
            on_train = {name: net.outputs(digits.images) for name, digits in seen.items()}
            for lane, (job, curve) in enumerate(zip(lot, curves, strict=True)):
                own = on_train[job.digits.fingerprint][lane]
                curve.append(Point(done, measure(own, job.digits, recipe), measure(on_test[lane], test, recipe)))
                if hooks.epoch_done is not None:
                    with crew.lock:
                        hooks.epoch_done(job, curve[-1])
    with crew.lock:
        hooks.seen((recipe.epochs - done) * size * len(lot))  # what diverged runs leave undone
    seconds = time.perf_counter() - began
    runs = []
    for lane, (job, curve, outputs) in enumerate(zip(lot, curves, on_test, strict=True)):
        run = Run(
            recipe=recipe,
            seed=job.seed,
            digits=job.digits.fingerprint,
            test_digits=test.fingerprint,
            labels=test.labels,
            train=curve[-1].train,
            test=curve[-1].test,
            outputs=outputs,
            weights=net.weights(lane),
            examples_seen=(done + recipe.all_epochs - recipe.epochs) * size,
            seconds=seconds,
            beside=crew.workers if choice.name == "native" else len(lot),
            backend=choice.version,
            diverged=diverged[lane],
            curve=() if hooks.epoch_done is None else tuple(curve),
            gradient_norms=tuple((float(of_epoch[lane, 0]), float(of_epoch[lane, 1])) for of_epoch in norms),
            provenance=provenance.machine() | {"finished": provenance.now(), "device": choice.device},
        )
        if lane < CHECKED:
            check_with_torch(run, test)
        with crew.lock:
            hooks.finished(job, run)
        runs.append(run)
    return runs


def make_net(choice: Choice, recipe: Recipe, seeds: Sequence[int]) -> Backend:
    """Return new nets, one a seed, on the backend that was chosen."""
    if choice.name == "native":
        return NativeBackend(recipe, seeds)
    return (cuda.CudaBackend if choice.name == "cuda" else TorchBackend)(recipe, seeds, choice.device)


def make_teacher(recipe: Recipe, digits: Digits, seed: int, choice: Choice, crew: Crew) -> Teacher | None:
    """Train the teachers of one run on its digits; returns the mean of their softmax, or None where there are none."""
    plain = recipe.teacher()
    taught = []
    for own in (teacher_seed(seed, number) for number in range(recipe.teachers)):
        net, epochs = make_net(choice, plain, [own]), [Epochs(plain, digits, own)]
        for done in range(plain.epochs):
            one_epoch(net, epochs, done, crew, [])
        taught.append(net)

    def read_by_all(images: np.ndarray) -> np.ndarray:
        logits = np.concatenate([net.outputs(images) for net in taught])
        odds = np.exp(logits - logits.max(axis=2, keepdims=True))
        return np.asarray((odds / odds.sum(axis=2, keepdims=True)).mean(axis=0))

    return read_by_all if taught else None


def one_epoch(net: Backend, epochs: Sequence[Epochs], number: int, crew: Crew, norms: list[np.ndarray]) -> np.ndarray:
    """Step through one epoch of every lane; returns their summed losses, float64 (lanes,).

    Appends to `norms` the lengths of gradients at the epoch's first update, if the backend tells them.
    """
    losses = np.zeros(len(epochs))
    on_card = isinstance(net, cuda.CudaBackend)
    prepared = cuda.fed(epochs, number) if on_card else zip(*(lane.blocks(number) for lane in epochs), strict=True)
    for place, blocks in enumerate(prepared):
        if crew.stop.is_set():
            raise CancelledError
        losses += net.step(blocks)
        if place == 0 and net.norms is not None:
            norms.append(net.norms)
        with crew.lock:
            crew.hooks.seen(len(blocks[0]) * len(epochs))
    return losses


def answers(job: Job, weights: dict[str, np.ndarray], choice: Choice) -> np.ndarray:
    """Return what a trained net answers to the test digits of a job, float32 (test size, 10)."""
    return read_by(job.recipe, weights, job.test.images, choice)


def read_by(recipe: Recipe, weights: dict[str, np.ndarray], images: np.ndarray, choice: Choice) -> np.ndarray:
    """Return the output units of a trained net for prepared images, float32 (n, 10)."""
    with one_thread():
        net = make_net(choice, recipe, [0])
        net.load(weights)
        return np.asarray(net.outputs(images)[0])


def check_with_torch(run: Run, test: Digits) -> None:
    """Let PyTorch read the test digits with the run's final weights; the kernel and it must agree.

    Raises TimetravelError if an output differs by more than float noise, or a digit is read differently although its
    two most active units are further apart than that. Nets that diverged or collapsed are not compared: weights that
    have grown without bound make any answer of float noise.
    """
    if run.backend == TorchBackend.version or not run.sound:
        return
    tolerance = 1e-3  # of the largest output, if that is above 1
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
