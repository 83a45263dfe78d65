"""How a recipe becomes a run: the loop over epochs, the same for every backend."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal, Protocol

import numpy as np

from timetravel.digits import Digits
from timetravel.engine import native_backend, provenance
from timetravel.engine.cuda import backend as cuda
from timetravel.engine.epochs import Block, Epochs, Teacher
from timetravel.engine.native_backend import NativeBackend
from timetravel.engine.optimizers import refuse
from timetravel.engine.runs import Job, Point, Run, measure, read
from timetravel.engine.torch_backend import TorchBackend, available_device, one_thread
from timetravel.engine.workers import Stopped, spread
from timetravel.errors import TimetravelError, UsageError
from timetravel.recipes import Recipe
from timetravel.seeds import teacher_seed

BackendName = Literal["auto", "native", "torch"]
CHECKED = 4  # nets that a card trains side by side: so many of them PyTorch reads too


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

    def load(self, weights: dict[str, np.ndarray]) -> None:
        """Take the parameters of the first lane, to be measured."""

    def gradient_norms(self) -> np.ndarray | None:
        """Return the lengths of the first and of the last layer's gradient at the last block's first update.

        Shape (lanes, 2); None from a backend that does not tell.
        """


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
    if problem := available_device(device):
        raise UsageError(f"--device {device} can't be used: {problem}.", "Allowed here: cpu and auto.")
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

    def one_at_a_time(self) -> "Hooks":
        """Return hooks that let one thread in at a time."""
        lock = threading.Lock()

        def guarded(call: Callable[..., None]) -> Callable[..., None]:
            def locked(*values: object) -> None:
                with lock:
                    call(*values)

            return locked

        return Hooks(guarded(self.seen), self.epoch_done and guarded(self.epoch_done), guarded(self.finished))


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

    Natively one net a thread; on PyTorch and CUDA all seeds of a recipe and its digits side by side.
    """
    jobs = [job.framed() for job in jobs]
    recipes = dict.fromkeys(job.recipe for job in jobs)
    choices = {recipe: choose_backend(recipe, backend, device) for recipe in recipes}
    lots: dict[str, dict[object, list[int]]] = {"native": {}, "cuda": {}, "torch": {}}
    for place, job in enumerate(jobs):
        name = choices[job.recipe].name
        lots[name].setdefault(place if name == "native" else job.identity[:3], []).append(place)
    alone, batched = list(lots["native"].values()), list(lots["torch"].values())
    on_card = [part for places in lots["cuda"].values() for part in cuda.together(jobs[places[0]].recipe, places)]
    crew = Crew(min(workers, len(alone)) or 1, (hooks or Hooks()).one_at_a_time())

    def make(places: list[int]) -> list[Run]:
        lot = [jobs[place] for place in places]
        return train_lot(lot, choices[lot[0].recipe], crew)

    with one_thread():
        made = spread(make, alone, crew.workers, crew.stop) + spread(make, on_card, cuda.RECIPES_AT_ONCE, crew.stop)
        made += [make(places) for places in batched]
    runs = dict(zip(chain(*alone, *on_card, *batched), chain(*made), strict=True))
    return [runs[place] for place in range(len(jobs))]


@dataclass(frozen=True)
class Crew:
    """What all runs that are made at once share."""

    workers: int = 1
    hooks: Hooks = field(default_factory=Hooks)
    stop: threading.Event = field(default_factory=threading.Event)  # set: every run stops at its next block


def train_lot(lot: Sequence[Job], choice: Choice, crew: Crew) -> list[Run]:
    """Train runs side by side that differ in their seeds alone, a lane a seed."""
    began = time.perf_counter()
    recipe, digits, test, hooks = lot[0].recipe, lot[0].digits, lot[0].test, crew.hooks
    net = make_net(choice, recipe, [job.seed for job in lot])
    epochs = [Epochs(recipe, digits, job.seed, make_teacher(recipe, digits, job.seed, choice, crew)) for job in lot]
    diverged: list[int | None] = [None] * len(lot)
    curves: list[list[Point]] = [[] for _ in lot]
    norms: list[np.ndarray] = []
    final: list[tuple[Point, np.ndarray]] = []
    done = 0
    while done < recipe.epochs and not all(diverged):
        losses = one_epoch(net, epochs, done, crew, norms)
        done += 1
        diverged = [when or (None if fine else done) for when, fine in zip(diverged, np.isfinite(losses), strict=True)]
        if hooks.epoch_done is not None or done == recipe.epochs or all(diverged):
            final = measure_lanes(net, done, lot[0])
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
            beside=crew.workers if choice.name == "native" else len(lot),
            backend=choice.version,
            diverged=diverged[lane],
            curve=tuple(curves[lane]),
            gradient_norms=tuple((float(of_epoch[lane, 0]), float(of_epoch[lane, 1])) for of_epoch in norms),
            provenance=provenance.machine() | {"finished": provenance.now(), "device": choice.device},
        )
        if lane < CHECKED:
            check_with_torch(run, test)
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
        probabilities: np.ndarray = (odds / odds.sum(axis=2, keepdims=True)).mean(axis=0)
        return probabilities

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
            raise Stopped
        losses += net.step(blocks)
        if place == 0 and (lengths := net.gradient_norms()) is not None:
            norms.append(lengths)
        crew.hooks.seen(len(blocks[0]) * len(epochs))
    return losses


def measure_lanes(net: Backend, epochs: int, job: Job) -> list[tuple[Point, np.ndarray]]:
    """Measure every lane on both splits; returns its figures and its outputs for the test digits."""
    on_train, on_test = net.outputs(job.digits.images), net.outputs(job.test.images)
    return [
        (Point(epochs, measure(a, job.digits, job.recipe), measure(b, job.test, job.recipe)), b)
        for a, b in zip(on_train, on_test, strict=True)
    ]


def answers(job: Job, weights: dict[str, np.ndarray], choice: Choice) -> np.ndarray:
    """Return what a trained net answers to the test digits of a job, float32 (test size, 10)."""
    with one_thread():
        net = make_net(choice, job.recipe, [job.seed])
        net.load(weights)
        outputs: np.ndarray = net.outputs(job.test.images)[0]
        return outputs


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
