"""Second derivatives, back-propagated: the same forward epoch with another backward rule.

The diagonal of the Hessian is approximated by its positive part: of each layer's second derivatives only those of a
unit with itself are kept, and the term with f'' is dropped (Gauss-Newton). Then, going backwards,

    d2E/da_i^2 = f'(a_i)^2 d2E/dx_i^2,    d2E/dx_j^2 = sum_i w_ij^2 d2E/da_i^2,    d2E/dw_k^2 = sum x_j^2 d2E/da_i^2,

the last sum over all connections (i, j) that share the weight k. So it is back-propagation with every weight, input
and slope squared.

Sources: Becker and LeCun (1988), Improving the Convergence of Back-Propagation Learning with Second Order Methods;
LeCun, Bottou, Bengio and Haffner (1998), Gradient-Based Learning Applied to Document Recognition, appendix C,
https://doi.org/10.1109/5.726791.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.grad import conv2d_input, conv2d_weight


class Rule(NamedTuple):
    """The steps of a net: what they compute, and how they are gone back."""

    convolve: Callable[[Tensor, Tensor, int], Tensor]  # inputs and weights with stride 2, in so many groups
    product: Callable[[Tensor, Tensor], Tensor]  # (L, B, i) and (L, o, i) to (L, B, o)
    activate: Callable[[Tensor, Callable[[Tensor], Tensor]], Tensor]


class _Convolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, groups: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.groups = groups
        return FIRST_DERIVATIVES.convolve(x, weight, groups)

    @staticmethod
    def backward(ctx: Any, h: Tensor) -> Any:
        x, weight = ctx.saved_tensors
        options = {"stride": 2, "groups": ctx.groups}
        toward_input = conv2d_input(x.shape, weight.square(), h, **options)  # type: ignore[no-untyped-call]
        of_weight = conv2d_weight(x.square(), weight.shape, h, **options)  # type: ignore[no-untyped-call]
        return toward_input, of_weight, None


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return FIRST_DERIVATIVES.product(x, weight)

    @staticmethod
    def backward(ctx: Any, h: Tensor) -> Any:
        x, weight = ctx.saved_tensors
        return torch.bmm(h, weight.square()), torch.bmm(h.mT, x.square())


class _Activate(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
        ctx.save_for_backward(x)
        ctx.function = function
        return function(x)

    @staticmethod
    def backward(ctx: Any, h: Tensor) -> Any:
        (x,) = ctx.saved_tensors
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            (slope,) = torch.autograd.grad(ctx.function(x).sum(), x)
        return h * slope.square(), None


FIRST_DERIVATIVES: Final = Rule(  # the usual rule: autograd's gradients
    convolve=lambda x, weight, groups: F.conv2d(x, weight, stride=2, groups=groups),
    product=lambda x, weight: torch.bmm(x, weight.mT),
    activate=lambda x, function: function(x),
)
SECOND_DERIVATIVES: Final = Rule(_Convolve.apply, _Product.apply, _Activate.apply)  # the same forward
