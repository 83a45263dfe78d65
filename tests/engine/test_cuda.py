"""The CUDA kernel without a card: compiled as plain C++ with one thread, it must train what the others train."""

import ctypes
import functools
import shutil
import subprocess
import tempfile
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
import torch

from timetravel.api.progress import Progress, describe
from timetravel.digits import Digits, open_source
from timetravel.engine.collect import Workshop, collect, make_plan
from timetravel.engine.cuda import backend, driver, source
from timetravel.engine.epochs import Epochs
from timetravel.engine.runs import Job
from timetravel.engine.store import Store
from timetravel.engine.train import Backend, Choice, Hooks, choose_backend, make_net, train
from timetravel.eras import ERAS
from timetravel.errors import TimetravelError, UsageError
from timetravel.ladders import TODAY_LADDER, climb
from timetravel.recipes import Recipe

ESSAY = ERAS["1989-essay"].recipe
COVERED = [
    *(ESSAY, ERAS["1989"].recipe, *climb(ESSAY, TODAY_LADDER)),
    ESSAY.but(optimizer="momentum", momentum=0.9, learning_rate=0.003, activation="silu"),
    ESSAY.but(amplitude=1.7159, slope=2 / 3, border=-0.9, map_border=0.1, loss_scale=2.0, learning_rate=1e-3),
    ESSAY.but(output="linear", batch_size=5),
]
OPTIONS = ("-std=c++17", "-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter")


def gentle(recipe: Recipe) -> Recipe:
    """AdamW divides by a gradient's own size: where that is rounding, two right programs part. Not so above it."""
    return recipe.but(epsilon=1e-3) if recipe.optimizer == "adamw" else recipe


def other(recipe: Recipe, seed: int) -> Backend:
    return make_net(choose_backend(recipe), recipe, [seed])


@functools.cache
def built(text: str) -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["g++", *OPTIONS, "-x", "c++", "-", "-o", f"{folder}/net.so"], input=text, text=True, check=True)
        return ctypes.CDLL(f"{folder}/net.so")


class PlainProgram:
    """The kernel as g++ compiles it, with the face of driver.Program; one net after another."""

    def __init__(self, text: str, threads: int, shared_bytes: int) -> None:
        self.library = built(text)

    def launch(self, name: str, grid: tuple[int, int], *values: object) -> None:
        plain = [ctypes.c_void_p(v.data_ptr()) if isinstance(v, torch.Tensor) else v for v in values]
        for net in range(grid[0]):
            self.library.choose(net)
            getattr(self.library, name)(*plain)


@pytest.fixture
def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processor stand for a card."""
    if shutil.which("g++") is None:
        pytest.skip("no C++ compiler is here")
    monkeypatch.setattr(backend, "Program", PlainProgram)
    monkeypatch.setattr(backend, "together", lambda lot: [lot])
    choose = Mock(return_value=Choice("cuda", "cuda-2", "the test says so", "cpu"))
    for module in ("train", "collect"):
        monkeypatch.setattr(f"timetravel.engine.{module}.choose_backend", choose)


def trains_alike(recipe: Recipe, device: str) -> None:
    """Train the first hundred updates here and with another backend, and compare; then load what was trained."""
    digits = open_source("mnist").training_digits(size=100 * min(recipe.batch_size, 10) + 3)
    block = next(Epochs(recipe, digits.framed(recipe.window, recipe.deslant), 1).blocks(0))
    here, there = backend.CudaBackend(recipe, [0, 1], device), other(recipe, 1)
    before = there.weights(0)
    assert here.step([block, block])[1] == pytest.approx(there.step([block])[0], rel=2e-5)
    found = here.weights(1)
    for name, value in there.weights(0).items():
        assert np.abs(found[name] - value).max() < 2e-3 * np.abs(value - before[name]).max(), name
    outputs = here.outputs(digits.images)
    np.testing.assert_allclose(outputs[1], there.outputs(digits.images)[0], atol=2e-4)
    here.load(found)
    np.testing.assert_array_equal(here.outputs(digits.images)[0], outputs[1])


@pytest.mark.slow
def test_it_trains_every_covered_recipe_as_the_others_do(no_card: None) -> None:
    for recipe in COVERED:
        trains_alike(gentle(recipe), "cpu")


@pytest.mark.slow
def test_epochs_of_several_nets(no_card: None, few_mnist: tuple[Digits, Digits]) -> None:
    # 1,100 digits are two blocks. GELU for ReLU: where a ReLU is just on or off, rounding takes right programs apart.
    digits = open_source("mnist").training_digits(size=1100)
    for era, changes in (("1989", {}), ("2022", {"activation": "gelu"}), ("today", {"warm_up": 0})):
        recipe = gentle(ERAS[era].recipe.but(epochs=2, learning_rate=2e-5, final_learning_rate=2e-5, **changes))
        seen: list[int] = []
        for run in train(recipe, digits, [3, 5], test=few_mnist[1], hooks=Hooks(seen=seen.append)):
            assert (run.backend, run.beside, run.provenance["device"]) == ("cuda-2", 2, "cpu")
            framed, net = Job(recipe, digits, few_mnist[1], run.seed).framed(), other(recipe, run.seed)
            epochs = Epochs(recipe, framed.digits, run.seed)
            for block in (block for number in range(2) for block in epochs.blocks(number)):
                net.step([block])
            np.testing.assert_allclose(run.outputs, net.outputs(framed.test.images)[0], atol=2e-3)
        assert sum(seen) == 2 * 2 * 1100


def test_a_lost_card_costs_only_the_rest(no_card: None, few_mnist: tuple[Digits, Digits], monkeypatch: Any) -> None:
    jobs, store = [Job(ESSAY.but(epochs=1), *few_mnist, seed) for seed in (4, 7)], Store()
    assert "sooner on the processor" in "".join(describe(make_plan(jobs, Workshop(store))))
    collect(jobs, Workshop(store), Progress(quiet=True))
    for error, reason in (
        (RuntimeError("CUDA error: launch failure\nand advice"), "CUDA error: launch failure."),
        (torch.cuda.OutOfMemoryError("CUDA out of memory"), "it has too little free memory"),
    ):
        monkeypatch.setattr(PlainProgram, "launch", Mock(side_effect=error))
        with pytest.raises(TimetravelError, match=f"stopped: {reason}") as told:
            collect(jobs, Workshop(store, fresh=True), Progress(quiet=True))
        assert "--device cpu" in told.value.hint
    assert len(make_plan(jobs, Workshop(store)).kept) == 2


def test_a_card_that_will_not_do_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "obstacle", backend.obstacle.__wrapped__)
    if not torch.cuda.is_available():
        with pytest.raises(UsageError, match="no CUDA device"):
            choose_backend(ESSAY, device="cuda")
        assert choose_backend(ESSAY, device="auto").device == "cpu"
    for name, value in (("is_available", True), ("get_device_name", "Card 1")):
        monkeypatch.setattr(torch.cuda, name, Mock(return_value=value))
    for memory, shared, reason in (
        (1 << 20, 227 << 10, "Card 1, has too little free memory"),
        (1 << 34, 48 << 10, "Card 1, is too old"),
        (1 << 34, RuntimeError("lost\nadvice"), "does not answer: lost"),
        (1 << 34, 227 << 10, ""),
    ):
        monkeypatch.setattr(torch.cuda, "mem_get_info", Mock(return_value=(memory, 1 << 34)))
        monkeypatch.setattr(backend, "attribute", Mock(side_effect=[shared] * 9))
        asked, auto = (choose_backend(ESSAY, device=device) for device in ("cuda", "auto"))
        assert (asked.name, auto.device) == (("torch", "cpu") if reason else ("cuda", "cuda"))
        assert reason in asked.reason
    with pytest.raises(UsageError, match="does not run on cuda"):
        choose_backend(ESSAY, "native", "cuda")
    taught = Recipe(teachers=1, distillation=0.5, loss="cross-entropy", output="linear")
    batches = ERAS["1989"].recipe.but(batch_size=2)
    for recipe in (Recipe(net="fully-connected"), Recipe(sharpness=0.1), Recipe(width=2.0), taught, batches):
        choice = choose_backend(recipe, device="cuda")
        assert (choice.name, choice.device) == ("torch", "cuda")
        assert "does not cover" in choice.reason


@pytest.mark.skipif(torch.version.cuda is None, reason="this PyTorch brings no NVRTC")
def test_nvrtc_compiles_it() -> None:
    assert driver.compiled(source.source(ESSAY), "sm_90")[:4] == b"\x7fELF"
    with pytest.raises(RuntimeError, match="can't be compiled"):
        driver.compiled("what", "sm_90")


@pytest.mark.gpu
def test_a_card_trains_every_covered_recipe_as_the_others_do() -> None:
    for recipe in COVERED:
        trains_alike(gentle(recipe), "cuda")
