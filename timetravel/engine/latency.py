"""How long one picture takes through a net, alone: what a user of the finished net waits for."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from timetravel.digits.prepare import REDUCED
from timetravel.engine import native_backend
from timetravel.engine.native_backend import NativeBackend
from timetravel.engine.torch_backend import TorchBackend, one_thread
from timetravel.recipes import Recipe

ROUNDS, IMAGES = 60, 20  # of each net, in turn, so that what disturbs the machine disturbs all
SAME = 0.05  # latencies closer than this are the same


@dataclass(frozen=True)
class Latencies:
    """Median microseconds a recipe, all by the same instrument, and the median of the ratios to the first one."""

    instrument: str  # what the pictures went through
    us: tuple[float, ...]
    ratios: tuple[float, ...]

    def differs(self, place: int) -> bool:
        """Whether a net's latency is not the first one's."""
        return abs(self.ratios[place] - 1) > SAME


def latencies(recipes: Sequence[Recipe]) -> Latencies:
    """Time one picture through the net of each recipe, interleaved, on one thread, called from Python.

    From 28x28 pixels to ten outputs, so with the preparation that the net was trained with.

    With the compiled kernel where it covers all of them, else with PyTorch.
    """
    plain = {"optimizer": "sgd", "sharpness": 0.0, "weight_normalization": False}
    finished = [recipe.teacher().but(**plain) for recipe in recipes]
    native = native_backend.missing() is None and not any(map(native_backend.uncovered, finished))
    # Recipes that differ elsewhere are as fast.
    of_net = [name for name, about in Recipe.settings().items() if about.of_net]
    kinds = [tuple(getattr(recipe, name) for name in of_net) for recipe in finished]
    make = NativeBackend if native else TorchBackend
    built = {kind: make(recipe, [0]) for kind, recipe in zip(kinds, finished, strict=True)}
    picture = np.zeros((1, REDUCED, REDUCED), dtype=np.float32)
    taken: dict[object, list[float]] = {kind: [] for kind in built}
    with one_thread():
        for turn in range(ROUNDS + 1):
            for kind, net in built.items():
                began = time.perf_counter()
                for _ in range(IMAGES):
                    net.read_pictures(picture)
                if turn:  # the first one only wakes everything up
                    taken[kind].append((time.perf_counter() - began) / IMAGES * 1e6)
    times = [taken[kind] for kind in kinds]
    ratios = tuple(median(a / b for a, b in zip(found, times[0], strict=True)) for found in times)
    instrument = f"{'the compiled kernel' if native else 'PyTorch'}, from {REDUCED}x{REDUCED} pixels on"
    return Latencies(instrument, tuple(map(median, times)), ratios)
