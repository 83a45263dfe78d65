"""A vision transformer as small as the net of 1989."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from timetravel.nets.base import Net, tanh_gelu
from timetravel.nets.curvature import FIRST_DERIVATIVES, Rule
from timetravel.recipes import Recipe


class MicroViT(Net):
    """A vision transformer of the size of 1989: Dosovitskiy et al. (2020), https://arxiv.org/abs/2010.11929.

    Input (L, B, 16, 16), output (L, B, 10). Nine tokens, overlapping patches of 8 x 8 pixels; one pre-norm block: three
    heads of attention, 8 features each, then 64 hidden units in the tanh form of GELU. The ten outputs read all tokens
    (the original reads one): a weight is shared by nine tokens at most, so the net has about the parameters and the
    multiply-adds of LeCun1989 at once. Keys have no bias: softmax would cancel it. The recipe's activation, table,
    borders, biases and dropout mean nothing here.
    """

    products = 2 * 9 * 9 * 24  # queries by keys, and their softmax by values

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__(recipe, lanes)
        self.add("patch", 9 * 24, (24, 64))
        self.position = nn.Parameter(torch.zeros(lanes, 9, 24))
        self.add_normalization("norm1", 24)
        self.add("query", 9 * 24, (24, 24))
        self.add("key", 9 * 24, (24, 24), biases=None)
        self.add("value", 9 * 24, (24, 24))
        self.add("mixed", 9 * 24, (24, 24))
        self.add_normalization("norm2", 24)
        self.add("hidden", 9 * 64, (64, 24))
        self.add("token", 9 * 24, (24, 64))
        self.add_normalization("norm3", 24)
        self.add("output", 10, (10, 9 * 24))

    def forward(self, images: Tensor, mask: Tensor | None = None, rule: Rule = FIRST_DERIVATIVES) -> Tensor:
        """Return the output units (L, B, 10); there is no H2 for a mask to silence."""
        del mask
        lanes, digits = images.shape[:2]
        patches = images.unfold(2, 8, 4).unfold(3, 8, 4).reshape(lanes, -1, 64)
        x = (self.read("patch", patches).view(lanes, digits, 9, 24) + self.position.unsqueeze(1)).view(lanes, -1, 24)
        x = x + self.read("mixed", self.attend(self.normalized("norm1", x), rule))
        x = x + self.read("token", tanh_gelu(self.read("hidden", self.normalized("norm2", x))))
        x = self.normalized("norm3", x).view(lanes, digits, 9 * 24)
        return self.outputs(self.read("output", x), rule)

    def read(self, layer: str, x: Tensor) -> Tensor:
        """Connect a layer fully to (L, n, i)."""
        weight, bias = self.tensor(f"{layer}_weight"), self.tensor(f"{layer}_bias")
        return torch.baddbmm(bias.unsqueeze(1), x, weight.mT)

    def attend(self, seen: Tensor, rule: Rule) -> Tensor:
        """Let each token read the tokens of its digit, (L, B * 9, 24) and the result.

        Softmax of a query's products with the keys over the root of a head's features, then the mean of the values by
        it: Vaswani et al. (2017), https://arxiv.org/abs/1706.03762.
        """
        of_all = self.read("query", seen), rule.product(seen, self.tensor("key_weight")), self.read("value", seen)
        queries, keys, values = (x.view(-1, 9, 3, 8).transpose(1, 2) for x in of_all)
        return F.scaled_dot_product_attention(queries, keys, values).transpose(1, 2).reshape(seen.shape)
