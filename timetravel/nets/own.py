"""A net of one's own: any torch.nn.Module that reads digits, trained by PyTorch as the others are."""

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import torch
from torch import Tensor, nn

from timetravel.errors import UsageError
from timetravel.nets.base import Net
from timetravel.nets.curvature import FIRST_DERIVATIVES, Rule
from timetravel.recipes import OWN, Recipe

_MAKERS: Final[dict[str, Callable[[], nn.Module]]] = {}  # by the name that a recipe has for the net
BATCH_NORM: Final = nn.modules.batchnorm._BatchNorm


def own(make: Callable[[], nn.Module]) -> str:
    """Return a recipe's name for a net of one's own: no other net, in this process or another, ever has it.

    make: a class, or a function without arguments, that returns a module with weights drawn by torch's generator.
    Raises UsageError for a module that is made already: every seed needs one of its own.
    """
    if isinstance(make, nn.Module) or not callable(make):
        hint = "Give the class, or a function without arguments that returns a torch.nn.Module."
        raise UsageError("A net is made anew for every seed, so that it can't be one that is made already.", hint)
    name = next((name for name, known in _MAKERS.items() if known is make), "")
    name = name or f"{OWN}{getattr(make, '__name__', 'net')}-{uuid4().hex}"
    _MAKERS[name] = make
    return name


def made(net: str, seed: int) -> nn.Module:
    """Return a net of one's own, what it draws from a seed; raises UsageError for what is no module."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        found = _MAKERS[net]()
    if not isinstance(found, nn.Module):
        raise UsageError(f"A net of one's own can't be a {type(found).__name__}.", "Return a torch.nn.Module.")
    return found


class Own(Net):
    """A module, (B, 1, 16, 16) to its ten output units (B, 10) before the recipe's output function, as a single lane.

    The recipe's loss, optimizer, schedule and augmentations train it; what it says of 1989's net (activation, dropout,
    initial weights) does not concern it. It reads each image on its own, so batch normalization is refused.
    """

    def __init__(self, recipe: Recipe, lanes: int = 1) -> None:
        super().__init__(recipe, lanes)
        if recipe.net not in _MAKERS:
            raise UsageError(f"The net {recipe.net} is known only where it was trained.", "Train it again.")
        self.held = (made(recipe.net, 0),)  # in a tuple, for its parameters are the lane's
        self.names = {name: name.replace(".", "_") for name, _ in self.held[0].named_parameters()}
        for name, flat in self.names.items():
            self.register_parameter(flat, nn.Parameter(self.held[0].get_parameter(name).detach().clone()[None]))
        problem = ""
        if any(isinstance(part, BATCH_NORM) for part in self.held[0].modules()):
            problem = "batch normalization, by which images depend on each other"
        elif not any(flat.endswith("_weight") for flat in self.names.values()):
            problem = "no layer with a weight"
        elif recipe.optimizer == "muon" or recipe.weight_normalization:
            problem = "layers that muon and weight_normalization may not know"
        else:
            try:
                fits = self(torch.zeros(1, 2, 16, 16)).shape == (1, 2, 10)
            except (RuntimeError, TypeError, ValueError, IndexError, AttributeError):
                fits = False
            problem = "" if fits else "other outputs than (B, 10) for images (B, 1, 16, 16)"
        if problem:
            raise UsageError(f"A net of one's own can't be trained: it has {problem}.", "See help(timetravel.train).")

    def draw(self, seed: int) -> None:
        """Make the module anew from a seed and take its weights."""
        with torch.no_grad():
            drawn = made(self.recipe.net, seed)
            for name, flat in self.names.items():
                self.get_parameter(flat)[0].copy_(drawn.get_parameter(name))

    @property
    def products(self) -> int:  # type: ignore[override]
        """Multiply-adds of one digit, as PyTorch counts them: half its floating-point operations."""
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            self(torch.zeros(1, 1, 16, 16))
        return int(counter.get_total_flops()) // 2

    def train(self, mode: bool = True) -> "Own":
        """Train or measure, the module too."""
        self.held[0].train(mode)
        return super().train(mode)

    def _apply(self, fn: Any, recurse: bool = True) -> "Own":
        self.held[0]._apply(fn)  # type: ignore[no-untyped-call]  # its buffers go where the weights go
        return super()._apply(fn, recurse)  # type: ignore[no-untyped-call, no-any-return]

    def forward(self, images: Tensor, mask: Tensor | None = None, rule: Rule = FIRST_DERIVATIVES) -> Tensor:
        """Return the output units (1, B, 10) for images (1, B, 16, 16)."""
        del mask
        weights = {name: self.tensor(flat)[0] for name, flat in self.names.items()}
        read: Tensor = torch.func.functional_call(self.held[0], weights, (images[0].unsqueeze(1),))
        return self.outputs(read.unsqueeze(0), rule)
