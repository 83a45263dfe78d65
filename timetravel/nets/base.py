"""What the nets share: lanes, layers and activations. Shapes: L lanes, B digits; no lane sees another."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from timetravel.nets.curvature import Rule
from timetravel.recipes import Recipe


class Net(nn.Module):
    """A net with parameters named after its layers."""

    products: int = 0  # multiply-adds of one digit that multiply units by units, as attention does

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__()
        self.recipe, self.lanes = recipe, lanes
        self.units: dict[str, int] = {}  # of each layer

    def add(self, layer: str, units: int, weights: tuple[int, ...], biases: tuple[int, ...] | None = ()) -> None:
        """Add a layer: its units, and the shapes of a lane's weights, not yet drawn, and of its biases.

        biases: (): one for each of the weights' first axis; None: there are none.
        """
        self.units[layer] = units
        self.register_parameter(f"{layer}_weight", nn.Parameter(torch.empty(self.lanes, *weights)))
        if biases is not None:
            start = self.recipe.initial_output_bias if layer == "output" else 0.0
            constants = torch.full((self.lanes, *(biases or weights[:1])), start)
            self.register_parameter(f"{layer}_bias", nn.Parameter(constants))

    def add_normalization(self, name: str, features: int) -> None:
        """Add a gain and a shift, (L, features) each."""
        self.register_parameter(f"{name}_gain", nn.Parameter(torch.ones(self.lanes, features)))
        self.register_parameter(f"{name}_shift", nn.Parameter(torch.zeros(self.lanes, features)))

    def tensor(self, name: str) -> Tensor:
        """Return a parameter, or what stands in for it in a functional call."""
        found: Tensor = getattr(self, name)
        return found

    def normalized(self, name: str, x: Tensor) -> Tensor:
        """Give every row of (L, n, features) mean 0 and variance 1, then the gain and the shift of a name.

        Layer normalization: Ba, Kiros and Hinton (2016), https://arxiv.org/abs/1607.06450.
        """
        gain, shift = self.tensor(f"{name}_gain"), self.tensor(f"{name}_shift")
        return F.layer_norm(x, x.shape[2:]) * gain.unsqueeze(1) + shift.unsqueeze(1)

    def connected(self, layer: str, x: Tensor, rule: Rule) -> Tensor:
        """Connect a layer fully to what lies below it, (L, B, i) to (L, B, units), normalized if it has a gain.

        Other sizes than those of 1989 are filled up with zeros to whole 16s: a matrix product rounds by where a
        lane's matrix begins in memory, and so it begins at an even place.
        """
        if hasattr(self, f"{layer}_gain"):
            x = self.normalized(layer, x)
        weight, bias = self.tensor(f"{layer}_weight"), self.tensor(f"{layer}_bias").unsqueeze(1)
        if not self.recipe.resized:
            return rule.product(x, weight) + bias
        units, fan_in = weight.shape[1:]
        filled = F.pad(weight, (0, -fan_in % 16, 0, -units % 16))
        return rule.product(F.pad(x, (0, -fan_in % 16)), filled)[:, :, :units].contiguous() + bias

    def hidden(self, x: Tensor, rule: Rule) -> Tensor:
        """Apply the activation of hidden units."""
        known = {"tanh": self.scaled_tanh, "relu": torch.relu, "gelu": whole(tanh_gelu), "silu": whole(F.silu)}
        return rule.activate(x, known[self.recipe.activation])

    def outputs(self, x: Tensor, rule: Rule) -> Tensor:
        """Apply the output function."""
        return rule.activate(x, self.scaled_tanh) if self.recipe.output == "tanh" else x

    def scaled_tanh(self, x: Tensor) -> Tensor:
        """A tanh(S x)."""
        if self.recipe.amplitude == self.recipe.slope == 1:
            return torch.tanh(x)
        return self.recipe.amplitude * torch.tanh(self.recipe.slope * x)


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
