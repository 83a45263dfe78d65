"""The backtests: the whole grid, nothing from after the origin, and honest summaries."""

import pytest

from timetravel.projection.hindcasts import GRID, backtest, backtests, scores
from timetravel.projection.series import BY_NAME, SERIES
from timetravel.projection.trends import Record


@pytest.fixture(scope="module")
def cells(records):
    return backtests(list(records.values()))


def test_the_grid_is_complete():
    assert len(GRID) == len(SERIES) * (1 + 11 + 10 + 6 + 4)
    for series in SERIES:
        assert (series.name, 1989, 2022) in GRID
        for origin, first in ((2012, 2016), (2016, 2017), (2020, 2021), (2022, 2023)):
            assert [t for n, o, t in GRID if (n, o) == (series.name, origin)] == list(range(first, 2027))


def test_a_cell_is_missing_only_where_figures_are(cells, records):
    possible = [
        (name, origin, target)
        for name, origin, target in GRID
        if origin - records[name].first >= 4 and target <= records[name].last
    ]
    assert [(one["quantity"], one["origin"], one["target"]) for one in cells] == possible


def test_nothing_after_the_origin_is_used():
    series = BY_NAME["compute"]
    past = [0, 1, 1, 2, 3, 3, 4, 6, 6, 7, 7, 8, 9]
    quiet, wild = (Record(series, 2000, (*past, *later)) for later in ([9, 9, 9, 9], [20, 30, 40, 50]))
    one, other = (backtest(made.until(2012), 2016, made.at(2016)) for made in (quiet, wild))
    assert [one[end] for end in ("predicted", "low", "high")] == [other[end] for end in ("predicted", "low", "high")]
    assert (one["actual"], other["actual"]) == (1e9, 1e50)
    for error in ("error_oom", "line_error_oom"):
        assert one[error] - other[error] == pytest.approx(50 - 9)
    steady = Record(series, 2000, tuple(0.5 * year for year in range(27)))
    found = backtest(steady.until(2012), 2020, steady.at(2020))
    assert (found["error_oom"], found["line_error_oom"]) == pytest.approx((0, 0))


def test_the_summary_counts_misses_and_every_cell_in_one_band_of_horizons_and_one_series(cells):
    found = scores(cells)
    assert found["cells"] == len(cells)
    assert found["with_interval"] == sum(one["inside"] is not None for one in cells)
    assert found["inside_80"] == sum(one["inside"] is True for one in cells)
    assert abs(found["worst_error_oom"]) == pytest.approx(max(abs(one["error_oom"]) for one in cells), abs=5e-4)
    assert [one["years_ahead"] for one in found["by_horizon"]] == [[1, 3], [4, 7], [8, 14], [33, 33]]
    for part in ("by_horizon", "by_quantity"):
        assert sum(one["cells"] for one in found[part]) == len(cells)
        assert sum(one["inside_80"] for one in found[part]) == found["inside_80"]
    far = [one for one in cells if one["target"] - one["origin"] == 33]
    assert found["by_horizon"][-1]["too_low"] == sum(one["predicted"] < one["actual"] for one in far)
    assert scores([]) is None
