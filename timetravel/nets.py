"""The nets: the only place where one is defined. Every net holds `lanes` independent copies, one a seed, side by side.

Shapes: L lanes, B digits. The copies share nothing; a lane's numbers don't depend on its neighbours.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from timetravel.errors import UsageError
from timetravel.recipes import Recipe
from timetravel.seeds import generator

# Which 8 of H1's 12 maps each of H2's 12 maps reads. The paper gives the number and keeps the table to itself.
TABLES: Final[dict[str, tuple[tuple[int, ...], ...]]] = {
    # The 2022 essay's guess: four maps at a time read one of three overlapping blocks.
    "blocks": (
        *((0, 1, 2, 3, 4, 5, 6, 7),) * 4,
        *((4, 5, 6, 7, 8, 9, 10, 11),) * 4,
        *((0, 1, 2, 3, 8, 9, 10, 11),) * 4,
    ),
}


def connection_table(name: str) -> np.ndarray:
    """Return H2's connection table, uint8 (12, 8); raises UsageError for an unknown name."""
    if name not in TABLES:
        raise UsageError(f"{name!r} is not a connection table.", f"Known: {', '.join(TABLES)}.")
    return np.array(TABLES[name], dtype=np.uint8)


class LeCun1989(nn.Module):
    """The convolutional net of LeCun et al., Neural Computation 1(4), 1989 (https://doi.org/10.1162/neco.1989.1.4.541).

    Input (L, B, 16, 16), output (L, B, 10). Kernels are shared within a map; biases are not: every unit has its own.
    """

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__()
        self.recipe, self.lanes = recipe, lanes
        self.h1_weight = nn.Parameter(torch.empty(lanes, 12, 5, 5))
        self.h1_bias = nn.Parameter(torch.zeros(lanes, 12, 8, 8))
        self.h2_weight = nn.Parameter(torch.empty(lanes, 12, 8, 5, 5))
        self.h2_bias = nn.Parameter(torch.zeros(lanes, 12, 4, 4))
        self.h3_weight = nn.Parameter(torch.empty(lanes, 30, 192))
        self.h3_bias = nn.Parameter(torch.zeros(lanes, 30))
        self.output_weight = nn.Parameter(torch.empty(lanes, 10, 30))
        self.output_bias = nn.Parameter(torch.full((lanes, 10), recipe.initial_output_bias))
        table = torch.from_numpy(connection_table(recipe.table).astype(np.int64))
        self.register_buffer("table", table.view(1, 12, 8, 1, 1).expand(lanes, 12, 8, 5, 5), persistent=False)

    def forward(self, images: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the output units (L, B, 10); `mask` (L, B, 192) multiplies H2's units before H3."""
        lanes, digits = images.shape[:2]
        border = self.recipe.border
        # A lane is a group of channels, so that one convolution serves every lane.
        x = F.pad(images.transpose(0, 1), (2, 2, 2, 2), value=border)
        x = F.conv2d(x, self.h1_weight.view(-1, 1, 5, 5), stride=2, groups=lanes)
        x = self.activate(x.view(digits, lanes, 12, 8, 8) + self.h1_bias)
        x = F.pad(x.view(digits, -1, 8, 8), (2, 2, 2, 2), value=border)
        x = F.conv2d(x, self.all_h2_weights().view(-1, 12, 5, 5), stride=2, groups=lanes)
        x = self.activate(x.view(digits, lanes, 12, 4, 4) + self.h2_bias)
        x = x.view(digits, lanes, 192).transpose(0, 1)
        if mask is not None:
            x = x * mask
        x = self.activate(torch.baddbmm(self.h3_bias.unsqueeze(1), x, self.h3_weight.mT))
        x = torch.baddbmm(self.output_bias.unsqueeze(1), x, self.output_weight.mT)
        return self.scaled_tanh(x) if self.recipe.output == "tanh" else x

    def all_h2_weights(self) -> Tensor:
        """Return H2's weights with zeros where the table has no connection, (L, 12, 12, 5, 5)."""
        zeros = self.h2_weight.new_zeros(self.lanes, 12, 12, 5, 5)
        return zeros.scatter(2, self.get_buffer("table"), self.h2_weight)

    def activate(self, x: Tensor) -> Tensor:
        """Apply the recipe's activation for hidden units."""
        return torch.relu(x) if self.recipe.activation == "relu" else self.scaled_tanh(x)

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


def build(recipe: Recipe, lanes: int = 1) -> LeCun1989:
    """Return the recipe's net with `lanes` copies, its weights not yet drawn."""
    return {"lecun1989": LeCun1989}[recipe.net](recipe, lanes)


def layers(net: nn.Module) -> list[str]:
    """Return the names of a net's layers from the input on."""
    return [name.removesuffix("_weight") for name, _ in net.named_parameters() if name.endswith("_weight")]


def count(net: LeCun1989) -> Counts:
    """Count one copy of a net from its parameters: a bias is a unit, a kernel entry one connection of each unit."""
    units, fans = [], []
    for layer in layers(net):
        units.append(net.get_parameter(f"{layer}_bias")[0].numel())
        fans.append(net.get_parameter(f"{layer}_weight")[0, 0].numel())
    return Counts(
        units=256 + sum(units),
        connections=sum(n * (fan + 1) for n, fan in zip(units, fans, strict=True)),
        parameters=sum(parameter[0].numel() for parameter in net.parameters()),
        multiply_adds=sum(n * fan for n, fan in zip(units, fans, strict=True)),
    )


@torch.no_grad()
def initialize(net: LeCun1989, seeds: list[int]) -> None:
    """Draw each lane's weights from its own seed; biases keep their constants."""
    recipe = net.recipe
    for lane, seed in enumerate(seeds):
        rng = generator(seed, "weights")
        for layer in layers(net):
            weight = net.get_parameter(f"{layer}_weight")[lane]
            bound = recipe.initial_spread / weight[0].numel() ** recipe.initial_power
            drawn = (2 * rng.random(tuple(weight.shape), dtype=np.float32) - 1) * np.float32(bound)
            weight.copy_(torch.from_numpy(drawn))


def lane_weights(net: LeCun1989, lane: int) -> dict[str, np.ndarray]:
    """Return one lane's parameters by name, float32 copies in the module's order."""
    return {name: p.detach()[lane].cpu().numpy().copy() for name, p in net.named_parameters()}


@torch.no_grad()
def load_lane(net: LeCun1989, lane: int, weights: dict[str, np.ndarray]) -> None:
    """Put one lane's parameters back."""
    for name, parameter in net.named_parameters():
        parameter[lane].copy_(torch.from_numpy(weights[name]))
