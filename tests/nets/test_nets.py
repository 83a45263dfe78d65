"""The nets, counted and computed: the paper's totals are facts, and plain layers compute the same without lanes."""

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

# By width, depth and normalization: units, connections, parameters, multiply-adds; the first are those of the paper.
FACTS: dict[tuple[float, int, str], tuple[int, int, int, int]] = {
    (1, 0, "none"): (1256, 64660, 9760, 63660),
    (0.5, 0, "none"): (761, 21295, 2845, 20790),
    (2, 0, "none"): (2246, 217630, 35830, 215640),
    (4, 0, "none"): (4226, 788530, 136930, 784560),
    (1, 16, "none"): (1736, 79540, 24640, 78060),
    (1, 16, "layer"): (1736, 79540, 25660, 78060),
    (2, 4, "none"): (2486, 232270, 50470, 230040),
}


def drawn(recipe: Recipe, *seeds: int) -> nets.Net:
    net = nets.build(recipe, len(seeds))
    nets.initialize(net, list(seeds))
    return net


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


def plain_vision_transformer(recipe: Recipe, p: dict[str, Tensor], images: Tensor) -> Tensor:
    """Run the micro-ViT on images (B, 16, 16), layer by layer, without lanes; returns (B, 10)."""

    def linear(layer: str, x: Tensor) -> Tensor:
        return F.linear(x, p[f"{layer}_weight"], p.get(f"{layer}_bias"))

    def norm(number: int, x: Tensor) -> Tensor:
        return F.layer_norm(x, (24,), p[f"norm{number}_gain"], p[f"norm{number}_shift"])

    cuts = [images[:, y : y + 8, x : x + 8].flatten(1) for y in (0, 4, 8) for x in (0, 4, 8)]
    x = linear("patch", torch.stack(cuts, dim=1)) + p["position"]
    seen = norm(1, x)
    q, k, v = (linear(layer, seen).split(8, dim=2) for layer in ("query", "key", "value"))
    read = [torch.softmax(q[h] @ k[h].mT / 8**0.5, dim=2) @ v[h] for h in range(3)]
    x = x + linear("mixed", torch.cat(read, dim=2))
    x = x + linear("token", F.gelu(linear("hidden", norm(2, x)), approximate="tanh"))
    outputs = linear("output", norm(3, x).flatten(1))
    return torch.tanh(outputs) if recipe.output == "tanh" else outputs


def test_the_counts_are_exact() -> None:
    for (width, depth, normalization), facts in FACTS.items():
        recipe = Recipe(width=width, depth=depth, normalization=normalization)  # type: ignore[arg-type]
        net = nets.build(recipe)
        size = nets.count(net)
        assert (size.units, size.connections, size.parameters, size.multiply_adds) == facts
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            plain_net(recipe, {name: weights[0] for name, weights in net.named_parameters()}, torch.zeros(1, 16, 16))
        assert counter.get_total_flops() / 2 == size.multiply_adds
    of_paper = nets.build(Recipe())
    parameters = {
        layer: sum(of_paper.get_parameter(f"{layer}_{kind}").numel() for kind in ("weight", "bias"))
        for layer in nets.layers(of_paper)
    }
    assert parameters == {"h1": 1068, "h2": 2592, "h3": 5790, "output": 310}


def test_the_micro_vit_is_as_large_as_the_net_of_1989() -> None:
    net = nets.build(Recipe(net="micro-vit"))
    size = nets.count(net)
    assert size.parameters == sum(p.numel() for p in net.parameters()) == pytest.approx(9760, rel=0.02)
    assert size.multiply_adds == pytest.approx(63660, rel=0.15)
    assert size.connections == size.multiply_adds + 1666  # a bias for every unit but the 216 of the keys and the inputs
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(torch.zeros(1, 1, 16, 16))
    of_attention = 2 * 9 * 9 * 24  # torch counts the fully connected layers alone where attention is one operation
    assert counter.get_total_flops() / 2 in (size.multiply_adds, size.multiply_adds - of_attention)


def test_they_compute_what_plain_layers_compute() -> None:
    cases: tuple[dict[str, Any], ...] = (
        {},
        {"width": 0.5},
        {"width": 2.0, "table": "ring"},
        {"width": 1.5, "table": "random-3"},
        {"depth": 3},
        {"depth": 3, "residual": True},
        {"depth": 3, "normalization": "layer"},
        {"depth": 3, "residual": True, "normalization": "layer", "width": 2.0},
        {"net": "micro-vit", "output": "linear"},
        {"net": "micro-vit"},
    )
    for changes in cases:
        recipe = Recipe(**changes)
        net = drawn(recipe, 5, 6, 7)
        with torch.no_grad():
            for name, parameter in net.named_parameters():
                if not name.endswith("_weight"):
                    assert len(parameter.unique()) == 1  # constants
                    parameter.add_(0.1 * torch.randn_like(parameter))
        images = torch.rand(3, 4, 16, 16) * 2 - 1
        outputs = net(images)
        plain = plain_vision_transformer if recipe.net == "micro-vit" else plain_net
        for lane in range(3):
            parameters = {name: torch.from_numpy(array) for name, array in nets.lane_weights(net, lane).items()}
            torch.testing.assert_close(outputs[lane], plain(recipe, parameters, images[lane]), rtol=1e-4, atol=1e-5)


def test_initial_weights_have_their_spread_and_depend_on_the_seed_alone() -> None:
    for name in nets.NETS:
        uniform = Recipe(net=name)  # type: ignore[arg-type]
        for recipe in (uniform, uniform.but(initial_weights="orthogonal", initial_spread=1.7)):
            net, alone = drawn(recipe, 3, 4), drawn(recipe, 4)
            for layer in nets.layers(net):
                weight = net.get_parameter(f"{layer}_weight").detach()
                assert torch.equal(weight[1], alone.get_parameter(f"{layer}_weight")[0])
                matrix = weight[1].flatten(1).double()
                fan_in = matrix.shape[1]
                if recipe is uniform:  # within the paper's bound
                    assert 0.9 < matrix.abs().max() / (2.4 / fan_in**0.5) <= 1
                    continue
                assert matrix.square().mean() == pytest.approx(1.7**2 / fan_in / 3, rel=1e-5)
                gram = matrix @ matrix.T if len(matrix) <= fan_in else matrix.T @ matrix
                torch.testing.assert_close(gram / gram[0, 0], torch.eye(len(gram), dtype=gram.dtype), rtol=0, atol=1e-5)
        assert (net.get_parameter("output_bias") == -1).all()
        others = {n: p for n, p in net.named_parameters() if not n.startswith("output") and "weight" not in n}
        assert all((p == ("gain" in n)).all() for n, p in others.items())


def test_a_lane_can_be_taken_out_and_put_back() -> None:
    for kind in nets.NETS:
        recipe = Recipe(net=kind)  # type: ignore[arg-type]
        net, other = drawn(recipe, 0, 1), nets.build(recipe)
        nets.load_lane(other, 0, nets.lane_weights(net, 1))
        for name, parameter in other.named_parameters():
            assert torch.equal(parameter[0], net.get_parameter(name)[1])


def test_every_map_of_h2_reads_two_thirds_of_h1_and_every_map_of_h1_is_read() -> None:
    for name, maps in itertools.product((*nets.TABLES, "random-4"), (6, 12, 24, 192)):
        table = nets.connection_table(name, maps)
        assert table.shape == (maps, 2 * maps // 3)
        assert all(len(set(row)) == 2 * maps // 3 for row in table.tolist())
        assert set(table.ravel().tolist()) == set(range(maps))
    essays = nets.connection_table("blocks").tolist()
    assert essays[0] == essays[3] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert essays[4] == essays[7] == [4, 5, 6, 7, 8, 9, 10, 11]
    assert essays[8] == essays[11] == [0, 1, 2, 3, 8, 9, 10, 11]
    with pytest.raises(UsageError, match="no-such"):
        nets.connection_table("no-such")


def test_sizes_that_a_net_can_not_have_are_refused() -> None:
    refusals: tuple[tuple[dict[str, Any], str], ...] = (
        *(({"width": width}, "0.5 to 16") for width in (0.0, -1.0, 17.0)),
        *(({"depth": depth}, "0 to 64") for depth in (-1, 65)),
        ({"width": 1.25}, "halves"),
        ({"net": "fully-connected", "width": 2.0}, "net=lecun1989"),
        ({"net": "micro-vit", "depth": 1}, "net=lecun1989"),
        ({"normalization": "batch"}, "none, layer"),
    )
    for changes, words in refusals:
        with pytest.raises(UsageError) as refused:
            Recipe(**changes)
        assert words in refused.value.hint
