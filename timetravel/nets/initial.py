"""How a layer's initial weights are drawn."""

import numpy as np


def uniform(rng: np.random.Generator, shape: tuple[int, ...], bound: float) -> np.ndarray:
    """Draw weights between minus and plus the bound, float32."""
    return (2 * rng.random(shape, dtype=np.float32) - 1) * np.float32(bound)


def orthogonal(rng: np.random.Generator, shape: tuple[int, ...], bound: float) -> np.ndarray:
    """Draw a matrix, units x fan-in, whose rows or columns (whichever are fewer) are orthogonal and equally long.

    Its entries have the variance of the uniform ones, bound^2 / 3; float32 in the layer's shape. Saxe, McClelland and
    Ganguli (2013), https://arxiv.org/abs/1312.6120; the signs make it uniform: Mezzadri (2006),
    https://arxiv.org/abs/math-ph/0609050.
    """
    rows, columns = shape[0], int(np.prod(shape[1:]))
    few, many = sorted((rows, columns))
    q, r = np.linalg.qr(rng.standard_normal((many, few)))
    q *= np.sign(np.diag(r)) * bound * np.sqrt(many / 3)
    return np.ascontiguousarray(q if rows == many else q.T, dtype=np.float32).reshape(shape)
