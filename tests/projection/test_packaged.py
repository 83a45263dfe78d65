"""Every figure in the package says where it comes from, and whether that was read."""

import re
from importlib import resources
from math import prod

import pytest

from timetravel.projection import packaged
from timetravel.projection.inputs import checked, defaults, milestones
from timetravel.projection.packaged import cited, limits
from timetravel.projection.series import QUANTITIES, RATES_ONLY, SERIES
from timetravel.projection.tables_in import Line

ROWS = [(name, number, row) for name in packaged.FILES for number, row in enumerate(packaged.rows(name), start=1)]


def test_all_csv_files_of_the_package_are_walked():
    found = {path.name for path in resources.files("timetravel.projection").iterdir() if path.name.endswith(".csv")}
    assert found == {"ledger.csv", *(f"{name}.csv" for name in packaged.FILES)}  # that one has its own reader


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
        checked(Line(f"row {number}", {**row, "value": str(row["value"])}))
        identities.add((row["quantity"], row["domain"], row["date"], row["name"]))
    assert len(identities) == len(milestones())


def by_name(quantity):
    return {one["name"]: one for one in milestones() if one["quantity"] == quantity}


@pytest.mark.parametrize(
    ("quantity", "name", "value"),
    [
        ("parameters", "LeCun zip-code net", 9760),
        ("training compute", "LeCun zip-code net", pytest.approx(63_660 * 2 * 3 * 167_693, rel=1e-3)),
        ("training compute", "PaLM", 2.53e24),
        ("algorithmic efficiency", "EfficientNet", 44),
        ("training tokens", "T5-11B", 2e11),  # of the data set, not those seen
        ("training tokens", "Switch-C", 2e11),
        ("training tokens", "GPT-4", 5.4e12),
        ("training images", "BASIC-L", 6.6e9),
        ("training images", "SigLIP on WebLI-100B", 1e11),
        ("parameters", "M6-10T", 1e13),
        ("active parameters", "PaLM", 5.404e11),
        ("operations per joule", "A100 PCIe", 3.12e14 / 250),
        ("memory of a device", "GeForce RTX 5090", 3.2e10),
    ],
)
def test_known_answers_among_the_milestones(quantity, name, value):
    assert by_name(quantity)[name]["value"] == value


def test_what_breaks_our_own_rules_is_out():
    names = {one["name"] for one in milestones()}
    assert not {name for name in names if "n-gram" in name}  # not a net
    assert not names & {"FLAN 137B", "Minerva", "Kimi K2.5", "ViT-G/14 (LiT)"}  # each continues another net
    assert not by_name("parameters").keys() & {"DLRM", "word2vec (large)"}  # look-up tables
    assert all(one["estimated"] for one in milestones() if one["name"] == "GPT-4")


def test_no_figure_leans_on_a_weak_source():
    weak = ("hmc-tech", "spheron", "exaputra", "particlenews", "wordpress")
    assert not [row for _, _, row in ROWS if any(word in row["link"].lower() for word in weak)]


CPI = {2008: 215.303, 2016: 240.007, 2022: 292.655, 2023: 304.702}  # of the US, all urban consumers, annual averages


def test_prices_are_in_dollars_of_2023():
    for one in by_name("price-performance").values():
        peak, price, then = re.match(
            r"FP32 peak (\S+) FLOP/s over the launch price of (\S+) US dollars x 304.702 / (\S+)", one["note"]
        ).groups()
        dollars = float(price.replace(",", "")) * CPI[2023] / float(then)
        assert one["value"] == pytest.approx(float(peak) / dollars, rel=1e-3), one["name"]
        assert CPI.get(one["year"], float(then)) == float(then), one["name"]
    assert by_name("price-performance")["GeForce GTX 280"]["value"] == pytest.approx(6.77e8, rel=1e-3)
    assert {one["name"].split()[0] for one in by_name("price-performance").values()} == {"GeForce", "Radeon", "Arc"}


def test_the_power_of_a_run_is_its_chips_times_their_watts():
    for one in by_name("power of a run").values():
        terms = re.findall(r"([\d,]+) [^,;]*? x (\d+) W", one["note"])
        assert one["value"] == sum(prod(int(part.replace(",", "")) for part in term) for term in terms), one["name"]


def test_quantities_of_all_files_agree():
    assert {one["quantity"] for one in milestones()} == set(QUANTITIES) == {series.quantity for series in SERIES}
    rates = cited("growth_rates")
    assert {rate["quantity"] for rate in rates} - set(QUANTITIES) == set(RATES_ONLY)
    assert len(rates) == 81  # the 77 that were collected, and four more
    for one, value in [(one, "value") for one in limits().values()] + [(one, "growth_per_year") for one in rates]:
        assert (one["low"] or one[value]) <= one[value] <= (one["high"] or one[value])
    for one in defaults().values():
        assert one.least <= one.low <= one.high <= one.most


def test_effective_compute_came_faster_than_foretold():
    found = {
        row["what"]: row["growth_per_year"] for row in cited("growth_rates") if row["quantity"] == "effective compute"
    }
    assert found == {"foretold in 2020": 2.4, "what came": 10.7}


def test_limits_as_they_could_have_been_stated_then_are_ones_that_a_user_could_give():
    stated = {(int(row["origin"]), row["name"]) for row in packaged.rows("hindcast_limits")}
    assert len(stated) == len(packaged.rows("hindcast_limits"))
    for row in packaged.rows("hindcast_limits"):
        now = defaults()[row["name"]]
        assert now.least <= row["low"] <= row["high"] <= now.most, row["name"]
    levels = {name for name, one in defaults().items() if one.base}
    assert stated >= {(origin, name) for origin in (1989, 2012, 2016, 2020, 2022) for name in levels}


def test_the_error_that_resnet_keeps_is_against_a_named_baseline():
    kept = limits()["error kept by ResNet-50"]
    assert kept["value"] == pytest.approx((100 - 80.4) / (100 - 76.1), abs=0.005)
    assert kept["low"] == pytest.approx((100 - 80.4) / (100 - 75.3), abs=0.005)
    assert "76.1 % of torchvision" in kept["meaning"]


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
