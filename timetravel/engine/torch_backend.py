"""The reference backend: PyTorch, every seed of a recipe a lane of one batched model, on CPU, CUDA or MPS."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from timetravel import nets
from timetravel.engine.epochs import Block
from timetravel.engine.normalization import WeightNormalized
from timetravel.engine.optimizers import DiagonalNewton, MuonWithAdamW, make_optimizer, refuse, worst_nearby
from timetravel.recipes import Recipe

VERSION = "torch-2"  # part of a kept run's identity: raise it when the numbers change
MEASURED_AT_ONCE = 128  # digits


class TorchBackend:
    """Steps through blocks with all lanes side by side."""

    name = "torch"
    version = VERSION

    def __init__(self, recipe: Recipe, seeds: Sequence[int], device: str = "cpu") -> None:
        """Build one net a seed; raises UsageError for a recipe that can't be trained here."""
        refuse(recipe)
        self.recipe, self.device = recipe, torch.device(device)
        self.net = nets.build(recipe, len(seeds))
        nets.initialize(self.net, list(seeds))
        self.net.to(self.device)
        self.trained = WeightNormalized(self.net) if recipe.weight_normalization else self.net
        self.averaged = {name: p.detach().clone() for name, p in self.plain().items()}
        self.one = nets.build(recipe).to(self.device)
        ends = nets.layers(self.net)
        self.ends = [self.net.get_parameter(f"{layer}_weight") for layer in (ends[0], ends[-1])]
        self.norms = np.full((len(seeds), 2), np.nan)

    def plain(self) -> dict[str, Tensor]:
        """Return the parameters of the nets as they are now, by name, each (lanes, ...)."""
        if isinstance(self.trained, WeightNormalized):
            return self.trained.plain()
        return dict(self.net.named_parameters())

    @cached_property
    def optimizer(self) -> torch.optim.Optimizer | MuonWithAdamW:
        """The optimizer, made when training begins: torch loads its compiler with the first one, 100 MB that measuring
        a finished net can do without.
        """
        return make_optimizer(self.recipe, self.trained)

    def step(self, blocks: Sequence[Block]) -> np.ndarray:
        """Train on one block a lane; returns the summed loss of each lane before its updates, float64 (lanes,)."""
        inputs, targets = self.stack([b.inputs for b in blocks]), self.stack([b.targets for b in blocks])
        masks = [b.mask for b in blocks if b.mask is not None]
        mask = self.stack(masks) if masks else None
        if blocks[0].curvature_inputs is not None:
            self.estimate_curvature(blocks)
        total = torch.zeros(len(blocks), device=self.device)
        with nullcontext() if self.recipe.resized else without_onednn(), self.training():
            for update, rate in enumerate(blocks[0].learning_rates):
                for group in self.optimizer.param_groups:
                    group["lr"] = float(rate)
                part = slice(update * self.recipe.batch_size, (update + 1) * self.recipe.batch_size)
                shown = inputs[:, part], targets[:, part], None if mask is None else mask[:, part]
                total += self.gradients(*shown).sum(dim=1)
                if update == 0:
                    self.norms = self.lengths()
                if self.recipe.sharpness:
                    with worst_nearby(list(self.trained.parameters()), self.recipe.sharpness):
                        self.gradients(*shown)
                self.optimizer.step()
        self.average(blocks[0].average)
        return total.cpu().numpy().astype(np.float64)

    def gradients(self, inputs: Tensor, targets: Tensor, mask: Tensor | None) -> Tensor:
        """Leave every parameter its gradient on a batch; returns the loss of each example, (L, B)."""
        shown = inputs.shape[1]
        if shown > 1 and shown % 8:
            # Blank digits, whose loss nobody asks for. Matrix products round differently where a matrix begins at an
            # odd place in memory, which would depend on the lanes before it.
            inputs = F.pad(inputs, (0, 0, 0, 0, 0, -shown % 8))
            mask = None if mask is None else F.pad(mask, (0, 0, 0, -shown % 8))
        loss = losses(self.recipe, self.trained(inputs, mask)[:, :shown], targets)
        self.optimizer.zero_grad()
        # Lanes share no parameter, so the gradient of the sum trains each on its own.
        torch.autograd.backward(loss.mean(dim=1).sum() * self.recipe.loss_scale)
        return loss.detach()

    @torch.no_grad()
    def lengths(self) -> np.ndarray:
        """Return how long the gradients of the first and of the last layer's weights are now, float64 (lanes, 2)."""
        slopes = [torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in self.ends]
        lengths = torch.stack([torch.linalg.vector_norm(slope.flatten(1), dim=1) for slope in slopes], dim=1)
        return lengths.cpu().numpy().astype(np.float64)

    def gradient_norms(self) -> np.ndarray | None:
        """Return the lengths of the first and of the last layer's gradient at the last block's first update."""
        return self.norms

    @contextmanager
    def training(self) -> Iterator[None]:
        """Let an optimizer that trains other parameters than it finds, as schedule-free does, know when it trains."""
        if self.recipe.optimizer != "schedule-free":
            yield
            return
        self.optimizer.train()  # type: ignore[union-attr]
        yield
        self.optimizer.eval()  # type: ignore[union-attr]

    @torch.no_grad()
    def average(self, share: float) -> None:
        """Move the averaged nets towards the trained ones."""
        for name, parameter in self.plain().items():
            if share == 1:
                self.averaged[name].copy_(parameter)
            else:
                self.averaged[name].lerp_(parameter, share)

    def estimate_curvature(self, blocks: Sequence[Block]) -> None:
        """Give the optimizer every lane's curvature on the digits that its block names."""
        images = self.stack([b.curvature_inputs for b in blocks if b.curvature_inputs is not None])
        by_name = dict(self.net.named_parameters())
        with without_onednn():
            found = nets.curvature(self.net, images)
        assert isinstance(self.optimizer, DiagonalNewton)
        self.optimizer.set_curvature({by_name[name]: h for name, h in found.items()})

    @torch.no_grad()
    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return the output units of every lane for n images, float32 (lanes, n, 10).

        Lane by lane: oneDNN, worth having here, rounds grouped convolutions differently from single ones.
        """
        pool = torch.from_numpy(images.copy()).to(self.device).unsqueeze(0)
        result = np.empty((self.net.lanes, len(images), 10), dtype=np.float32)
        for lane in range(self.net.lanes):
            weights = {name: parameter[lane : lane + 1] for name, parameter in self.averaged.items()}
            for start in range(0, len(images), MEASURED_AT_ONCE):
                part = slice(start, start + MEASURED_AT_ONCE)
                read = torch.func.functional_call(self.one, weights, (pool[:, part],))
                result[lane, part] = read[0].cpu().numpy()
        return result

    def weights(self, lane: int) -> dict[str, np.ndarray]:
        """Return one lane's parameters by name."""
        return {name: parameter[lane].cpu().numpy().copy() for name, parameter in self.averaged.items()}

    def load(self, weights: dict[str, np.ndarray]) -> None:
        """Take one net's parameters into lane 0, to be measured."""
        for name, array in weights.items():
            self.averaged[name][0].copy_(torch.from_numpy(array))

    def stack(self, arrays: Sequence[np.ndarray]) -> Tensor:
        """Put one array a lane on the device, (lanes, n, ...)."""
        return torch.from_numpy(np.stack(arrays)).to(self.device)


def losses(recipe: Recipe, outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the loss of every example, (L, B), for outputs and targets (L, B, 10)."""
    if recipe.loss == "cross-entropy":
        return -(targets * F.log_softmax(outputs, dim=2)).sum(dim=2)
    return (outputs - targets).square().mean(dim=2)


@contextmanager
def without_onednn() -> Iterator[None]:
    """Train without oneDNN: it speeds up large batches and slows down single tiny convolutions."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="TF32 acceleration")
        with torch.backends.mkldnn.flags(enabled=False):
            yield


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep PyTorch to one thread for a while: these nets are too small to share out, and workers run beside it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def available_device(name: str) -> str | None:
    """Return why a device can't be used, or None if it can."""
    if name == "cuda" and not torch.cuda.is_available():
        return "no CUDA device is available"
    if name == "mps" and not torch.backends.mps.is_available():
        return "no MPS device is available"
    return None
