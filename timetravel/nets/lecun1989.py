"""The two nets of the 1989 paper; the convolutional one at any width, and as deep as one likes."""

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from timetravel.nets.base import Net
from timetravel.nets.curvature import FirstDerivatives
from timetravel.nets.parts import normalize
from timetravel.nets.tables import connection_table
from timetravel.recipes import Recipe


class LeCun1989(Net):
    """The convolutional net of LeCun et al., Neural Computation 1(4), 1989 (https://doi.org/10.1162/neco.1989.1.4.541).

    Input (L, B, 16, 16), output (L, B, 10). Kernels are shared within a map; biases are not: every unit has its own,
    unless the recipe shares them too.

    The recipe's width multiplies 12 maps in H1, 12 in H2 and 30 units in H3; each map of H2 reads two thirds of H1's.
    Its depth adds layers H4, H5, ... as wide as H3 before the output. Each may add what it computes to what it reads
    (He et al. 2015, https://arxiv.org/abs/1512.03385), and may, as the output then does too, read it normalized (Xiong
    et al. 2020, https://arxiv.org/abs/2002.04745). Width 1 and depth 0 are the paper's net.
    """

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__(recipe, lanes)
        maps, hidden = round(12 * recipe.width), round(30 * recipe.width)
        side1, side2 = (1, 1) if recipe.biases == "map" else (8, 4)
        self.maps = maps
        self.deep = [f"h{4 + place}" for place in range(recipe.depth)]
        self.units = {"h1": maps * 8 * 8, "h2": maps * 4 * 4} | dict.fromkeys(["h3", *self.deep], hidden)
        self.units["output"] = 10
        self.h1_weight = nn.Parameter(torch.empty(lanes, maps, 5, 5))
        self.h1_bias = nn.Parameter(torch.zeros(lanes, maps, side1, side1))
        self.h2_weight = nn.Parameter(torch.empty(lanes, maps, 2 * maps // 3, 5, 5))
        self.h2_bias = nn.Parameter(torch.zeros(lanes, maps, side2, side2))
        self.h3_weight = nn.Parameter(torch.empty(lanes, hidden, maps * 16))
        self.h3_bias = nn.Parameter(torch.zeros(lanes, hidden))
        for layer in self.deep:
            self.register_parameter(f"{layer}_weight", nn.Parameter(torch.empty(lanes, hidden, hidden)))
            self.register_parameter(f"{layer}_bias", nn.Parameter(torch.zeros(lanes, hidden)))
        self.output_weight = nn.Parameter(torch.empty(lanes, 10, hidden))
        self.output_bias = nn.Parameter(torch.full((lanes, 10), recipe.initial_output_bias))
        for layer in [*self.deep, "output"] if recipe.normalization == "layer" else []:
            self.register_parameter(f"{layer}_gain", nn.Parameter(torch.ones(lanes, hidden)))
            self.register_parameter(f"{layer}_shift", nn.Parameter(torch.zeros(lanes, hidden)))
        table = torch.from_numpy(connection_table(recipe.table, maps).astype(np.int64))
        everywhere = table.view(1, *table.shape, 1, 1).expand(lanes, *table.shape, 5, 5)
        self.register_buffer("table", everywhere, persistent=False)

    def forward(
        self, images: Tensor, mask: Tensor | None = None, rule: type[FirstDerivatives] = FirstDerivatives
    ) -> Tensor:
        """Return the output units (L, B, 10); `mask` (L, B, units of H2) multiplies H2's units before H3."""
        lanes, digits = images.shape[:2]
        # A lane is a group of channels, so that one convolution serves every lane.
        x = F.pad(images.transpose(0, 1), (2, 2, 2, 2), value=self.recipe.border)
        x = self.convolve(x, self.h1_weight.view(-1, 1, 5, 5), rule)
        x = self.hidden(x.view(digits, lanes, self.maps, 8, 8) + self.h1_bias, rule)
        x = F.pad(x.view(digits, -1, 8, 8), (2, 2, 2, 2), value=self.recipe.map_border)
        x = self.convolve(x, self.all_h2_weights().view(-1, self.maps, 5, 5), rule)
        x = self.hidden(x.view(digits, lanes, self.maps, 4, 4) + self.h2_bias, rule)
        x = x.view(digits, lanes, -1).transpose(0, 1)
        if mask is not None:
            x = x * mask
        x = self.hidden(self.product(x, self.h3_weight, rule) + self.h3_bias.unsqueeze(1), rule)
        for layer in self.deep:
            new = self.hidden(self.connected(layer, x, rule), rule)
            x = x + new if self.recipe.residual else new
        return self.outputs(self.connected("output", x, rule), rule)

    def convolve(self, x: Tensor, weight: Tensor, rule: type[FirstDerivatives]) -> Tensor:
        """Convolve each lane with its own kernels: in one step, or, where oneDNN trains, one lane after another.

        For oneDNN rounds a group of channels by how many groups there are.
        """
        if not self.recipe.resized:
            return rule.convolve(x, weight, self.lanes)
        pairs = zip(x.chunk(self.lanes, 1), weight.chunk(self.lanes), strict=True)
        return torch.cat([rule.convolve(channels, kernels, 1) for channels, kernels in pairs], 1)

    def connected(self, layer: str, x: Tensor, rule: type[FirstDerivatives]) -> Tensor:
        """Connect a layer fully to what lies below it, (L, B, units), normalized if the recipe says so."""
        if self.recipe.normalization == "layer":
            x = normalize(x, getattr(self, f"{layer}_gain"), getattr(self, f"{layer}_shift"))
        weight, bias = (cast(Tensor, getattr(self, f"{layer}_{kind}")) for kind in ("weight", "bias"))
        return self.product(x, weight, rule) + bias.unsqueeze(1)

    def product(self, x: Tensor, weight: Tensor, rule: type[FirstDerivatives]) -> Tensor:
        """Connect fully, (L, B, i) and (L, o, i) to (L, B, o).

        Other sizes than those of 1989 are filled up with zeros to whole 16s: a matrix product rounds by where a
        lane's matrix begins in memory, and so it begins at an even place.
        """
        if not self.recipe.resized:
            return rule.product(x, weight)
        units, fan_in = weight.shape[1:]
        filled = F.pad(weight, (0, -fan_in % 16, 0, -units % 16))
        return rule.product(F.pad(x, (0, -fan_in % 16)), filled)[:, :, :units].contiguous()

    def all_h2_weights(self) -> Tensor:
        """Return H2's weights with zeros where the table has no connection, (L, maps, maps, 5, 5)."""
        zeros = self.h2_weight.new_zeros(self.lanes, self.maps, self.maps, 5, 5)
        return zeros.scatter(2, self.get_buffer("table"), self.h2_weight)


class FullyConnected(Net):
    """The paper's rival: 256 inputs, 40 hidden units, 10 outputs, every unit connected to all below it.

    Input (L, B, 16, 16), output (L, B, 10).
    """

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__(recipe, lanes)
        self.units = {"h1": 40, "output": 10}
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
