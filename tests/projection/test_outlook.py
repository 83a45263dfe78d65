"""The time traveller's table and its mirror."""

from itertools import product

import pytest

from timetravel.projection.inputs import milestones
from timetravel.projection.outlook import BEST, SCENARIOS, best, mirror, repeats, sights


def test_every_line_has_its_ratio(futures):
    for since, scenario in product(BEST, SCENARIOS):
        found = sights(futures(), milestones(), since, scenario)
        assert found
        for one in found:
            assert one["kind"] == ("arithmetic" if scenario == "naive" else "extrapolation")
            if one["then"] is not None and one["ahead"] is not None:
                assert one["ratio"]["value"] == pytest.approx(one["ahead"]["value"] / one["then"], rel=1e-5)
    naive = {one["what"]: one for one in sights(futures(), milestones(), "2022", "naive")}["parameters"]
    assert (naive["ratio"]["value"], naive["ahead"]["low"]) == (pytest.approx(1e7), None)  # the essay's factor


def test_the_best_of_a_time_on_a_personal_device(futures):
    found = {one["what"]: one for one in repeats(futures(), milestones(), "2022")}
    coca, palm = (found[f"{name} on a personal device"] for name in ("CoCa", "PaLM"))
    assert coca["ratio"]["value"] < 1
    assert palm["ahead"]["value"] > coca["ahead"]["value"]
    assert found["cost of PaLM again, dollars"]["then"] == 3.06e6
    (old,) = repeats(futures(), milestones(), "1989")
    assert (old["what"], old["then"]) == ("LeCun zip-code net on a personal device", 259_200)
    assert [one["name"] for one in best("today", milestones())] == ["ViT-22B", "Grok 4"]


def test_the_table_stands_on_the_milestones_in_use(futures):
    own = [one for one in milestones() if one["quantity"] != "training cost" and one["name"] not in ("PaLM", "Grok 4")]
    own.append(best("2022", milestones())[1] | {"name": "a giant", "date": "2026-03", "year": 2026, "value": 1e28})
    assert best("today", own)[1]["name"] == "a giant"
    found = repeats(futures(), own, "2022")  # Minerva: the largest until then
    assert [one["what"] for one in found] == ["CoCa on a personal device", "Minerva on a personal device"]
    none = [one for one in own if one["quantity"] != "training compute"]
    assert [one["name"] for one in best("2022", none)] == ["CoCa", "PaLM"]  # the package's


def test_the_mirror_has_the_essays_factors_beside_ours(futures):
    found = {one["what"]: one for one in mirror(futures(), milestones(), None)}
    assert found["parameters (vision)"]["essay"] == 1e6
    assert found["parameters (vision)"]["ours"] == pytest.approx(3.07e9 / 9760, rel=1e-5)
    assert found["images"]["ours"] == pytest.approx(6.7e9 / 7291, rel=1e-5)
    speed = found["training speed"]
    assert (speed["essay"], speed["ours"]) == (2880, None)
    assert "timetravel train" in speed["source"]
    measured = mirror(futures(), milestones(), 2.0)[-1]
    assert (measured["ours"], measured["source"]) == (129600, "measured here; essay")
