"""What several tests compare with, written from the paper on its own: nothing here imports the package."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

# Which 8 of H1's 12 maps the maps of H2 read, in three groups of four: the essay's reading of the paper.
SEEN = ((0, 1, 2, 3, 4, 5, 6, 7), (4, 5, 6, 7, 8, 9, 10, 11), (0, 1, 2, 3, 8, 9, 10, 11))


def plain_forward(parameters: dict[str, Tensor], images: Tensor) -> Tensor:
    """Run the net of 1989 on images (B, 1, 16, 16), one map of H2 after the other; returns (B, 10)."""
    p = parameters
    h1 = F.conv2d(F.pad(images, (2, 2, 2, 2), value=-1.0), p["h1_weight"][:, None], stride=2)
    h1 = F.pad((h1 + p["h1_bias"]).tanh(), (2, 2, 2, 2), value=-1.0)
    maps = [F.conv2d(h1[:, SEEN[i // 4]], p["h2_weight"][i : i + 1], stride=2) for i in range(12)]
    h2 = (torch.cat(maps, dim=1) + p["h2_bias"]).tanh()
    h3 = F.linear(h2.flatten(1), p["h3_weight"], p["h3_bias"]).tanh()
    return F.linear(h3, p["output_weight"], p["output_bias"]).tanh()


def honest(told: Any) -> None:
    """Check that what a document says holds no number that is none, and no interval without width."""
    if isinstance(told, dict):
        low, high = told.get("low"), told.get("high")
        assert (low is None) == (high is None), told
        assert low is None or low < high, told
        told = list(told.values())
    if isinstance(told, list):
        for one in told:
            honest(one)
    assert not isinstance(told, float) or math.isfinite(told)
