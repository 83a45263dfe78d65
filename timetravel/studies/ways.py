"""The ways from labels to a reader of digits: from scratch, or by way of a net that was trained on other things."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from timetravel.digits.subsets import stratified
from timetravel.engine.plain import Floats
from timetravel.seeds import generator

RECOGNIZER: Final = "recognizer"
WEB: Final = "MNIST net"
CONTRAST: Final = "contrast"
EXAMPLES: Final = 5  # a class, at most, of which a prototype is the mean
STRENGTH: Final = 73.0  # of the mean loss beside half the squared weights; with 7,291 labels scikit-learn's C of 0.01
LOGISTIC: Final = f"logistic regression, C = {STRENGTH:g} / labels, on features scaled by all unlabelled digits"
NEAREST: Final = "the least distance to the mean features of a class, scaled by all unlabelled digits"
Trained = Literal["nothing", "head", "last layers", "below the output", "all"]


@dataclass(frozen=True)
class Way:
    """A way: its name, how tables call it ({} is the foundation's name), by which foundation, and with what settings.

    counts: with how many human labels: "none", "few" (up to EXAMPLES a class), "some" (one a class and more), "any".
    trained: which of its parameters. spare: whether it also learns from digits that nobody labelled.
    """

    name: str
    label: str
    foundation: str
    counts: Literal["none", "few", "some", "any"]
    trained: Trained
    settings: str
    spare: bool = False

    def takes(self, labels: int, classes: int) -> bool:
        """Whether it is taken with so many human labels."""
        if labels == 0 or self.counts == "none":
            return labels == 0 and self.counts in ("none", "any")
        return self.counts != "few" or labels <= EXAMPLES * classes

    @property
    def pupil(self) -> bool:
        """Whether its reader is a net of 1989 that the foundation teaches."""
        return self.name.endswith("distilled")


_TAUGHT = "recipe distilled; its teacher:"
_WAYS: Final = (
    Way("scratch-1989", "1989, from scratch", "", "some", "all", "recipe 1989"),
    Way("scratch-today", "today, from scratch", "", "some", "all", "recipe today"),
    Way("zero-shot", "{}, zero-shot", RECOGNIZER, "none", "nothing", "the likeliest of ten digits, anywhere in a line"),
    Way("free-text", "{}, zero-shot, any text", RECOGNIZER, "none", "nothing", "right where it reads this digit alone"),
    Way("not-widened", "{}, zero-shot, not widened", RECOGNIZER, "none", "nothing", "a picture 48 wide, and no line"),
    Way("prototypes", "{}, nearest class prototype", RECOGNIZER, "few", "head", NEAREST, spare=True),
    Way("probe", "{}, linear probe", RECOGNIZER, "some", "head", LOGISTIC, spare=True),
    Way(
        "own-labels", "{}, probe on its own labels", RECOGNIZER, "any", "head",
        f"{LOGISTIC}, labelled by people as far as given, and else by itself", spare=True,
    ),
    Way("web-untouched", "{}, zero-shot", WEB, "none", "nothing", "as MNIST trained it"),
    Way("web-adapted", "{}, adapted without labels", WEB, "none", "below the output", "SHOT", spare=True),
    Way("web-prototypes", "{}, nearest class prototype", WEB, "few", "head", NEAREST, spare=True),
    Way("web-probe", "{}, linear probe", WEB, "some", "head", LOGISTIC, spare=True),
    Way("web-last", "{}, last layers finetuned", WEB, "some", "last layers", "H3 and the output"),
    Way("web-whole", "{}, finetuned", WEB, "some", "all", "all layers"),
    Way("contrast-probe", "{}, linear probe", CONTRAST, "some", "head", LOGISTIC, spare=True),
    Way(
        "distilled", "{}, teaching 1989's net", RECOGNIZER, "any", "all",
        f"{_TAUGHT} the linear probe on its own labels", spare=True,
    ),
    Way(
        "web-distilled", "{}, teaching 1989's net", WEB, "any", "all",
        f"{_TAUGHT} the net finetuned, or adapted without labels", spare=True,
    ),
)  # fmt: skip
WAYS: Final = {way.name: way for way in _WAYS}
UNLABELLED: Final = ("zero-shot", "own-labels", "web-untouched", "web-adapted", "distilled", "web-distilled")  # at 0


def labelled(labels: np.ndarray, count: int, draw: int) -> np.ndarray:
    """Return which training digits people label in one draw: their places, int64 (count,), each class in its share."""
    if count == len(labels):
        return np.arange(count)
    order = generator(draw, "subset").permutation(len(labels)).astype(np.intp)
    return stratified(order, labels[order])[:count]


def standardized(features: Floats) -> Callable[[Floats], Floats]:
    """Return what gives features, float32 (n, d), the mean 0 and variance 1 that these have after it."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    return lambda others: (others - mean) / spread


def probe(features: Floats, labels: np.ndarray) -> Callable[[Floats], Floats]:
    """Fit a logistic regression to features (n, d) with labels (n,); returns what tells probabilities (m, 10).

    A linear probe: Alain and Bengio (2016), https://arxiv.org/abs/1610.01644.
    """
    from scipy.optimize import minimize
    from scipy.special import logsumexp, softmax

    classes, asked = np.unique(labels, return_inverse=True)
    each = len(labels) / STRENGTH
    wanted, wide = np.eye(len(classes))[asked], np.c_[features, np.ones(len(features))].astype(float)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(len(classes), -1)
        logits = wide @ weights.T
        logits -= logsumexp(logits, axis=1, keepdims=True)
        shrunk = weights * ([1.0] * features.shape[1] + [0.0])  # the constants are free
        slope = (np.exp(logits) - wanted).T @ wide + shrunk * each
        return float((shrunk * weights).sum() / 2 * each - (logits * wanted).sum()), slope.ravel()

    start = np.zeros(len(classes) * wide.shape[1])
    weights = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x.reshape(len(classes), -1)

    def read(others: Floats) -> Floats:
        found = np.zeros((len(others), 10), dtype=np.float32)
        found[:, classes] = softmax(others @ weights[:, :-1].T + weights[:, -1], axis=1)
        return found

    return read


def prototypes(features: Floats, labels: np.ndarray) -> Callable[[Floats], np.ndarray]:
    """Return what reads features (m, d) as the class whose mean feature is nearest, int64 (m,).

    Snell, Swersky and Zemel (2017), https://arxiv.org/abs/1703.05175.
    """
    classes = np.unique(labels)
    means = np.array([features[labels == label].mean(axis=0) for label in classes])

    def read(others: Floats) -> np.ndarray:
        distances = ((others[:, None] - means) ** 2).sum(axis=2)
        return np.asarray(classes[distances.argmin(axis=1)])

    return read
