"""A recipe says everything about a training run but its digits and its seed."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, get_args, get_type_hints

from timetravel.errors import UsageError
from timetravel.words import nearest

# What each number of a recipe may be; wide enough for every experiment, narrow enough for float32.
SMALL, LARGE = 1e-30, 1e30
RANGES: Final[dict[str, tuple[float, float]]] = {
    "amplitude": (SMALL, LARGE),
    "slope": (SMALL, LARGE),
    "border": (-LARGE, LARGE),
    "map_border": (-LARGE, LARGE),
    "loss_scale": (SMALL, LARGE),
    "target_low": (-LARGE, LARGE),
    "target_high": (-LARGE, LARGE),
    "learning_rate": (SMALL, LARGE),
    "final_learning_rate": (SMALL, LARGE),
    "momentum": (0, 1),
    "beta1": (0, 0.999999),
    "beta2": (0, 0.999999),
    "epsilon": (SMALL, LARGE),
    "weight_decay": (0, LARGE),
    "mu": (SMALL, LARGE),
    "curvature_digits": (1, 1_000_000),
    "passes": (1, 1_000_000),
    "batch_size": (1, 1_000_000),
    "shift": (0, 8),
    "dropout": (0, 0.99),
    "initial_spread": (0, LARGE),
    "initial_power": (0, 10),
    "initial_output_bias": (-LARGE, LARGE),
}


@dataclass(frozen=True)
class Recipe:
    """Everything that defines a training run but the digits and the seed. Plain values only: JSON in and out.

    The defaults are the 2022 essay's reading of the paper. Where the paper is silent, the comment says 'guess'.
    """

    net: Literal["lecun1989", "fully-connected"] = "lecun1989"
    table: str = "blocks"  # which 8 of H1's maps each map of H2 reads (a name in nets.TABLES); guess
    activation: Literal["tanh", "relu"] = "tanh"  # of H1, H2, H3
    output: Literal["tanh", "linear"] = "tanh"  # of the ten output units
    amplitude: float = 1.0  # A of A tanh(S x); guess
    slope: float = 1.0  # S of A tanh(S x); guess
    border: float = -1.0  # what lies outside the image, as the paper says
    map_border: float = -1.0  # what lies outside H1's maps; guess
    biases: Literal["unit", "map"] = "unit"  # whether each unit has its own, as the paper says, or each map

    loss: Literal["squared-error", "cross-entropy"] = (
        "squared-error"  # both a mean over digits, the first over outputs too
    )
    loss_scale: float = 1.0  # of the loss that is trained, not of the one that is told; guess
    target_low: float = -1.0  # asked of the nine wrong output units
    target_high: float = 1.0  # asked of the right one

    optimizer: Literal["sgd", "momentum", "adamw", "diagonal-newton"] = "sgd"
    learning_rate: float = 0.03  # guess
    final_learning_rate: float | None = None  # reached at the last pass, linearly from pass to pass; None: constant
    momentum: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    mu: float = 0.1  # diagonal-newton: a parameter moves by learning_rate / (mu + its curvature); guess
    curvature_digits: int = 500  # diagonal-newton: on how many digits the curvature is estimated before a pass; guess

    passes: int = 23
    batch_size: int = 1
    order: Literal["constant", "shuffled"] = "constant"  # of the digits, from pass to pass
    shift: int = 0  # roll each image by at most so many pixels in x and in y, drawn for every presentation
    dropout: float = 0.0  # share of H2's units silenced before H3, drawn for every presentation

    initial_spread: float = 2.4  # initial weights are uniform in +-spread / fan_in ** power
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
        if self.loss == "cross-entropy" and self.output != "linear":
            raise UsageError("Cross-entropy needs linear outputs.", "Set output='linear'.")

    def but(self, **changes: Any) -> "Recipe":
        """Return this recipe with some values changed."""
        return dataclasses.replace(self, **changes)

    def learning_rate_at(self, pass_number: int) -> float:
        """Return the learning rate of a pass, counted from 0."""
        if self.final_learning_rate is None or self.passes == 1:
            return self.learning_rate
        share = pass_number / (self.passes - 1)
        return (1 - share) * self.learning_rate + share * self.final_learning_rate

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
