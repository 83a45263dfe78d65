"""The nets: the only place where one is defined. Every net holds `lanes` independent copies, one a seed, side by side.

Shapes: L lanes, B digits. The copies share nothing; a lane's numbers don't depend on its neighbours.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from timetravel.activations import tanh_gelu, whole
from timetravel.attention import attend, connect, normalize, patches
from timetravel.curvature import FirstDerivatives, SecondDerivatives
from timetravel.errors import UsageError
from timetravel.initial import orthogonal, uniform
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
    # Each map of H2 reads eight neighbours in a ring, so that each map of H1 is read equally often, by differing maps.
    "ring": tuple(tuple(sorted((first + i) % 12 for i in range(8))) for first in range(12)),
}


def connection_table(name: str) -> np.ndarray:
    """Return H2's connection table, uint8 (12, 8): one of TABLES, or drawn from a seed ('random-7').

    Raises UsageError for an unknown name.
    """
    if re.fullmatch(r"random-\d{1,9}", name):
        rng = generator(int(name.removeprefix("random-")), "table")
        return np.stack([np.sort(rng.permutation(12)[:8]) for _ in range(12)]).astype(np.uint8)
    if name not in TABLES:
        raise UsageError(f"{name!r} is not a connection table.", f"Known: {', '.join(TABLES)}, random-0, random-1, ...")
    return np.array(TABLES[name], dtype=np.uint8)


class Net(nn.Module):
    """What the nets share: lanes, activations, and parameters named after the layers."""

    units: ClassVar[dict[str, int]]  # of each layer
    products: ClassVar[int] = 0  # multiply-adds of one digit that multiply units by units, as attention does
    has_curvature: ClassVar[bool] = True  # whether every step has a rule for second derivatives

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


class LeCun1989(Net):
    """The convolutional net of LeCun et al., Neural Computation 1(4), 1989 (https://doi.org/10.1162/neco.1989.1.4.541).

    Input (L, B, 16, 16), output (L, B, 10). Kernels are shared within a map; biases are not: every unit has its own,
    unless the recipe shares them too.
    """

    units: ClassVar = {"h1": 12 * 8 * 8, "h2": 12 * 4 * 4, "h3": 30, "output": 10}

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__(recipe, lanes)
        side1, side2 = (1, 1) if recipe.biases == "map" else (8, 4)
        self.h1_weight = nn.Parameter(torch.empty(lanes, 12, 5, 5))
        self.h1_bias = nn.Parameter(torch.zeros(lanes, 12, side1, side1))
        self.h2_weight = nn.Parameter(torch.empty(lanes, 12, 8, 5, 5))
        self.h2_bias = nn.Parameter(torch.zeros(lanes, 12, side2, side2))
        self.h3_weight = nn.Parameter(torch.empty(lanes, 30, 192))
        self.h3_bias = nn.Parameter(torch.zeros(lanes, 30))
        self.output_weight = nn.Parameter(torch.empty(lanes, 10, 30))
        self.output_bias = nn.Parameter(torch.full((lanes, 10), recipe.initial_output_bias))
        table = torch.from_numpy(connection_table(recipe.table).astype(np.int64))
        self.register_buffer("table", table.view(1, 12, 8, 1, 1).expand(lanes, 12, 8, 5, 5), persistent=False)

    def forward(
        self, images: Tensor, mask: Tensor | None = None, rule: type[FirstDerivatives] = FirstDerivatives
    ) -> Tensor:
        """Return the output units (L, B, 10); `mask` (L, B, 192) multiplies H2's units before H3."""
        lanes, digits = images.shape[:2]
        # A lane is a group of channels, so that one convolution serves every lane.
        x = F.pad(images.transpose(0, 1), (2, 2, 2, 2), value=self.recipe.border)
        x = rule.convolve(x, self.h1_weight.view(-1, 1, 5, 5), lanes)
        x = self.hidden(x.view(digits, lanes, 12, 8, 8) + self.h1_bias, rule)
        x = F.pad(x.view(digits, -1, 8, 8), (2, 2, 2, 2), value=self.recipe.map_border)
        x = rule.convolve(x, self.all_h2_weights().view(-1, 12, 5, 5), lanes)
        x = self.hidden(x.view(digits, lanes, 12, 4, 4) + self.h2_bias, rule)
        x = x.view(digits, lanes, 192).transpose(0, 1)
        if mask is not None:
            x = x * mask
        x = self.hidden(rule.product(x, self.h3_weight) + self.h3_bias.unsqueeze(1), rule)
        return self.outputs(rule.product(x, self.output_weight) + self.output_bias.unsqueeze(1), rule)

    def all_h2_weights(self) -> Tensor:
        """Return H2's weights with zeros where the table has no connection, (L, 12, 12, 5, 5)."""
        zeros = self.h2_weight.new_zeros(self.lanes, 12, 12, 5, 5)
        return zeros.scatter(2, self.get_buffer("table"), self.h2_weight)


class FullyConnected(Net):
    """The paper's rival: 256 inputs, 40 hidden units, 10 outputs, every unit connected to all below it.

    Input (L, B, 16, 16), output (L, B, 10).
    """

    units: ClassVar = {"h1": 40, "output": 10}

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__(recipe, lanes)
        self.h1_weight = nn.Parameter(torch.empty(lanes, 40, 256))
        self.h1_bias = nn.Parameter(torch.zeros(lanes, 40))
        self.output_weight = nn.Parameter(torch.empty(lanes, 10, 40))
        self.output_bias = nn.Parameter(torch.full((lanes, 10), recipe.initial_output_bias))

    def forward(
        self, images: Tensor, mask: Tensor | None = None, rule: type[FirstDerivatives] = FirstDerivatives
    ) -> Tensor:
        """Return the output units (L, B, 10); there is no H2 for a mask to silence."""
        del mask
        x = self.hidden(rule.product(images.flatten(2), self.h1_weight) + self.h1_bias.unsqueeze(1), rule)
        return self.outputs(rule.product(x, self.output_weight) + self.output_bias.unsqueeze(1), rule)


class MicroViT(Net):
    """A vision transformer of the size of 1989: Dosovitskiy et al. (2020), https://arxiv.org/abs/2010.11929.

    Input (L, B, 16, 16), output (L, B, 10). Nine tokens, overlapping patches of 8 x 8 pixels; one pre-norm block: three
    heads of attention, 8 features each, then 64 hidden units in the tanh form of GELU. The ten outputs read all tokens
    (the original reads one): a weight is shared by nine tokens at most, so the net has about the parameters and the
    multiply-adds of LeCun1989 at once. Keys have no bias: softmax would cancel it. The recipe's activation, table,
    borders, biases and dropout mean nothing here.
    """

    units: ClassVar = dict.fromkeys(("patch", "query", "key", "value", "mixed"), 9 * 24) | {
        "hidden": 9 * 64,
        "token": 9 * 24,
        "output": 10,
    }
    products: ClassVar = 2 * 9 * 9 * 24  # queries by keys, and their softmax by values
    has_curvature: ClassVar = False

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__(recipe, lanes)
        self.patch_weight = nn.Parameter(torch.empty(lanes, 24, 64))
        self.patch_bias = nn.Parameter(torch.zeros(lanes, 24))
        self.position = nn.Parameter(torch.zeros(lanes, 9, 24))
        self.norm1_gain, self.norm1_shift = self.gain_and_shift()
        self.query_weight = nn.Parameter(torch.empty(lanes, 24, 24))
        self.query_bias = nn.Parameter(torch.zeros(lanes, 24))
        self.key_weight = nn.Parameter(torch.empty(lanes, 24, 24))
        self.value_weight = nn.Parameter(torch.empty(lanes, 24, 24))
        self.value_bias = nn.Parameter(torch.zeros(lanes, 24))
        self.mixed_weight = nn.Parameter(torch.empty(lanes, 24, 24))
        self.mixed_bias = nn.Parameter(torch.zeros(lanes, 24))
        self.norm2_gain, self.norm2_shift = self.gain_and_shift()
        self.hidden_weight = nn.Parameter(torch.empty(lanes, 64, 24))
        self.hidden_bias = nn.Parameter(torch.zeros(lanes, 64))
        self.token_weight = nn.Parameter(torch.empty(lanes, 24, 64))
        self.token_bias = nn.Parameter(torch.zeros(lanes, 24))
        self.norm3_gain, self.norm3_shift = self.gain_and_shift()
        self.output_weight = nn.Parameter(torch.empty(lanes, 10, 9 * 24))
        self.output_bias = nn.Parameter(torch.full((lanes, 10), recipe.initial_output_bias))

    def gain_and_shift(self) -> tuple[nn.Parameter, nn.Parameter]:
        """Return what scales and shifts normalized tokens, (L, 24) each."""
        return nn.Parameter(torch.ones(self.lanes, 24)), nn.Parameter(torch.zeros(self.lanes, 24))

    def forward(
        self, images: Tensor, mask: Tensor | None = None, rule: type[FirstDerivatives] = FirstDerivatives
    ) -> Tensor:
        """Return the output units (L, B, 10); there is no H2 for a mask to silence."""
        del mask
        lanes, digits = images.shape[:2]
        x = connect(patches(images, side=8, stride=4), self.patch_weight, self.patch_bias)
        x = (x.view(lanes, digits, 9, 24) + self.position.unsqueeze(1)).view(lanes, -1, 24)
        seen = normalize(x, self.norm1_gain, self.norm1_shift)
        queries = connect(seen, self.query_weight, self.query_bias)
        keys = rule.product(seen, self.key_weight)
        values = connect(seen, self.value_weight, self.value_bias)
        x = x + connect(attend(queries, keys, values, tokens=9, heads=3), self.mixed_weight, self.mixed_bias)
        seen = normalize(x, self.norm2_gain, self.norm2_shift)
        x = x + connect(
            tanh_gelu(connect(seen, self.hidden_weight, self.hidden_bias)), self.token_weight, self.token_bias
        )
        x = normalize(x, self.norm3_gain, self.norm3_shift).view(lanes, digits, 9 * 24)
        return self.outputs(connect(x, self.output_weight, self.output_bias), rule)


NETS: Final[dict[str, type[LeCun1989] | type[FullyConnected] | type[MicroViT]]] = {
    "lecun1989": LeCun1989,
    "fully-connected": FullyConnected,
    "micro-vit": MicroViT,
}


@dataclass(frozen=True)
class Counts:
    """The size of a net, as the paper counts it."""

    units: int  # the 256 inputs included
    connections: int  # biases included
    parameters: int
    multiply_adds: int  # of one digit forward


def build(recipe: Recipe, lanes: int = 1) -> LeCun1989 | FullyConnected | MicroViT:
    """Return the recipe's net with `lanes` copies, its weights not yet drawn."""
    return NETS[recipe.net](recipe, lanes)


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


def curvature(net: Net, images: Tensor) -> dict[str, Tensor]:
    """Estimate the Hessian's diagonal on images (L, B, 16, 16): each parameter's second derivative, a mean over B.

    The loss is the recipe's; of its own second derivatives with respect to the outputs the diagonal is taken.
    Raises UsageError for a net that has steps without a rule.
    """
    refuse_curvature(net.recipe)
    outputs = net(images, rule=SecondDerivatives)
    if net.recipe.loss == "cross-entropy":
        likely = torch.softmax(outputs.detach(), dim=2)
        of_loss = likely * (1 - likely)
    else:
        of_loss = torch.full_like(outputs, 2 / outputs.shape[2])
    names, parameters = zip(*net.named_parameters(), strict=True)
    found = torch.autograd.grad(outputs, parameters, of_loss * (net.recipe.loss_scale / images.shape[1]))
    return dict(zip(names, found, strict=True))


def refuse_curvature(recipe: Recipe) -> None:
    """Raise UsageError if the recipe's net has a step without a rule for second derivatives."""
    if not NETS[recipe.net].has_curvature:
        raise UsageError(
            f"diagonal-newton can't train the net {recipe.net}: there is no rule for the curvature of attention.",
            "Choose another optimizer, as adamw.",
        )
