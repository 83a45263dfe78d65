"""A user's own milestones and assumptions: read in place of the package's, and refused where they are wrong."""

import csv

import pytest

from timetravel.errors import UsageError
from timetravel.projection.inputs import COLUMNS, defaults, milestones, read_assumptions, read_milestones

GOOD = {
    "quantity": "training cost", "domain": "language", "date": "2026-01", "name": "a net", "value": "5e8",
    "unit": "US dollars", "estimated": "yes", "note": "", "source": "its maker", "link": "", "checked": "read",
}  # fmt: skip

BAD_CELLS = {  # what is refused in a column, and what is told of it
    "quantity": (["training costs"], "there is no quantity {!r}. Did you mean training cost?"),
    "domain": (["law"], "domain {!r} does not go with training cost. Allowed: vision, "),
    "unit": (["EUR"], "unit {!r} does not go with training cost. Allowed: US dollars."),
    "value": (["-3", "1e30", "nan", "much", "", "1_0", "１０"], "{!r} is no value of training cost. Allowed: 0.01 to"),
    "date": (
        ["2027-13", "2027-00-01", "2023-02-30", "２０２３", "2999", "soon", "1815"],
        "{!r} is not a date that has been. Allowed: 1940 to 2",
    ),
    "estimated": (["perhaps"], "estimated {!r} does not go with training cost. Allowed: yes, no."),
    "checked": ([""], "checked {!r} does not go with training cost. Allowed: read, known."),
    "source": ([" "], "has no source."),
    "name": ([""], "has no name."),
}
BAD_TOML = {
    "[budget_shares]\nvalue = 1": ("'budget_shares'", "Did you mean budget_share?"),
    "[budget_share]\nlower = 1": ("'lower'", "Did you mean low?"),
    "[budget_share]\nhigh = 2": ("budget_share can't be 2", "1e-07 to 1"),
    "[budget_share]\nlow = 0.5\nhigh = 0.1": ("backwards",),
    "[budget_share]\nvalue = 0.5\nhigh = 0.6": ("both value and a range",),
    "[budget_share]\nlow = 'much'": ("'much'",),
    "[budget_share]\nlow = nan": ("nan",),
    "[budget_share]\nlow = true": ("True",),
    "budget_share = 3": ("not a table",),
    "[budget_share": ("not TOML",),
    f"[budget_share]\nvalue = {'9' * 5000}": ("too long",),
    f"[budget_share]\nvalue = 0x{'f' * 5000}": ("a number so long",),
    f"[budget_share]\nvalue = {'[' * 5000}{']' * 5000}": ("too deep",),
    f"[budget_share]\nvalue = '{'x' * 500}'": ("xxx...",),
}


def write(path, *rows, columns=COLUMNS):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def refused(read, path, *words):
    with pytest.raises(UsageError) as caught:
        read(path)
    for word in words:
        assert word in f"{caught.value.message} {caught.value.hint}", path.read_bytes()[:200]


def test_a_quantity_is_replaced_and_the_others_stay(tmp_path):
    found = read_milestones(write(tmp_path / "own.csv", GOOD, GOOD | {"date": "2026", "name": "another"}))
    assert [one["value"] for one in found if one["quantity"] == "training cost"] == [5e8, 5e8]
    others = [one for one in milestones() if one["quantity"] != "training cost"]
    assert [one for one in found if one["quantity"] != "training cost"] == others


def test_dates_of_three_precisions(tmp_path):
    dates = ("2026", "2026-07", "2026-07-09")
    found = read_milestones(write(tmp_path / "own.csv", *(GOOD | {"date": date, "name": date} for date in dates)))
    own = [one for one in found if one["quantity"] == "training cost"]
    assert [one["year"] for one in own] == [2026] * 3
    assert [one["time"] for one in own] == pytest.approx([2026.5, 2026 + 6.5 / 12, 2026 + 6.5 / 12])


def test_a_bad_row_is_named_with_what_is_accepted(tmp_path):
    own = tmp_path / "own.csv"
    for column, (cells, told) in BAD_CELLS.items():
        for cell in cells:
            write(own, GOOD, GOOD | {"name": "the second"} | {column: cell})
            refused(read_milestones, own, "row 2 (line 3)", told.format(cell))
    write(own, GOOD, GOOD | {"name": "b"}, GOOD)
    refused(read_milestones, own, "row 3 (line 4): a net of 2026-01 is given twice", "first in row 1")


def test_milestones_that_are_no_table(tmp_path):
    own = tmp_path / "own.csv"
    heads = ",".join(COLUMNS)
    for content, words in (
        (heads, "no rows"),
        (heads.replace("unit,", ""), "no column unit"),
        (heads.replace("note", "value"), "more than one column value"),
        (f"{heads}\ntraining cost,language\n", "row 1 (line 2) has too many or too few"),
        (f'{heads}\n"training" cost\n', "line 1: ',' expected after"),
        (b"\xff\xfe\x00", "UTF-8"),
    ):
        own.write_bytes(content if isinstance(content, bytes) else content.encode())
        refused(read_milestones, own, words)
    own.unlink()
    with pytest.raises(UsageError, match="can't be read"):
        read_milestones(own)


def test_an_assumptions_range_a_value_and_one_end(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[budget_share]\nlow = 1e-4\nhigh = 1e-3\n[sparsity]\nvalue = 7\n[run_months]\nhigh = 24\n")
    found = read_assumptions(path)
    ends = {name: (one.low, one.high) for name, one in found.items() if one.changed}
    assert ends == {"budget_share": (1e-4, 1e-3), "sparsity": (7, 7), "run_months": (3, 24)}
    assert found["cmos_limit"] == defaults()["cmos_limit"]


def test_bad_assumptions_are_named_with_what_is_accepted(tmp_path):
    path = tmp_path / "mine.toml"
    for text, words in BAD_TOML.items():
        path.write_text(text)
        refused(read_assumptions, path, *words)
    path.write_bytes(b"\xff\xfe\x00")
    refused(read_assumptions, path, "UTF-8")
    with pytest.raises(UsageError, match="can't be read"):
        read_assumptions(tmp_path / "none.toml")
