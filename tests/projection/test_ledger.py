"""The ledger: statements that follow from the model, with frozen probabilities, settled and scored."""

import csv
import runpy
from pathlib import Path

import pytest
from sklearn.metrics import brier_score_loss

from timetravel.errors import UsageError
from timetravel.projection import ledger
from timetravel.projection.inputs import dated, milestones, of_series, whole_until
from timetravel.projection.series import BY_NAME

TOOL = Path(__file__).parents[2] / "docs" / "tools" / "issue_ledger.py"
GOOD = {
    "id": "a", "issued": "2026-11-27", "standing": "2025", "claim": "B", "quantity": "cost", "threshold": "1e9",
    "unit": "US dollars", "due": "2027", "probability": "0.7", "resolves": "the dearest", "table": "A table",
    "link": "https://example.org",
}  # fmt: skip
BAD = {  # by column: what is refused, and what is said to be allowed
    "id": ("", "a name of its own"),
    "issued": ("27/11/2026", "as 2022, 2022-04 or 2022-04-19"),
    "standing": ("soon", "1989 to 2199"),
    "claim": ("H", "A, B, C, D, E, F, G"),
    "quantity": ("costs", "parameters, "),
    "threshold": ("-1", "0.01 to 1e+15 US dollars"),
    "unit": ("EUR", "US dollars"),
    "due": ("2025", "2026 to 2200"),
    "probability": ("70", "0 to 1"),
    "resolves": (" ", "how the statement will be settled"),
    "table": ("", "the public table that settles it"),
    "link": ("a page", "the address of the table, which begins with https://"),
}


@pytest.fixture
def write(tmp_path):
    """Return what writes a ledger."""

    def written(*rows):
        with (tmp_path / "mine.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, ledger.COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        return tmp_path / "mine.csv"

    return written


def entry(**changes):
    return GOOD | {"threshold": 1e9, "standing": 2025, "due": 2027, "probability": 0.7} | changes


def figure(date, value, quantity="training cost", domain="language", name="a net"):
    told = {"name": name, "source": "its maker", "link": "", "checked": "read", "estimated": "no", "note": ""}
    return dated(told | {"quantity": quantity, "domain": domain, "date": date, "value": value})


def settled(probability, outcome, **more):
    return {"probability": probability, "outcome": outcome, "due": 2027, "issued": "2026-11-27"} | more


def test_a_wrong_entry_is_named_by_line_and_column_with_what_is_allowed(write):
    for column, (cell, allowed) in BAD.items():
        path = write(GOOD, GOOD | {"id": "b", column: cell})
        with pytest.raises(UsageError) as caught:
            ledger.read(path)
        where = f"--ledger {path}, line 3, column {column}: {cell.strip()!r} is not allowed."
        assert caught.value.message.startswith(where)
        assert caught.value.hint.startswith(f"Allowed: {allowed}" if column != "issued" else "Allowed: 1989 to 2200")
    with pytest.raises(UsageError, match="line 3, column id: 'a' stands already in line 2"):
        ledger.read(write(GOOD, GOOD))


def test_a_ledger_is_read(write):
    assert ledger.read(write(GOOD)) == (entry(),)


def test_a_statement_says_in_a_sentence_what_would_be_true():
    for name, threshold, sentence in (
        ("compute", 1e28, "The largest training run dated until the end of 2028 takes at least 1e28 FLOP."),
        (
            "price",
            2.5e11,
            "The best graphics card for its price dated until the end of 2028 gives at least 2.5e11 FLOP/s",
        ),
        ("cost", 500_000, "The dearest training run dated until the end of 2028 costs at least 500,000 US dollars."),
    ):
        assert ledger.statement(BY_NAME[name], threshold, 2028).startswith(sentence)
    assert all(ledger.statement(series, 3e9, 2028).count("3e9") == 1 for series in BY_NAME.values())


def test_a_statement_is_settled_by_the_largest_figure_once_its_year_is_over():
    def outcome(*figures):
        (found,) = ledger.statements([entry()], figures)
        return found["outcome"], found["actual"], found["source"]

    assert outcome(figure("2027-11", 2e9)) == (None, None, "")  # the year is not over
    source = "a net (2027-11): its maker"
    assert outcome(figure("2027-11", 2e9), figure("2028-01", 1)) == (True, 2e9, source)
    assert outcome(figure("2027-11", 9e8), figure("2028-01", 5e9)) == (False, 9e8, source)
    assert outcome(figure("2027-12", 1e9))[0] is True  # at least


def test_figures_of_another_quantity_or_domain_settle_nothing():
    found = ledger.statements([entry()], [figure("2029", 1e20, quantity="parameters")])[0]
    assert found["outcome"] is None
    vision = entry(quantity="parameters-vision", unit="parameters", threshold=1e12)
    assert ledger.statements([vision], [figure("2029", 1e20, quantity="parameters")])[0]["outcome"] is None


def test_the_score_of_four_statements_by_hand():
    found = ledger.scored(
        [settled(0.9, True), settled(0.3, True), settled(0.2, False, due=2024), settled(1.0, False), settled(0.5, None)]
    )
    assert (found["due"], found["hindcasts"]) == (4, 1)
    assert found["brier"] == pytest.approx((0.01 + 0.49 + 0.04 + 1) / 4)
    assert (found["brier_of_base_rate"], found["brier_of_half"]) == (0.25, 0.25)
    assert found["bins"] == [
        {"low": 0.0, "high": 0.2, "count": 0, "forecast": None, "came": None},
        {"low": 0.2, "high": 0.4, "count": 2, "forecast": 0.25, "came": 0.5},
        {"low": 0.4, "high": 0.6, "count": 0, "forecast": None, "came": None},
        {"low": 0.6, "high": 0.8, "count": 0, "forecast": None, "came": None},
        {"low": 0.8, "high": 1.0, "count": 2, "forecast": 0.95, "came": 0.5},
    ]
    assert ledger.scored([settled(0.5, None)]) is None


def test_the_package_s_ledger_is_scored_as_sklearn_does():
    found = ledger.statements(ledger.read())
    due = [one for one in found if one["outcome"] is not None]
    outcomes = [one["outcome"] for one in due]
    expected = brier_score_loss(outcomes, [one["probability"] for one in due])
    score = ledger.scored(found)
    assert score["brier"] == pytest.approx(expected, rel=1e-5)
    share = sum(outcomes) / len(due)
    assert score["brier_of_base_rate"] == pytest.approx(brier_score_loss(outcomes, [share] * len(due)), rel=1e-5)
    assert sum(one["count"] for one in score["bins"]) == score["due"] == len(due)


def test_the_package_s_hindcasts_are_settled_and_its_forecasts_are_not():
    until = whole_until(milestones())
    for one in ledger.statements(ledger.read()):
        assert (one["outcome"] is None) == (one["due"] > until), one["id"]
        own = [each for each in of_series(BY_NAME[one["quantity"]], milestones()) if each["year"] <= one["due"]]
        if one["outcome"] is not None:
            assert one["actual"] == max(each["value"] for each in own)
            assert one["outcome"] == any(each["value"] >= one["threshold"] for each in own)
        elif one["issued"] >= "2026":
            assert all(each["value"] < one["threshold"] for each in own), f"{one['id']} is known to be true"


def test_the_probabilities_are_frozen_and_follow_from_the_model_of_this_version():
    recomputed = {row["id"]: row for row in runpy.run_path(str(TOOL))["issued"]()}
    frozen = {row["id"]: row for row in ledger.read()}
    assert frozen.keys() == recomputed.keys()
    for name, row in frozen.items():
        assert row["probability"] == pytest.approx(recomputed[name]["probability"], abs=0.02), name
        assert 0.01 <= row["probability"] <= 0.99
    dues = {(row["standing"], row["due"]) for row in frozen.values()}
    assert dues >= {(2016, 2018), (2016, 2020), (2020, 2022), (2022, 2025), (2025, 2027), (2025, 2028), (2025, 2030)}
