"""What a transformer is made of. L lanes, B digits; no lane sees another."""

import torch
from torch import Tensor
from torch.nn import functional as F


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
