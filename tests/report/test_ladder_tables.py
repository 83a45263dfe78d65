"""What modernize and interpretations show of a document: published results, read as a user would."""

import base64
import json
import re
from typing import Any

from timetravel import published
from timetravel.report import charts, render
from timetravel.report.grid import Grid, Pictures
from timetravel.report.tables import LEAST, sections

LADDERS = [name for name in published.names() if name.startswith(("modernize", "decompose"))]
INTERPRETATIONS = [name for name in published.names() if name.startswith("interpretations")]


def copy(name: str) -> dict[str, Any]:
    """Return a published document that a test may change."""
    document: dict[str, Any] = json.loads(json.dumps(published.read(name)))
    return document


def lines(grid: Grid) -> dict[str, list[str]]:
    """Return the cells of a table as texts, by their first."""
    return {render.text(row[0]): [render.text(cell) for cell in row[1:]] for row in grid.rows}


def change_of(row: dict[str, Any], name: str) -> str:
    """How a change in mistakes is written."""
    mean, low, high = (row[f"change_{name}"][part] for part in ("mean", "low", "high"))
    return f"{mean:+,.1f} [{low:+,.0f}, {high:+,.0f}]"


def tables(document: dict[str, Any], title: str = "") -> list[dict[str, list[str]]]:
    """Return the tables of the section with a title: without one, of the first screen."""
    (found,) = [section for section in sections(document) if section.title == title]
    return [lines(part) for part in found.parts if isinstance(part, Grid)]


def test_every_published_result_starts_with_its_finding_and_at_most_seven_columns() -> None:
    for name in [*LADDERS, *INTERPRETATIONS]:
        document = published.read(name)
        first, *others = sections(document)
        assert first.sentence == document["finding"], name
        assert all(section.long for section in others), name
        for grid in [part for section in (first, *others) for part in section.parts if isinstance(part, Grid)]:
            assert len(set(grid.head)) == len(grid.head) <= 7, (name, grid.head)
            assert {len(cells) for cells in grid.rows} <= {len(grid.head)}, (name, grid.head)
            assert not any(sign in head for head in grid.head for sign in "{}!()"), grid.head
            assert not any(sign in cell for cells in lines(grid).values() for cell in cells for sign in ("{", "(!)"))


def test_first_screens_fit_80_by_40_characters() -> None:
    for name in published.names():
        shown = render.plain(sections(published.read(name)), long=False, width=80).splitlines()
        assert len(shown) <= 40, name
        assert max(map(len, shown)) <= 80, name


def test_a_ladder_stands_as_it_climbs_a_line_a_step_at_100_columns_and_at_80() -> None:
    document = published.read("modernize-mnist")
    steps = [row["label"] for row in document["rows"] if not row["control"]]
    for width in (100, 80):
        shown = render.plain(sections(document), long=False, width=width).splitlines()
        assert max(map(len, shown)) <= width
        begin = next(number for number, line in enumerate(shown) if line.startswith("1989 "))
        named = [line for line in shown[begin:] if re.match(r"1989|\+ ", line)]
        for line, label in zip(named, steps, strict=True):
            assert line.startswith(label.split(" (")[0])
        table = shown[begin : shown.index(named[-1]) + 1]
        assert all(line.count("[") == line.count("]") for line in table)
        assert table == named
    (cells,) = tables(document)
    assert cells["1989"][1:] == ["", "", ""]
    assert "+ dropout (2022)" in cells
    shift = next(row for row in document["rows"] if row["label"] == "+ shift")
    new, error = shift["new_digits"], shift["test_error"]["mean"]
    told = [f"{error:.2f} [{new['low']:.2f}, {new['high']:.2f}]", change_of(shift, "step"), "better", ""]
    assert cells["+ shift"] == told
    (controls,) = tables(document, "Controls: the same, trained longer")
    longest = next(row for row in document["rows"] if row["label"] == "1989, 400 epochs")
    assert controls["1989, 400 epochs"][-2:] == [change_of(longest, "step"), longest["verdict_step"]]


def test_a_verdict_says_what_would_have_been_resolved_or_why_there_is_none() -> None:
    document = copy("modernize-mnist")
    rows, verdicts = document["rows"][1:4], ("not resolved", "2 of 10 nets collapsed", "same answers")
    for row, verdict, detectable in zip(rows, verdicts, (1234.6, None, None), strict=True):
        row |= {"verdict_step": verdict, "detectable_step": detectable}
        row["change_step"] |= {} if detectable else {"low": None, "high": None}
    (table,) = tables(document)
    assert sections(document)[0].grids[0].head[-1] == LEAST
    assert [table[row["label"]][-2:] for row in rows] == [
        [verdicts[0], "1,235"],
        *([said, ""] for said in verdicts[1:]),
    ]
    assert [table[row["label"]][-3] for row in rows[1:]] == [f"{row['change_step']['mean']:+,.1f}" for row in rows[1:]]


def test_what_mistakes_vary_by_and_what_more_runs_would_resolve_is_told_where_it_is_known() -> None:
    document = copy("modernize-mnist")
    title = "What the mistakes vary by"
    varied, resolved, lacking = tables(document, title)
    of_shift = next(row for row in document["rows"] if row["label"] == "+ shift")["variances"]
    assert varied["+ shift"] == [f"{of_shift[part]:,.1f}" for part in ("runs", "digits", "rest")]
    by_runs = {(point["runs"], point["digits"]): f"{point['detectable']:,.0f}" for point in document["power"]}
    assert resolved["10"] == [by_runs[10, digits] for digits in (2007, 10_000, 60_000)]
    needed = {row["label"]: row["runs_to_resolve_step"] for row in document["rows"] if not row["control"]}
    assert [cells[1] for cells in lacking.values()] == [f"{runs:,}" for runs in needed.values() if runs]
    document["power"] = []
    assert len(tables(document, title)) == 2
    document["rows"] = [row | {"variances": None} for row in document["rows"]]  # one run a row
    assert not [section for section in sections(document) if section.title == title]


def test_tweaks_alone_stand_by_what_they_are_worth() -> None:
    document = copy("modernize-alone")
    changes = {row["label"]: row["change_step"]["mean"] for row in document["rows"][1:] if not row["control"]}
    ordered = ["1989-essay", *sorted(changes, key=lambda name: changes[name])]
    assert list(tables(document)[0]) == ordered[:9]  # the best eight and their start
    assert list(tables(document, "Every tweak")[0]) == ordered
    document["rows"][-1]["change_step"]["mean"] = None  # a row that diverged
    assert list(tables(document, "Every tweak")[0])[-1] == document["rows"][-1]["label"]


def test_without_starts_with_the_most_missed_and_compares_the_full_set_with_no_full_set() -> None:
    (table,) = tables(published.read("modernize-without"))
    assert list(table)[:2] == ["1989-essay", "all of them (today)"]
    missed = [float(cells[-3].split(" ")[0]) for cells in list(table.values())[2:]]
    assert missed == sorted(missed, reverse=True)
    assert table["all of them (today)"][-3:] == ["", "", ""]
    assert len({len(cells) for cells in table.values()}) == 1


def test_other_tables_say_costs_published_figures_and_causes() -> None:
    use, training = tables(published.read("modernize-alone"), "What it costs")
    assert (use["micro-vit, with adamw and mini-batches"][4], use["softmax"][4]) == ("another", "same")
    assert training["softmax"][4].startswith("native")
    beside, _ = tables(published.read("modernize-usps"), "Beside the published figures")
    assert beside["1989"][:3] == ["102", "101.1 [96, 106]", "86 to 111"]  # not the row of the paper's other net
    changed = copy("modernize-karpathy-test-first")
    changed["references"] = [each | {"change_step": {"mean": -12}} for each in changed["references"]]
    assert tables(changed, "Beside the published figures")[0]["+ dropout (2022)"][3:] == ["-12"]
    causes, cells = tables(published.read("decompose-mnist"))
    part = published.read("decompose-mnist")["parts"][0]
    shares = [
        f"{part[when]['mean']:.0f} [{part[when]['low']:.0f}, {part[when]['high']:.0f}]" for when in ("first", "last")
    ]
    assert causes["algorithm"] == shares
    assert len(cells) == 12


def test_misread_digits_are_counted_and_drawn_those_of_the_last_era_beside_the_table() -> None:
    document = copy("modernize-mnist")
    for era in document["misread"].values():
        for kind in ("shared", "repaired", "broken"):
            for digit in era[kind][:24]:
                digit["pixels"] = base64.b64encode(bytes([255] * 256)).decode()
    title = "Digits that whole eras misread"
    today = document["misread"]["today"]
    counts = [len(today[kind]) for kind in ("shared", "repaired", "broken")]
    assert tables(document, title)[0]["today"] == list(map(str, [10, *counts]))
    (section,) = [section for section in sections(document) if section.title == title]
    pictures = [part for part in section.parts if isinstance(part, Pictures)]
    assert [len(part.digits) for part in pictures] == [min(count, 24) for count in counts]
    assert pictures[0].title == f"Read wrongly by all 10 nets of today: {counts[0]}"
    assert "read as" in pictures[0].captions[0]
    heads, digits = charts.charts(document)["digits"].to_dict()["datasets"].values()
    assert len(heads) == 7  # four eras misread some, three repair some
    assert all(one["picture"].startswith("data:image/png;base64,") for one in digits)


def test_the_chart_of_a_ladder_has_its_rows_in_order_controls_last_and_both_intervals() -> None:
    document = copy("modernize-mnist")
    rows, *_ = charts.charts(document)["figure"].to_dict()["datasets"].values()
    assert (rows[0]["row"], rows[-1]["row"]) == ("1989", "2022, 400 epochs")
    error, new = document["rows"][0]["test_error"], document["rows"][0]["new_digits"]
    ends = [rows[0][part] for part in ("low", "high", "new low", "new high")]
    assert ends == [error["low"], error["high"], new["low"], new["high"]]
    assert (rows[0]["runs"], rows[0]["seeds"]) == (10, "0 to 9")
    document["rows"][2] |= {"failure": "10 of 10 nets collapsed", "test_error": error | {"mean": 90.2, "high": 91.0}}
    rows, *_ = charts.charts(document)["figure"].to_dict()["datasets"].values()
    assert rows[2]["told"] == "90.20, off the axis"  # and the others keep their room


def test_interpretations_are_told_apart_and_an_option_at_its_best_is_its_least_figure() -> None:
    for name in INTERPRETATIONS:
        document = published.read(name)
        first, best = (section.parts[0] for section in sections(document))
        assert isinstance(first, Grid)
        assert isinstance(best, Grid)
        assert len(lines(first)) == len(first.rows), name
        key = "mistakes_on_folds" if document["study"] == "choice" else "test_error"
        for gap, option, count, least, *_ in best.rows:
            values = [row[key]["mean"] for row in document["rows"] if row["options"].get(gap) == option]
            assert render.text(count) == str(len(values))
            assert abs(float(render.text(least)) - min(values)) < 0.051
    chosen = render.plain(sections(published.read("interpretations-choice")), width=200)
    assert "digits for the curvature: 100" in chosen  # a gap on the side is told by its name
    beside = render.plain(sections(published.read("interpretations-reconstruction")), width=200).splitlines()
    rows = next(number for number, line in enumerate(beside) if line.startswith("─")) + 1
    assert beside[rows].startswith("the paper, 1989")


def test_what_intervals_speak_of_is_said_and_remarks_are_kept() -> None:
    document = copy("modernize-karpathy-test-first")
    remarks = ["softmax is added: label-smoothing needs it."]
    document |= {"remarks": remarks, "calibration": None}
    *speak, verdicts = document["method"]
    first, *others = sections(document)
    assert (first.notes[0], first.notes[-1]) == (" ".join(speak), *remarks)
    assert [each.notes for each in others if each.title == "How verdicts are made"] == [[verdicts]]
