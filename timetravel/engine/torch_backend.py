"""The reference backend: PyTorch, every seed of a recipe a lane of one batched model, on CPU, CUDA or MPS."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from timetravel import nets
from timetravel.engine.optimizers import DiagonalNewton
from timetravel.engine.passes import Block
from timetravel.recipes import Recipe

VERSION = "torch-1"  # part of a kept run's identity: raise it when the numbers change
MEASURED_AT_ONCE = 128  # digits


class TorchBackend:
    """Steps through blocks with all lanes side by side."""

    name = "torch"
    version = VERSION

    def __init__(self, recipe: Recipe, seeds: Sequence[int], device: str = "cpu") -> None:
        self.recipe, self.device = recipe, torch.device(device)
        self.net = nets.build(recipe, len(seeds))
        nets.initialize(self.net, list(seeds))
        self.net.to(self.device)
        self.averaged = {name: p.detach().clone() for name, p in self.net.named_parameters()}
        self.one = nets.build(recipe).to(self.device)

    @cached_property
    def optimizer(self) -> torch.optim.Optimizer:
        """The optimizer, made when training begins: torch loads its compiler with the first one, 100 MB that measuring
        a finished net can do without.
        """
        return make_optimizer(self.recipe, self.net)

    def step(self, blocks: Sequence[Block]) -> np.ndarray:
        """Train on one block a lane; returns the summed loss of each lane before its updates, float64 (lanes,)."""
        inputs, targets = self.stack([b.inputs for b in blocks]), self.stack([b.targets for b in blocks])
        masks = [b.mask for b in blocks if b.mask is not None]
        mask = self.stack(masks) if masks else None
        if blocks[0].curvature_inputs is not None:
            self.estimate_curvature(blocks)
        total = torch.zeros(len(blocks), device=self.device)
        with without_onednn():
            for update, rate in enumerate(blocks[0].learning_rates):
                for group in self.optimizer.param_groups:
                    group["lr"] = float(rate)
                part = slice(update * self.recipe.batch_size, (update + 1) * self.recipe.batch_size)
                outputs = self.net(inputs[:, part], None if mask is None else mask[:, part])
                loss = losses(self.recipe, outputs, targets[:, part])
                self.optimizer.zero_grad()
                # Lanes share no parameter, so the gradient of the sum trains each on its own.
                torch.autograd.backward(loss.mean(dim=1).sum() * self.recipe.loss_scale)
                self.optimizer.step()
                total += loss.detach().sum(dim=1)
        self.average(blocks[0].average)
        return total.cpu().numpy().astype(np.float64)

    @torch.no_grad()
    def average(self, share: float) -> None:
        """Move the averaged nets towards the trained ones."""
        for name, parameter in self.net.named_parameters():
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
        """Take one net's parameters into lane 0."""
        nets.load_lane(self.net, 0, weights)
        self.average(1.0)

    def stack(self, arrays: Sequence[np.ndarray]) -> Tensor:
        """Put one array a lane on the device, (lanes, n, ...)."""
        return torch.from_numpy(np.stack(arrays)).to(self.device)


def losses(recipe: Recipe, outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the loss of every presentation, (L, B), for outputs and targets (L, B, 10)."""
    if recipe.loss == "cross-entropy":
        return -(targets * F.log_softmax(outputs, dim=2)).sum(dim=2)
    return (outputs - targets).square().mean(dim=2)


def make_optimizer(recipe: Recipe, net: nets.Net) -> torch.optim.Optimizer:
    """Return the recipe's optimizer; all of them work element by element, so lanes stay apart."""
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(
            net.parameters(),
            betas=(recipe.beta1, recipe.beta2),
            eps=recipe.epsilon,
            weight_decay=recipe.weight_decay,
            foreach=True,
        )
    if recipe.optimizer == "diagonal-newton":
        return DiagonalNewton(net.parameters(), mu=recipe.mu)
    momentum = recipe.momentum if recipe.optimizer == "momentum" else 0.0
    return torch.optim.SGD(net.parameters(), momentum=momentum, foreach=True)


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
