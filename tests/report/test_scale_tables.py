"""Tables and charts of `scale-data` and `scale-model`, made of documents alone: published ones, and new keys."""

import copy
from typing import Any

from timetravel import published
from timetravel.report.charts import charts
from timetravel.report.grid import Grid, Section
from timetravel.report.render import text
from timetravel.report.tables import sections

LINE = [
    {"train_size": size, "mean": mean, "low": mean - 1, "high": mean + 1} for size, mean in ((1e3, 9.0), (5e4, 3.0))
]
PREDICTIONS = [
    {"train_size": 60_000, "error": {"mean": 3.0, "low": 2.5, "high": 3.5}, "scenario": False},
    {"train_size": 10**6, "error": None, "scenario": True},
]
NEEDED = {
    "error": 0.5,
    "scenario": True,
    "digits": {"mean": 123_456.0, "low": 98_765.0, "high": None},
    "cost": {"mean": 1234.56, "low": 987.65, "high": None},
}


def document(name: str) -> dict[str, Any]:
    return copy.deepcopy(published.read(name))


def grids(made: list[Section], title: str) -> list[list[list[str]]]:
    """The cells of a section's tables, heads first, as texts."""
    (section,) = (section for section in made if section.title == title)
    parts = [part for part in section.parts if isinstance(part, Grid)]
    return [[list(part.head), *([text(cell) for cell in row] for row in part.rows)] for part in parts]


def line(made: list[Section], title: str, place: int, grid: int = 0) -> str:
    return "; ".join(grids(made, title)[grid][place])


def test_scale_data_shows_the_errors_first_and_the_laws_with_their_record_behind() -> None:
    found = document("scale-data-mnist")
    made = sections(found)
    assert made[0].sentence == found["finding"]
    assert grids(made, "")[0][0] == ["training digits", "1989-essay", "2022", "today"]
    assert line(made, "", 4) == "7,291; 4.00 [3.24, 4.82]; 1.69 [1.24, 2.17]; 0.68 [0.40, 1.00]"
    law = "1989-essay; power law with a floor; 0.80 [0.53, 1.12]; 2.90 [2.00, 3.45]; 1.45; 1.09; 2.88"
    assert line(made, "The laws", 1) == law
    checked = "1989-essay; power law; 50,000; 2.07 [1.14, 3.26]; 3.38; no"
    assert line(made, "Predicted and measured", 2) == checked
    full = "1,000; 1989-essay; 23,000; 189.2 [176, 202]; 9.43 [8.26, 10.61]"
    assert line(made, "Errors and examples seen", 1) == full
    assert [section.title for section in made if not section.long] == [""]
    essay = sections(document("scale-data-essay"))
    beside = "1989-essay, 50,000 digits; 100; 55; 64.3 [57, 72]; 2.74; 3.21 [2.57, 3.88]; yes"
    assert line(essay, "Beside the essay", 2) == beside
    assert len(grids(essay, "Beside the essay")[0]) == 5  # the essay has nothing of `today`


def test_what_was_asked_of_the_laws_stands_on_the_first_screen() -> None:
    found = document("scale-data-mnist")
    found["curves_fitted"][0] |= {"predictions": PREDICTIONS, "digits_needed": [NEEDED], "line": LINE}
    made = sections(found)
    assert line(made, "", 1, 1) == "1989-essay; 60,000; 3.00 [2.50, 3.50]; no"
    assert line(made, "", 2, 1) == "1989-essay; 1,000,000; nothing: the law leaves 0 to 100 %; yes"
    assert line(made, "", 1, 2) == "1989-essay; 0.5; digits; 120,000; 99,000; never; yes"
    assert line(made, "", 2, 2) == "1989-essay; 0.5; labels, dollars; 1,200; 990; never; yes"
    assert any("ten times" in note for note in made[0].notes)
    (axes,) = charts(found)["figure"].axes
    (law,) = (one for one in axes.lines if list(one.get_xdata()) == [1000.0, 5e4])
    assert list(law.get_ydata()) == [9.0, 3.0]
    assert 60_000 in axes.get_xticks()


def test_refused_laws_floors_that_are_not_seen_and_bent_curves_are_told() -> None:
    found = document("scale-data-epochs")
    first, second, refused = found["curves_fitted"]
    first["floor_identified"], second["power_law_holds"] = False, False
    made = sections(found)
    (laws,) = grids(made, "The laws")
    assert laws[1][3] == "not identified"
    assert laws[3][:4] == ["today", "none", "", ""]
    notes = " ".join(next(section.notes for section in made if section.title == "The laws"))
    assert f"No law for today: {refused['refused']}." in notes
    assert "No exponents are compared for 2022" in notes
    assert "2022 less 1989-essay: +0.02 [-0.11, +0.14], not resolved" in notes


def test_scale_model_shows_wide_nets_first_then_depth_costs_and_1989() -> None:
    found = document("scale-model-mnist")
    made = sections(found)
    wide = "width 4; 7,291; 136,930; 1.44 [1.02, 1.89]; -18.0 [-28, -8]; better"
    assert line(made, "", 4) == wide
    of_size = "the widest net, the same digits; 136,930; 7,291; 38 [19, 54]"
    assert line(made, "Size, data, or both", 1) == of_size
    assert line(made, "Deeper", 1) == "depth 0; 9,760; 2.33 [1.79, 2.90]; ; ; 0 of 6"
    assert line(made, "Deeper", 6, 1) == "depth 16, residual; 4,700; 0.40; 0; 0"
    best = "any digits; today; scale-data-mnist; 50,000; 5.5e11; 17; 0.61 [0.34, 0.93]"
    assert line(made, "What 1989's computer could have reached", 1) == best
    assert len(grids(made, "")[0]) == 9
    assert grids(made, "Deeper")[0][6][-1] == "3 of 6"
    assert grids(made, "What it costs")[0][1][:5] == ["width 0.5, 7,291 digits", "20,790", "843", "1.7", "1.0e10"]


def test_what_can_not_be_told_is_said_in_words() -> None:
    found = document("scale-model-mnist")
    found["reduction"][0] |= {"mean": None, "low": None, "high": None}
    found["rows"][-1]["gradient_first_at_start"] = None
    found["best_of_1989"]["best"] = None
    made = sections(found)
    assert grids(made, "Size, data, or both")[0][1][-1] == "not told"
    assert grids(made, "Deeper")[1][-1][1] == "not told"
    assert [row[0] for row in grids(made, "What 1989's computer could have reached")[0][1:]] == ["at most 7,291 digits"]


def test_the_charts_of_size_draw_what_the_document_has() -> None:
    found = document("scale-model-mnist")

    def named() -> set[str]:
        return {name for section in sections(found) for name, _ in section.charts}

    assert named() == {"figure", "depth"} == set(charts(found))
    found["points"] = found["frontier"]
    lines = {"multiply_adds_an_epoch": 1e9, "train_size": [3000, 150_000], "multiply_adds": [1e5, 2e3]}
    found["equal_compute"] = [lines]
    drawn = charts(found, dark=True)
    assert named() == {"figure", "joint", "depth"} == set(drawn)
    left, right = drawn["joint"].axes
    assert "1e+09 an epoch" in {note.get_text() for note in left.texts}
    frontier = next(one for one in right.lines if one.get_label() == "frontier")
    assert list(frontier.get_ydata()) == [point["test_error"]["mean"] for point in found["frontier"]]
