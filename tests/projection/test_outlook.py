"""The table of factors, the best nets of a time, and the game played backwards."""

import numpy as np
import pytest

from timetravel.projection.factors import factors
from timetravel.projection.hindcasts import stood
from timetravel.projection.inputs import milestones
from timetravel.projection.outlook import best
from timetravel.projection.replay import replay


def table(futures, **more):
    return {one["what"]: one for one in factors(futures(), milestones(), more.get("since", "2022"))}


def test_the_factors_from_1989_are_the_essays_and_what_came(futures):
    found = table(futures)
    assert found["parameters, images"]["essay"] == 1e6
    assert found["parameters, images"]["came"] == pytest.approx(3.07e9 / 9760, rel=1e-5)
    assert found["training images"]["came"] == pytest.approx(6.6e9 / 7291, rel=1e-5)
    assert found["pixels, at 384x384"]["came"] == pytest.approx(6.6e9 * 442_368 / 1_866_496, rel=1e-5)
    again = found["training speed"]
    assert (again["essay"], again["came"]) == (3e3, 2880)


def test_what_is_foretold_is_over_2022(futures):
    draws = futures().limited("images", 2055)
    record = futures().records["images"]
    (low, middle, high) = 10 ** (np.quantile(draws, (0.1, 0.5, 0.9)) - record.at(2022))
    told = table(futures)["training images"]["foretold"]
    assert [told[end] for end in ("low", "value", "high")] == pytest.approx([low, middle, high], rel=1e-4)
    for one in table(futures).values():
        assert one["rule"]
        assert one["sources"]
        assert one["foretold"]["low"] <= one["foretold"]["value"] <= one["foretold"]["high"]


def test_the_best_of_a_time_stands_on_the_milestones_in_use():
    assert [one["name"] for one in best("today", milestones())] == ["ViT-22B", "Grok 4"]
    own = [one for one in milestones() if one["name"] not in ("PaLM", "Grok 4")]
    own.append(best("2022", milestones())[1] | {"name": "a giant", "date": "2026-03", "year": 2026, "value": 1e28})
    assert best("today", own)[1]["name"] == "a giant"
    none = [one for one in own if one["quantity"] != "training compute"]
    assert [one["name"] for one in best("2022", none)] == ["CoCa", "PaLM"]  # the package's


def test_a_report_of_1989_about_2022_knows_nothing_after_1989_and_says_how_it_fared(whole):
    found = replay(stood(1989, 2022, whole), whole, milestones(), 1989)
    rows = {one["quantity"]: one for one in found["rows"]}
    assert set(rows) >= {"parameters", "images", "compute"}
    assert "price" not in rows  # its figures begin later
    assert rows["compute"]["then"] == pytest.approx(10 ** whole["compute"].at(1989), rel=1e-5)
    assert rows["compute"]["came"] == pytest.approx(10 ** whole["compute"].at(2022), rel=1e-5)
    assert found["inside"] == sum(one["low"] <= one["came"] <= one["high"] for one in rows.values())
    misses = sorted(abs(np.log10(one["predicted"] / one["came"])) for one in rows.values())
    assert found["median_error_oom"] == pytest.approx(np.median(misses), abs=2e-3)
    assert found["device"]["came"] == 90
    assert "From the end of 1989" in found["finding"]
