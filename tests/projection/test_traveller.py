"""The time traveller's table and its mirror."""

import pytest

from timetravel.projection.assumptions import defaults
from timetravel.projection.futures import Futures
from timetravel.projection.milestones import milestones
from timetravel.projection.series import SERIES
from timetravel.projection.traveller import FROM, SCENARIOS, best, mirror, sights
from timetravel.projection.trends import record

FUTURES = Futures(2055, {series.name: record(series, milestones()) for series in SERIES}, defaults())


@pytest.mark.parametrize("since", FROM)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_line_has_its_ratio(since, scenario):
    found = sights(FUTURES, since, scenario)
    assert found
    for one in found:
        assert one.kind == ("arithmetic" if scenario == "naive" else "extrapolation")
        if one.then is not None and one.ahead is not None:
            assert one.ratio.middle == pytest.approx(one.ahead.middle / one.then)


def test_the_naive_line_is_the_essays_factor():
    by_name = {one.what: one for one in sights(FUTURES, "2022", "naive")}
    assert by_name["parameters"].ratio.middle == pytest.approx(1e7)
    assert by_name["parameters"].ahead.low is None


def test_the_best_of_a_time_on_a_personal_device():
    found = {one.what: one for one in sights(FUTURES, "2022", "limited")}
    assert found["CoCa on a personal device"].ratio.middle < 1
    assert found["PaLM on a personal device"].ahead.middle > found["CoCa on a personal device"].ahead.middle
    assert found["cost of PaLM again, dollars"].then == 3.06e6
    net = {one.what: one for one in sights(FUTURES, "1989", "limited")}["LeCun zip-code net on a personal device"]
    assert net.then == 259_200
    assert best("today")[1].name == "Grok 4"


def test_the_mirror_has_the_essays_factors_beside_ours():
    found = {one.what: one for one in mirror(FUTURES, [])}
    assert found["parameters (vision)"].essay == 1e6
    assert found["parameters (vision)"].ours == pytest.approx(3.07e9 / 9760)
    assert found["images"].ours == pytest.approx(6.7e9 / 7291)
    assert found["training speed"].essay == 2880
    assert found["training speed"].ours is None
    assert "timetravel train" in found["training speed"].source
