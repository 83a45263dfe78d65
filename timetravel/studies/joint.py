"""Error over data and size together: what training costs, the frontier, and what 1989's computer could have reached."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from timetravel import paper
from timetravel.digits import Digits

# Of an example: forward, towards the weights, and towards the inputs. A little too many, because nothing needs the
# gradient towards the image: Kaplan et al. (2020), https://arxiv.org/abs/2001.08361, count the same way.
PARTS_OF_TRAINING: Final = 3
BUDGET_1989: Final = round(paper.MULTIPLY_ADDS_A_SECOND * paper.SECONDS)
PUBLISHED: Final = ("train-", "modernize-", "decompose-", "scale-data-")  # how files of kept results begin


def training_multiply_adds(multiply_adds: int, examples: int) -> int:
    """Return the multiply-adds of a training: three times those of reading a digit, for every example."""
    return PARTS_OF_TRAINING * multiply_adds * examples


@dataclass(frozen=True)
class Measured:
    """A row, measured now or published, as one point of the joint view. Errors in percent."""

    name: str
    where: str  # the published result that it is from, or this study
    train_size: int
    parameters: int
    multiply_adds: int  # of one digit forward
    examples: int  # of one run
    mean: float
    low: float  # of the interval for new digits
    high: float

    @property
    def training(self) -> int:
        """Multiply-adds of its training."""
        return training_multiply_adds(self.multiply_adds, self.examples)

    def to_dict(self) -> dict[str, Any]:
        """Return the point for JSON."""
        return {
            "row": self.name,
            "from": self.where,
            "train_size": self.train_size,
            "parameters": self.parameters,
            "multiply_adds": self.multiply_adds,
            "examples_seen": self.examples,
            "training_multiply_adds": self.training,
            "test_error": {"mean": self.mean, "low": self.low, "high": self.high},
        }


def as_measured(row: Mapping[str, Any], where: str) -> Measured:
    """Return a row of a JSON document as a point."""
    new = row["new_digits"]
    return Measured(
        name=row["label"],
        where=where,
        train_size=row["train_size"],
        parameters=row["parameters"],
        multiply_adds=row["multiply_adds"],
        examples=row["examples_seen"],
        mean=row["test_error"]["mean"],
        low=new["low"],
        high=new["high"],
    )


@cache
def _documents() -> dict[str, dict[str, Any]]:
    folder = resources.files("timetravel").joinpath("published")
    return {
        file.name.removesuffix(".json"): json.loads(file.read_text(encoding="utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.startswith(PUBLISHED)
    }


def published(test: Digits) -> list[Measured]:
    """Return the comparable rows of published results that were measured on the very same test digits."""
    found = []
    for where, document in _documents().items():
        same = {digits["data"] for digits in document["provenance"]["digits"] if digits["test"] == test.fingerprint}
        found += [as_measured(row, where) for row in document["rows"] if row["data"] in same and comparable(row)]
    return found


def comparable(row: Mapping[str, Any]) -> bool:
    """Whether a published row is of the 1989 net, did not diverge, and takes the usual three parts of computing."""
    settings = row["settings"]
    plain = not settings.get("sharpness") and not settings.get("teachers")
    return bool(row["net"] == "lecun1989" and plain and not row["diverged"])


def best_within(points: Sequence[Measured], budget: int) -> Measured | None:
    """Return the point with the least error among those whose training fits the budget; of equals the cheapest."""
    affordable = [point for point in points if point.training <= budget]
    return min(affordable, key=lambda point: (point.mean, point.training), default=None)


def frontier(points: Sequence[Measured]) -> list[Measured]:
    """Return the points that nothing as cheap to train beats, from the cheapest to the best."""
    best: list[Measured] = []
    for point in sorted(points, key=lambda point: (point.training, point.mean)):
        if not best or point.mean < best[-1].mean:
            best.append(point)
    return best


def best_of_1989(points: Sequence[Measured]) -> dict[str, Any]:
    """Return what three days of the paper's signal processor could have reached, on any digits and on the paper's."""
    few = [point for point in points if point.train_size <= paper.TRAINING_DIGITS]
    best, best_of_few = best_within(points, BUDGET_1989), best_within(few, BUDGET_1989)
    return {
        "multiply_adds_a_second": paper.MULTIPLY_ADDS_A_SECOND,
        "seconds": paper.SECONDS,
        "multiply_adds": BUDGET_1989,
        "rows_considered": len(points),
        "rows_within": sum(point.training <= BUDGET_1989 for point in points),
        "best": best and best.to_dict(),
        "best_on_1989s_number_of_digits": best_of_few and best_of_few.to_dict(),
    }
