"""What modernize and interpretations show of a document: published results, read as a user would."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from timetravel import published
from timetravel.report import charts, render
from timetravel.report.grid import Grid, Pictures, Section
from timetravel.report.tables import closing, sections

LADDERS = [name for name in published.names() if name.startswith(("modernize", "decompose"))]
INTERPRETATIONS = [name for name in published.names() if name.startswith("interpretations")]
PIXELS = base64.b64encode(bytes([255] * 256)).decode()


def copy(name: str) -> dict[str, Any]:
    """Return a published document that a test may change."""
    document: dict[str, Any] = json.loads(json.dumps(published.read(name)))
    return document


def grids(section: Section) -> list[Grid]:
    return [part for part in section.parts if isinstance(part, Grid)]


def lines(grid: Grid) -> dict[str, list[str]]:
    """Return the cells of a table as texts, by their first."""
    return {render.text(row[0]): [render.text(cell) for cell in row[1:]] for row in grid.rows}


def titled(document: Mapping[str, Any], title: str) -> Section:
    (found,) = [section for section in sections(document) if section.title == title]
    return found


def test_every_published_result_starts_with_its_finding_and_at_most_seven_columns() -> None:
    for name in [*LADDERS, *INTERPRETATIONS]:
        document = published.read(name)
        first, *others = sections(document)
        assert first.sentence == document["finding"], name
        assert all(section.long for section in others), name
        for section in (first, *others):
            for grid in grids(section):
                assert len(grid.head) <= 7, (name, section.title)
                assert len(set(grid.head)) == len(grid.head), (name, section.title)
                assert not any(sign in head for head in grid.head for sign in "{}!()"), grid.head
                for cells in lines(grid).values():
                    assert not any(sign in cell for cell in cells for sign in ("{", "(!)", "(t)"))


def test_a_ladder_stands_as_it_climbs_a_line_a_step() -> None:
    document = published.read("modernize-mnist")
    text = render.plain(sections(document), long=False, width=100)
    shift = next(line for line in text.splitlines() if line.startswith("+ shift"))
    assert shift.split() == [
        "+",
        "shift",
        "60",
        "2.51",
        "50.3",
        "[47,",
        "53]",
        "-25.7",
        "[-30,",
        "-21]",
        "better",
        "-20.3",
    ]
    (grid,) = grids(sections(document)[0])
    assert list(lines(grid))[:3] == ["1989", "1989-essay", "+ softmax"]
    assert "+ dropout (2022)" in lines(grid)
    assert lines(grid)["1989"][3:] == ["", "", ""]
    controls = lines(grids(titled(document, "Controls: the same, trained longer"))[0])
    assert controls["1989, 400 epochs"][3] == "+18.8 [+13, +25]"


def test_tweaks_alone_stand_by_what_they_are_worth() -> None:
    document = copy("modernize-alone")
    changes = {row["label"]: row["change_step"]["mean"] for row in document["rows"][1:] if not row["control"]}
    names = list(lines(grids(sections(document)[0])[0]))
    assert names[0] == "1989-essay"
    assert names[1:] == sorted(changes, key=lambda name: changes[name])
    document["rows"][-1]["change_step"]["mean"] = None  # a row that diverged
    assert list(lines(grids(sections(document)[0])[0]))[-1] == document["rows"][-1]["label"]


def test_without_starts_with_the_most_missed_and_compares_the_full_set_with_no_full_set() -> None:
    document = published.read("modernize-without")
    cells = lines(grids(sections(document)[0])[0])
    names = list(cells)
    assert names[:2] == ["1989-essay", "all of them (today)"]
    missed = [float(cells[name][3].split(" ")[0]) for name in names[2:]]
    assert missed == sorted(missed, reverse=True)
    assert cells["all of them (today)"][3:5] == ["", ""]
    assert cells["all of them (today)"][5] == "-68.0"


def test_costs_say_in_words_which_net_is_another_and_who_trained() -> None:
    use, training = map(lines, grids(titled(published.read("modernize-alone"), "What it costs")))
    assert (use["micro-vit, with adamw and mini-batches"][4], use["softmax"][4]) == ("another", "same")
    assert training["softmax"][4].startswith("native")


def test_the_published_net_is_set_beside_the_same_net() -> None:
    document = published.read("modernize-usps")  # the paper has a row of its other net as well
    cells = lines(grids(titled(document, "Beside the published figures"))[0])
    assert cells["1989"][:3] == ["102", "101.1 [96, 106]", "86 to 111"]


def test_the_closing_table_takes_what_a_cell_lacks_from_its_row() -> None:
    worth, costs = map(lines, grids(closing.section(published.read("modernize-mnist"), "Worth")))
    assert list(worth) == ["1989-essay", "2022", "today"]
    assert worth["2022"] == ["7,291", "34.2 [30, 38]", "1.70 [1.25, 2.20]", "-49.6 [-55, -44]", "better"]
    assert costs["2022"][1] == "583,280"


def test_the_decomposition_shows_causes_and_cells() -> None:
    causes, cells = map(lines, grids(sections(published.read("decompose-mnist"))[0]))
    assert causes["algorithm"] == ["65 [53, 76]", "77 [64, 88]"]
    assert len(cells) == 12


def with_pictures() -> dict[str, Any]:
    document = copy("modernize-mnist")
    for era in document["misread"].values():
        for kind in ("shared", "repaired", "broken"):
            for digit in era[kind][:24]:
                digit["pixels"] = PIXELS
    return document


def test_misread_digits_are_counted_and_those_of_the_last_era_pictured() -> None:
    section = titled(with_pictures(), "Digits that whole eras misread")
    assert lines(grids(section)[0])["today"] == ["10", "2", "21", "8"]
    pictures = [part for part in section.parts if isinstance(part, Pictures)]
    assert [len(part.digits) for part in pictures] == [2, 21, 8]
    assert pictures[0].title == "Read wrongly by all 10 nets of today: 2"
    assert "read as" in pictures[0].captions[0]


def test_charts_are_drawn_of_what_a_document_has() -> None:
    for name in (LADDERS[0], *INTERPRETATIONS[:2]):
        assert list(charts.charts(published.read(name))) == ["figure"]
    drawn = charts.charts(with_pictures(), dark=True)
    assert list(drawn) == ["figure", "digits"]
    assert len(drawn["digits"].subfigs) == 7  # four eras misread some, three repair some
    labels = [label.get_text() for label in drawn["figure"].axes[0].get_yticklabels()]
    assert (labels[0], labels[-1]) == ("1989", "2022, 400 epochs")  # controls come last


def test_no_two_interpretations_are_written_alike() -> None:
    for name in INTERPRETATIONS:
        document = published.read(name)
        (grid,) = grids(sections(document)[0])
        written = [render.text(row[0]) for row in grid.rows]
        assert len(set(written)) == len(written), name
    written = render.plain(sections(published.read("interpretations-reconstruction")), width=200)
    assert "output biases at first: 0" in written
    assert "outside H1's maps: 0" in written
    assert written.splitlines()[5].startswith("the paper, 1989")


def test_an_option_at_its_best_is_its_least_figure() -> None:
    for name, key in (
        ("interpretations-choice", "mistakes_on_folds"),
        ("interpretations-reconstruction", "test_error"),
    ):
        document = published.read(name)
        (grid,) = grids(titled(document, "What each option comes to at its best"))
        for gap, option, count, least, *_ in grid.rows:
            values = [row[key]["mean"] for row in document["rows"] if row["options"].get(gap) == option]
            assert render.text(count) == str(len(values))
            assert abs(float(render.text(least)) - min(values)) < 0.051


def test_one_seed_is_called_an_anecdote_and_remarks_are_kept() -> None:
    document = copy("modernize-karpathy-test-first")
    document["remarks"] = ["softmax is added: label-smoothing needs it."]
    document["calibration"] = None
    for row in document["rows"]:
        row["seeds"] = [0]
    notes = sections(document)[0].notes
    assert notes == ["One seed a row: an anecdote.", "softmax is added: label-smoothing needs it."]
