"""What nets are made of beyond calls of torch: how weights are drawn, and activations."""

from collections.abc import Callable

import numpy as np
from torch import Tensor
from torch.nn import functional as F


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
