"""Nets that other digits trained, made to fit these: by a few labels, or by none."""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from timetravel import nets
from timetravel.engine.augment import Augmentation
from timetravel.engine.epochs import BLOCK, eased
from timetravel.engine.plain import Floats
from timetravel.engine.torch_backend import one_thread
from timetravel.eras import TODAY, era
from timetravel.recipes import Recipe
from timetravel.seeds import generator

WEB: Final = era(TODAY).recipe.but(
    width=2.0, deslant=0.0, window=0.7143, epochs=14, batch_size=64, warm_up=1.0, averaging_epochs=1.0
)
BATCH, MOST, RATE = 64, 1500, 3e-4  # MOST: updates, but never more than there are digits; RATE: the first


def settings() -> tuple[str, ...]:
    """Return what was chosen for these nets, and on what, a sentence each."""
    return (
        f"The net pretrained on MNIST is today's at width {WEB.width:g}, slants left in, for {WEB.epochs} epochs in "
        f"batches of {WEB.batch_size}; at width 3 and 8 epochs it reads usps's training digits no better.",
        f"Its window, {WEB.window:g}, of seven between 0.643 and 1, made a net of two epochs surest of usps's training "
        "digits, without labels: 96.95 % on average (96.89 % at 0.786, where the entropy is least).",
        f"Finetuning takes an update a label, {MOST:,} at most, in batches of {BATCH}, at a rate that falls from "
        f"{RATE:g} along a cosine: the best of rates from 1e-4 to 3e-3 and of 10 to 1,500 updates on 2,291 training "
        "digits of usps, with 10 to 5,000 others to train on. So those labels were used too.",
        "Adapting without labels takes the same numbers: from that rate 22 of 2,709 test digits of MNIST, in a window "
        "of 1, were misread, from 1e-3 31 (before: 52). Pseudo-labels (19) did nothing that so many digits can tell.",
    )


def finetuned(
    recipe: Recipe, weights: Mapping[str, Floats], images: Floats, labels: NDArray[np.int64], *, last: bool, seed: int
) -> dict[str, Floats]:
    """Return a net's weights after training on images, float32 (n, 16, 16), with labels, int64 (n,).

    last: H1 and H2 stay as they are. The same seed gives the same weights on the same machine.
    """
    net, wanted = nets.build(recipe), torch.tensor(labels)
    nets.load_lane(net, 0, dict(weights))
    with one_thread():
        for shown, rows in batches(net, images, seed, ("h1_", "h2_") if last else ()):
            torch.autograd.backward(F.cross_entropy(net(shown)[0], wanted[rows]))
    return nets.lane_weights(net, 0)


def adapted(recipe: Recipe, weights: Mapping[str, Floats], images: Floats, *, seed: int) -> dict[str, Floats]:
    """Return a net's weights after training on images, float32 (n, 16, 16), that nobody has labelled.

    The output layer stays; what lies below learns to answer surely, and with all ten digits alike: SHOT, without its
    pseudo-labels. Liang, Hu and Feng (2020), https://arxiv.org/abs/2002.08546.
    """
    net, entropy = nets.build(recipe), torch.special.entr
    nets.load_lane(net, 0, dict(weights))
    with one_thread():
        for shown, _ in batches(net, images, seed, ("output_",)):
            likely = net(shown)[0].softmax(1).clamp_min(1e-9)  # at 0 the slope of an entropy is infinite
            torch.autograd.backward(entropy(likely).sum(1).mean() - entropy(likely.mean(0)).sum())
    return nets.lane_weights(net, 0)


def batches(net: nets.Net, images: Floats, seed: int, kept: tuple[str, ...]) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield distorted images (1, B, 16, 16) and their rows (B,); AdamW then follows the gradients that they leave.

    Parameters whose names begin with what is kept don't learn.
    """
    for name, parameter in net.named_parameters():
        parameter.requires_grad_(not name.startswith(kept))
    optimizer = torch.optim.AdamW(
        [p for p in net.parameters() if p.requires_grad], weight_decay=net.recipe.weight_decay
    )
    order, distorted = generator(seed, "order"), Augmentation(net.recipe, generator(seed, "augmentation"))
    count = examples(len(images))
    passes = np.tile(np.arange(len(images)), (-(-count // len(images)), 1))
    rows = order.permuted(passes, axis=1).ravel()[:count]
    for start in range(0, count, BLOCK):
        block = rows[start : start + BLOCK]
        shown = torch.from_numpy(distorted.moved(images, block))
        for first in range(0, len(block), BATCH):
            optimizer.param_groups[0]["lr"] = float(eased(RATE, 0.0, np.array((start + first) / count)))
            optimizer.zero_grad()
            yield shown[None, first : first + BATCH], torch.from_numpy(block[first : first + BATCH])
            optimizer.step()


def examples(count: int) -> int:
    """Return how many examples are shown in finetuning or adapting with so many digits."""
    return min(MOST, count) * BATCH
