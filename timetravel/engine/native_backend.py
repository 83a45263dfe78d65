"""The fast backend: the compiled kernel, one net a thread. It covers nearly every recipe."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from timetravel import nets
from timetravel.engine.epochs import Block
from timetravel.recipes import Recipe

try:
    from timetravel.engine import _kernel
except ImportError:  # installed where no compiler was found
    _kernel = None  # type: ignore[assignment]

VERSION = "native-1"  # part of a kept run's identity: raise it when the numbers change
HOW_TO_BUILD = (
    "The compiled kernel trains some hundred times faster. To get it, install a C++ compiler (Debian and Ubuntu: "
    "apt install g++; Fedora: dnf install gcc-c++; macOS: xcode-select --install) and install timetravel again."
)
COVERED: dict[str, tuple[object, ...]] = {
    "net": ("lecun1989", "fully-connected"),
    "width": (1,),
    "depth": (0,),
    "normalization": ("none",),
    "biases": ("unit",),
    "weight_normalization": (False,),
    "activation": ("tanh", "relu", "gelu", "silu"),
    "output": ("tanh", "linear"),
    "loss": ("squared-error", "cross-entropy"),
    "optimizer": ("sgd", "momentum", "adamw", "diagonal-newton"),
}
STATES = {"sgd": 0, "momentum": 1, "adamw": 2, "diagonal-newton": 1}  # arrays an optimizer keeps beside the weights


def missing() -> str | None:
    """Return why this backend can't be used here, or None if it can."""
    if _kernel is None:
        return "the compiled kernel was not built: no C++ compiler was found when timetravel was installed"
    return None


def uncovered(recipe: Recipe) -> str | None:
    """Return what the kernel can't do of a recipe, or None if it covers all of it."""
    for name, covered in COVERED.items():
        value = getattr(recipe, name)
        if value not in covered:
            return f"the compiled kernel does not cover {name} = {value}"
    return None


class NativeBackend:
    """Steps through blocks for one net. The kernel works on flat arrays in the order of the module's parameters."""

    name = "native"
    version = VERSION

    def __init__(self, recipe: Recipe, seeds: Sequence[int]) -> None:
        (seed,) = seeds
        self.recipe = recipe
        net = nets.build(recipe)
        nets.initialize(net, [seed])
        start = nets.lane_weights(net, 0)
        self.shapes = {name: array.shape for name, array in start.items()}
        self.parameters = np.concatenate([array.ravel() for array in start.values()])
        self.averaged = self.parameters.copy()
        self.state = np.zeros((STATES[recipe.optimizer], self.parameters.size), dtype=np.float32)
        self.table = nets.connection_table(recipe.table) if recipe.net == "lecun1989" else None
        self.net_options: dict[str, Any] = {
            "net": recipe.net,
            "activation": recipe.activation,
            "output": recipe.output,
            "border": recipe.border,
            "map_border": recipe.map_border,
            "amplitude": recipe.amplitude,
            "slope": recipe.slope,
        }
        self.loss_options: dict[str, Any] = {"loss": recipe.loss, "loss_scale": recipe.loss_scale}
        self.training_options: dict[str, Any] = {
            "optimizer": recipe.optimizer,
            "batch_size": recipe.batch_size,
            "momentum": recipe.momentum,
            "beta1": recipe.beta1,
            "beta2": recipe.beta2,
            "epsilon": recipe.epsilon,
            "weight_decay": recipe.weight_decay,
            "mu": recipe.mu,
            "sharpness": recipe.sharpness,
        }

    def step(self, blocks: Sequence[Block]) -> np.ndarray:
        """Train on one block; returns the summed loss before its updates, float64 (1,)."""
        (block,) = blocks
        if block.curvature_inputs is not None:
            images = block.curvature_inputs
            _kernel.curvature(
                self.parameters, images, self.state[0], self.table, **self.net_options, **self.loss_options
            )
        loss = _kernel.train_block(
            self.parameters,
            self.state,
            block.inputs,
            block.targets,
            block.mask if self.table is not None else None,  # it silences H2, which only this net has
            self.table,
            block.learning_rates,
            step=block.step,
            **self.net_options,
            **self.loss_options,
            **self.training_options,
        )
        if block.average == 1:
            np.copyto(self.averaged, self.parameters)
        else:
            self.averaged += np.float32(block.average) * (self.parameters - self.averaged)
        return np.array([loss])

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return the output units for n images, float32 (1, n, 10)."""
        outputs = np.empty((1, len(images), 10), dtype=np.float32)
        _kernel.forward(self.averaged, images, outputs[0], self.table, **self.net_options)
        return outputs

    def gradient_norms(self) -> np.ndarray | None:
        """Return None: the kernel keeps its gradients to itself."""
        return None

    def weights(self, lane: int) -> dict[str, np.ndarray]:
        """Return the parameters by name; lane 0 is the only one."""
        del lane
        ends = np.cumsum([np.prod(shape) for shape in self.shapes.values()])
        parts = np.split(self.averaged, ends[:-1])
        return {
            name: part.reshape(shape).copy() for (name, shape), part in zip(self.shapes.items(), parts, strict=True)
        }
