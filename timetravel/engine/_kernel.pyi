"""The compiled kernel: steps the paper's nets through blocks of digits. Built from `engine/kernel` where a compiler is.

Every array is a C-contiguous numpy array of exactly the shape and type given here; anything else, and any overlap
between an array that is written and another, is a `ValueError`. No function holds the interpreter's lock while it
works. Where sizes depend on the net, those of "lecun1989" are given; "fully-connected" has 10690 parameters.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

instruction_set: Literal["avx512", "avx2", "baseline"]
"""The build taken at import: the best for this processor, or another it runs that TIMETRAVEL_INSTRUCTION_SET names."""

class Options:
    """All that stays the same from call to call, checked once: a wrong value is a `ValueError`."""

    def __init__(
        self,
        *,
        table: NDArray[np.uint8] | None = None,
        net: Literal["lecun1989", "fully-connected"] = "lecun1989",
        activation: Literal["tanh", "relu", "gelu", "silu"] = "tanh",
        output: Literal["tanh", "linear"] = "tanh",
        loss: Literal["squared-error", "cross-entropy"] = "squared-error",
        optimizer: Literal["sgd", "momentum", "adamw", "diagonal-newton"] = "sgd",
        batch_size: int = 1,
        border: float = -1.0,
        map_border: float = -1.0,
        amplitude: float = 1.0,
        slope: float = 1.0,
        loss_scale: float = 1.0,
        momentum: float = 0.0,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        mu: float = 0.1,
        sharpness: float = 0.0,
    ) -> None:
        """Check and keep the options.

        Args:
            table: (12, 8), copied: the H1 maps that each H2 map reads, aligned with its weights; 8 different ones in a
                row. Not looked at for a net without H2.
            net: which of the two nets.
            activation: of H1, H2 and H3. "tanh" is amplitude * tanh(slope * x); "gelu" is its tanh form.
            output: of the ten output units.
            loss: "squared-error" is the mean over the ten outputs; "cross-entropy" takes a softmax of linear outputs.
            optimizer: with the arithmetic of `torch.optim.SGD` and `torch.optim.AdamW`, and of
                `timetravel.engine.optimizers.DiagonalNewton`.
            batch_size: digits an update, which follows their mean gradient; the last batch may be smaller.
            border: the value outside the image.
            map_border: the value outside H1's maps.
            amplitude: of tanh units.
            slope: of tanh units.
            loss_scale: multiplies the loss that is trained, so every gradient; the loss that is returned stays.
            momentum: for "momentum".
            beta1: for "adamw".
            beta2: for "adamw".
            epsilon: for "adamw"; above 0.
            weight_decay: for "adamw".
            mu: for "diagonal-newton": a parameter moves by rate / (mu + its curvature) times its gradient; above 0.
            sharpness: the radius of sharpness-aware minimization, at least 0; 0 is none.
        """

def train_block(
    options: Options,
    parameters: NDArray[np.float32],
    state: NDArray[np.float32],
    inputs: NDArray[np.float32],
    targets: NDArray[np.float32],
    mask: NDArray[np.float32] | None,
    learning_rates: NDArray[np.float32],
    *,
    step: int = 0,
) -> float:
    """Train on a block of digits in order, and return the sum of their losses, each taken before its update.

    The result is not finite if the net diverged, in the losses or in the last update.

    Args:
        options: of the net and its training.
        parameters: (9760,), updated in place: the parameters of the `nn.Module` in its order, each flattened.
        state: (k, 9760), updated in place: nothing for "sgd", the velocity for "momentum", both moments for "adamw",
            the curvature for "diagonal-newton", which stays as it is; where it is not finite the net diverges.
        inputs: (n, 16, 16).
        targets: (n, 10); they may be soft.
        mask: (n, 192) or None: factors of H2's activations, map by map; dropout's 0 and 1 / (1 - p). None for a net
            without H2.
        learning_rates: one for each update: (ceil(n / batch_size),).
        step: updates made before this block. A run cut into blocks at whole batches then gives the same bits as in one.
    """

def forward(
    options: Options,
    parameters: NDArray[np.float32],
    inputs: NDArray[np.float32],
    outputs: NDArray[np.float32],
) -> None:
    """Fill `outputs`, (n, 10), with what the net answers to `inputs`, (n, 16, 16), nothing dropped."""

def framed_forward(
    options: Options,
    parameters: NDArray[np.float32],
    inputs: NDArray[np.float32],
    outputs: NDArray[np.float32],
    window: float = 1.0,
    deslant: float = 0.0,
) -> None:
    """Fill `outputs`, (n, 10), with what the net answers to stored images (n, side, side), of 17 to 32 pixels a side.

    They are brought to 16x16 as `timetravel.digits.prepare.to_16x16` does it, to the rounding of floats.
    """

def distort(
    images: NDArray[np.float32],
    rows: NDArray[np.int64],
    outputs: NDArray[np.float32],
    offsets: NDArray[np.int64] | None = None,
    maps: NDArray[np.float32] | None = None,
    nodes: NDArray[np.float32] | None = None,
    splines: NDArray[np.float32] | None = None,
) -> None:
    """Fill `outputs`, (n, 16, 16), with the images at `rows`, (n,), each rolled and warped; see engine/augment.py.

    Args:
        images: (m, 16, 16).
        rows: which of them, 0 to m - 1.
        outputs: filled in place.
        offsets: (n, 2): what a pixel shows lay so far below and to the right, cyclically.
        maps: (n, 2, 3): y and x of the place that a pixel is taken from, by its own y and x from the centre, and 1.
        nodes: (n, 2, k * k): how far each node of a k by k grid moves these places along y and x.
        splines: (k, 16): the weight of each node along a side; must be given with nodes.
    """

def mix(
    images: NDArray[np.float32],
    partners: NDArray[np.int64],
    shares: NDArray[np.float32],
    outputs: NDArray[np.float32],
) -> None:
    """Fill `outputs` with shares[i] * images[i] + (1 - shares[i]) * images[partners[i]]; images are (n, 16, 16)."""

def curvature(
    options: Options,
    parameters: NDArray[np.float32],
    inputs: NDArray[np.float32],
    curvature: NDArray[np.float32],
) -> None:
    """Fill `curvature`, (9760,), with each parameter's positive second derivative: a mean over `inputs`, (n, 16, 16).

    It is `timetravel.nets.curvature`'s estimate. There must be one input or more; nothing is dropped.
    """
