"""The digits that whole eras misread, and those that each era repairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from timetravel.digits import Digits
from timetravel.studies.evidence import misread
from timetravel.studies.rows import Row


@dataclass(frozen=True)
class Misread:
    """One test digit and how an era's nets read it."""

    index: int
    image: np.ndarray  # float32 (16, 16)
    true: int
    read: int  # by most of those that read it wrongly


@dataclass(frozen=True)
class EraSeen:
    """What the nets of one era misread, all of them; and what it repairs and breaks of the era before."""

    name: str
    nets: int
    shared: tuple[Misread, ...]  # read wrongly by every net
    repaired: tuple[Misread, ...]  # read wrongly by most nets of the era before, rightly by most of this one
    broken: tuple[Misread, ...]  # the other way round


@dataclass(frozen=True)
class Seen:
    """All eras of a study, in its order."""

    eras: tuple[EraSeen, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the places of the digits among the test digits, by era."""
        return {
            era.name: {
                "nets": era.nets,
                **{
                    kind: [{"digit": m.index, "true": m.true, "read_as": m.read} for m in getattr(era, kind)]
                    for kind in ("shared", "repaired", "broken")
                },
            }
            for era in self.eras
        }


def seen_by_eras(rows: Sequence[Row]) -> Seen:
    """Compare the rows of eras, each with the one before it; they share their test digits."""
    eras = []
    before: Row | None = None
    for row in rows:
        wrong = misread(row)
        repaired, broken = np.zeros((2, len(row.test)), dtype=bool)
        if before is not None:
            most, most_before = wrong.mean(axis=0) > 0.5, misread(before).mean(axis=0) > 0.5
            repaired, broken = most_before & ~most, most & ~most_before
        eras.append(
            EraSeen(
                row.name,
                len(row.runs),
                pick(row, wrong.all(axis=0)),
                pick(before or row, repaired),
                pick(row, broken),
            )
        )
        before = row
    return Seen(tuple(eras))


def pick(row: Row, chosen: Any) -> tuple[Misread, ...]:
    """Return the chosen test digits as the row's nets misread them."""
    return tuple(
        as_misread(row.test, int(i), [int(run.predictions[i]) for run in row.runs]) for i in np.flatnonzero(chosen)
    )


def as_misread(test: Digits, index: int, readings: Sequence[int]) -> Misread:
    """Return one test digit with its commonest false reading."""
    true = int(test.labels[index])
    false = [reading for reading in readings if reading != true]
    return Misread(index, test.images[index], true, max(set(false), key=false.count))
