"""What nets are made of beyond calls of torch. L lanes, B digits; no lane sees another."""

from collections.abc import Callable

import numpy as np
import torch
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


def patches(images: Tensor, side: int, stride: int) -> Tensor:
    """Cut images (L, B, 16, 16) into square patches, row by row: (L, B * tokens, side * side)."""
    cut = images.unfold(2, side, stride).unfold(3, side, stride)
    return cut.reshape(len(images), -1, side * side)


def connect(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Connect fully: (L, B, i), (L, o, i) and (L, o) to (L, B, o)."""
    return torch.baddbmm(bias.unsqueeze(1), x, weight.mT)


def normalize(x: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
    """Give every token, a row of (L, n, features), mean 0 and variance 1, then a gain and a shift, (L, features).

    Layer normalization: Ba, Kiros and Hinton (2016), https://arxiv.org/abs/1607.06450.
    """
    return F.layer_norm(x, x.shape[2:]) * gain.unsqueeze(1) + shift.unsqueeze(1)


def attend(queries: Tensor, keys: Tensor, values: Tensor, tokens: int, heads: int) -> Tensor:
    """Let each token read the tokens of its digit, (L, B * tokens, features) each and the result.

    Softmax of a query's products with the keys over the root of a head's features, then the mean of the values by it:
    Vaswani et al. (2017), https://arxiv.org/abs/1706.03762.
    """

    def by_head(x: Tensor) -> Tensor:
        return x.view(-1, tokens, heads, x.shape[2] // heads).transpose(1, 2)

    read = F.scaled_dot_product_attention(by_head(queries), by_head(keys), by_head(values))
    return read.transpose(1, 2).reshape(queries.shape)
