"""The net of 1989, counted: the paper's totals are facts."""

import numpy as np
import pytest
import torch

from timetravel import nets
from timetravel.errors import UsageError
from timetravel.recipes import Recipe
from timetravel.studies.bench import plain_forward


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


def test_every_map_of_h2_reads_eight_different_maps_of_h1() -> None:
    for name in nets.TABLES:
        table = nets.connection_table(name)
        assert table.shape == (12, 8)
        assert table.max() < 12
        assert all(len(set(row)) == 8 for row in table.tolist())
    with pytest.raises(UsageError, match="no-such"):
        nets.connection_table("no-such")


def test_it_computes_what_plain_convolutions_compute() -> None:
    net = nets.build(Recipe(), lanes=3)
    nets.initialize(net, [5, 6, 7])
    images = torch.rand(3, 4, 16, 16) * 2 - 1
    outputs = net(images)
    for lane in range(3):
        parameters = {name: torch.from_numpy(array) for name, array in nets.lane_weights(net, lane).items()}
        plain = plain_forward(parameters, images[lane].unsqueeze(1))
        torch.testing.assert_close(outputs[lane], plain, rtol=1e-5, atol=1e-6)


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
    net, other = nets.build(Recipe(), lanes=2), nets.build(Recipe())
    nets.initialize(net, [0, 1])
    nets.load_lane(other, 0, nets.lane_weights(net, 1))
    for name, parameter in other.named_parameters():
        np.testing.assert_array_equal(parameter[0].detach().numpy(), net.get_parameter(name)[1].detach().numpy())
