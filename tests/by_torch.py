"""What PyTorch's own net answers, the oracle of whatever else reads digits."""

import numpy as np
import torch

from timetravel import nets
from timetravel.recipes import Recipe


@torch.no_grad()
def torch_outputs(recipe: Recipe, weights: dict[str, np.ndarray], images: np.ndarray) -> np.ndarray:
    """The output units (n, 10) of a net for images (n, 16, 16), computed in the images' precision."""
    asked = torch.tensor(images)
    net = nets.build(recipe).to(asked.dtype)
    nets.load_lane(net, 0, weights)
    return net(asked[None])[0].numpy()
