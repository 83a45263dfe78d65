"""Activations of hidden units that are more than a call of torch."""

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional as F


def tanh_gelu(x: Tensor) -> Tensor:
    """The tanh form of the Gaussian error linear unit: Hendrycks and Gimpel (2016), https://arxiv.org/abs/1606.08415."""
    return F.gelu(x, approximate="tanh")


def whole(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """Let an activation work, forward and backward, on one row of a multiple of 64 numbers.

    A processor computes them in groups, and what is left over, or not side by side in memory, by another formula that
    may round differently: which numbers that meets would depend on how many lanes there are.
    """

    def on_whole_groups(x: Tensor) -> Tensor:
        row = F.pad(x.flatten(), (0, -x.numel() % 64))
        return function(row)[: x.numel()].view(x.shape)

    return on_whole_groups
