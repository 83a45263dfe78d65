"""The joint view of data and size: compute, the frontier, and what a budget buys."""

from typing import Any

from timetravel import published
from timetravel.digits import Digits, open_source
from timetravel.studies import joint
from timetravel.studies.joint import best_of_1989, best_within, equal_compute, frontier


def row(name: str, examples: int, mean: float, train_size: int = 7291) -> dict[str, Any]:
    return {
        "label": name, "train_size": train_size, "parameters": 9760, "multiply_adds": 63660, "examples_seen": examples,
        "test_error": {"mean": mean, "low": None, "high": None, "values": [mean]},
        "new_digits": {"low": 3.0, "high": 5.0},
    }  # fmt: skip


def points(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    return [joint.point(one, "here") for one in rows]


def test_an_example_costs_three_times_what_reading_does() -> None:
    (point,) = points(row("a", 167_693, 4.0))
    assert point["training_multiply_adds"] == 32_026_009_140
    assert (point["row"], point["from"]) == ("a", "here")
    assert point["test_error"] == {"mean": 4.0, "low": 3.0, "high": 5.0}


def test_the_frontier_holds_what_nothing_as_cheap_beats() -> None:
    found = frontier(points(row("cheap", 1, 9.0), row("dear", 9, 2.0), row("beaten", 5, 9.5), row("fair", 4, 5.0)))
    assert [point["row"] for point in found] == ["cheap", "fair", "dear"]
    assert frontier([]) == []


def test_the_best_within_a_budget_is_affordable_and_of_equals_the_cheapest() -> None:
    cheap, same, dear = made = points(row("cheap", 1, 5.0), row("same", 2, 5.0), row("dear", 100, 1.0))
    assert best_within([same, cheap, dear], 3 * 63660 * 50) == cheap
    assert best_within(made, 3 * 63660 * 100) == dear
    assert best_within(made, 1) is None


def test_1989s_computer_is_asked_about_any_digits_and_about_1989s_number() -> None:
    assert joint.BUDGET_1989 == 12_500_000 * 3 * 86_400 == 3_240_000_000_000
    too_dear = row("too dear", 17_000_000, 0.1)
    found = best_of_1989(points(row("few", 100, 2.0), row("many", 100, 1.0, 50_000), too_dear))
    assert (found["rows_considered"], found["rows_within"]) == (3, 2)
    assert found["best"]["row"] == "many"
    assert found["best_on_1989s_number_of_digits"]["row"] == "few"
    nothing = best_of_1989(points(too_dear))
    assert nothing["best"] is nothing["best_on_1989s_number_of_digits"] is None


def test_along_a_line_of_equal_compute_an_epoch_costs_the_same() -> None:
    for line in equal_compute([row("few", 1, 1.0, 1000), row("many", 1, 1.0, 4000)]):
        assert line["train_size"] == [500, 12_000]
        for size, multiply_adds in zip(line["train_size"], line["multiply_adds"], strict=True):
            assert abs(3 * size * multiply_adds / line["multiply_adds_an_epoch"] - 1) < 1e-12


def test_published_rows_stand_beside_ours_on_the_very_same_test_digits_alone(few_mnist: tuple[Digits, Digits]) -> None:
    mnist = open_source("mnist")
    found = {size: joint.published_points(mnist.test_digits("0", size)) for size in (2007, 10_000)}
    where = {size: {point["from"] for point in points} for size, points in found.items()}
    for name in ("decompose-mnist", "modernize-mnist", "scale-data-mnist"):
        measured = published.read(name)["rows"][0]["test_size"]
        assert [size for size, names in where.items() if name in names] == [measured], name
    assert not any("karpathy" in name for name in where[2007])  # of all test digits there is one set
    for p in (*found[2007], *found[10_000]):
        assert p["test_error"]["low"] <= p["test_error"]["mean"] <= p["test_error"]["high"]
    assert joint.published_points(few_mnist[1]) == []
