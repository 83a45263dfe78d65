"""A user's own milestones: read, put in the place of the package's, and refused by row."""

import csv

import pytest

from timetravel.errors import UsageError
from timetravel.projection.milestones import COLUMNS, milestones, read_file

GOOD = {
    "quantity": "training cost", "domain": "language", "date": "2026-01", "name": "a net", "value": "5e8",
    "unit": "US dollars", "estimated": "yes", "note": "", "source": "its maker", "link": "", "checked": "read",
}  # fmt: skip

BAD = [
    ({"unit": "EUR"}, ("unit 'EUR'", "US dollars")),
    ({"value": "-3"}, ("'-3'", "0.01 to 1e+15 US dollars")),
    ({"value": "1e30"}, ("'1e30'", "0.01 to 1e+15")),
    ({"value": "nan"}, ("'nan'",)),
    ({"value": "much"}, ("'much'",)),
    ({"value": ""}, ("''",)),
    ({"date": "2027-13"}, ("'2027-13'", "1940 to 2")),
    ({"date": "2027-00-01"}, ("'2027-00-01'",)),
    ({"date": "2023-02-30"}, ("'2023-02-30'", "not a date")),
    ({"date": "２０２３"}, ("'２０２３'",)),
    ({"date": "2999"}, ("'2999'", "1940 to 2")),
    ({"value": "1_0"}, ("'1_0'",)),
    ({"value": "１０"}, ("'１０'",)),
    ({"date": "soon"}, ("'soon'", "2022-04")),
    ({"date": "1815"}, ("'1815'",)),
    ({"quantity": "training costs"}, ("'training costs'", "Did you mean training cost?")),
    ({"domain": "law"}, ("domain 'law'", "vision")),
    ({"estimated": "perhaps"}, ("estimated 'perhaps'", "yes, no")),
    ({"checked": ""}, ("checked ''", "read, known")),
    ({"source": " "}, ("no source",)),
    ({"name": ""}, ("no name",)),
]


def write(path, *rows, columns=COLUMNS):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_a_quantity_is_replaced_and_the_others_stay(tmp_path):
    found = read_file(write(tmp_path / "own.csv", GOOD, GOOD | {"date": "2026", "name": "another"}))
    assert sorted(one.value for one in found if one.quantity == "training cost") == [5e8, 5e8]
    others = [one for one in milestones() if one.quantity != "training cost"]
    assert [one for one in found if one.quantity != "training cost"] == others


def test_dates_of_three_precisions(tmp_path):
    dates = ("2026", "2026-07", "2026-07-09")
    found = read_file(write(tmp_path / "own.csv", *(GOOD | {"date": date, "name": date} for date in dates)))
    own = [one for one in found if one.quantity == "training cost"]
    assert [one.year for one in own] == [2026] * 3
    assert own[0].time == 2026.5
    assert own[1].time == pytest.approx(2026 + 6.5 / 12)


def test_a_bad_row_is_named_with_what_is_accepted(tmp_path):
    for change, words in BAD:
        path = write(tmp_path / "own.csv", GOOD, GOOD | {"name": "the second"} | change)
        with pytest.raises(UsageError) as caught:
            read_file(path)
        for word in ("row 2 (line 3)", *words):
            assert word in f"{caught.value.message} {caught.value.hint}", change


def test_a_duplicate_is_named_with_its_first(tmp_path):
    with pytest.raises(UsageError, match=r"row 3 \(line 4\): a net of 2026-01 is given twice .* first in row 1"):
        read_file(write(tmp_path / "own.csv", GOOD, GOOD | {"name": "b"}, GOOD))


def test_files_that_are_none(tmp_path):
    with pytest.raises(UsageError, match="can't be read"):
        read_file(tmp_path / "missing.csv")
    with pytest.raises(UsageError, match="no column unit"):
        read_file(write(tmp_path / "own.csv", GOOD, columns=[name for name in COLUMNS if name != "unit"]))
    with pytest.raises(UsageError, match="no rows"):
        read_file(write(tmp_path / "own.csv"))
    twice = write(tmp_path / "own.csv", GOOD).read_text().replace("note,source", "value,source", 1)
    (tmp_path / "twice.csv").write_text(twice)
    with pytest.raises(UsageError, match="more than one column value"):
        read_file(tmp_path / "twice.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="UTF-8"):
        read_file(tmp_path / "bytes.csv")
    (tmp_path / "short.csv").write_text(",".join(COLUMNS) + "\ntraining cost,language\n")
    with pytest.raises(UsageError, match=r"row 1 .* too many or too few"):
        read_file(tmp_path / "short.csv")
