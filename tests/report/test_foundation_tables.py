"""Tables and charts of `foundation`, made of its published document and of changed ones."""

import copy
from typing import Any

from timetravel import published
from timetravel.report.charts import charts
from timetravel.report.grid import Section
from timetravel.report.render import text
from timetravel.report.tables import sections


def document() -> dict[str, Any]:
    return copy.deepcopy(published.read("foundation-usps"))


def row_of(found: dict[str, Any], way: str, labels: int) -> dict[str, Any]:
    (row,) = (row for row in found["rows"] if (row["recipe"], row["labels"]) == (way, labels))
    return dict(row)


def cells(made: list[Section], title: str) -> list[list[str]]:
    """The cells of the one table of a section, heads first, as texts."""
    ((grid,),) = (section.grids for section in made if section.title == title)
    return [list(grid.head), *([text(cell) for cell in row] for row in grid.rows)]


def test_the_first_screen_has_one_table_of_mistakes_by_human_labels_with_empty_cells() -> None:
    found = document()
    made = sections(found)
    assert made[0].sentence == found["finding"]
    head, *rows = cells(made, "")
    most = max(row["labels"] for row in found["rows"])
    assert head == ["way", "0", "100", f"{most:,}"]
    lines = {line[0]: line[1:] for line in rows}
    row = row_of(found, "scratch-today", 100)
    low, high = (row["new_digits"][end] * row["test_size"] / 100 for end in ("low", "high"))
    assert lines[row["label"]][1] == f"{row['test_mistakes']['mean']:,.0f} [{low:,.0f}, {high:,.0f}]"
    assert lines[row["label"]][0] == ""
    assert lines[row_of(found, "zero-shot", 0)["label"]][1:] == ["", ""]
    assert [section.title for section in made if not section.long] == [""]


def test_the_long_form_has_every_way_in_percent() -> None:
    found = document()
    head, *rows = cells(sections(found), "Every way")
    assert head == ["way", "0", "10", "100", "1,000", "7,291"]
    row = row_of(found, "probe", 1000)
    new = row["new_digits"]
    lines = {line[0]: line[1:] for line in rows}
    assert lines[row["label"]][3] == f"{row['test_error']['mean']:.2f} [{new['low']:.2f}, {new['high']:.2f}]"
    assert row_of(found, "free-text", 0)["label"] not in lines


def test_notes_tell_where_training_from_scratch_stops_paying_and_what_was_used() -> None:
    found = document()
    one = {"label": "a way", "way": "x-distilled", "foundation": "web", "error": 7.9, "most": 7291}
    ends = {"mean": 324.0, "low": 241.0, "high": 433.0}
    never = {"mean": None, "low": None, "high": None}
    found["crossings"] = [one | {"labels": ends}, one | {"labels": None}, one | {"labels": never | {"low": 5200.0}}]
    found["remarks"] = ["Another version of rapidocr."]
    made = sections(found)
    told = made[0].notes
    assert told[0] == "Another version of rapidocr."
    assert "a way, without labels (7.90 %): today, from scratch, takes 320 [240, 430]." in told[1]
    assert "takes more than 7,291." in told[1]
    assert "takes more than 7,291 [5,200, more than 7,291]." in told[1]
    (below,) = (section.notes for section in made if section.title == "Every way")
    assert row_of(found, "distilled", 0)["label"] in below[0].partition("serve, too, in: ")[2]


def test_the_long_form_has_the_bill_verdicts_sensitivity_contamination_and_licences() -> None:
    found = document()
    found["prices"] = {"label_cost": 0.05, "compute_cost": None}
    for row in found["rows"]:
        row["cost"] = 0.05 * row["labels"]
    made = sections(found)
    head, *bill = cells(made, "The bill")
    assert head[-1] == "dollars"
    assert len(bill) == len(found["rows"])
    (notes,) = (section.notes for section in made if section.title == "The bill")
    assert notes[1] == "Dollars: 0.05 a label."
    verdicts = cells(made, "Against today from scratch")
    place = found["rows"].index(row_of(found, "probe", 10))
    assert verdicts[1 + place][5] == row_of(found, "probe", 10)["verdict_scratch"]
    asked = [line[0] for line in cells(made, "How the foundation is asked")[1:]]
    assert row_of(found, "not-widened", 0)["label"] in asked
    assert len(cells(made, "Does it know these digits? Errors in %")) == 1 + len(found["seen"])
    (facts,) = (section.notes for section in made if section.title == "The foundations")
    assert all(one["licence"] in fact for one, fact in zip(found["foundations"], facts, strict=False))
    found["seen"] = []
    assert "Does it know these digits? Errors in %" not in [section.title for section in sections(found)]


def test_charts_draw_every_way_without_labels_at_the_left_and_name_the_front() -> None:
    found = document()
    drawn = charts(found)
    figure = drawn["figure"].to_dict()
    points = [row for rows in figure["datasets"].values() for row in rows if "labels" in row]
    none, few = ([row["at"] for row in points if row["labels"] == labels] for labels in (0, 10))
    assert max(none) < min(few)
    assert {row["line"] for row in points if "line" in row} >= {row_of(found, "distilled", 0)["label"]}
    cost = drawn["cost"].to_dict()
    best = {found["rows"][place]["multiply_adds"] for place in found["frontier"]}
    (steps,) = (rows for rows in cost["datasets"].values() if set(rows[0]) == {"at", "mean"})
    assert {row["at"] for row in steps} == best
    assert all(chart.svg(dark=True) for chart in drawn.values())


def test_a_document_of_one_run_a_row_and_few_ways_is_shown_and_drawn() -> None:
    found = document()
    kept = {("scratch-today", 10), ("scratch-today", 100), ("web-whole", 10), ("web-untouched", 0)}
    found["rows"] = [row for row in found["rows"] if (row["recipe"], row["labels"]) in kept]
    for row in found["rows"]:
        row["test_error"] |= {"low": None, "high": None, "values": row["test_error"]["values"][:1]}
        row |= {"readers": 1, "draws": [0], "multiply_adds": row["multiply_adds"] or 1}
    found["frontier"] = [0]
    assert cells(sections(found), "Every way")[0] == ["way", "0", "10", "100"]
    assert all(chart.svg() for chart in charts(found).values())
