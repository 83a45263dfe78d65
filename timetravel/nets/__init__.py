"""The nets: the only place where one is defined. Every net holds `lanes` independent copies, one a seed, side by side.

Shapes: L lanes, B digits. The copies share nothing; a lane's numbers don't depend on its neighbours.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from timetravel.connections import TABLES as TABLES
from timetravel.connections import connection_table as connection_table
from timetravel.errors import UsageError
from timetravel.nets.base import Net as Net
from timetravel.nets.curvature import SECOND_DERIVATIVES
from timetravel.nets.lecun1989 import FullyConnected, LeCun1989
from timetravel.nets.micro_vit import MicroViT
from timetravel.nets.own import Own
from timetravel.nets.own import own as own
from timetravel.recipes import OWN, Recipe, plain
from timetravel.seeds import generator

NETS: Final[dict[str, type[Net]]] = {"lecun1989": LeCun1989, "fully-connected": FullyConnected, "micro-vit": MicroViT}


def build(recipe: Recipe, lanes: int = 1) -> Net:
    """Return the recipe's net with `lanes` copies, its weights not yet drawn."""
    return NETS.get(recipe.net, Own)(recipe, lanes)


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
    sizes = {name: parameter[0].numel() for name, parameter in net.named_parameters()}
    fans = {layer: net.get_parameter(f"{layer}_weight")[0, 0].numel() for layer in net.units}
    multiply_adds = sum(units * fans[layer] for layer, units in net.units.items()) + net.products
    return Counts(
        units=256 + sum(net.units.values()),
        connections=multiply_adds + sum(units for layer, units in net.units.items() if f"{layer}_bias" in sizes),
        parameters=sum(sizes.values()),
        multiply_adds=multiply_adds,
    )


def uniform(rng: np.random.Generator, shape: tuple[int, ...], bound: float) -> np.ndarray:
    """Draw weights between minus and plus the bound, float32."""
    return (2 * rng.random(shape, dtype=np.float32) - 1) * np.float32(bound)


def orthogonal(rng: np.random.Generator, shape: tuple[int, ...], bound: float) -> np.ndarray:
    """Draw a matrix, units x fan-in, whose rows or columns (whichever are fewer) are orthogonal and equally long.

    Its entries have the variance of the uniform ones, bound^2 / 3; float32 in the layer's shape. Saxe, McClelland and
    Ganguli (2013), https://arxiv.org/abs/1312.6120; the signs make it uniform: Mezzadri (2006),
    https://arxiv.org/abs/math-ph/0609050.
    """
    rows, columns = shape[0], int(np.prod(shape[1:]))
    few, many = sorted((rows, columns))
    q, r = np.linalg.qr(rng.standard_normal((many, few)))
    q *= np.sign(np.diag(r)) * bound * np.sqrt(many / 3)
    return np.ascontiguousarray(q if rows == many else q.T, dtype=np.float32).reshape(shape)


@torch.no_grad()
def initialize(net: Net, seeds: list[int]) -> None:
    """Draw each lane's weights from its own seed; all other parameters keep their constants."""
    recipe = net.recipe
    if isinstance(net, Own):
        net.draw(*seeds)
        return
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
    outputs = net(images, rule=SECOND_DERIVATIVES)
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
    obstacles = {
        "its layers": recipe.net.startswith(OWN),
        "attention": recipe.net == "micro-vit",
        "residual connections": recipe.residual,
        "normalization": recipe.normalization != "none",
    }
    for obstacle in (name for name, there in obstacles.items() if there):
        raise UsageError(
            f"diagonal-newton can't train the net {plain(recipe.net)}: no rule tells the curvature of {obstacle}.",
            "Choose another optimizer, as adamw.",
        )
