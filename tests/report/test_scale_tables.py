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


def row_of(found: dict[str, Any], recipe: str, size: int) -> dict[str, Any]:
    (row,) = (row for row in found["rows"] if (row["recipe"], row["train_size"]) == (recipe, size))
    return dict(row)


def written(mean: float, ends: dict[str, float], form: str) -> str:
    """A mean with its interval, as tables have it."""
    return f"{mean:{form}} [{ends['low']:{form}}, {ends['high']:{form}}]"


def line(made: list[Section], title: str, place: int, grid: int = 0) -> str:
    return "; ".join(grids(made, title)[grid][place])


def test_scale_data_shows_the_errors_first_and_the_laws_with_their_record_behind() -> None:
    found = document("scale-data-mnist")
    made = sections(found)
    assert made[0].sentence == found["finding"]
    assert grids(made, "")[0][0] == ["training digits", "1989-essay", "2022", "today"]
    errors = [row_of(found, era, 7291) for era in ("1989-essay", "2022", "today")]
    told = [written(row["test_error"]["mean"], row["new_digits"], ".2f") for row in errors]
    assert line(made, "", 4) == "; ".join(["7,291", *told])
    curve = found["curves_fitted"][0]
    law = [written(curve[part]["mean"], curve[part], ".2f") for part in ("exponent", "constant")]
    misses = [f"{factor:.2f}" for factor in curve["held_out_factor"].values()]
    assert line(made, "The laws", 1) == "; ".join(["1989-essay", curve["law"], *law, *misses])
    check = curve["checks"][1]
    predicted = written(check["error"]["mean"], check["error"], ".2f")
    checked = f"1989-essay; {curve['checked_law']}; 50,000; {predicted}; {check['truth']:.2f}; yes"
    assert check["inside"]
    assert line(made, "Predicted and measured", 2) == checked
    row = row_of(found, "1989-essay", 1000)
    mistakes = written(row["test_mistakes"]["mean"], row["test_mistakes"], ".0f").partition(" ")[2]
    change = f"{row['change_base']['mean']:+.1f} {written(0, row['change_base'], '+.0f').partition(' ')[2]}"
    full = f"1,000; 1989-essay; 23,000; {row['test_mistakes']['mean']:.1f} {mistakes}; {change}; worse; "
    assert line(made, "Mistakes and examples seen", 1) == full
    assert [section.title for section in made if not section.long] == [""]
    found = document("scale-data-essay")
    essay, row = sections(found), row_of(found, "1989-essay", 50_000)
    mistakes = row["test_mistakes"]
    told = f"{mistakes['mean']:.1f} {written(0, mistakes, '.0f').partition(' ')[2]}"
    error = written(row["test_error"]["mean"], row["new_digits"], ".2f")
    assert line(essay, "Beside the essay", 2) == f"1989-essay, 50,000 digits; 100; 55; {told}; 2.74; {error}; yes"
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
    drawn = charts(found)["figure"].to_dict()
    points = [[(row["train_size"], row["mean"]) for row in rows] for rows in drawn["datasets"].values()]
    assert any(drawn[:2] == [(1e3, 9.0), (5e4, 3.0)] for drawn in points)
    assert any(60_000 in layer["encoding"]["x"].get("axis", {}).get("values", ()) for layer in drawn["layer"])


def test_refused_laws_floors_that_are_not_seen_and_bent_curves_are_told() -> None:
    found = document("scale-data-mnist")
    first, second, refused = found["curves_fitted"]
    refused |= {"refused": "the best law misses by half", "law": None, "exponent": None, "constant": None}
    first["floor_identified"], second["power_law_holds"] = False, False
    made = sections(found)
    (laws,) = grids(made, "The laws")
    assert laws[1][3] == "not identified"
    assert laws[3][:4] == ["today", "none", "", ""]
    notes = " ".join(next(section.notes for section in made if section.title == "The laws"))
    assert f"No law for today: {refused['refused']}." in notes
    assert "No exponents are compared for 2022" in notes
    (difference,) = (one for one in found["exponents"] if one["eras"] == ["1989-essay", "2022"])
    told = written(difference["difference"]["mean"], difference["difference"], "+.2f")
    assert f"2022 less 1989-essay: {told}, not resolved" in notes


def test_scale_model_shows_wide_nets_first_then_depth_costs_and_1989() -> None:
    found = document("scale-model-mnist")
    made = sections(found)
    (row,) = (row for row in found["rows"] if row["label"] == "width 4" and row["train_size"] == 7291)
    error = written(row["test_error"]["mean"], row["new_digits"], ".2f")
    change = f"{row['change_base']['mean']:+.1f} {written(0, row['change_base'], '+.0f').partition(' ')[2]}"
    assert line(made, "", 4) == f"width 4; 7,291; 136,930; {error}; {change}; better; "
    of_size = written(found["reduction"][0]["mean"], found["reduction"][0], ".0f")
    assert line(made, "Size, data, or both", 1) == f"the widest net, the same digits; 136,930; 7,291; {of_size}"
    narrow = found["rows"][1]
    error = written(narrow["test_error"]["mean"], narrow["new_digits"], ".2f")
    assert line(made, "Deeper", 1) == f"depth 0; 9,760; {error}; ; ; ; 0 of 6"
    deep = next(row for row in found["rows"] if row["label"] == "depth 16, residual")
    ratio = f"{deep['gradient_ratio_at_start']:.2g}"
    assert line(made, "Deeper", 6, 1) == f"depth 16, residual; 4,700; {ratio}; 0; 0"
    best = found["best_of_1989"]["best"]
    share = f"{100 * best['training_multiply_adds'] / found['best_of_1989']['multiply_adds']:.0f}"
    error = written(best["test_error"]["mean"], best["test_error"], ".2f")
    told = f"any digits; {best['row']}; {best['from']}; {best['train_size']:,}; 2.3e12; {share}; {error}"
    assert line(made, "What 1989's computer could have reached", 1) == told
    assert len(grids(made, "")[0]) == 9
    assert grids(made, "Deeper")[0][6][-1] == "4 of 6"
    latency = f"{found['rows'][0]['latency_us']:.0f}"
    assert grids(made, "What it costs")[0][1][:5] == ["width 0.5, 7,291 digits", "20,790", latency, "1.7", "1.0e10"]


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

    found["points"], found["equal_compute"] = [], []
    assert named() == {"figure", "depth"} == set(charts(found))
    found["points"] = found["frontier"]
    lines = {"multiply_adds_an_epoch": 1e9, "train_size": [3000, 150_000], "multiply_adds": [1e5, 2e3]}
    found["equal_compute"] = [lines]
    drawn = charts(found)
    assert named() == {"figure", "joint", "depth"} == set(drawn)
    tables = drawn["joint"].to_dict()["datasets"].values()
    assert any(rows[0].get("told") == "1e9 an epoch" for rows in tables)
    frontier = [point["test_error"]["mean"] for point in found["frontier"]]
    assert any([row.get("mean") for row in rows] == frontier for rows in tables)
