"""What holds for every chart: words for those who can't see it, both themes, and no network."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import vl_convert

from timetravel import published
from timetravel.errors import TimetravelError
from timetravel.report import charts
from timetravel.report.charts.style import cut, log, spans, spread
from timetravel.report.files import write_files
from timetravel.report.tables import sections

ONE_A_COMMAND = ("bench", "foundation-usps", "modernize-mnist", "modernize-shares-essay", "interpretations-choice",
                 "scale-data-mnist", "scale-model-mnist")  # fmt: skip


@pytest.mark.parametrize("name", published.names())
def test_every_chart_that_a_report_names_is_drawn_and_told_in_words(name: str) -> None:
    document = published.read(name)
    told = {chart: words for section in sections(document) for chart, words in section.charts}
    drawn = charts.charts(document)
    assert {chart: one.to_dict()["description"] for chart, one in drawn.items()} == told


def encodings(part: Any) -> list[dict[str, Any]]:
    """Return all encodings of a specification."""
    if isinstance(part, list):
        return [found for each in part for found in encodings(each)]
    if not isinstance(part, dict):
        return []
    own = [part["encoding"]] if "encoding" in part else []
    return own + [found for key, each in part.items() if key != "datasets" for found in encodings(each)]


@pytest.mark.parametrize("name", ONE_A_COMMAND)
def test_axes_are_named_and_tooltips_tell_what_a_mean_stands_on(name: str) -> None:
    found = encodings(charts.charts(published.read(name))["figure"].to_dict())
    assert any(one.get("x", {}).get("title") for one in found)
    told = [{tip.get("field") for tip in one["tooltip"]} for one in found if isinstance(one.get("tooltip"), list)]
    assert name == "bench" or any({"mean", "runs", "seeds", "95 % over these runs"} <= fields for fields in told)


def test_a_chart_is_written_light_and_dark_and_the_same_each_time() -> None:
    chart = charts.charts(published.read("modernize-mnist"))["figure"]
    light, dark = chart.svg(), chart.svg(dark=True)
    assert light == chart.svg()
    assert (b"#ffffff" in light, b"#121212" in dark) == (True, True)
    clips = re.compile(r"clip\d+| aria-[a-z]+=\"[^\"]*\"| role=\"[^\"]*\"")  # Vega numbers clips on; aria tells marks
    themed = vl_convert.vegalite_to_svg(json.dumps(chart.to_dict(dark=True)))
    assert clips.sub("", dark.decode()) == clips.sub("", themed)
    assert b"aria-label" in chart.svg(tips=True)
    png = chart.png(scale=1)
    assert (png[:4], int.from_bytes(png[16:20], "big")) == (b"\x89PNG", 700)
    assert chart._repr_mimebundle_()


def test_a_logarithmic_axis_leaves_out_what_has_no_place_on_it() -> None:
    axis = log("error, %", [0.0, None, 2.0, 40.0], room=1)
    assert axis["scale"]["domain"] == [2.0, 40.0]
    assert axis["axis"]["values"] == [2, 5, 10, 20]
    (row,) = cut([{"low": -3.0, "mean": 5.0, "new low": None}], axis)
    assert row == {"low": 2.0, "mean": 5.0, "new low": None}


def test_names_beside_lines_keep_apart_and_seeds_are_told_in_short() -> None:
    assert spread([3.0, 1.0, 1.1], [0.0, 10.0], 0.1, logarithmic=False) == [3.0, 1.0, 2.0]
    assert [spans(range(10)), spans([3, 5]), spans([])] == ["0 to 9", "3, 5", ""]


def test_without_the_package_that_writes_them_the_reports_are_written_and_the_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(TimetravelError) as told:
        write_files(published.read("bench"), tmp_path, "")
    assert (told.value.exit_code, told.value.hint) == (1, "Type: pip install vl-convert-python")
    assert {path.name for path in tmp_path.iterdir()} == {"results.json", "table.csv", "report.md", "report.html"}


def test_too_little_address_space_or_too_few_files_cost_the_charts_alone(tmp_path: Path, monkeypatch) -> None:
    resource = pytest.importorskip("resource")

    def fail(*_: object, **__: object) -> None:
        raise ValueError("Vega-Lite to SVG conversion failed:\noneshot canceled")

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", fail)
    with pytest.raises(TimetravelError, match="can't be drawn: oneshot canceled"):
        write_files(published.read("bench"), tmp_path, "")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2**33, 2**33))
    with pytest.raises(TimetravelError, match="address space"):
        write_files(published.read("bench"), tmp_path, "")
    assert {path.name for path in tmp_path.iterdir()} == {"results.json", "table.csv", "report.md", "report.html"}


def test_what_can_not_be_written_is_told_each_and_the_rest_is_written(tmp_path: Path) -> None:
    for name in ("table.csv", "report.md"):
        (tmp_path / name).mkdir()
    with pytest.raises(TimetravelError) as told:
        write_files(published.read("bench"), tmp_path, "")
    assert all(f"{name} can't be written: Is a directory." in told.value.message for name in ("table.csv", "report.md"))
    assert json.loads((tmp_path / "results.json").read_text()) == published.read("bench")


def test_charts_ignore_what_jupyter_sets_and_load_nothing_before_one_is_drawn() -> None:
    code = (
        "import sys\nfrom timetravel import published\nfrom timetravel.report import charts\n"
        "assert not {'altair', 'vl_convert'} & set(sys.modules)\n"
        "charts.charts(published.read('bench'))['figure'].svg()\n"
        "assert 'matplotlib' not in sys.modules"
    )
    environment = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
