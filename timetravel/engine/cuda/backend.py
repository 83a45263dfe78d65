"""The fast backend on a CUDA card: one net a thread block, many at once."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ctypes import c_longlong

import numpy as np
import torch
from torch import Tensor

from timetravel import nets
from timetravel.digits import Digits
from timetravel.engine.cuda.driver import SHARED_A_BLOCK, Program, attribute, told
from timetravel.engine.cuda.source import SIZE, places, shared_bytes, source, uncovered, updates
from timetravel.engine.epochs import BLOCK, Block, Epochs
from timetravel.engine.native_backend import STATES
from timetravel.engine.provenance import available_cores
from timetravel.engine.runs import Job
from timetravel.recipes import Recipe

VERSION = "cuda-2"  # part of a kept run's identity: raise it when the numbers change
THREADS = 192  # of a net
AT_ONCE = 1056  # nets side by side: eight for each multiprocessor of a large card; half as many where each is fed apart
RECIPES_AT_ONCE = 16  # for which there must be memory: as many as there are workers
LEAST_MEMORY = 1 << 28  # bytes
POOL = ThreadPoolExecutor(available_cores(), thread_name_prefix="preparing")


@functools.cache  # a study asks again and again, and must not hear otherwise when its own nets fill the card
def obstacle(recipe: Recipe) -> str | None:
    """Return why this backend can't train a recipe here, or None if it can."""
    if problem := uncovered(recipe):
        return problem
    if not torch.cuda.is_available():
        return "no CUDA device is available"
    try:
        name, free = torch.cuda.get_device_name(), torch.cuda.mem_get_info()[0]
        needed, there = shared_bytes(recipe), attribute(SHARED_A_BLOCK)
    except RuntimeError as error:
        return f"the card does not answer: {str(error).splitlines()[0]}"
    if needed > there:
        return f"the card, {name}, is too old: a net needs {needed >> 10} kB of shared memory, and it has {there >> 10}"
    return f"the card, {name}, has too little free memory" if free < LEAST_MEMORY else None


def alike(recipe: Recipe, digits: Iterable[Digits]) -> bool:
    """Say whether all nets are shown the same, nothing being drawn for an example: one copy serves every net."""
    if len({each.fingerprint for each in digits}) > 1:
        return False
    drawn = (name for name, about in recipe.settings().items() if about.costly == "if any")
    return recipe.order == "constant" and not any(getattr(recipe, name) for name in drawn)


def together(lot: Sequence[Job]) -> list[Sequence[Job]]:
    """Divide nets of one recipe into parts that keep the card busy and fit into half its free memory."""
    recipe = lot[0].recipe
    most, a_net = (
        (AT_ONCE, 1 << 20)
        if alike(recipe, (job.digits for job in lot))
        else (AT_ONCE // 2, 4096 * max(BLOCK, recipe.batch_size))
    )
    with told():
        size = max(1, min(most, torch.cuda.mem_get_info()[0] // 2 // RECIPES_AT_ONCE // a_net))
    return [lot[start : start + size] for start in range(0, len(lot), size)]


def fed(epochs: Sequence[Epochs], number: int) -> Iterator[Sequence[Block]]:
    """Yield the blocks of an epoch, one a net, or one for all; all cores prepare the next ones meanwhile."""
    same = alike(epochs[0].recipe, (one.digits for one in epochs))
    sources = [one.blocks(number) for one in (epochs[:1] if same else epochs)]
    coming = [POOL.submit(next, source, None) for source in sources]
    while blocks := [block for task in coming if (block := task.result()) is not None]:
        coming = [POOL.submit(next, source, None) for source in sources]
        yield blocks


class CudaBackend:
    """Steps through the blocks of many nets on a card. Everything it starts runs on a stream of its own."""

    name = "cuda"
    version = VERSION
    norms = None  # the kernel keeps its gradients to itself

    def __init__(self, recipe: Recipe, seeds: Sequence[int], device: str = "cuda") -> None:
        """Draw one net a seed; raises TimetravelError where the card or its memory won't do."""
        self.recipe, self.lanes, self.device = recipe, len(seeds), torch.device(device)
        net = nets.build(recipe, self.lanes)
        nets.initialize(net, list(seeds))
        self.shapes = {name: p.shape[1:] for name, p in net.named_parameters()}
        with told():
            self.stream = torch.cuda.Stream() if self.device.type == "cuda" else None  # type: ignore[no-untyped-call]
        with self.working():
            self.places = torch.from_numpy(places()).to(self.device)
            self.program = Program(source(recipe), THREADS, shared_bytes(recipe))
            self.table = torch.from_numpy(nets.connection_table(recipe.table)).contiguous().to(self.device)
            flat = torch.cat([p.detach().flatten(1) for p in net.parameters()], dim=1)
            self.trained = torch.zeros(self.lanes, SIZE, device=self.device)
            self.trained[:, self.places] = flat.to(self.device)
            self.state = torch.zeros(self.lanes, max(STATES[recipe.optimizer], 1), SIZE, device=self.device)
            self.averaged = self.trained if recipe.averaging == "none" else self.trained.clone()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Send what is started to this backend's stream, and tell what goes wrong (TimetravelError)."""
        with told(), torch.cuda.stream(self.stream):
            yield

    def step(self, blocks: Sequence[Block]) -> np.ndarray:
        """Train on one block a net, or one for all; returns the summed losses before its updates, float64 (nets,).

        They are NaN where a step broke the weights after the last loss was taken.
        """
        with self.working():
            losses = self.train(blocks[0], self.shown(blocks))
            fine = torch.isfinite(self.trained).all(dim=1)
            found: np.ndarray = torch.where(fine, losses, torch.nan).cpu().numpy()
            return found

    def shown(self, blocks: Sequence[Block]) -> list[Tensor]:
        """Put inputs, targets and masks of one block a net on the device; a single one is every net's."""
        arrays = [[b.inputs.reshape(-1, 256), b.targets, b.targets if b.mask is None else b.mask] for b in blocks]
        return [torch.from_numpy(np.stack(one)).to(self.device) for one in zip(*arrays, strict=True)]

    def train(self, block: Block, shown: Sequence[Tensor]) -> Tensor:
        """Start training on what is shown, by a block's schedule; returns the losses to come, float64 (nets,)."""
        losses = torch.empty(self.lanes, dtype=torch.float64, device=self.device)
        if block.curvature_inputs is not None:
            images = torch.from_numpy(block.curvature_inputs.copy()).to(self.device)
            self.program.launch("curvature", (self.lanes, 1), self.trained, self.state, images, self.table, len(images))
        update = torch.from_numpy(updates(self.recipe, block)).to(self.device)
        strides = [c_longlong(array.stride(0) if len(array) > 1 else 0) for array in shown]
        pointers = (self.trained, self.state, *shown, update, self.table, losses)
        self.program.launch("train", (self.lanes, 1), *pointers, len(block), self.recipe.batch_size, *strides)
        if self.averaged is not self.trained:
            self.averaged.lerp_(self.trained, block.average)
        return losses

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return the output units for n images, float32 (nets, n, 10)."""
        with self.working():
            inputs = torch.from_numpy(images.copy()).to(self.device)
            found = torch.empty(self.lanes, len(images), 10, device=self.device)
            parts = max(1, min(len(images) // 64, 2 * AT_ONCE // self.lanes))
            self.program.launch("evaluate", (self.lanes, parts), self.averaged, inputs, self.table, found, len(images))
            outputs: np.ndarray = found.cpu().numpy()
            return outputs

    def weights(self, lane: int) -> dict[str, np.ndarray]:
        """Return one net's parameters by name."""
        with self.working():
            flat = self.averaged[lane, self.places].cpu()
        parts = np.split(flat.numpy(), np.cumsum([shape.numel() for shape in self.shapes.values()])[:-1])
        named = zip(self.shapes.items(), parts, strict=True)
        return {name: part.reshape(shape).copy() for (name, shape), part in named}

    def load(self, weights: dict[str, np.ndarray]) -> None:
        """Take the parameters of the first net, to be measured."""
        flat = np.concatenate([weights[name].ravel() for name in self.shapes])
        with self.working():
            self.averaged[0, self.places] = torch.from_numpy(flat).to(self.device)
