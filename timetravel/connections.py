"""Which of H1's maps each map of H2 reads: two thirds of them, 8 of 12 in the net of 1989.

The paper gives the number and keeps the table to itself.
"""

import re
from collections.abc import Callable
from typing import Final

import numpy as np

from timetravel.errors import UsageError
from timetravel.seeds import generator


def blocks(maps: int) -> np.ndarray:
    """The 2022 essay's guess: a third of the maps at a time reads one of three overlapping blocks."""
    first, second, third = np.arange(maps).reshape(3, -1)
    read = [np.concatenate(pair) for pair in ((first, second), (second, third), (first, third))]
    return np.repeat(read, maps // 3, axis=0)


def ring(maps: int) -> np.ndarray:
    """Each map reads neighbours in a ring, so that each map of H1 is read equally often, by differing maps."""
    return np.sort((np.arange(maps)[:, None] + np.arange(2 * maps // 3)) % maps, axis=1)


TABLES: Final[dict[str, Callable[[int], np.ndarray]]] = {"blocks": blocks, "ring": ring}


def connection_table(name: str, maps: int = 12) -> np.ndarray:
    """Return H2's connection table, uint8 (maps, 2 * maps / 3): one of TABLES, or drawn from a seed ('random-7').

    Raises UsageError for an unknown name.
    """
    if re.fullmatch(r"random-\d{1,9}", name):
        rng = generator(int(name.removeprefix("random-")), "table")
        return np.stack([np.sort(rng.permutation(maps)[: 2 * maps // 3]) for _ in range(maps)]).astype(np.uint8)
    if name not in TABLES:
        raise UsageError(f"{name!r} is not a connection table.", f"Known: {', '.join(TABLES)}, random-0, random-1, ...")
    return TABLES[name](maps).astype(np.uint8)
