"""How fast this machine trains the net, in ratios within one run: everything is measured in turn, medians are kept."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn import functional as F

from timetravel import nets, paper
from timetravel.digits import Digits
from timetravel.engine import native_backend
from timetravel.engine.epochs import Epochs
from timetravel.engine.native_backend import NativeBackend
from timetravel.engine.torch_backend import TorchBackend, one_thread
from timetravel.engine.train import train
from timetravel.eras import ERAS, TODAY
from timetravel.recipes import Recipe

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MULTIPLY_ADDS = 63_660 + 63_660 + 44_460  # forward, weight gradients, input gradients below the image
ESSAY_SECONDS = 90.0  # that the 23 epochs took on the essay's laptop
MATRIX = 1024  # rows of the matrices whose product sets the bound
EAGER_STEPS = 150  # updates timed at a time on PyTorch

OPTIONAL = ("native", "native_adamw", "evaluate", "latency", "study")  # only where the kernel is built


@dataclass(frozen=True)
class BenchResult:
    """Microseconds an example and net unless the name says otherwise; None where the kernel is not built."""

    sgemm_gflops: float  # float32 matrix product of numpy on one thread
    bound_us: float  # an example's arithmetic at that rate
    eager_us: float  # the loop that a user would write, oneDNN at its default
    torch_1_us: float
    torch_8_us: float
    native_us: float | None  # SGD
    native_adamw_us: float | None  # AdamW with dropout and shifts, their preparation included
    prepare_us: float  # that preparation alone
    distort_us: float  # preparing today's affine and elastic distortions and mixup
    evaluate_us: float | None  # a digit, measuring
    torch_evaluate_us: float
    study_us: float | None  # 8 seeds of 1989-essay spread over the workers, measured after every epoch, an example
    latency_us: float | None  # one image through the trained net, alone
    torch_latency_us: float
    workers: int
    repeats: int
    command: str = "bench"

    def multiple(self, us: float | None) -> float | None:
        """Return a time as a multiple of the bound."""
        return None if us is None else us / self.bound_us

    @property
    def best_us(self) -> float:
        """The fastest way to train with SGD here."""
        return self.native_us or self.torch_8_us

    @property
    def finding(self) -> str:
        """One sentence that says what was found."""
        seconds = self.best_us * paper.EXAMPLES_SEEN / 1e6
        eager, then = self.eager_us / self.best_us, paper.SECONDS / seconds
        return (
            f"The 23 epochs of 1989 take {seconds:.2f} s here: {then:,.0f} times less than three days, "
            f"{ESSAY_SECONDS / seconds:.3g} times less than the essay's 90 s, {eager:.0f} times less than "
            f"an eager PyTorch loop, and {self.best_us / self.bound_us:.2f} times what the arithmetic alone would take."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the public JSON document."""
        times = {name: value for name, value in vars(self).items() if name != "command"}
        ratios = {
            "native_over_bound": self.multiple(self.native_us),
            "native_adamw_over_bound": self.multiple(self.native_adamw_us),
            "eager_over_native": self.native_us and self.eager_us / self.native_us,
            "evaluate_share_of_an_epoch": self.native_us and self.evaluate_us and evaluation_share(self),
            "eager_seed_over_8_seeds": self.study_us and self.eager_us / (8 * self.study_us),
            "seconds_of_23_epochs": self.best_us * paper.EXAMPLES_SEEN / 1e6,
            "images_a_second": 1e6 / (self.latency_us or self.torch_latency_us),
        }
        return {"schema": 1, "command": self.command} | times | ratios | {"finding": self.finding}

    def table(self) -> "pd.DataFrame":
        """Return names and values."""
        import pandas as pd

        values = {name: value for name, value in self.to_dict().items() if isinstance(value, float)}
        return pd.DataFrame(values.items(), columns=["name", "value"])

    def plots(self, *, dark: bool = False) -> "dict[str, Figure]":
        """Draw all figures of the result, by file name."""
        return {"figure": self.plot(dark=dark)}

    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw the times on a logarithmic axis."""
        from timetravel.show import figures

        return figures.bench(self, dark=dark)


def evaluation_share(result: BenchResult) -> float:
    """Return the time to measure 9,298 digits as a share of the time to train an epoch over 7,291."""
    assert result.evaluate_us is not None
    assert result.native_us is not None
    both = paper.TRAINING_DIGITS + paper.TEST_DIGITS
    return result.evaluate_us * both / (result.native_us * paper.TRAINING_DIGITS)


def bench(
    digits: Digits, test: Digits, workers: int, repeats: int = 5, heard: Callable[[str], None] = print
) -> BenchResult:
    """Time everything in turn, `repeats` times over, on one thread (the study: on `workers`)."""
    sgd, modern = ERAS["1989-essay"].recipe, ERAS["2022"].recipe
    few = digits.take(np.arange(EAGER_STEPS))
    timed: dict[str, Callable[[], float]] = {
        "sgemm": sgemm_gflops,
        "eager": lambda: eager_us(sgd, few),
        "torch_1": lambda: training_us(TorchBackend(sgd, [0]), sgd, few, [0]),
        "torch_8": lambda: training_us(TorchBackend(sgd, range(8)), sgd, few, range(8)),
        "prepare": lambda: preparing_us(modern, digits),
        "distort": lambda: preparing_us(ERAS[TODAY].recipe, digits),
        "torch_evaluate": lambda: evaluating_us(TorchBackend(sgd, [0]), digits, test),
        "torch_latency": lambda: latency_us(TorchBackend(sgd, [0]), test, 100),
    }
    if native_backend.missing() is None:
        timed |= {
            "native": lambda: training_us(NativeBackend(sgd, [0]), sgd, digits, [0]),
            "native_adamw": lambda: training_us(NativeBackend(modern, [0]), modern, digits, [0]),
            "evaluate": lambda: evaluating_us(NativeBackend(sgd, [0]), digits, test),
            "latency": lambda: latency_us(NativeBackend(sgd, [0]), test, 1000),
            "study": lambda: study_us(sgd, digits, test, workers),
        }
    found: dict[str, list[float]] = {name: [] for name in timed}
    with one_thread(), threadpool_limits(1):
        for repeat in range(repeats + 1):
            heard("warming up" if repeat == 0 else f"round {repeat} of {repeats}")
            for name, measure in timed.items():
                value = measure()
                if repeat:
                    found[name].append(value)
    medians = {name: median(values) for name, values in found.items()}
    rate = medians.pop("sgemm")
    return BenchResult(
        sgemm_gflops=rate,
        bound_us=2 * MULTIPLY_ADDS / rate / 1e3,
        workers=workers,
        repeats=repeats,
        **{f"{name}_us": medians.get(name) for name in [*medians, *OPTIONAL]},  # type: ignore[arg-type]
    )


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def sgemm_gflops() -> float:
    """Return numpy's rate for a float32 matrix product, in 1e9 operations a second."""
    rng = np.random.default_rng(0)
    a, b = (rng.random((MATRIX, MATRIX), dtype=np.float32) for _ in range(2))
    return 2 * MATRIX**3 / min(seconds(lambda: a @ b) for _ in range(3)) / 1e9


def training_us(net: NativeBackend | TorchBackend, recipe: Recipe, digits: Digits, seeds: Sequence[int]) -> float:
    """Return microseconds an example and net of one epoch, its preparation included."""
    epochs = [Epochs(recipe, digits, seed) for seed in seeds]

    def one_epoch() -> None:
        for blocks in zip(*(p.blocks(0) for p in epochs), strict=True):
            net.step(blocks)

    return seconds(one_epoch) / len(digits) / len(seeds) * 1e6


def preparing_us(recipe: Recipe, digits: Digits) -> float:
    """Return microseconds an example to prepare an epoch."""
    epochs = Epochs(recipe, digits, 0)
    return seconds(lambda: list(map(len, epochs.blocks(0)))) / len(digits) * 1e6


def evaluating_us(net: NativeBackend | TorchBackend, digits: Digits, test: Digits) -> float:
    """Return microseconds a digit to measure both splits."""
    return seconds(lambda: (net.outputs(digits.images), net.outputs(test.images))) / (len(digits) + len(test)) * 1e6


def latency_us(net: NativeBackend | TorchBackend, test: Digits, count: int) -> float:
    """Return the median microseconds from one image to its ten outputs, called from Python, image by image."""
    images = [test.images[i : i + 1] for i in range(count)]
    return median(seconds(lambda image=image: net.outputs(image)) for image in images) * 1e6  # type: ignore[misc]


def study_us(recipe: Recipe, digits: Digits, test: Digits, workers: int) -> float:
    """Return wall microseconds an example of a study: 8 seeds on all workers, measured after every epoch."""
    from timetravel.engine.train import Hooks

    hooks = Hooks(epoch_done=lambda *_: None)
    took = seconds(lambda: train(recipe, digits, range(8), test=test, backend="native", workers=workers, hooks=hooks))
    return took / (8 * recipe.epochs * len(digits)) * 1e6


def eager_us(recipe: Recipe, digits: Digits) -> float:
    """Return microseconds an update of a plain PyTorch loop, as one writes it from the paper."""
    start = nets.build(recipe)
    nets.initialize(start, [0])
    parameters = {name: p.detach()[0].clone().requires_grad_() for name, p in start.named_parameters()}
    optimizer = torch.optim.SGD(parameters.values(), lr=recipe.learning_rate)
    images = torch.from_numpy(digits.images.copy()).unsqueeze(1)
    targets = torch.from_numpy(Epochs(recipe, digits, 0).target_rows[digits.labels])

    def loop() -> None:
        for i in range(len(images)):
            loss = F.mse_loss(plain_forward(parameters, images[i : i + 1]), targets[i : i + 1])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()

    return seconds(loop) / len(images) * 1e6


def plain_forward(p: dict[str, Tensor], x: Tensor) -> Tensor:
    """Run the essay's net on images (B, 1, 16, 16), layer by layer, without lanes; returns (B, 10)."""
    x = F.conv2d(F.pad(x, (2, 2, 2, 2), value=-1.0), p["h1_weight"].unsqueeze(1), stride=2)
    x = F.pad(torch.tanh(x + p["h1_bias"]), (2, 2, 2, 2), value=-1.0)
    seen = (x[:, 0:8], x[:, 4:12], torch.cat((x[:, 0:4], x[:, 8:12]), dim=1))
    parts = [F.conv2d(maps, p["h2_weight"][4 * i : 4 * i + 4], stride=2) for i, maps in enumerate(seen)]
    x = torch.tanh(torch.cat(parts, dim=1) + p["h2_bias"]).flatten(1)
    x = torch.tanh(x @ p["h3_weight"].T + p["h3_bias"])
    return torch.tanh(x @ p["output_weight"].T + p["output_bias"])
