"""The net of 1989, counted: the paper's totals are facts. And the nets beside it."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from timetravel import nets
from timetravel.recipes import Recipe


def test_the_net_has_the_size_that_the_paper_prints() -> None:
    size = nets.count(nets.build(Recipe()))
    assert size.parameters == 9760
    assert size.connections == 64660
    assert size.multiply_adds == 63660
    assert size.units == 1256


def test_each_layer_has_the_size_that_the_paper_prints() -> None:
    net = nets.build(Recipe())
    parameters = {
        layer: sum(net.get_parameter(f"{layer}_{kind}").numel() for kind in ("weight", "bias"))
        for layer in nets.layers(net)
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


def plain_vision_transformer(p: dict[str, Tensor], images: Tensor) -> Tensor:
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
    return linear("output", norm(3, x).flatten(1))


def test_the_micro_vit_computes_what_a_plain_vision_transformer_computes() -> None:
    net = nets.build(Recipe(net="micro-vit", output="linear"), lanes=3)
    nets.initialize(net, [5, 6, 7])
    assert (net.norm1_gain == 1).all()
    assert (net.position == 0).all()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    images = torch.rand(3, 4, 16, 16) * 2 - 1
    outputs = net(images)
    for lane in range(3):
        parameters = {name: torch.from_numpy(array) for name, array in nets.lane_weights(net, lane).items()}
        plain = plain_vision_transformer(parameters, images[lane])
        torch.testing.assert_close(outputs[lane], plain, rtol=1e-4, atol=1e-5)
    squashed = nets.build(Recipe(net="micro-vit", output="tanh"), lanes=3)
    squashed.load_state_dict(net.state_dict())
    torch.testing.assert_close(squashed(images), torch.tanh(outputs))


def test_orthogonal_weights_are_orthogonal_and_vary_as_uniform_ones() -> None:
    for name in nets.NETS:
        recipe = Recipe(net=name, initial_weights="orthogonal", initial_spread=1.7)  # type: ignore[arg-type]
        net, alone = nets.build(recipe, lanes=2), nets.build(recipe)
        nets.initialize(net, [3, 4])
        nets.initialize(alone, [4])
        for layer in nets.layers(net):
            weight = net.get_parameter(f"{layer}_weight").detach()
            assert torch.equal(weight[1], alone.get_parameter(f"{layer}_weight")[0])
            matrix = weight[1].flatten(1).double()
            fan_in = matrix.shape[1]
            assert matrix.square().mean() == pytest.approx(1.7**2 / fan_in / 3, rel=1e-5)
            gram = matrix @ matrix.T if len(matrix) <= fan_in else matrix.T @ matrix
            torch.testing.assert_close(gram / gram[0, 0], torch.eye(len(gram), dtype=gram.dtype), rtol=0, atol=1e-5)


def test_initial_weights_stay_within_the_papers_bound_and_depend_on_the_seed_alone() -> None:
    net = nets.build(Recipe(), lanes=2)
    nets.initialize(net, [3, 4])
    alone = nets.build(Recipe())
    nets.initialize(alone, [4])
    for layer, fan_in in (("h1", 25), ("h2", 200), ("h3", 192), ("output", 30)):
        weight = net.get_parameter(f"{layer}_weight")
        assert weight.abs().max() <= 2.4 / fan_in**0.5
        assert weight.abs().max() > 0.9 * 2.4 / fan_in**0.5
        assert torch.equal(weight[1], alone.get_parameter(f"{layer}_weight")[0])
    assert (net.output_bias == -1).all()
    assert (net.h1_bias == 0).all()


def test_a_lane_can_be_taken_out_and_put_back() -> None:
    for kind in nets.NETS:
        recipe = Recipe(net=kind)  # type: ignore[arg-type]
        net, other = nets.build(recipe, lanes=2), nets.build(recipe)
        nets.initialize(net, [0, 1])
        nets.load_lane(other, 0, nets.lane_weights(net, 1))
        for name, parameter in other.named_parameters():
            np.testing.assert_array_equal(parameter[0].detach().numpy(), net.get_parameter(name)[1].detach().numpy())
