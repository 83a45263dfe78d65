"""Optimizers that torch lacks."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor


class DiagonalNewton(torch.optim.Optimizer):
    """The paper's pseudo-Newton rule: p -= lr / (mu + h) * gradient, h the parameter's positive curvature.

    Later called stochastic diagonal Levenberg-Marquardt. `mu` keeps the step finite where the curvature vanishes. The
    curvature is set from outside (`set_curvature`), as nets.curvature estimates it; before that it counts as 0.
    Sources: Becker and LeCun (1988), Improving the Convergence of Back-Propagation Learning with Second Order Methods;
    LeCun, Bottou, Bengio and Haffner (1998), Gradient-Based Learning Applied to Document Recognition, appendix C,
    https://doi.org/10.1109/5.726791.
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
