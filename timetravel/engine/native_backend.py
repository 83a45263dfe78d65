"""The fast backend: the compiled kernel, one net a thread. It covers nearly every recipe."""

from collections.abc import Sequence

import numpy as np

from timetravel import nets
from timetravel.engine.compiled import kernel as _kernel
from timetravel.engine.epochs import Block
from timetravel.recipes import Recipe

VERSION = "native-2"  # part of a kept run's identity: raise it when the numbers change
HOW_TO_BUILD = (
    "The compiled kernel trains some hundred times faster. To get it, install a C++ compiler (Debian and Ubuntu: "
    "apt install g++; Fedora: dnf install gcc-c++; macOS: xcode-select --install) and install timetravel again."
)
STATES = {"sgd": 0, "momentum": 1, "adamw": 2, "diagonal-newton": 1}  # arrays an optimizer keeps beside the weights
OPTIONS = (  # the values of a recipe that the kernel is told
    "net", "activation", "output", "border", "map_border", "amplitude", "slope", "loss", "loss_scale", "optimizer",
    "batch_size", "momentum", "beta1", "beta2", "epsilon", "weight_decay", "mu", "sharpness",
)  # fmt: skip


def missing() -> str | None:
    """Return why this backend can't be used here, or None if it can."""
    if _kernel is None:
        return "the compiled kernel was not built: no C++ compiler was found when timetravel was installed"
    return None


def uncovered(recipe: Recipe) -> str | None:
    """Return what the kernel can't do of a recipe, or None if it covers all of it."""
    for name, about in recipe.settings().items():
        value = getattr(recipe, name)
        if about.native is not None and value not in about.native:
            return f"the compiled kernel does not cover {name} = {value}"
    return None


class NativeBackend:
    """Steps through blocks for one net. The kernel works on flat arrays in the order of the module's parameters."""

    version = VERSION
    norms = None  # the kernel keeps its gradients to itself

    def __init__(self, recipe: Recipe, seeds: Sequence[int]) -> None:
        (seed,) = seeds
        self.recipe = recipe
        net = nets.build(recipe)
        nets.initialize(net, [seed])
        start = nets.lane_weights(net, 0)
        self.shapes = {name: array.shape for name, array in start.items()}
        self.load(start)
        self.state = np.zeros((STATES[recipe.optimizer], self.parameters.size), dtype=np.float32)
        self.has_h2 = recipe.net == "lecun1989"
        table = nets.connection_table(recipe.table) if self.has_h2 else None
        self.options = _kernel.Options(table=table, **{name: getattr(recipe, name) for name in OPTIONS})

    def step(self, blocks: Sequence[Block]) -> np.ndarray:
        """Train on one block; returns the summed loss before its updates, float64 (1,)."""
        (block,) = blocks
        if block.curvature_inputs is not None:
            _kernel.curvature(self.options, self.parameters, block.curvature_inputs, self.state[0])
        mask = block.mask if self.has_h2 else None
        shown = block.inputs, block.targets, mask, block.learning_rates
        loss = _kernel.train_block(self.options, self.parameters, self.state, *shown, step=block.step)
        if block.average == 1:
            np.copyto(self.averaged, self.parameters)
        else:
            self.averaged += np.float32(block.average) * (self.parameters - self.averaged)
        return np.array([loss])

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """Return the output units for n images, float32 (1, n, 10)."""
        outputs = np.empty((1, len(images), 10), dtype=np.float32)
        _kernel.forward(self.options, self.averaged, images, outputs[0])
        return outputs

    def read_pictures(self, pictures: np.ndarray) -> np.ndarray:
        """Return the output units for n stored pictures, float32 (n, 28, 28) in [-1, 1], which it prepares itself."""
        outputs = np.empty((len(pictures), 10), dtype=np.float32)
        frame = self.recipe.window, self.recipe.deslant
        _kernel.framed_forward(self.options, self.averaged, pictures, outputs, *frame)
        return outputs

    def load(self, weights: dict[str, np.ndarray]) -> None:
        """Take the net's parameters."""
        self.parameters = np.concatenate([weights[name].ravel() for name in self.shapes])
        self.averaged = self.parameters.copy()

    def weights(self, lane: int) -> dict[str, np.ndarray]:
        """Return the parameters by name; lane 0 is the only one."""
        assert lane == 0
        ends = np.cumsum([np.prod(shape) for shape in self.shapes.values()])
        parts = np.split(self.averaged, ends[:-1])
        return {name: part.reshape(self.shapes[name]).copy() for name, part in zip(self.shapes, parts, strict=True)}
