"""The joint view of data and size: compute, the frontier, and what a budget buys."""

import dataclasses

import pytest

from timetravel.digits import Digits, open_source
from timetravel.studies import joint
from timetravel.studies.joint import Measured, best_of_1989, best_within, frontier, training_multiply_adds

POINT = Measured("a", "here", 7291, 9760, 63660, 167_693, 4.0, 3.0, 5.0)


def point(name: str, examples: int, mean: float, train_size: int = 7291) -> Measured:
    return dataclasses.replace(POINT, name=name, examples=examples, mean=mean, train_size=train_size)


def test_the_budget_is_three_days_of_the_papers_signal_processor() -> None:
    assert joint.BUDGET_1989 == 12_500_000 * 3 * 86_400 == 3_240_000_000_000


def test_an_example_costs_three_times_what_reading_does() -> None:
    assert training_multiply_adds(63660, 167_693) == 3 * 63660 * 167_693
    assert POINT.training == POINT.to_dict()["training_multiply_adds"] == 32_026_009_140


def test_the_frontier_holds_what_nothing_as_cheap_beats() -> None:
    points = [point("cheap", 1, 9.0), point("dear", 9, 2.0), point("beaten", 5, 9.5), point("fair", 4, 5.0)]
    assert [p.name for p in frontier(points)] == ["cheap", "fair", "dear"]
    assert frontier([]) == []


def test_the_best_within_a_budget_is_affordable_and_of_equals_the_cheapest() -> None:
    points = [point("cheap", 1, 5.0), point("same", 2, 5.0), point("dear", 100, 1.0)]
    assert best_within(points, training_multiply_adds(63660, 50)) == points[0]
    assert best_within(points, training_multiply_adds(63660, 100)) == points[2]
    assert best_within(points, 1) is None


def test_1989s_computer_is_asked_about_any_digits_and_about_1989s_number() -> None:
    too_dear = point("too dear", 17_000_000, 0.1)
    found = best_of_1989([point("few", 100, 2.0), point("many", 100, 1.0, 50_000), too_dear])
    assert (found["rows_considered"], found["rows_within"]) == (3, 2)
    assert found["best"]["row"] == "many"
    assert found["best_on_1989s_number_of_digits"]["row"] == "few"
    assert found["best"]["test_error"] == {"mean": 1.0, "low": 3.0, "high": 5.0}
    nothing = best_of_1989([too_dear])
    assert nothing["best"] is nothing["best_on_1989s_number_of_digits"] is None


def test_published_rows_stand_beside_ours_on_the_very_same_test_digits_alone(few_mnist: tuple[Digits, Digits]) -> None:
    found = joint.published(open_source("mnist").test_digits("0"))
    assert {"decompose-mnist", "modernize-mnist", "scale-data-mnist"} <= {p.where for p in found}
    assert not any("karpathy" in p.where for p in found)
    assert all(p.low <= p.mean <= p.high for p in found)
    assert joint.published(few_mnist[1]) == []


@pytest.mark.parametrize("share", [0, -1])
def test_nothing_is_free(share: int) -> None:
    assert best_within([POINT], share) is None
