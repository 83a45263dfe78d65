"""Learning rates: the essay's, PyTorch's, and what a run of one update makes of them."""

import itertools
from typing import Any

import numpy as np
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR

from timetravel.engine.epochs import learning_rates
from timetravel.eras import ERAS
from timetravel.recipes import Recipe


def rates(an_epoch: int, recipe: Recipe | None = None, **changes: Any) -> np.ndarray:
    """The rates of a whole run."""
    recipe = (recipe or Recipe()).but(**changes)
    found = learning_rates(recipe, np.arange(recipe.epochs * an_epoch), an_epoch)
    assert found.dtype == np.float32
    assert len(found) == recipe.epochs * an_epoch
    return found


def told(scheduler: type, updates: int, *values: float, **more: Any) -> list[float]:
    """What a scheduler of PyTorch makes of a rate of 0.2."""
    made = scheduler(torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2), *values, **more)
    found = [made.get_last_lr()[0]]
    for _ in range(updates - 1):
        made.optimizer.step()
        made.step()
        found.append(made.get_last_lr()[0])
    return found


def test_the_essay_s_rate_falls_linearly_from_epoch_to_epoch_and_a_constant_one_is_constant():
    found = rates(7, ERAS["2022"].recipe).reshape(80, 7)
    assert (found == found[:, :1]).all()
    np.testing.assert_allclose(found[:, 0], 3e-4 - 2e-4 * np.arange(80) / 79, rtol=1e-6)
    assert (found[0, 0], found[-1, 0]) == (np.float32(3e-4), np.float32(1e-4))
    assert (rates(5, final_learning_rate=0.5) == np.float32(0.03)).all()


def test_cosine_and_one_cycle_are_pytorch_s():
    count, top = 9 * 13, 0.3
    found = rates(13, schedule="cosine", epochs=9, learning_rate=0.2, final_learning_rate=0.01)
    expected = told(CosineAnnealingLR, count, T_max=count - 1, eta_min=0.01)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    # Of n updates PyTorch's highest is number 0.3 n - 1 and ours 0.3 (n - 1): less than one later. Ask it for ours.
    found = rates(13, schedule="one-cycle", epochs=9, learning_rate=0.2, final_learning_rate=0.001)
    given = {"total_steps": count, "cycle_momentum": False, "final_div_factor": 0.2 / 25 / 0.001}
    expected = told(OneCycleLR, count, 0.2, pct_start=(top * (count - 1) + 1) / count, **given)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert (found[0], found[-1]) == (np.float32(0.2 / 25), np.float32(0.001))
    assert found.argmax() == round(top * (count - 1))
    one_update = 0.2 * np.pi / 2 / (top * count)  # is as much as the rate changes in
    np.testing.assert_allclose(found, told(OneCycleLR, count, 0.2, **given), atol=one_update)


def test_warming_up_multiplies_the_schedule_by_a_ramp_and_a_rate_may_fall_to_nothing():
    for schedule in ("constant", "linear", "cosine", "one-cycle"):
        plain, warm = rates(10, schedule=schedule, epochs=4), rates(10, schedule=schedule, epochs=4, warm_up=1.5)
        np.testing.assert_allclose(warm[:15], plain[:15] * np.arange(1, 16) / 15, rtol=1e-6)
        np.testing.assert_array_equal(warm[15:], plain[15:])
        assert (plain >= 0).all()
        assert (plain[-1] == 0) == (schedule != "constant")


def test_the_shortest_runs_and_the_parts_of_runs_have_rates_too():
    shapes, ramps = ((1, 1), (1, 2), (1, 10), (2, 1), (3, 1)), (0.0, 0.5, 5.0)
    kinds = ("constant", "linear", "cosine", "one-cycle")
    for schedule, (epochs, an_epoch), warm_up in itertools.product(kinds, shapes, ramps):
        found = rates(an_epoch, schedule=schedule, epochs=epochs, warm_up=warm_up, final_learning_rate=0.001)
        assert (found > 0).all()
        assert (found <= np.float32(0.03)).all()
    for schedule in ("linear", "cosine", "one-cycle"):  # and a part of a run has those of the whole
        recipe = Recipe(schedule=schedule, epochs=5, warm_up=1.0)
        whole = rates(8, recipe)
        parts = [learning_rates(recipe, np.arange(start, start + 10), 8) for start in range(0, 40, 10)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
        assert len(np.unique(whole[8:16])) == (1 if schedule == "linear" else 8)  # from update to update
