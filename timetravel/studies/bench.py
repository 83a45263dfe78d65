"""How fast this machine trains the net, in ratios within one run: everything is measured in turn, medians are kept."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import Final

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn import functional as F

from timetravel import nets, paper
from timetravel.digits import Digits
from timetravel.digits.prepare import REDUCED
from timetravel.engine import native_backend
from timetravel.engine.cuda.backend import CudaBackend
from timetravel.engine.cuda.driver import CLOCK_RATE, attribute, told
from timetravel.engine.epochs import Epochs
from timetravel.engine.native_backend import NativeBackend
from timetravel.engine.runs import Run
from timetravel.engine.torch_backend import TorchBackend, one_thread
from timetravel.engine.train import Hooks, train
from timetravel.eras import ERAS, TODAY
from timetravel.numbers import counted, significant
from timetravel.recipes import Recipe
from timetravel.studies.base import Document, Study

MULTIPLY_ADDS = 63_660 + 63_660 + 44_460  # forward, weight gradients, input gradients below the image
ESSAY_SECONDS = 90.0  # that the 23 epochs took on the essay's laptop
MATRIX = 1024  # rows of the matrices whose product sets the bound
ESSAY: Final = ERAS["1989-essay"].recipe
NETS = (1, 2, 4, 8, 16, 32, 64, 132, 264, 396, 528, 792, 1056, 2112, 4096)  # timed on a card
UNITS = 128  # multiply-adds a cycle of a card's multiprocessor
ENOUGH = 0.25  # seconds that a card is timed for at a time
EAGER_STEPS = 150  # updates timed at a time on PyTorch

TRAINING: Final = {  # what is timed in microseconds an example and net, and how it is called
    "bound_us": "the arithmetic alone: the bound",
    "eager_us": "eager PyTorch loop",
    "torch_1_us": "PyTorch, 1 net",
    "torch_8_us": "PyTorch, 8 nets at once, for each",
    "native_us": "compiled kernel, SGD",
    "native_adamw_us": "compiled kernel, AdamW, dropout and shifts",
    "native_today_us": "compiled kernel, today and its distortions",
    "study_us": "8 nets on {workers}, testing too, for each",
}
OTHERS: Final = {  # the same of what trains nothing
    "prepare_us": "preparing shifts and dropout",
    "distort_us": "preparing today's distortions and mixup",
    "evaluate_us": "testing, compiled kernel",
    "torch_evaluate_us": "testing, PyTorch",
    "latency_us": "one picture of 28x28 alone, compiled kernel",
    "torch_latency_us": "one picture of 28x28 alone, PyTorch",
}


class Bench(Study):
    """The study: everything timed in turn, `repeats` times over, on one thread (the 8 seeds: on `workers`).

    `heard` is told of every round.
    """

    command = "bench"

    def __init__(self, digits: Digits, test: Digits, workers: int, repeats: int, heard: Callable[[str], None]) -> None:
        self.digits, self.test, self.workers, self.repeats, self.heard = digits, test, workers, repeats, heard
        self.remarks = [f"Timing everything in turn: about {10 + 10 * repeats} s."]
        if problem := native_backend.missing():
            self.remarks.append(f"Backend: torch ({problem}).\n{native_backend.HOW_TO_BUILD}")

    def ways(self) -> dict[str, Callable[[], float]]:
        """Return what is timed, by name; of the compiled kernel only where it is built."""
        digits, test, sgd, modern = self.digits, self.test, ESSAY, ERAS["2022"].recipe
        few = digits.take(np.arange(EAGER_STEPS))
        timed: dict[str, Callable[[], float]] = {
            "sgemm_gflops": sgemm_gflops,
            "eager_us": lambda: eager_us(sgd, few),
            "torch_1_us": lambda: training_us(TorchBackend, sgd, few),
            "torch_8_us": lambda: training_us(TorchBackend, sgd, few, 8),
            "prepare_us": lambda: preparing_us(modern, digits),
            "distort_us": lambda: preparing_us(ERAS[TODAY].recipe, digits),
            "torch_evaluate_us": lambda: evaluating_us(TorchBackend(sgd, [0]), digits, test),
            "torch_latency_us": lambda: latency_us(TorchBackend(sgd, [0]), 100),
        }
        if native_backend.missing() is None:
            timed |= {
                "native_us": lambda: training_us(NativeBackend, sgd, digits),
                "native_adamw_us": lambda: training_us(NativeBackend, modern, digits),
                "native_today_us": lambda: training_us(NativeBackend, ERAS[TODAY].recipe, digits),
                "evaluate_us": lambda: evaluating_us(NativeBackend(sgd, [0]), digits, test),
                "latency_us": lambda: latency_us(NativeBackend(sgd, [0]), 1000),
                "study_us": lambda: study_us(sgd, digits, test, self.workers),
            }
        return timed

    def result(self, runs: Sequence[Run]) -> Document:
        """Time everything, after one round that only wakes it up; return medians in microseconds, and their ratios."""
        del runs  # it needs none
        timed, rounds = self.ways(), []
        with one_thread(), threadpool_limits(1):
            for repeat in range(self.repeats + 1):
                self.heard("warming up" if repeat == 0 else f"round {repeat} of {self.repeats}")
                rounds.append({name: measure() for name, measure in timed.items()})
        medians = {name: median(each[name] for each in rounds[1:]) for name in timed}
        bound = 2 * MULTIPLY_ADDS / medians["sgemm_gflops"] / 1e3
        us = dict.fromkeys(TRAINING | OTHERS, math.nan) | medians | {"bound_us": bound}  # nan: not built
        best = medians.get("native_us", us["torch_8_us"])
        seconds = best * paper.EXAMPLES_SEEN / 1e6
        epoch = us["native_us"] * paper.TRAINING_DIGITS
        rows = [
            {
                "label": label.format(workers=counted(self.workers, "worker")),
                "us": us[name],
                "over_bound": us[name] / bound,
                "seconds_of_23_epochs": us[name] * paper.EXAMPLES_SEEN / 1e6 if name in TRAINING else None,
            }
            for name, label in (TRAINING | OTHERS).items()
        ]
        return us | {
            "workers": self.workers,
            "repeats": self.repeats,
            "native_over_bound": us["native_us"] / bound,
            "eager_over_native": us["eager_us"] / us["native_us"],
            "evaluate_share_of_an_epoch": us["evaluate_us"] * (paper.TRAINING_DIGITS + paper.TEST_DIGITS) / epoch,
            "eager_seed_over_8_seeds": us["eager_us"] / (8 * us["study_us"]),
            "seconds_of_23_epochs": seconds,
            "images_a_second": 1e6 / medians.get("latency_us", us["torch_latency_us"]),
            "rows": rows,
            "references": [],
            "finding": f"The 23 epochs of 1989 take {seconds:.2f} s here: "
            f"{significant(paper.SECONDS / seconds, 2):,.0f} times less than three days, "
            f"{ESSAY_SECONDS / seconds:.3g} times less than the essay's 90 s, {us['eager_us'] / best:.0f} times less "
            f"than an eager PyTorch loop, and {best / bound:.2f} times what the arithmetic alone would take.",
        }


class CardBench(Bench):
    """The study: examples a second of plain SGD (1989-essay) on a CUDA card, and of the compiled kernel on the cores.

    The bound is the card's float32 multiply-adds a second at its highest clock over those of an example.
    """

    def result(self, runs: Sequence[Run]) -> Document:
        """Time everything once; raises TimetravelError where the card fails."""
        del runs  # it needs none
        with told():
            card, clock = torch.cuda.get_device_properties(), attribute(CLOCK_RATE) * 1e3
        bound = card.multi_processor_count * UNITS * clock / MULTIPLY_ADDS
        one_core, cores = (cores_rate(self.digits, threads) for threads in (1, self.workers))
        rows = []
        for count in NETS:
            self.heard(f"{count} nets at once")
            rate = card_rate(self.digits, count)
            times = {"times_all_cores": rate / min(cores, one_core * count), "times_one_core": rate / one_core}
            rows.append({"nets": count, "examples_a_second": rate, "share_of_bound": rate / bound, **times})
        best = max(rows, key=lambda row: row["examples_a_second"])
        return {
            "card": card.name,
            "multiprocessors": card.multi_processor_count,
            "clock_mhz": clock / 1e6,
            "bound_examples_a_second": bound,
            "workers": self.workers,
            "cores_examples_a_second": cores,
            "one_core_examples_a_second": one_core,
            "seconds_of_1000_nets": 1000 * paper.EXAMPLES_SEEN / best["examples_a_second"],
            "rows": rows,
            "finding": f"{card.name} trains {best['nets']:,} nets at {best['examples_a_second'] / 1e6:.1f} million "
            f"examples a second: {best['share_of_bound']:.0%} of its bound, {best['times_all_cores']:.1f} times "
            f"{counted(self.workers, 'core')} here.",
        }


def card_rate(digits: Digits, count: int, recipe: Recipe = ESSAY) -> float:
    """Return how many examples a second a card trains `count` nets on; the digits lie on it."""
    net = CudaBackend(recipe, range(count))
    block = next(Epochs(recipe, digits, 0).blocks(0))
    with net.working():
        shown = net.shown([block])
        net.train(block, shown)
        torch.cuda.synchronize()
        began, rounds = time.perf_counter(), 0
        while time.perf_counter() - began < ENOUGH:
            for _ in range(max(1, rounds)):
                net.train(block, shown)
                rounds += 1
            torch.cuda.synchronize()
        return rounds * len(block) * count / (time.perf_counter() - began)


def cores_rate(digits: Digits, threads: int) -> float:
    """Return how many examples a second the compiled kernel trains, a net a thread; NaN where it is not built."""
    if native_backend.missing() is not None:
        return math.nan
    with ThreadPoolExecutor(threads) as pool:
        started = [pool.submit(training_us, NativeBackend, ESSAY, digits) for _ in range(4 * threads)]
        return threads * 1e6 / median(each.result() for each in started)


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


def training_us(kind: type[NativeBackend | TorchBackend], recipe: Recipe, digits: Digits, lanes: int = 1) -> float:
    """Return microseconds an example and net of one epoch, its preparation included."""
    net, epochs = kind(recipe, range(lanes)), [Epochs(recipe, digits, seed) for seed in range(lanes)]

    def one_epoch() -> None:
        for blocks in zip(*(each.blocks(0) for each in epochs), strict=True):
            net.step(blocks)

    return seconds(one_epoch) / len(digits) / lanes * 1e6


def preparing_us(recipe: Recipe, digits: Digits) -> float:
    """Return microseconds an example to prepare an epoch."""
    epochs = Epochs(recipe, digits, 0)
    return seconds(lambda: list(map(len, epochs.blocks(0)))) / len(digits) * 1e6


def evaluating_us(net: NativeBackend | TorchBackend, digits: Digits, test: Digits) -> float:
    """Return microseconds a digit to measure both splits."""
    return seconds(lambda: (net.outputs(digits.images), net.outputs(test.images))) / (len(digits) + len(test)) * 1e6


def latency_us(net: NativeBackend | TorchBackend, count: int) -> float:
    """Return the median microseconds from a picture of 28x28 to its ten outputs, called from Python, one by one."""
    picture = np.zeros((1, REDUCED, REDUCED), dtype=np.float32)
    return median(seconds(partial(net.read_pictures, picture)) for _ in range(count)) * 1e6


def study_us(recipe: Recipe, digits: Digits, test: Digits, workers: int) -> float:
    """Return wall microseconds an example of a study: 8 seeds on all workers, measured after every epoch."""
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
