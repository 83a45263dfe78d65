"""What a run is, and how the outputs of a net are measured."""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from timetravel.digits import Digits
from timetravel.digits.recognized import recognized
from timetravel.recipes import Recipe


@dataclass(frozen=True)
class Job:
    """A run to be made: a recipe, its digits and a seed. `test` only ever measures the finished net."""

    recipe: Recipe
    digits: Digits
    test: Digits
    seed: int
    label: str = ""  # how progress calls it; no part of its identity

    def framed(self) -> "Job":
        """Return the job with its digits brought to 16x16, and those that train labelled, as its recipe says.

        Raises UsageError where the recognizer's labels are asked for and those digits have none.
        """
        frame = self.recipe.window, self.recipe.deslant
        digits = self.digits.framed(*frame)
        if self.recipe.labels == "recognizer":
            digits = recognized(digits)
        return replace(self, digits=digits, test=self.test.framed(*frame))

    @property
    def examples(self) -> int:
        """How many times a digit is shown, to teachers too."""
        return self.recipe.all_epochs * len(self.digits)

    @property
    def training(self) -> tuple[Recipe, str, int]:
        """What tells the net that this job trains from any other."""
        return self.recipe, self.digits.fingerprint, self.seed

    @property
    def identity(self) -> tuple[Recipe, str, str, int]:
        """What tells this job's run from any other: its net and the digits that measure it."""
        return self.recipe, self.digits.fingerprint, self.test.fingerprint, self.seed


class Figures(NamedTuple):
    """The loss and the mistakes of a net on one set of digits."""

    loss: float  # squared error: mean over digits and outputs, as in the paper; cross-entropy: mean, in nats
    mistakes: int
    size: int

    @property
    def error(self) -> float:
        """Mistakes in percent."""
        return 100 * self.mistakes / self.size


class Point(NamedTuple):
    """A run after one of its epochs (counted from 1)."""

    epochs: int
    train: Figures
    test: Figures


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """A finished run and all that is known about it."""

    recipe: Recipe
    seed: int
    digits: str  # fingerprint of the training digits
    test_digits: str  # fingerprint of the digits that measured
    labels: np.ndarray  # int64 (test size,): what these digits are
    train: Figures
    test: Figures
    outputs: np.ndarray  # float32 (test size, 10): the ten output units for every test digit
    weights: dict[str, np.ndarray]  # float32, by parameter name
    examples_seen: int
    seconds: float  # wall time, training and measuring
    beside: int  # runs that shared those seconds
    backend: str
    diverged: int | None  # the epoch after which the loss was no longer a number
    curve: tuple[Point, ...]  # empty unless the run was watched
    # Lengths of the gradients of the first and of the last layer's weights, on the first batch of each epoch; PyTorch.
    gradient_norms: tuple[tuple[float, float], ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)  # versions, machine, threads, time of day

    def __repr__(self) -> str:
        read = f"{self.test.mistakes:,} of {self.test.size:,} test digits misread"
        return f"Run(seed {self.seed}, {self.recipe.epochs} epochs, {read}, {self.backend}, {self.seconds:.1f} s)"

    @property
    def identity(self) -> tuple[Recipe, str, str, int]:
        """The identity of the job that this run did."""
        return self.recipe, self.digits, self.test_digits, self.seed

    @property
    def predictions(self) -> np.ndarray:
        """The digit read from each test digit, int64 (test size,)."""
        return read(self.outputs)

    @property
    def misread(self) -> np.ndarray:
        """Which test digits are read wrongly, bool (test size,)."""
        return np.asarray(self.predictions != self.labels)

    @property
    def sound(self) -> bool:
        """Whether the net neither diverged nor collapsed."""
        return self.diverged is None and not self.collapsed

    @property
    def collapsed(self) -> bool:
        """Whether the net reads no better than one that always answers the commonest digit, or almost does that.

        Almost: one answer goes to so many digits that they are nearer to all of them than to the commonest digit's.
        """
        commonest = int(np.bincount(self.labels).max())
        alike = int(np.unique(self.predictions, return_counts=True)[1].max())
        return self.test.mistakes >= self.test.size - commonest or 2 * alike > self.test.size + commonest


def read(outputs: np.ndarray) -> np.ndarray:
    """Return the digits that outputs (n, 10) stand for: the most active unit; -1 where an output is not a number."""
    digits = outputs.argmax(axis=1)
    finite = np.isfinite(outputs)
    return digits if finite.all() else np.where(finite.all(axis=1), digits, -1)


def measure(outputs: np.ndarray, digits: Digits, recipe: Recipe) -> Figures:
    """Measure the outputs (n, 10) of a net on n digits, in float64. Mistakes are counted, never derived from a rate."""
    values = outputs.astype(np.float64)
    right = values[np.arange(len(digits)), digits.labels]
    if recipe.loss == "cross-entropy":
        top = values.max(axis=1)
        loss = (np.log(np.exp(values - top[:, None]).sum(axis=1)) + top - right).mean()
    else:
        low, high = recipe.target_low, recipe.target_high
        values -= low
        as_if_wrong = np.einsum(
            "ij,ij->", values, values
        )  # every unit asked for the low target; then the right one not
        loss = (as_if_wrong + (np.square(right - high) - np.square(right - low)).sum()) / values.size
    return Figures(float(loss), int((read(outputs) != digits.labels).sum()), len(digits))
