"""The reference backend: PyTorch, every seed of a recipe a lane of one batched model, on CPU, CUDA or MPS."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from timetravel import nets
from timetravel.digits.prepare import to_16x16
from timetravel.engine.epochs import Block
from timetravel.engine.optimizers import DiagonalNewton, MuonWithAdamW, make_optimizer, refuse, worst_nearby
from timetravel.recipes import Recipe

MEASURED_AT_ONCE = 128  # digits


class TorchBackend:
    """Steps through blocks with all lanes side by side."""

    version = "torch-3"  # part of a kept run's identity: raise it when the numbers change

    def __init__(self, recipe: Recipe, seeds: Sequence[int], device: str = "cpu") -> None:
        """Build one net a seed; raises UsageError for a recipe that can't be trained here."""
        refuse(recipe)
        self.recipe, self.device = recipe, torch.device(device)
        self.net = nets.build(recipe, len(seeds))
        nets.initialize(self.net, list(seeds))
        self.net.to(self.device)
        self.trained = WeightNormalized(self.net) if recipe.weight_normalization else self.net
        self.averaged = {name: p.detach().clone() for name, p in self.plain().items()}
        self.one = nets.build(recipe).to(self.device).eval()
        ends = nets.layers(self.net)
        self.ends = [self.net.get_parameter(f"{layer}_weight") for layer in (ends[0], ends[-1])]
        # How long the gradients of the first and of the last layer's weights were at the last block's first update,
        # float64 (lanes, 2).
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
        if isinstance(self.optimizer, DiagonalNewton) and blocks[0].curvature_inputs is not None:
            images = self.stack([b.curvature_inputs for b in blocks if b.curvature_inputs is not None])
            with without_onednn():
                found = nets.curvature(self.net, images)
            self.optimizer.set_curvature({self.net.get_parameter(name): h for name, h in found.items()})
        total = torch.zeros(len(blocks), device=self.device)
        if self.recipe.optimizer == "schedule-free":  # it trains other parameters than those that it finds and leaves
            self.optimizer.train()  # type: ignore[union-attr]
        with nullcontext() if self.recipe.resized else without_onednn():
            for update, rate in enumerate(blocks[0].learning_rates):
                for group in self.optimizer.param_groups:
                    group["lr"] = float(rate)
                part = slice(update * self.recipe.batch_size, (update + 1) * self.recipe.batch_size)
                shown = inputs[:, part], targets[:, part], None if mask is None else mask[:, part]
                total += self.gradients(*shown).sum(dim=1)
                if update == 0:
                    slopes = [torch.zeros_like(end) if end.grad is None else end.grad for end in self.ends]
                    lengths = torch.stack(
                        [torch.linalg.vector_norm(slope.flatten(1), dim=1) for slope in slopes], dim=1
                    )
                    self.norms = lengths.cpu().numpy().astype(np.float64)
                if self.recipe.sharpness:
                    with worst_nearby(list(self.trained.parameters()), self.recipe.sharpness):
                        self.gradients(*shown)
                self.optimizer.step()
        if self.recipe.optimizer == "schedule-free":
            self.optimizer.eval()  # type: ignore[union-attr]
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
    def average(self, share: float) -> None:
        """Move the averaged nets towards the trained ones."""
        for name, parameter in self.plain().items():
            if share == 1:
                self.averaged[name].copy_(parameter)
            else:
                self.averaged[name].lerp_(parameter, share)

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

    def read_pictures(self, pictures: np.ndarray) -> np.ndarray:
        """Return the output units of net 0 for n stored pictures, float32 (n, 28, 28) in [-1, 1]."""
        return np.asarray(self.outputs(to_16x16(pictures, self.recipe.window, self.recipe.deslant))[0])

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


class WeightNormalized(nn.Module):
    """A net with w = g v / |v| for the weights w of every unit, or map: trained are the length g and the direction v.

    The net's own weights become the directions, (L, units, ...); lengths are (L, units). All else stays as it is.
    Salimans and Kingma (2016), https://arxiv.org/abs/1602.07868.
    """

    def __init__(self, net: nets.Net) -> None:
        super().__init__()
        self.net = net
        self.lengths = nn.ParameterDict(
            {layer: nn.Parameter(norms(self.directions(layer)).detach().clone()) for layer in nets.layers(net)}
        )

    def directions(self, layer: str) -> Tensor:
        """Return the directions of a layer, (L, units, ...), each as long as it happens to be."""
        return self.net.get_parameter(f"{layer}_weight")

    def plain(self) -> dict[str, Tensor]:
        """Return the plain net's parameters by name."""
        folded = {}
        for layer, length in self.lengths.items():
            v = self.directions(layer)
            scale = length / norms(v)
            folded[f"{layer}_weight"] = v * scale.view(*scale.shape, *[1] * (v.dim() - 2))
        return dict(self.net.named_parameters()) | folded

    def forward(self, images: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the output units (L, B, 10) of the plain net."""
        return cast(Tensor, torch.func.functional_call(self.net, self.plain(), (images, mask)))


def norms(weights: Tensor) -> Tensor:
    """Return the length of each unit's weights: (L, units, ...) to (L, units)."""
    return cast(Tensor, torch.linalg.vector_norm(weights.flatten(2), dim=2))


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
