"""A user's own milestones and assumptions: read in place of the package's, and refused where they are wrong."""

import csv

import pytest

from timetravel.errors import UsageError
from timetravel.projection.inputs import (
    COLUMNS,
    checked_from,
    dated,
    defaults,
    milestones,
    read_assumptions,
    read_figures,
    read_milestones,
    whole_until,
)

GOOD = {
    "quantity": "training cost", "domain": "language", "date": "2026-01", "name": "a net", "value": "5e8",
    "unit": "US dollars", "estimated": "yes", "note": "", "source": "its maker", "link": "", "checked": "read",
}  # fmt: skip

BAD_CELLS = {  # what is refused in a column, and what is said to be allowed
    "quantity": (["training costs", ""], "parameters, training compute,"),
    "domain": (["law"], "vision, language"),
    "unit": (["EUR", "FLOP", ""], "US dollars."),
    "value": (["-3", "0", "0.0", "1e30", "nan", "much", "", "1_0", "１０", "1,5"], "0.01 to 1e+15 US dollars."),
    "date": (
        ["2027-13", "2027-00-01", "2023-02-30", "２０２３", "2999", "soon", "1815", "19/04/2022", "2022-4", "2022.5"],
        "1940 to 2",
    ),
    "estimated": (["perhaps"], "yes, no."),
    "checked": ([""], "read, known."),
    "source": ([" "], "where the figure comes from."),
    "name": ([""], "a name."),
}
BAD_TOML = {
    "[budget_shares]\nvalue = 1": ("'budget_shares'", "Did you mean budget_share?"),
    "[budget_share]\nlower = 1": ("'lower'", "Did you mean low?"),
    "[budget_share]\nhigh = 2": ("budget_share can't be 2", "1e-09 to 1"),
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


def write(path, *rows, separator=",", encoding="utf-8"):
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=separator)
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


@pytest.mark.parametrize(
    ("separator", "encoding"), [(",", "utf-8-sig"), (";", "utf-8"), ("\t", "utf-16"), (";", "utf-16"), (",", "utf-8")]
)
def test_what_a_spreadsheet_writes(tmp_path, separator, encoding):
    value = "5e8" if separator == "," else "5,0E+08"
    row = GOOD | {"date": "2022.0", "name": 'Zoë, the "first"; so far', "value": value}
    (found,) = read_figures(write(tmp_path / "own.csv", row, separator=separator, encoding=encoding), "--score")
    assert (found["value"], found["date"], found["year"], found["name"]) == (5e8, "2022", 2022, row["name"])


def test_empty_lines_and_empty_columns_of_a_spreadsheet_are_left_out(tmp_path):
    own = write(tmp_path / "own.csv", GOOD)
    lines = own.read_text().splitlines()
    own.write_text("\r".join([f"{lines[0]},,", f"{lines[1]},,", "," * 12, ""]))
    assert len(read_figures(own, "--score")) == 1


def test_a_bad_cell_is_named_by_line_and_column_with_what_is_allowed(tmp_path):
    own = tmp_path / "own.csv"
    for column, (cells, allowed) in BAD_CELLS.items():
        for cell in cells:
            write(own, GOOD | {"note": "of\ntwo lines"}, GOOD | {"name": "the second"} | {column: cell})
            where = f"--milestones {own}, line 4, column {column}: {cell.strip()!r} is not allowed."
            refused(read_milestones, own, where, f"Allowed: {allowed}")
    refused(read_milestones, write(own, GOOD | {"quantity": "training costs"}), "Did you mean training cost?")
    refused(read_milestones, write(own, GOOD | {"value": "9" * 5000}), "999... is not allowed")
    write(own, GOOD, GOOD | {"name": "b"}, GOOD)
    refused(
        read_milestones,
        own,
        "line 4, column name: 'a net' stands already in line 2. Allowed: each quantity, domain, date and name once.",
    )


def test_milestones_that_are_no_table(tmp_path):
    own = tmp_path / "own.csv"
    heads = ",".join(COLUMNS)
    for content, *words in (
        ("", "is empty", "start from that"),
        (heads, "no rows below line 1"),
        (heads.replace("unit,", ""), "line 1 has no column unit"),
        (heads.replace(",", "|"), "line 1 has no column quantity"),
        (heads.replace("note", "value"), "line 1 has more than one column value"),
        (f"{heads}\ntraining cost,language\n", "line 2: no cell for column date", "Allowed: 11 cells a line"),
        (f"{heads}\n\n{'a,' * 11}b\n", "line 3: a cell after the last column, checked", "Allowed: 11 cells a line"),
        (f'{heads}\n"training" cost\n', "line 2: ',' expected after", "doubled"),
        (f'{heads}\na,"b\nc\n', "line 2: unexpected end of data", "doubled"),
        (f"{heads}\n{'x' * 200_000}\n", "line 2: field larger than field limit"),
        (heads.encode() + b"\nZo\xeb", "line 2: not UTF-8 or UTF-16 text", "Allowed: UTF-8, or UTF-16"),
        (b"\xff\xfe\x00", "line 1: not UTF-8 or UTF-16 text"),
    ):
        own.write_bytes(content if isinstance(content, bytes) else content.encode())
        refused(read_milestones, own, f"--milestones {own}", *words)
    own.unlink()
    with pytest.raises(UsageError, match="can't be read"):
        read_milestones(own)


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_read_and_the_last_is_checked(tmp_path):
    rows = [GOOD | {"name": f"net {number}"} for number in range(100_000)]
    assert len(read_figures(write(tmp_path / "own.csv", *rows), "--score")) == 100_000
    refused(read_milestones, write(tmp_path / "own.csv", *rows, rows[0]), "line 100002", "stands already in line 2")


@pytest.mark.parametrize(
    ("dates", "year"),
    [("2022-12 2026-04", 2025), ("2026-12", 2026), ("2026", 2026), ("2026 2026-04", 2025), ("2026-12-03 2026", 2026)],
)
def test_the_last_whole_year_of_figures(dates, year):
    assert whole_until(GOOD | {"date": date} for date in dates.split()) == year


def test_a_target_is_past_or_ahead_and_after_the_year_it_is_seen_from():
    figures = [dated(GOOD | {"date": date}) for date in ("1989", "2026-04")]
    assert [checked_from("1989", to, figures) for to in (1990, 2025, 2026)] == [True, True, False]
    assert not checked_from("today", 2027, figures)
    for since, to, words in (
        ("2022", 2022, "--to 2022 is not after --from 2022. Allowed with it: --to 2023 to 2200."),
        ("today", 2026, "--to 2026 is not after --from today. Allowed with it: --to 2027 to 2200."),
        ("today", 1999, "For --to 1999: --from 1989."),
    ):
        with pytest.raises(UsageError) as caught:
            checked_from(since, to, figures)
        assert words in f"{caught.value.message} {caught.value.hint}"


def test_an_assumption_says_what_year_its_range_is_of():
    assert defaults()["world_product"].base == 2026
    assert defaults()["sparsity"].base is None


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
    path.write_bytes(b"[budget_share]\n\xff")
    refused(read_assumptions, path, "line 2: not UTF-8 or UTF-16 text")
    with pytest.raises(UsageError, match="can't be read"):
        read_assumptions(tmp_path / "none.toml")


def test_what_spreadsheets_write_is_read_or_told(tmp_path):
    """Excel's first line, heads in capitals and Yes are read; a workbook, an empty file and thousands are told."""
    path, row = tmp_path / "mine.csv", "parameters;vision;2026-01;net;{};parameters;Yes;;maker;;read"
    heads = ";".join(COLUMNS)
    path.write_text(f"sep=;\n{heads.upper()}\n{row.format('500000')}\n")
    (found,) = read_figures(path, "--score")
    assert (found["value"], found["estimated"]) == (500_000, True)
    for text, said in (
        (f"{heads}\n{row.format('500.000')}\n", "line 2, column value: '500.000' is not allowed"),
        ("", "is empty"),
        ("PK\x03\x04", "is a workbook"),
    ):
        path.write_text(text)
        with pytest.raises(UsageError) as caught:
            read_figures(path, "--score")
        assert said in caught.value.message
    path.write_text(f"{heads}\n{row.format('1.000')}\n")
    with pytest.raises(UsageError, match="not allowed") as caught:
        read_figures(path, "--score")
    assert "as 1000 or 1000" in caught.value.hint
