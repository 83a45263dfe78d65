"""The two nets of the 1989 paper; the convolutional one at any width, and as deep as one likes."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from timetravel.connections import connection_table
from timetravel.nets.base import Net
from timetravel.nets.curvature import FIRST_DERIVATIVES, Rule
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
        self.maps, hidden = round(12 * recipe.width), round(30 * recipe.width)
        self.deep = [f"h{4 + place}" for place in range(recipe.depth)]
        for layer, side, read in (("h1", 8, ()), ("h2", 4, (2 * self.maps // 3,))):
            biased = 1 if recipe.biases == "map" else side
            self.add(layer, self.maps * side * side, (self.maps, *read, 5, 5), (self.maps, biased, biased))
        self.add("h3", hidden, (hidden, self.maps * 16))
        for layer in self.deep:
            self.add(layer, hidden, (hidden, hidden))
        self.add("output", 10, (10, hidden))
        for layer in [*self.deep, "output"] if recipe.normalization == "layer" else []:
            self.add_normalization(layer, hidden)
        table = torch.from_numpy(connection_table(recipe.table, self.maps).astype(np.int64))
        everywhere = table.view(1, *table.shape, 1, 1).expand(lanes, *table.shape, 5, 5)
        self.register_buffer("table", everywhere, persistent=False)

    def forward(self, images: Tensor, mask: Tensor | None = None, rule: Rule = FIRST_DERIVATIVES) -> Tensor:
        """Return the output units (L, B, 10); `mask` (L, B, units of H2) multiplies H2's units before H3."""
        lanes, digits = images.shape[:2]
        # A lane is a group of channels, so that one convolution serves every lane.
        x = F.pad(images.transpose(0, 1), (2, 2, 2, 2), value=self.recipe.border)
        x = self.convolve(x, self.tensor("h1_weight").view(-1, 1, 5, 5), rule)
        x = self.hidden(x.view(digits, lanes, self.maps, 8, 8) + self.tensor("h1_bias"), rule)
        x = F.pad(x.view(digits, -1, 8, 8), (2, 2, 2, 2), value=self.recipe.map_border)
        weight = self.tensor("h2_weight")
        zeros = weight.new_zeros(lanes, self.maps, self.maps, 5, 5)  # where the table has no connection they stay
        every_weight = zeros.scatter(2, self.get_buffer("table"), weight)
        x = self.convolve(x, every_weight.view(-1, self.maps, 5, 5), rule)
        x = self.hidden(x.view(digits, lanes, self.maps, 4, 4) + self.tensor("h2_bias"), rule)
        x = x.view(digits, lanes, -1).transpose(0, 1)
        if mask is not None:
            x = x * mask
        x = self.hidden(self.connected("h3", x, rule), rule)
        for layer in self.deep:
            new = self.hidden(self.connected(layer, x, rule), rule)
            x = x + new if self.recipe.residual else new
        return self.outputs(self.connected("output", x, rule), rule)

    def convolve(self, x: Tensor, weight: Tensor, rule: Rule) -> Tensor:
        """Convolve each lane with its own kernels: in one step, or, where oneDNN trains, one lane after another.

        For oneDNN rounds a group of channels by how many groups there are.
        """
        if not self.recipe.resized:
            return rule.convolve(x, weight, self.lanes)
        pairs = zip(x.chunk(self.lanes, 1), weight.chunk(self.lanes), strict=True)
        return torch.cat([rule.convolve(channels, kernels, 1) for channels, kernels in pairs], 1)


class FullyConnected(Net):
    """The paper's rival: 256 inputs, 40 hidden units, 10 outputs, every unit connected to all below it.

    Input (L, B, 16, 16), output (L, B, 10).
    """

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__(recipe, lanes)
        self.add("h1", 40, (40, 256))
        self.add("output", 10, (10, 40))

    def forward(self, images: Tensor, mask: Tensor | None = None, rule: Rule = FIRST_DERIVATIVES) -> Tensor:
        """Return the output units (L, B, 10); there is no H2 for a mask to silence."""
        del mask
        x = self.hidden(self.connected("h1", images.flatten(2), rule), rule)
        return self.outputs(self.connected("output", x, rule), rule)
