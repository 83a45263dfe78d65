"""A recipe says everything about a training run but its digits and its seed.

All that is said of a field stands at the field (see `Setting`); the lists that others use are derived from it.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_type_hints

from timetravel.errors import UsageError
from timetravel.files import toml
from timetravel.numbers import nearest, with_point

OWN: Final = "own:"  # begins the name of a net of one's own
HOW_TO_SHOW: Final = "A recipe's file is what `timetravel modernize --show today` prints."
SMALL, LARGE, MANY = 1e-30, 1e30, 1_000_000  # wide enough for every experiment, narrow enough for float32


@dataclass(frozen=True)
class Setting:
    """What is said of a recipe's field beside its default."""

    low: float | None = None  # the least that a number may be, and the most
    high: float | None = None
    costly: Literal["no", "by value", "if any"] = "no"  # whether an example's time depends on it, or on its being 0
    of_net: bool = False  # whether a finished net computes by it
    native: tuple[object, ...] | None = None  # the values that the compiled kernel covers; None: all
    search: Literal["no", "log", "linear"] = "no"  # whether a search that is told nothing varies it, and on which scale
    used: Callable[[Any], bool] = lambda _: True  # whether a recipe makes use of it
    type: Any = None  # filled in by Recipe.settings, as are the names that it may be, if it is one of a few
    names: tuple[str, ...] = ()


def setting(default: Any, low: float | None = None, high: float | None = None, **said: Any) -> Any:
    """Return a recipe's field with its default and what is said of it: see Setting."""
    return field(default=default, metadata={"said": Setting(low, high, **said)})


def _of_net(default: Any, low: float | None = None, high: float | None = None, **said: Any) -> Any:
    return setting(default, low, high, of_net=True, **said)


def _amount(default: float, high: float) -> Any:
    """Return the field of an augmentation: 0 is none, and any takes time."""
    return setting(default, 0, high, costly="if any", search="linear")


def _by(*optimizers: str) -> Callable[["Recipe"], bool]:
    return lambda recipe: recipe.optimizer in optimizers


_adaptive = _by("adamw", "schedule-free", "muon")


def _squared(recipe: "Recipe") -> bool:
    return recipe.loss == "squared-error"


@dataclass(frozen=True, repr=False)
class Recipe:
    """Everything that defines a training run but the digits and the seed. Plain values only: JSON in and out.

    The defaults are the 2022 essay's interpretation of the paper. Where the paper is silent, the comment says 'guess'.
    """

    # How a stored image larger than 16x16 is brought to 16x16.
    window: float = _of_net(1.0, 0.5, 1)  # share of its side that is kept, around the middle
    deslant: float = _of_net(0.0, 0, 1)  # share of its slant that is taken out

    net: Literal["lecun1989", "fully-connected", "micro-vit"] = _of_net(
        "lecun1989", costly="by value", native=("lecun1989", "fully-connected")
    )
    # Times as many maps and hidden units as in 1989, in steps of a half.
    width: float = _of_net(1.0, 0.5, 16, costly="by value", native=(1,))
    # Further hidden layers between H3 and the output, each as wide as H3.
    depth: int = _of_net(0, 0, 64, costly="by value", native=(0,))
    residual: bool = _of_net(False, costly="by value")  # whether a further layer adds what it computes to what it reads
    # Of what further layers, and then the output, read.
    normalization: Literal["none", "layer"] = _of_net("none", costly="by value", native=("none",))
    table: str = _of_net("blocks")  # which 8 of H1's 12 maps each map of H2 reads (a name in connections.TABLES); guess
    activation: Literal["tanh", "relu", "gelu", "silu"] = _of_net("tanh", costly="by value")  # of H1, H2, H3
    output: Literal["tanh", "linear"] = _of_net("tanh", costly="by value")  # of the ten output units
    amplitude: float = _of_net(1.0, SMALL, LARGE)  # A of A tanh(S x); guess
    slope: float = _of_net(1.0, SMALL, LARGE)  # S of A tanh(S x); guess
    border: float = _of_net(-1.0, -LARGE, LARGE)  # what lies outside the image, as the paper says
    map_border: float = _of_net(-1.0, -LARGE, LARGE)  # what lies outside H1's maps; guess
    # Whether each unit has its own, as the paper says, or each map.
    biases: Literal["unit", "map"] = _of_net("unit", costly="by value", native=("unit",))
    # Train each unit's weights as a length and a direction.
    weight_normalization: bool = setting(False, costly="by value", native=(False,))

    # Both a mean over digits, the first over outputs too.
    loss: Literal["squared-error", "cross-entropy"] = setting("squared-error", costly="by value")
    loss_scale: float = setting(1.0, SMALL, LARGE)  # of the loss that is trained, not of the one that is told; guess
    target_low: float = setting(-1.0, -LARGE, LARGE, used=_squared)  # asked of the nine wrong output units
    target_high: float = setting(1.0, -LARGE, LARGE, used=_squared)  # asked of the right one

    optimizer: Literal["sgd", "momentum", "adamw", "schedule-free", "muon", "diagonal-newton"] = setting(
        "sgd", costly="by value", native=("sgd", "momentum", "adamw", "diagonal-newton")
    )
    learning_rate: float = setting(0.03, SMALL, LARGE, search="log")  # guess
    # linear: from epoch to epoch, reaching the final rate at the last; cosine and one-cycle: from update to update.
    schedule: Literal["constant", "linear", "cosine", "one-cycle"] = "constant"
    final_learning_rate: float = setting(0.0, 0, LARGE, search="log", used=lambda recipe: recipe.schedule != "constant")
    warm_up: float = setting(0.0, 0, MANY)  # epochs in which the learning rate rises from 0 to the schedule's
    momentum: float = setting(0.0, 0, 1, used=_by("momentum", "muon"))
    beta1: float = setting(0.9, 0, 0.999999, used=_adaptive)
    beta2: float = setting(0.999, 0, 0.999999, used=_adaptive)
    epsilon: float = setting(1e-8, SMALL, LARGE, used=_adaptive)
    # diagonal-newton: a parameter moves by learning_rate / (mu + its curvature); guess
    mu: float = setting(0.1, SMALL, LARGE, search="log", used=_by("diagonal-newton"))
    # diagonal-newton: on how many digits the curvature is estimated before an epoch; guess
    curvature_digits: int = setting(500, 1, MANY, used=_by("diagonal-newton"))
    weight_decay: float = setting(0.0, 0, LARGE, search="log", used=_adaptive)
    # The radius in which sharpness-aware minimization looks for the worst loss.
    sharpness: float = setting(0.0, 0, LARGE, costly="if any", search="log")

    epochs: int = setting(23, 1, MANY)
    batch_size: int = setting(1, 1, MANY, costly="by value")
    order: Literal["constant", "shuffled"] = "constant"  # of the digits, from epoch to epoch
    # What the net that is measured averages over training, from block to block (1,024 examples).
    averaging: Literal["none", "exponential", "tail"] = "none"
    # exponential: the memory; tail: how many epochs before the end it begins
    averaging_epochs: float = setting(5.0, SMALL, MANY, search="log", used=lambda recipe: recipe.averaging != "none")

    # Other targets.
    labels: Literal["people", "recognizer"] = "people"  # whose labels train; the recognizer's are of usps alone
    # Share that all ten outputs divide among them.
    label_smoothing: float = setting(0.0, 0, 1, search="linear", used=lambda recipe: recipe.labels == "people")
    distillation: float = setting(0.0, 0, 1, search="linear")  # share that is the mean of the teachers' softmax
    # Nets of this recipe without distillation, trained first on the same digits.
    teachers: int = setting(0, 0, 100, costly="by value")
    # Of each teacher; 0: the recipe's.
    teacher_epochs: int = setting(0, 0, MANY, used=lambda recipe: recipe.teachers > 0)

    dropout: float = _amount(0.0, 0.99)  # share of H2's units silenced before H3
    # Augmentations, all drawn for every example; uniform between minus and plus the number, unless said otherwise.
    shift: int = _amount(0, 8)  # roll each image by at most so many pixels in x and in y
    translation: float = _amount(0.0, 8)  # pixels
    rotation: float = _amount(0.0, 180)  # degrees
    scaling: float = _amount(0.0, 0.9)  # share of the size
    shear: float = _amount(0.0, 80)  # degrees
    elastic: float = _amount(0.0, 8)  # standard deviation of the displacement, pixels
    # A side of the coarse grid that the displacements are drawn on.
    elastic_nodes: int = setting(6, 2, 16, used=lambda recipe: recipe.elastic > 0)
    erasing: float = _amount(0.0, 1)  # share of the images in which a random rectangle is erased
    # alpha of the Beta distribution by which two images and their targets are mixed, or a part of another is pasted in
    mixup: float = _amount(0.0, 1000)
    cutmix: float = _amount(0.0, 1000)

    initial_weights: Literal["uniform", "orthogonal"] = "uniform"
    initial_spread: float = setting(2.4, 0, LARGE)  # uniform ones lie in +-spread / fan_in ** power
    initial_power: float = setting(0.5, 0, 10)  # guess: the paper divides by the fan-in itself
    # Nine targets of ten are low; all other biases start at 0; guess
    initial_output_bias: float = setting(-1.0, -LARGE, LARGE)

    def __post_init__(self) -> None:
        """Refuse values that no run could follow (UsageError)."""
        for name, about in self.settings().items():
            value = getattr(self, name)
            allowed = ""
            if about.names and value not in about.names and not (name == "net" and str(value).startswith(OWN)):
                allowed, value = ", ".join(about.names), repr(value)
            elif about.low is not None and about.high is not None and not about.low <= value <= about.high:
                allowed, value = f"{about.low:g} to {about.high:g}", f"{value:g}"
            elif name == "width" and value % 0.5:
                allowed, value = "halves, as 0.5, 1, 1.5, so that maps divide into thirds", f"{value:g}"
            if allowed:
                raise UsageError(f"{value} is no {name} that a recipe can have.", f"Allowed: {allowed}.")
        if self.net != "lecun1989" and (self.width != 1 or self.depth):
            raise UsageError(f"The net {self.net} has one size.", "Leave width at 1 and depth at 0, or net=lecun1989.")
        if self.loss == "cross-entropy" and self.output != "linear":
            raise UsageError("Cross-entropy needs linear outputs.", "Set output='linear'.")
        if bool(self.teachers) != bool(self.distillation):
            problem = f"{self.teachers} teachers for a distillation of {self.distillation:g}: each needs the other."
            raise UsageError(problem, "Set both, as teachers=3 and distillation=0.9, or neither.")
        if (self.teachers or self.labels != "people") and self.loss != "cross-entropy":
            raise UsageError("Teachers speak in probabilities.", "Set loss='cross-entropy' and output='linear'.")

    def __repr__(self) -> str:
        return f"Recipe({', '.join(f'{name}={value!r}' for name, value in self.to_dict().items())})"

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

    def changes_from(self, other: "Recipe") -> dict[str, Any]:
        """Return the values by name that differ from another recipe's."""
        mine = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return {name: value for name, value in mine.items() if value != getattr(other, name)}

    def to_dict(self) -> dict[str, Any]:
        """Return what differs from the defaults as plain values, for JSON: a new field changes no old recipe."""
        return self.changes_from(type(self)())

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Recipe":
        """Read a recipe back, defaults filled in; raises UsageError for a name that no recipe has."""
        if unknown := sorted(set(values) - set(cls.settings())):
            raise UsageError(f"A recipe has no {', '.join(unknown)}.", f"It has: {', '.join(sorted(cls.settings()))}.")
        return cls(**values)

    def to_toml(self) -> str:
        """Return what differs from the defaults as a TOML file, which `--recipe` reads."""
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in self.to_dict().items()]
        return "".join(["# What is not named is as in 1989-essay.\n", *lines])

    @classmethod
    def read(cls, file: Path) -> "Recipe":
        """Read a recipe from a TOML file of its values by name; raises UsageError for what is none."""
        values = toml(file, f"--recipe {file}", HOW_TO_SHOW, UsageError)
        return cls(**{name: value_of(name, value, f"--recipe {file}") for name, value in values.items()})

    @classmethod
    @cache
    def settings(cls) -> dict[str, Setting]:
        """Return what is said of each field, by name."""
        types = get_type_hints(cls)
        said = {f.name: f.metadata.get("said", Setting()) for f in dataclasses.fields(cls)}
        return {n: dataclasses.replace(about, type=types[n], names=get_args(types[n])) for n, about in said.items()}


RANGES: Final = {n: (s.low, s.high) for n, s in Recipe.settings().items() if s.low is not None and s.high is not None}
WORDS: Final[dict[object, str]] = {int: "a whole number", float: "a number", str: "a name", bool: "true or false"}


def changed(recipe: Recipe, changes: Iterable[str]) -> Recipe:
    """Apply changes written as 'name=value', the value as in JSON (a bare word is a text); raises UsageError."""
    values: dict[str, Any] = {}
    for change in changes:
        name, equals, text = (part.strip() for part in change.partition("="))
        if not equals:
            raise UsageError(f"--set {change}: there is no value.", "Type NAME=VALUE, as learning_rate=0.1.")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        if name in values:
            raise UsageError(f"--set {change}: {name} is set twice.", "Set each number once (--epochs sets epochs).")
        values[name] = value_of(name, value, f"--set {change}", type(recipe), text)
    return recipe.but(**values)


def value_of(name: str, value: Any, where: str, of: type[Recipe] = Recipe, text: str = "") -> Any:
    """Return a recipe's value by its name, if it is of its kind; raises UsageError. A function is taken as it is.

    where: what named it; text: the value as it was typed.
    """
    known = of.settings()
    if name not in known:
        raise UsageError(f"{where}: a recipe has no {name!r}.{nearest(name, known)}", f"It has: {', '.join(known)}.")
    allowed = known[name].names or (known[name].type,)
    if float in allowed and type(value) is int:
        value = float(value)
    if not callable(value) and not any(
        value == kind or (isinstance(kind, type) and type(value) is kind) for kind in allowed
    ):
        low, high = RANGES.get(name, (None, None))
        words = ", ".join(WORDS.get(kind, str(kind)) for kind in allowed)
        ends = "" if low is None else f" from {low:g} to {high:g}"
        guess = with_point(text) if float in allowed else ""
        raise UsageError(f"{where}: {text or value!r} is no {name}.{guess}", f"Allowed: {words}{ends}.")
    return value


def plain(value: object) -> str:
    """Write a value of a recipe; of a net of one's own the name that it was given."""
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).rpartition("-")[0] if str(value).startswith(OWN) else str(value)
