"""Weight normalization: a net whose weights are trained as lengths and directions."""

import torch
from torch import Tensor, nn

from timetravel import nets


class WeightNormalized(nn.Module):
    """A net with w = g v / |v| for the weights w of every unit, or map: trained are the length g and the direction v.

    The net's own weights become the directions, (L, units, ...); lengths are (L, units). All else stays as it is.
    Salimans and Kingma (2016), https://arxiv.org/abs/1602.07868.
    """

    def __init__(self, net: nets.Net) -> None:
        super().__init__()
        self.net = net
        self.lengths = nn.ParameterDict(
            {layer: nn.Parameter(norms(self.directions(layer)).detach().clone()) for layer in nets.layers(net)}
        )

    def directions(self, layer: str) -> Tensor:
        """Return the directions of a layer, (L, units, ...), each as long as it happens to be."""
        return self.net.get_parameter(f"{layer}_weight")

    def plain(self) -> dict[str, Tensor]:
        """Return the plain net's parameters by name."""
        folded = {}
        for layer, length in self.lengths.items():
            v = self.directions(layer)
            scale = length / norms(v)
            folded[f"{layer}_weight"] = v * scale.view(*scale.shape, *[1] * (v.dim() - 2))
        return dict(self.net.named_parameters()) | folded

    def forward(self, images: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the output units (L, B, 10) of the plain net."""
        outputs: Tensor = torch.func.functional_call(self.net, self.plain(), (images, mask))
        return outputs


def norms(weights: Tensor) -> Tensor:
    """Return the length of each unit's weights: (L, units, ...) to (L, units)."""
    lengths: Tensor = torch.linalg.vector_norm(weights.flatten(2), dim=2)
    return lengths
