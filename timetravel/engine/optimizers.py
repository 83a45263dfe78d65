"""Which optimizer trains a recipe, and what torch lacks of them. A lane's step never depends on other lanes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, cast

import torch
from torch import Tensor, nn

from timetravel.errors import UsageError
from timetravel.nets import refuse_curvature
from timetravel.recipes import Recipe


def refuse(recipe: Recipe) -> None:
    """Raise UsageError if the recipe's optimizer can't train its net, or is not installed."""
    if recipe.optimizer == "diagonal-newton":
        refuse_curvature(recipe)
        if recipe.weight_normalization:
            raise UsageError(
                "diagonal-newton can't train normalized weights: there is no rule for the curvature of their lengths.",
                "Choose another optimizer, as adamw, or set weight_normalization=false.",
            )
    if recipe.optimizer == "schedule-free":
        needs = "The optimizer schedule-free needs"
        if recipe.beta1 == 0:
            raise UsageError(f"{needs} a beta1 above 0.", "Set beta1=0.9.")
        if find_spec("schedulefree") is None:
            raise UsageError(f"{needs} the package schedulefree.", "Type: pip install schedulefree")


def make_optimizer(recipe: Recipe, net: nn.Module) -> "torch.optim.Optimizer | MuonWithAdamW":
    """Return the recipe's optimizer. Muon sees one lane at a time, all others work element by element."""
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(net.parameters(), **adamw_options(recipe), foreach=True)
    if recipe.optimizer == "schedule-free":
        # Defazio et al. (2024), https://arxiv.org/abs/2405.15682. The block's learning rates warm it up.
        import schedulefree

        return cast(torch.optim.Optimizer, schedulefree.AdamWScheduleFree(net.parameters(), **adamw_options(recipe)))
    if recipe.optimizer == "muon":
        return MuonWithAdamW(recipe, net)
    if recipe.optimizer == "diagonal-newton":
        return DiagonalNewton(net.parameters(), mu=recipe.mu)
    momentum = recipe.momentum if recipe.optimizer == "momentum" else 0.0
    return torch.optim.SGD(net.parameters(), momentum=momentum, foreach=True)


def adamw_options(recipe: Recipe) -> dict[str, Any]:
    """Return what AdamW, in all its forms, is told of a recipe."""
    return {"betas": (recipe.beta1, recipe.beta2), "eps": recipe.epsilon, "weight_decay": recipe.weight_decay}


class MuonWithAdamW:
    """Muon for the weights of all layers but the last, as matrices units x fan-in; AdamW for all else.

    Jordan (2024), https://kellerjordan.github.io/posts/muon/. torch.optim.Muon takes matrices only, so it is given
    every lane's own, in the memory of the batched parameters. One rate serves both optimizers, because Muon's steps are
    made as long as AdamW's: Liu et al. (2025), https://arxiv.org/abs/2502.16982.
    """

    def __init__(self, recipe: Recipe, net: nn.Module) -> None:
        named = dict(net.named_parameters())
        hidden = [name for name in named if name.endswith("_weight") and not name.endswith("output_weight")]
        self.hidden = {named[name]: [nn.Parameter(lane.flatten(1)) for lane in named[name].detach()] for name in hidden}
        self.muon = torch.optim.Muon(
            [matrix for lanes in self.hidden.values() for matrix in lanes],
            momentum=recipe.momentum or 0.95,
            weight_decay=recipe.weight_decay,
            adjust_lr_fn="match_rms_adamw",
        )
        others = [parameter for name, parameter in named.items() if name not in hidden]
        self.adamw = torch.optim.AdamW(others, **adamw_options(recipe), foreach=True)

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """What both optimizers can be told, `lr` above all."""
        return self.muon.param_groups + self.adamw.param_groups

    def zero_grad(self) -> None:
        """Forget all gradients."""
        self.adamw.zero_grad()
        for parameter in self.hidden:
            parameter.grad = None

    def step(self) -> None:
        """Move every parameter."""
        for parameter, lanes in self.hidden.items():
            assert parameter.grad is not None
            for matrix, gradient in zip(lanes, parameter.grad, strict=True):
                matrix.grad = gradient.flatten(1)
        self.muon.step()  # type: ignore[no-untyped-call]
        self.adamw.step()


@contextmanager
def worst_nearby(parameters: Sequence[Tensor], radius: float) -> Iterator[None]:
    """Move the parameters of each lane by `radius` along its gradient, for a while.

    A gradient taken there is that of sharpness-aware minimization: Foret et al. (2020),
    https://arxiv.org/abs/2010.01412.
    """
    with torch.no_grad():
        here = [parameter.clone() for parameter in parameters]
        slopes = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        length = torch.linalg.vector_norm(torch.cat([slope.flatten(1) for slope in slopes], dim=1), dim=1)
        share = radius / (length + 1e-12)
        for parameter, slope in zip(parameters, slopes, strict=True):
            parameter.add_(slope * share.view(-1, *[1] * (slope.dim() - 1)))
    yield
    with torch.no_grad():
        for parameter, before in zip(parameters, here, strict=True):
            parameter.copy_(before)


class DiagonalNewton(torch.optim.Optimizer):
    """The paper's pseudo-Newton rule: p -= lr / (mu + h) * gradient, h the parameter's positive curvature.

    Later called stochastic diagonal Levenberg-Marquardt. `mu` keeps the step finite where the curvature vanishes. The
    curvature is set from outside, as nets.curvature estimates it (its sources are this rule's); before that it is 0.
    """

    def __init__(self, parameters: Iterable[Tensor], lr: float = 0.03, mu: float = 0.1) -> None:
        if lr <= 0 or mu <= 0:
            raise ValueError(f"lr and mu must be above 0, not {lr} and {mu}")
        super().__init__(parameters, {"lr": lr, "mu": mu})

    @torch.no_grad()
    def set_curvature(self, curvature: Mapping[Tensor, Tensor]) -> None:
        """Take the curvature of each parameter, in its shape. What is no finite number becomes NaN, and so the step:
        an overflow ends as a diverged run, never as a weight that silently stands still.
        """
        for parameter, h in curvature.items():
            self.state[parameter]["curvature"] = torch.where(torch.isfinite(h), h, torch.nan)

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Move every parameter that has a gradient."""
        del closure
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    h = self.state[parameter].get("curvature", torch.zeros_like(parameter))
                    parameter.addcdiv_(parameter.grad, h + group["mu"], value=-group["lr"])
