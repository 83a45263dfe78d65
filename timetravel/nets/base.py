"""What the nets share: lanes, activations, counts, and weights that are drawn, read and put back.

Shapes: L lanes, B digits. The copies share nothing; a lane's numbers don't depend on its neighbours.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from timetravel.nets.curvature import FirstDerivatives
from timetravel.nets.parts import orthogonal, tanh_gelu, uniform, whole
from timetravel.recipes import Recipe
from timetravel.seeds import generator


class Net(nn.Module):
    """A net with parameters named after its layers."""

    units: dict[str, int]  # of each layer
    products: ClassVar[int] = 0  # multiply-adds of one digit that multiply units by units, as attention does

    def __init__(self, recipe: Recipe, lanes: int) -> None:
        super().__init__()
        self.recipe, self.lanes = recipe, lanes

    def hidden(self, x: Tensor, rule: type[FirstDerivatives]) -> Tensor:
        """Apply the activation of hidden units."""
        known = {"tanh": self.scaled_tanh, "relu": torch.relu, "gelu": whole(tanh_gelu), "silu": whole(F.silu)}
        return rule.activate(x, known[self.recipe.activation])

    def outputs(self, x: Tensor, rule: type[FirstDerivatives]) -> Tensor:
        """Apply the output function."""
        return rule.activate(x, self.scaled_tanh) if self.recipe.output == "tanh" else x

    def scaled_tanh(self, x: Tensor) -> Tensor:
        """A tanh(S x)."""
        if self.recipe.amplitude == self.recipe.slope == 1:
            return torch.tanh(x)
        return self.recipe.amplitude * torch.tanh(self.recipe.slope * x)


@dataclass(frozen=True)
class Counts:
    """The size of a net, as the paper counts it."""

    units: int  # the 256 inputs included
    connections: int  # biases included
    parameters: int
    multiply_adds: int  # of one digit forward


def layers(net: nn.Module) -> list[str]:
    """Return the names of a net's layers from the input on."""
    return [name.removesuffix("_weight") for name, _ in net.named_parameters() if name.endswith("_weight")]


def count(net: Net) -> Counts:
    """Count one copy of a net: each unit has a connection for every entry of its kernel, and one for its bias.

    A product of two units is a connection too. Normalizations and activations are not counted.
    """
    units = [net.units[layer] for layer in layers(net)]
    fans = [net.get_parameter(f"{layer}_weight")[0, 0].numel() for layer in layers(net)]
    own = dict(net.named_parameters())
    biased = sum(n for n, layer in zip(units, layers(net), strict=True) if f"{layer}_bias" in own)
    multiply_adds = sum(n * fan for n, fan in zip(units, fans, strict=True)) + net.products
    return Counts(
        units=256 + sum(units),
        connections=multiply_adds + biased,
        parameters=sum(parameter[0].numel() for parameter in net.parameters()),
        multiply_adds=multiply_adds,
    )


@torch.no_grad()
def initialize(net: Net, seeds: list[int]) -> None:
    """Draw each lane's weights from its own seed; all other parameters keep their constants."""
    recipe = net.recipe
    draw = {"uniform": uniform, "orthogonal": orthogonal}[recipe.initial_weights]
    for lane, seed in enumerate(seeds):
        rng = generator(seed, "weights")
        for layer in layers(net):
            weight = net.get_parameter(f"{layer}_weight")[lane]
            bound = recipe.initial_spread / weight[0].numel() ** recipe.initial_power
            weight.copy_(torch.from_numpy(draw(rng, tuple(weight.shape), bound)))


def lane_weights(net: Net, lane: int) -> dict[str, np.ndarray]:
    """Return one lane's parameters by name, float32 copies in the module's order."""
    return {name: p.detach()[lane].cpu().numpy().copy() for name, p in net.named_parameters()}


@torch.no_grad()
def load_lane(net: Net, lane: int, weights: dict[str, np.ndarray]) -> None:
    """Put one lane's parameters back."""
    for name, parameter in net.named_parameters():
        parameter[lane].copy_(torch.from_numpy(weights[name]))
