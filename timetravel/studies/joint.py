"""Error over data and size together: what training costs, the frontier, and what 1989's computer could have reached.

A point is a row, measured now or published, as the public JSON has it: its errors are in percent, with the interval for
new digits.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from timetravel import paper, published
from timetravel.digits import Digits

Point = dict[str, Any]

# Of an example: forward, towards the weights, and towards the inputs. A little too many, because nothing needs the
# gradient towards the image: Kaplan et al. (2020), https://arxiv.org/abs/2001.08361, count the same way.
PARTS_OF_TRAINING: Final = 3
BUDGET_1989: Final = round(paper.MULTIPLY_ADDS_A_SECOND * paper.SECONDS)
PUBLISHED: Final = ("train-", "modernize-", "decompose-", "scale-data-")  # how files of kept results begin


def training_multiply_adds(row: Mapping[str, Any]) -> int:
    """Return the multiply-adds of training a row's net: three times those of reading a digit, for every example."""
    return PARTS_OF_TRAINING * int(row["multiply_adds"]) * int(row["examples_seen"])


def point(row: Mapping[str, Any], where: str) -> Point:
    """Return a row of a document as a point. where: the published result that it is from, or this study."""
    return {
        "row": row["label"],
        "from": where,
        **{name: row[name] for name in ("train_size", "parameters", "multiply_adds", "examples_seen")},
        "training_multiply_adds": training_multiply_adds(row),
        "test_error": {"mean": row["test_error"]["mean"], **row["new_digits"]},
    }


def published_points(test: Digits) -> list[Point]:
    """Return the comparable rows of published results that were measured on the very same test digits.

    They are of the net of 1989, did not diverge, and take the usual three parts of computing.
    """
    found = []
    for name in (name for name in published.names() if name.startswith(PUBLISHED)):
        document = published.read(name)
        same = {used["data"] for used in document["provenance"]["digits"] if used["test"] == test.fingerprint}
        for row in document["rows"]:
            plain = not row["settings"].get("sharpness") and not row["settings"].get("teachers")
            if row["data"] in same and row["net"] == "lecun1989" and plain and not row["diverged"]:
                found.append(point(row, name))
    return found


def best_within(points: Sequence[Point], budget: int) -> Point | None:
    """Return the point with the least error among those whose training fits the budget; of equals the cheapest."""
    affordable = [point for point in points if point["training_multiply_adds"] <= budget]
    return min(affordable, key=lambda p: (p["test_error"]["mean"], p["training_multiply_adds"]), default=None)


def frontier(points: Sequence[Point], cost: str = "training_multiply_adds") -> list[Point]:
    """Return the points that nothing as cheap, by default to train, beats, from the cheapest to the best."""
    best: list[Point] = []
    for point in sorted(points, key=lambda p: (p[cost], p["test_error"]["mean"])):
        if not best or point["test_error"]["mean"] < best[-1]["test_error"]["mean"]:
            best.append(point)
    return best


def best_of_1989(points: Sequence[Point]) -> dict[str, Any]:
    """Return what three days of the paper's signal processor could have reached, on any digits and on the paper's."""
    few = [point for point in points if point["train_size"] <= paper.TRAINING_DIGITS]
    return {
        "multiply_adds": BUDGET_1989,
        "rows_considered": len(points),
        "rows_within": sum(point["training_multiply_adds"] <= BUDGET_1989 for point in points),
        "best": best_within(points, BUDGET_1989),
        "best_on_1989s_number_of_digits": best_within(few, BUDGET_1989),
    }


def equal_compute(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return lines over training digits and multiply-adds of one digit, along which an epoch costs the same.

    They reach over the rows' numbers of digits, with a margin for a chart.
    """
    sizes = [row["train_size"] for row in rows]
    ends = [min(sizes) / 2, max(sizes) * 3]
    lines = []
    for epoch in (10.0**power for power in range(6, 14)):
        each = [epoch / PARTS_OF_TRAINING / size for size in ends]
        lines.append({"multiply_adds_an_epoch": epoch, "train_size": ends, "multiply_adds": each})
    return lines
