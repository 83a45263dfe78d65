"""The nets: the only place where one is defined. Every net holds `lanes` independent copies, one a seed, side by side.

Shapes: L lanes, B digits. The copies share nothing; a lane's numbers don't depend on its neighbours.
"""

from typing import Final

import torch
from torch import Tensor

from timetravel.errors import UsageError
from timetravel.nets.base import Counts, Net, count, initialize, lane_weights, layers, load_lane
from timetravel.nets.curvature import SecondDerivatives
from timetravel.nets.lecun1989 import FullyConnected, LeCun1989
from timetravel.nets.micro_vit import MicroViT
from timetravel.nets.tables import TABLES, connection_table
from timetravel.recipes import Recipe

__all__ = [
    "NETS",
    "TABLES",
    "Counts",
    "FullyConnected",
    "LeCun1989",
    "MicroViT",
    "Net",
    "build",
    "connection_table",
    "count",
    "curvature",
    "initialize",
    "lane_weights",
    "layers",
    "load_lane",
    "refuse_curvature",
]

NETS: Final[dict[str, type[LeCun1989] | type[FullyConnected] | type[MicroViT]]] = {
    "lecun1989": LeCun1989,
    "fully-connected": FullyConnected,
    "micro-vit": MicroViT,
}


def build(recipe: Recipe, lanes: int = 1) -> LeCun1989 | FullyConnected | MicroViT:
    """Return the recipe's net with `lanes` copies, its weights not yet drawn."""
    return NETS[recipe.net](recipe, lanes)


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
    obstacles = {
        "attention": recipe.net == "micro-vit",
        "residual connections": recipe.residual,
        "normalization": recipe.normalization != "none",
    }
    for obstacle in (name for name, there in obstacles.items() if there):
        raise UsageError(
            f"diagonal-newton can't train the net {recipe.net}: there is no rule for the curvature of {obstacle}.",
            "Choose another optimizer, as adamw.",
        )
