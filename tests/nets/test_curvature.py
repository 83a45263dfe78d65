"""The back-propagated second derivatives against explicit ones."""

import itertools

import pytest
import torch
from torch import Tensor

from timetravel import nets
from timetravel.engine.optimizers import DiagonalNewton
from timetravel.errors import UsageError
from timetravel.nets.curvature import FIRST_DERIVATIVES, SECOND_DERIVATIVES, Rule
from timetravel.recipes import Recipe

SCALED = {"amplitude": 1.7159, "slope": 2 / 3}


def gauss_newton_diagonal(net: nets.Net, images: Tensor) -> dict[str, Tensor]:
    """The exact diagonal of J^T (2/10) J for squared error, a mean over the images, one row of J at a time."""
    found = {name: torch.zeros_like(p) for name, p in net.named_parameters()}
    for digit in range(images.shape[1]):
        outputs = net(images[:, digit : digit + 1])
        for unit in range(outputs.shape[2]):
            rows = torch.autograd.grad(outputs[0, 0, unit], list(net.parameters()), retain_graph=True)
            for name, row in zip(found, rows, strict=True):
                found[name] += 2 / outputs.shape[2] * row.square() / images.shape[1]
    return found


def drawn(recipe: Recipe, *seeds: int) -> nets.Net:
    net = nets.build(recipe, len(seeds)).double()
    nets.initialize(net, list(seeds))
    return net


def test_the_output_layer_has_its_exact_gauss_newton_diagonal() -> None:
    for name, output in itertools.product(("lecun1989", "fully-connected"), ("tanh", "linear")):
        net = drawn(Recipe(net=name, output=output, **SCALED), 0)  # type: ignore[arg-type]
        images = torch.rand(1, 5, 16, 16, dtype=torch.float64) * 2 - 1
        exact, found = gauss_newton_diagonal(net, images), nets.curvature(net, images)
        for parameter in ("output_weight", "output_bias"):
            torch.testing.assert_close(found[parameter], exact[parameter])


def test_where_each_unit_has_one_path_to_each_output_every_layer_is_exact() -> None:
    # One output unit that is fed by one unit of H3, that by one of H2, that by one of H1: no two paths, no cross terms.
    net = drawn(Recipe(**SCALED), 0)
    for layer, *path in (("output", 3, 7), ("h3", 7, 5 * 16 + 6), ("h2", 5, 2, 2, 2)):
        weights = net.get_parameter(f"{layer}_weight").data[0]
        kept = weights[tuple(path)].clone()
        weights.zero_()[tuple(path)] = kept
    images = torch.rand(1, 4, 16, 16, dtype=torch.float64) * 2 - 1
    exact, found = gauss_newton_diagonal(net, images), nets.curvature(net, images)
    for parameter in ("h1_weight", "h1_bias", "h2_bias", "h3_weight", "h3_bias"):
        scale = exact[parameter].abs().max()
        assert scale > 0
        torch.testing.assert_close(found[parameter] / scale, exact[parameter] / scale)


def test_the_rule_for_a_chain_of_single_units_is_the_explicit_second_derivative() -> None:
    # E = (tanh(v tanh(w x + b)) - t)^2 with t chosen so that dE/do = 0: then the Gauss-Newton part is all of d2E/dw2.
    def output(parameters: Tensor, rule: Rule) -> Tensor:
        w, b, v = parameters
        x = torch.tensor([[[0.7]]], dtype=torch.float64)
        hidden = rule.activate(rule.product(x, w.view(1, 1, 1)) + b, torch.tanh)
        return rule.activate(rule.product(hidden, v.view(1, 1, 1)), torch.tanh)

    start = torch.tensor([0.3, -0.2, 0.9], dtype=torch.float64)
    target = output(start, FIRST_DERIVATIVES).item()
    hessian = torch.autograd.functional.hessian(lambda p: (output(p, FIRST_DERIVATIVES) - target).square().sum(), start)
    parameters, of_loss = start.clone().requires_grad_(), torch.full((1, 1, 1), 2.0).double()
    (found,) = torch.autograd.grad(output(parameters, SECOND_DERIVATIVES), parameters, of_loss)
    torch.testing.assert_close(found, torch.diagonal(hessian))


def test_it_sums_over_the_connections_that_share_a_weight() -> None:
    shared, own = drawn(Recipe(biases="map"), 0), drawn(Recipe(biases="unit"), 0)
    images = torch.rand(1, 3, 16, 16, dtype=torch.float64)
    a, b = nets.curvature(shared, images), nets.curvature(own, images)
    torch.testing.assert_close(a["h1_bias"], b["h1_bias"].sum(dim=(2, 3), keepdim=True))
    torch.testing.assert_close(a["h2_weight"], b["h2_weight"])


def test_lanes_and_the_loss_scale() -> None:
    recipe = Recipe(loss="cross-entropy", output="linear")
    many, one = drawn(recipe, 0, 1, 2), drawn(recipe.but(loss_scale=5.0), 1)
    images = torch.rand(3, 4, 16, 16, dtype=torch.float64)
    a, b = nets.curvature(many, images), nets.curvature(one, images[1:2])
    for name in a:
        torch.testing.assert_close(5 * a[name][1:2], b[name])
        assert (a[name] >= 0).all()


def test_it_has_rules_for_width_and_depth_but_not_for_what_stabilizes() -> None:
    images = torch.zeros(1, 2, 16, 16, dtype=torch.float64)
    net = drawn(Recipe(width=2, depth=2), 0)
    assert {name: h.shape for name, h in nets.curvature(net, images).items()} == {
        name: parameter.shape for name, parameter in net.named_parameters()
    }
    for recipe, words in (
        (Recipe(depth=2, residual=True), "residual"),
        (Recipe(depth=2, normalization="layer"), "normalization"),
        (Recipe(net="micro-vit"), "micro-vit"),
    ):
        with pytest.raises(UsageError, match=words):
            nets.curvature(nets.build(recipe), images)


def test_the_step_is_eta_over_mu_plus_h() -> None:
    p = torch.nn.Parameter(torch.tensor([1.0, 2.0, 3.0]))
    optimizer = DiagonalNewton([p], lr=0.5, mu=0.1)
    p.grad = torch.tensor([1.0, -1.0, 2.0])
    optimizer.step()
    torch.testing.assert_close(p.data, torch.tensor([1 - 5.0, 2 + 5.0, 3 - 10.0]))
    optimizer.set_curvature({p: torch.tensor([0.0, 0.9, 4.9])})
    optimizer.step()
    torch.testing.assert_close(p.data, torch.tensor([-4 - 5.0, 7 + 0.5, -7 - 0.2]))


def test_a_curvature_that_overflows_does_not_pass_unseen() -> None:
    p = torch.nn.Parameter(torch.ones(2))
    optimizer = DiagonalNewton([p])
    optimizer.set_curvature({p: torch.tensor([torch.inf, 1.0])})
    p.grad = torch.ones(2)
    optimizer.step()
    assert torch.isnan(p.data[0])
    assert torch.isfinite(p.data[1])
    with pytest.raises(ValueError, match="above 0"):
        DiagonalNewton([p], mu=0.0)
