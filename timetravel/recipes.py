"""A recipe says everything about a training run but its digits and its seed."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, get_args, get_type_hints

from timetravel.errors import UsageError
from timetravel.numbers import nearest

# What each number of a recipe may be; wide enough for every experiment, narrow enough for float32.
SMALL, LARGE = 1e-30, 1e30
RANGES: Final[dict[str, tuple[float, float]]] = {
    "width": (0.5, 16),
    "depth": (0, 64),
    "amplitude": (SMALL, LARGE),
    "slope": (SMALL, LARGE),
    "border": (-LARGE, LARGE),
    "map_border": (-LARGE, LARGE),
    "loss_scale": (SMALL, LARGE),
    "target_low": (-LARGE, LARGE),
    "target_high": (-LARGE, LARGE),
    "learning_rate": (SMALL, LARGE),
    "final_learning_rate": (0, LARGE),
    "momentum": (0, 1),
    "beta1": (0, 0.999999),
    "beta2": (0, 0.999999),
    "epsilon": (SMALL, LARGE),
    "weight_decay": (0, LARGE),
    "label_smoothing": (0, 1),
    "distillation": (0, 1),
    "teachers": (0, 100),
    "teacher_epochs": (0, 1_000_000),
    "warm_up": (0, 1_000_000),
    "sharpness": (0, LARGE),
    "averaging_epochs": (SMALL, 1_000_000),
    "translation": (0, 8),
    "rotation": (0, 180),
    "scaling": (0, 0.9),
    "shear": (0, 80),
    "elastic": (0, 8),
    "elastic_nodes": (2, 16),
    "erasing": (0, 1),
    "mixup": (0, 1000),
    "cutmix": (0, 1000),
    "mu": (SMALL, LARGE),
    "curvature_digits": (1, 1_000_000),
    "epochs": (1, 1_000_000),
    "batch_size": (1, 1_000_000),
    "shift": (0, 8),
    "dropout": (0, 0.99),
    "window": (0.5, 1),
    "deslant": (0, 1),
    "initial_spread": (0, LARGE),
    "initial_power": (0, 10),
    "initial_output_bias": (-LARGE, LARGE),
}


@dataclass(frozen=True)
class Recipe:
    """Everything that defines a training run but the digits and the seed. Plain values only: JSON in and out.

    The defaults are the 2022 essay's interpretation of the paper. Where the paper is silent, the comment says 'guess'.
    """

    # How a stored image larger than 16x16 is brought to 16x16.
    window: float = 1.0  # share of its side that is kept, around the middle
    deslant: float = 0.0  # share of its slant that is taken out

    net: Literal["lecun1989", "fully-connected", "micro-vit"] = "lecun1989"
    width: float = 1.0  # times as many maps and hidden units as in 1989, in steps of a half
    depth: int = 0  # further hidden layers between H3 and the output, each as wide as H3
    residual: bool = False  # whether a further layer adds what it computes to what it reads
    normalization: Literal["none", "layer"] = "none"  # of what further layers, and then the output, read
    table: str = "blocks"  # which 8 of H1's 12 maps each map of H2 reads (a name in nets.TABLES); guess
    activation: Literal["tanh", "relu", "gelu", "silu"] = "tanh"  # of H1, H2, H3
    output: Literal["tanh", "linear"] = "tanh"  # of the ten output units
    amplitude: float = 1.0  # A of A tanh(S x); guess
    slope: float = 1.0  # S of A tanh(S x); guess
    border: float = -1.0  # what lies outside the image, as the paper says
    map_border: float = -1.0  # what lies outside H1's maps; guess
    biases: Literal["unit", "map"] = "unit"  # whether each unit has its own, as the paper says, or each map
    weight_normalization: bool = False  # train each unit's weights as a length and a direction

    loss: Literal["squared-error", "cross-entropy"] = (
        "squared-error"  # both a mean over digits, the first over outputs too
    )
    loss_scale: float = 1.0  # of the loss that is trained, not of the one that is told; guess
    target_low: float = -1.0  # asked of the nine wrong output units
    target_high: float = 1.0  # asked of the right one
    label_smoothing: float = 0.0  # share of the target that all ten outputs divide among them
    distillation: float = 0.0  # share of the target that is the mean of the teachers' softmax
    teachers: int = 0  # nets of this recipe without distillation, trained first on the same digits
    teacher_epochs: int = 0  # of each teacher; 0: the recipe's

    optimizer: Literal["sgd", "momentum", "adamw", "schedule-free", "muon", "diagonal-newton"] = "sgd"
    learning_rate: float = 0.03  # guess
    # linear: from epoch to epoch, reaching the final rate at the last; cosine and one-cycle: from update to update.
    schedule: Literal["constant", "linear", "cosine", "one-cycle"] = "constant"
    final_learning_rate: float = 0.0
    warm_up: float = 0.0  # epochs in which the learning rate rises from 0 to the schedule's
    momentum: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    mu: float = 0.1  # diagonal-newton: a parameter moves by learning_rate / (mu + its curvature); guess
    sharpness: float = 0.0  # the radius in which sharpness-aware minimization looks for the worst loss
    curvature_digits: int = 500  # diagonal-newton: on how many digits the curvature is estimated before an epoch; guess

    epochs: int = 23
    batch_size: int = 1
    order: Literal["constant", "shuffled"] = "constant"  # of the digits, from epoch to epoch
    # What the net that is measured averages over training, from block to block (1,024 examples).
    averaging: Literal["none", "exponential", "tail"] = "none"
    averaging_epochs: float = 5.0  # exponential: the memory; tail: how many epochs before the end it begins

    # Augmentations, all drawn for every example; uniform between minus and plus the number, unless said otherwise.
    shift: int = 0  # roll each image by at most so many pixels in x and in y
    translation: float = 0.0  # pixels
    rotation: float = 0.0  # degrees
    scaling: float = 0.0  # share of the size
    shear: float = 0.0  # degrees
    elastic: float = 0.0  # standard deviation of the displacement, pixels
    elastic_nodes: int = 6  # a side of the coarse grid that the displacements are drawn on
    erasing: float = 0.0  # share of the images in which a random rectangle is erased
    mixup: float = 0.0  # alpha of the Beta distribution by which two images, and their targets, are mixed
    cutmix: float = 0.0  # alpha of the Beta distribution by which a part of another image is pasted in
    dropout: float = 0.0  # share of H2's units silenced before H3

    initial_weights: Literal["uniform", "orthogonal"] = "uniform"
    initial_spread: float = 2.4  # uniform ones lie in +-spread / fan_in ** power
    initial_power: float = 0.5  # guess: the paper divides by the fan-in itself
    initial_output_bias: float = -1.0  # nine targets of ten are low; all other biases start at 0; guess

    def __post_init__(self) -> None:
        """Refuse values that no run could follow (UsageError)."""
        hints = get_type_hints(type(self))
        for field in dataclasses.fields(self):
            allowed = get_args(hints[field.name])
            value = getattr(self, field.name)
            if allowed and all(isinstance(a, str) for a in allowed) and value not in allowed:
                raise UsageError(
                    f"{value!r} is no {field.name} that a recipe can have.", f"Allowed: {', '.join(allowed)}."
                )
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise UsageError(f"{value} is no {name} that a recipe can have.", f"Allowed: {low:g} to {high:g}.")
        self._refuse_sizes()
        if self.loss == "cross-entropy" and self.output != "linear":
            raise UsageError("Cross-entropy needs linear outputs.", "Set output='linear'.")
        if bool(self.teachers) != bool(self.distillation):
            raise UsageError(
                f"{self.teachers} teachers for a distillation of {self.distillation:g}: each needs the other.",
                "Set both, as teachers=3 and distillation=0.9, or neither.",
            )
        if self.teachers and self.loss != "cross-entropy":
            raise UsageError("Teachers speak in probabilities.", "Set loss='cross-entropy' and output='linear'.")

    def _refuse_sizes(self) -> None:
        """Refuse sizes that the net can't have (UsageError)."""
        if self.width % 0.5:
            raise UsageError(
                f"{self.width:g} is no width that a recipe can have.",
                "Allowed: halves, as 0.5, 1, 1.5, so that maps divide into thirds.",
            )
        if self.net != "lecun1989" and (self.width != 1 or self.depth):
            raise UsageError(f"The net {self.net} has one size.", "Leave width at 1 and depth at 0, or net=lecun1989.")

    @property
    def resized(self) -> bool:
        """Whether the net has another width or depth than in 1989."""
        return self.width != 1 or self.depth > 0

    def but(self, **changes: Any) -> "Recipe":
        """Return this recipe with some values changed."""
        return dataclasses.replace(self, **changes)

    def teacher(self) -> "Recipe":
        """Return the recipe of this recipe's teachers."""
        return self.but(teachers=0, distillation=0.0, teacher_epochs=0, epochs=self.teacher_epochs or self.epochs)

    @property
    def all_epochs(self) -> int:
        """Epochs over the digits in all, those of the teachers included."""
        return self.epochs + self.teachers * (self.teacher_epochs or self.epochs)

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain values, for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Recipe":
        """Read a recipe back; raises UsageError for a name that no recipe has."""
        known = {field.name for field in dataclasses.fields(cls)}
        if unknown := sorted(set(values) - known):
            raise UsageError(f"A recipe has no {', '.join(unknown)}.", f"It has: {', '.join(sorted(known))}.")
        return cls(**values)

    @cached_property
    def digest(self) -> str:
        """The recipe's identity: sha256 over its canonical JSON."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()


WORDS: Final[dict[object, str]] = {int: "a whole number", float: "a number", str: "a name", type(None): "null"}


def changed(recipe: Recipe, changes: Iterable[str]) -> Recipe:
    """Apply changes written as 'name=value', the value as in JSON (a bare word is a text); raises UsageError."""
    hints = get_type_hints(Recipe)
    values: dict[str, Any] = {}
    for change in changes:
        name, equals, text = (part.strip() for part in change.partition("="))
        if not equals:
            raise UsageError(f"--set {change}: there is no value.", "Type NAME=VALUE, as learning_rate=0.1.")
        if name not in hints:
            raise UsageError(
                f"--set {change}: a recipe has no {name!r}.{nearest(name, hints)}",
                f"Type NAME=VALUE with one of: {', '.join(hints)}.",
            )
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        kinds = get_args(hints[name]) or (hints[name],)
        if float in kinds and type(value) is int:
            value = float(value)
        if not any(value == kind or (isinstance(kind, type) and type(value) is kind) for kind in kinds):
            words = ", ".join(WORDS.get(kind, str(kind)) for kind in kinds)
            raise UsageError(f"--set {change}: {text!r} is no {name}.", f"Allowed: {words}.")
        values[name] = value
    return recipe.but(**values)
