"""Every figure in the package says where it comes from, and whether that was read."""

from importlib import resources

import pytest

from timetravel.projection import packaged
from timetravel.projection.inputs import checked, defaults, milestones
from timetravel.projection.packaged import cited, limits
from timetravel.projection.series import QUANTITIES, SERIES

ROWS = [(name, number, row) for name in packaged.FILES for number, row in enumerate(packaged.rows(name), start=1)]


def test_all_csv_files_of_the_package_are_walked():
    found = {path.name for path in resources.files("timetravel.projection").iterdir() if path.name.endswith(".csv")}
    assert found == {f"{name}.csv" for name in packaged.FILES}


def test_every_figure_has_a_source_and_says_whether_it_was_read():
    for name, number, row in ROWS:
        where = f"{name}.csv, row {number}"
        assert row["source"].strip(), where
        assert row["checked"] in ("read", "known"), where
        assert None not in {cell for column, cell in row.items() if column not in packaged.NUMBERS}, "a cell is missing"
        assert None not in row, "a cell too many"
        own = row["source"].startswith("own assumption")
        assert own or row["link"].startswith(("http://", "https://")), where
        assert packaged.credit(row).endswith("not verified") == (row["checked"] == "known"), where
    assert "known" in {row["checked"] for _, _, row in ROWS}


def test_every_milestone_is_one_that_a_user_could_give():
    identities = set()
    for number, row in enumerate(packaged.rows("milestones"), start=1):
        checked({**row, "value": str(row["value"])}, f"row {number}")
        identities.add((row["quantity"], row["domain"], row["date"], row["name"]))
    assert len(identities) == len(milestones())


def test_the_known_answers_among_the_milestones():
    by_key = {(one["quantity"], one["name"]): one["value"] for one in milestones()}
    assert by_key["parameters", "LeCun zip-code net"] == 9760
    assert by_key["training compute", "LeCun zip-code net"] == pytest.approx(63_660 * 2 * 3 * 167_693, rel=1e-3)
    assert by_key["training compute", "PaLM"] == 2.53e24
    assert by_key["algorithmic efficiency", "EfficientNet"] == 44
    assert not any("n-gram" in one["name"] for one in milestones())  # not a net


def test_quantities_of_all_files_agree():
    assert {one["quantity"] for one in milestones()} == set(QUANTITIES) == {series.quantity for series in SERIES}
    rates = cited("growth_rates")
    assert {rate["quantity"] for rate in rates} <= set(QUANTITIES)
    for one, value in [(one, "value") for one in limits().values()] + [(one, "growth_per_year") for one in rates]:
        assert (one["low"] or one[value]) <= one[value] <= (one["high"] or one[value])
    for one in defaults().values():
        assert one.least <= one.low <= one.high <= one.most


OWN_NUMBERS = {"GPT-2": "training cost", "LeCun zip-code net": "training compute", "ResNet-50": "training compute",
               "GLaM": "training compute"}  # fmt: skip


def test_estimates_are_credited_to_those_who_made_them():
    for one in milestones():
        costly = one["quantity"] in ("training cost", "training compute")
        if costly and OWN_NUMBERS.get(one["name"]) != one["quantity"] and one["estimated"]:
            assert "Epoch AI (2026), Data on AI Models, CC BY 4.0" in one["source"], one["name"]


def test_a_dollar_buys_what_it_can_buy():
    flop, dollars = (
        {one["name"]: one["value"] for one in milestones() if one["quantity"] == quantity}
        for quantity in ("training compute", "training cost")
    )
    both = flop.keys() & dollars.keys()
    assert len(both) > 50
    for name in both:
        assert 5e14 < flop[name] / dollars[name] < 5e18, name
