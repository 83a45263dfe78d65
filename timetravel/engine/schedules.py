"""Learning rates: one for every update, from a recipe's schedule."""

import numpy as np

from timetravel.recipes import Recipe

# torch.optim.lr_scheduler.OneCycleLR's defaults: where the rate begins, and when it is highest.
ONE_CYCLE_START, ONE_CYCLE_TOP = 1 / 25, 0.3


def learning_rates(recipe: Recipe, updates: np.ndarray, an_epoch: int) -> np.ndarray:
    """Return the learning rate of each update, float32 (n,).

    updates: their numbers, counted from 0 over the whole run, int (n,); an_epoch: how many updates an epoch has.

    Cosine: Loshchilov and Hutter (2016), https://arxiv.org/abs/1608.03983. One cycle: Smith and Topin (2017),
    https://arxiv.org/abs/1708.07120, with cosine flanks as PyTorch has them.
    """
    high, low = recipe.learning_rate, recipe.final_learning_rate
    last_pass, last_update = max(recipe.epochs - 1, 1), max(recipe.epochs * an_epoch - 1, 1)
    done = updates / last_update
    if recipe.schedule == "linear":
        share = (updates // an_epoch) / last_pass
        rates = (1 - share) * high + share * low
    elif recipe.schedule == "cosine":
        rates = eased(high, low, done)
    elif recipe.schedule == "one-cycle":
        rising = eased(high * ONE_CYCLE_START, high, done / ONE_CYCLE_TOP)
        falling = eased(high, low, (done - ONE_CYCLE_TOP) / (1 - ONE_CYCLE_TOP))
        rates = np.where(done < ONE_CYCLE_TOP, rising, falling)
    else:
        rates = np.full(len(updates), high)
    if recipe.warm_up:
        rates = rates * np.minimum(1, (updates + 1) / (recipe.warm_up * an_epoch))
    return rates.astype(np.float32)


def eased(start: float, end: float, share: np.ndarray) -> np.ndarray:
    """Go from start to end along half a cosine, as the share goes from 0 to 1."""
    rates: np.ndarray = end + (start - end) * (1 + np.cos(np.pi * np.clip(share, 0, 1))) / 2
    return rates
