"""The net of 1989 at other widths and depths: its counts are facts, and it computes what plain layers compute."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from timetravel import nets
from timetravel.errors import UsageError
from timetravel.recipes import Recipe

# By width, depth and normalization: units, connections, parameters, multiply-adds.
FACTS: dict[tuple[float, int, str], tuple[int, int, int, int]] = {
    (1, 0, "none"): (1256, 64660, 9760, 63660),
    (0.5, 0, "none"): (761, 21295, 2845, 20790),
    (2, 0, "none"): (2246, 217630, 35830, 215640),
    (4, 0, "none"): (4226, 788530, 136930, 784560),
    (1, 16, "none"): (1736, 79540, 24640, 78060),
    (1, 16, "layer"): (1736, 79540, 25660, 78060),
    (2, 4, "none"): (2486, 232270, 50470, 230040),
}
DEEP: dict[str, Any] = {"depth": 3, "residual": True, "normalization": "layer"}


def test_the_counts_are_exact() -> None:
    for (width, depth, normalization), facts in FACTS.items():
        recipe = Recipe(width=width, depth=depth, normalization=normalization)  # type: ignore[arg-type]
        net = nets.build(recipe)
        size = nets.count(net)
        assert (size.units, size.connections, size.parameters, size.multiply_adds) == facts
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            plain_net(recipe, {name: weights[0] for name, weights in net.named_parameters()}, torch.zeros(1, 16, 16))
        assert counter.get_total_flops() / 2 == size.multiply_adds


def plain_net(recipe: Recipe, p: dict[str, Tensor], images: Tensor) -> Tensor:
    """Run one net on images (B, 16, 16), layer by layer, without lanes; returns (B, 10)."""
    table = nets.connection_table(recipe.table, p["h2_weight"].shape[0])
    x = F.pad(images.unsqueeze(1), (2, 2, 2, 2), value=-1.0)
    x = torch.tanh(F.conv2d(x, p["h1_weight"].unsqueeze(1), stride=2) + p["h1_bias"])
    x = F.pad(x, (2, 2, 2, 2), value=-1.0)
    of_maps = [
        F.conv2d(x[:, read.astype(np.int64)], kernels.unsqueeze(0), stride=2)
        for read, kernels in zip(table, p["h2_weight"], strict=True)
    ]
    x = torch.tanh(torch.cat(of_maps, dim=1) + p["h2_bias"]).flatten(1)
    x = torch.tanh(F.linear(x, p["h3_weight"], p["h3_bias"]))

    def read(layer: str, x: Tensor) -> Tensor:
        if recipe.normalization == "layer":
            x = F.layer_norm(x, x.shape[1:], p[f"{layer}_gain"], p[f"{layer}_shift"])
        return F.linear(x, p[f"{layer}_weight"], p[f"{layer}_bias"])

    for place in range(recipe.depth):
        new = torch.tanh(read(f"h{4 + place}", x))
        x = x + new if recipe.residual else new
    return torch.tanh(read("output", x))


def test_it_computes_what_plain_layers_compute() -> None:
    for changes in (
        {},
        {"width": 0.5},
        {"width": 2.0, "table": "ring"},
        {"width": 1.5, "table": "random-3"},
        {"depth": 3},
        {"depth": 3, "residual": True},
        {"depth": 3, "normalization": "layer"},
        DEEP | {"width": 2.0},
    ):
        recipe = Recipe(**changes)
        net = nets.build(recipe, lanes=3)
        nets.initialize(net, [5, 6, 7])
        with torch.no_grad():
            for name, parameter in net.named_parameters():
                if not name.endswith("_weight"):
                    parameter.add_(0.1 * torch.randn_like(parameter))
        images = torch.rand(3, 4, 16, 16) * 2 - 1
        outputs = net(images)
        for lane in range(3):
            parameters = {name: torch.from_numpy(array) for name, array in nets.lane_weights(net, lane).items()}
            torch.testing.assert_close(outputs[lane], plain_net(recipe, parameters, images[lane]), rtol=1e-4, atol=1e-5)


def test_every_map_of_h2_reads_two_thirds_of_h1_and_every_map_of_h1_is_read() -> None:
    for name, maps in itertools.product((*nets.TABLES, "random-4"), (6, 12, 24, 192)):
        table = nets.connection_table(name, maps)
        assert table.shape == (maps, 2 * maps // 3)
        assert all(len(set(row)) == 2 * maps // 3 for row in table.tolist())
        assert set(table.ravel().tolist()) == set(range(maps))
    with pytest.raises(UsageError, match="no-such"):
        nets.connection_table("no-such")


def test_at_width_1_the_table_is_the_essays() -> None:
    table = nets.connection_table("blocks").tolist()
    assert table[0] == table[3] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert table[4] == table[7] == [4, 5, 6, 7, 8, 9, 10, 11]
    assert table[8] == table[11] == [0, 1, 2, 3, 8, 9, 10, 11]


def test_sizes_that_a_net_can_not_have_are_refused() -> None:
    refusals: tuple[tuple[dict[str, Any], str], ...] = (
        ({"width": 0.0}, "0.5 to 16"),
        ({"width": -1.0}, "0.5 to 16"),
        ({"width": 17.0}, "0.5 to 16"),
        ({"width": 1.25}, "halves"),
        ({"depth": -1}, "0 to 64"),
        ({"depth": 65}, "0 to 64"),
        ({"net": "fully-connected", "width": 2.0}, "net=lecun1989"),
        ({"net": "micro-vit", "depth": 1}, "net=lecun1989"),
        ({"normalization": "batch"}, "none, layer"),
    )
    for changes, words in refusals:
        with pytest.raises(UsageError) as refused:
            Recipe(**changes)
        assert words in refused.value.hint


def test_curvature_has_rules_for_width_and_depth_but_not_for_what_stabilizes() -> None:
    images = torch.zeros(1, 2, 16, 16)
    net = nets.build(Recipe(width=2, depth=2))
    nets.initialize(net, [0])
    assert {name: h.shape for name, h in nets.curvature(net, images).items()} == {
        name: parameter.shape for name, parameter in net.named_parameters()
    }
    for changes, words in (
        ({"depth": 2, "residual": True}, "residual"),
        ({"depth": 2, "normalization": "layer"}, "normalization"),
        ({"net": "micro-vit"}, "micro-vit"),
    ):
        with pytest.raises(UsageError, match=words):
            nets.curvature(nets.build(Recipe(**changes)), images)  # type: ignore[arg-type]
