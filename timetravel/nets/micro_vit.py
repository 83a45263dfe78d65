"""A vision transformer as small as the net of 1989."""

from typing import ClassVar

import torch
from torch import Tensor, nn

from timetravel.nets.base import Net
from timetravel.nets.curvature import FirstDerivatives
from timetravel.nets.parts import attend, connect, normalize, patches, tanh_gelu
from timetravel.recipes import Recipe


class MicroViT(Net):
    """A vision transformer of the size of 1989: Dosovitskiy et al. (2020), https://arxiv.org/abs/2010.11929.

    Input (L, B, 16, 16), output (L, B, 10). Nine tokens, overlapping patches of 8 x 8 pixels; one pre-norm block: three
    heads of attention, 8 features each, then 64 hidden units in the tanh form of GELU. The ten outputs read all tokens
    (the original reads one): a weight is shared by nine tokens at most, so the net has about the parameters and the
    multiply-adds of LeCun1989 at once. Keys have no bias: softmax would cancel it. The recipe's activation, table,
    borders, biases and dropout mean nothing here.
    """

    products: ClassVar = 2 * 9 * 9 * 24  # queries by keys, and their softmax by values

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__(recipe, lanes)
        self.units = dict.fromkeys(("patch", "query", "key", "value", "mixed"), 9 * 24) | {
            "hidden": 9 * 64,
            "token": 9 * 24,
            "output": 10,
        }
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
