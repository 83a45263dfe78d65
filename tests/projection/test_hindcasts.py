"""The backtests: the whole grid, nothing from after the origin, limits of then, and honest summaries."""

import numpy as np
import pytest

from timetravel.projection.futures import Futures
from timetravel.projection.hindcasts import (
    TARGETS,
    assumptions_of,
    backtest,
    backtests,
    coverage,
    crps,
    scores,
    stood,
)
from timetravel.projection.inputs import defaults
from timetravel.projection.series import BY_NAME
from timetravel.projection.trends import Record, Spread


@pytest.fixture(scope="module")
def cells(whole):
    return backtests(whole)


def test_a_cell_is_missing_only_where_figures_are(cells, whole):
    assert {origin: (targets[0], targets[-1]) for origin, targets in TARGETS.items()} == {
        1989: (2022, 2022), 2012: (2016, 2025), 2016: (2017, 2025), 2020: (2021, 2025), 2022: (2023, 2025),
    }  # fmt: skip
    possible = [
        (name, origin, target)
        for name, one in whole.items()
        for origin, targets in TARGETS.items()
        for target in targets
        if origin - one.first >= 4 and target <= one.last
    ]
    assert [(one["quantity"], one["origin"], one["target"]) for one in cells] == possible


def test_nothing_after_the_origin_is_used():
    past, series = [0, 1, 1, 2, 3, 3, 4, 6, 6, 7, 7, 8, 9], BY_NAME["compute"]
    found = []
    for later in ([9, 9, 9, 9], [20, 30, 40, 50]):
        whole = {"compute": Record(series, 2000, (*past, *later), (), later[-1])}
        found.append(backtest(stood(2012, 2016, whole), "compute", 2016, later[-1]))
    one, other = found
    for rule in ("limited", "trend", "line", "nothing changes"):
        assert one["errors_oom"][rule] - other["errors_oom"][rule] == pytest.approx(50 - 9)
    assert one["limited"]["predicted"] == other["limited"]["predicted"]
    assert (one["actual"], other["actual"]) == (1e9, 1e50)
    assert other["crps"]["nothing changes"] == 41
    assert other["interval_score"]["nothing changes"] == 410  # 2 / 0.2 times the miss, and no width


def test_a_plain_line_is_that_of_a_textbook():
    """Against numpy's fit, and the prediction interval of simple regression (t of 9 degrees of freedom: 1.383)."""
    values = np.array([0, 1, 1, 2, 4, 4, 5, 7, 7, 8, 10.0])
    past = Record(BY_NAME["compute"], 2000, tuple(values), (), 10.0, Spread(0.3, 5.0))
    made = backtest(Futures(2015, {"compute": past}, defaults()), "compute", 2015, 14.0)
    slope, level = np.polyfit(range(11), values, 1)
    rest = values - level - slope * np.arange(11)
    error = np.sqrt(rest @ rest / 9) * np.sqrt(1 + 1 / 11 + 10**2 / 110)
    assert made["errors_oom"]["line"] == pytest.approx(level + 15 * slope - 14, abs=0.02)
    low, high = level + 15 * slope - 1.383 * error, level + 15 * slope + 1.383 * error
    missed = max(low - 14, 0) + max(14 - high, 0)
    assert made["interval_score"]["line"] == pytest.approx(high - low + 10 * missed, rel=0.02)


def test_limits_are_those_that_could_have_been_stated_then(whole):
    then, now = assumptions_of(2012), defaults()
    assert then["world_product"].high < now["world_product"].low
    assert then["world_product"].base == 2012
    assert then["budget_share"].high < now["budget_share"].low  # 30 to 3,000 times the dearest run of the time
    judged = {"world_growth", "electricity_growth", "electricity_share", "utilisation", "price_growth_after"}
    judged |= {"synthetic", "stock_growth", "algorithm_growth", "algorithm_most", "device_watts", "state_bytes"}
    for origin in (1989, 2012, 2016, 2020):  # what is as today is a judgement of no time
        then = assumptions_of(origin)
        assert {name for name in now if then[name] == now[name]} <= judged | {"pixels_growth"}, origin
    then = assumptions_of(2012)
    assert then["memory_growth"].base is None
    here, now_too = (Futures(2025, {}, given).budget(2025) for given in (then, now))
    assert np.median(here) == pytest.approx(1.7e-7 * 1e14 * 1.0225**13, rel=0.1)
    assert not np.array_equal(here, now_too)


def test_the_score_of_draws_is_the_crps():
    rng = np.random.default_rng(0)
    draws = np.sort(rng.standard_normal(2000))
    by_pairs = np.abs(draws - 0.7).mean() - np.abs(draws[:, None] - draws[None, :]).mean() / 2
    assert crps(draws, 0.7) == pytest.approx(by_pairs)
    assert crps(np.full(5, 3.0), 1.0) == 2.0  # a single value: its error
    exact = 0.7 * 0.5160727 + 2 * 0.3122539 - 0.5641896  # normal: z(2F(z) - 1) + 2f(z) - 1/sqrt(pi), F(.7) = .7580363
    assert crps(draws, 0.7) == pytest.approx(exact, abs=0.02)


def test_every_rule_is_scored_on_the_same_cells(cells):
    found = scores(cells)
    for part in ("by_horizon", "by_quantity"):
        for rule, whole_score in found["all"].items():
            assert sum(one["rules"][rule]["cells"] for one in found[part]) == len(cells)
            assert sum(one["rules"][rule]["inside_80"] for one in found[part]) == whole_score["inside_80"]
    assert [one["years_ahead"] for one in found["by_horizon"]] == [[1, 3], [4, 7], [8, 13], [33, 33]]
    mean = np.mean([one["crps"]["limited"] for one in cells])
    assert found["all"]["limited"]["crps"] == pytest.approx(mean, abs=6e-4)
    assert scores([]) is None


def test_the_limited_rule_is_scored_and_beats_nothing_changes_and_a_plain_line(cells):
    found = {rule: one["crps"] for rule, one in scores(cells)["all"].items()}
    assert found["limited"] < found["line"] < found["nothing changes"]


def test_coverage_is_clustered_by_series():
    """Two quantities, all inside and none: half are, and the interval says that it is known of two only."""
    names = ("compute", "tokens", "cost")
    cells = [{"quantity": name, "inside_80": {"trend": name == "compute"}} for name in names[:2] for _ in range(10)]
    found = coverage(cells, "trend")
    assert (found["inside"], found["cells"], found["share"]) == (10, 20, 0.5)
    assert (found["low"], found["high"]) == (0, 1)
    even = [{"quantity": name, "inside_80": {"trend": place < 8}} for name in names for place in range(10)]
    assert [coverage(even, "trend")[end] for end in ("share", "low", "high")] == [0.8, 0.8, 0.8]
    parts = [{"quantity": name, "inside_80": {"trend": True}} for name in ("parameters", "parameters-vision")]
    assert coverage(parts, "trend")["low"] is None  # of one quantity
