"""How the projection looks: two screens, nothing cut off, files that need no other."""

import csv
import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from timetravel.projection.inputs import read_milestones
from timetravel.projection.series import BY_NAME, SERIES
from timetravel.projection.verdicts import VERDICTS
from timetravel.report import charts, render, tables
from timetravel.studies.base import SCHEMA, clean
from timetravel.studies.extrapolate import Extrapolate

CHARTS = ("size", "data", "compute", "hardware", "backtests")


def told(**asked):
    return clean({"schema": SCHEMA, "command": "extrapolate", **Extrapolate(**asked).result()})


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return told(store=tmp_path_factory.mktemp("empty"))


def shown(document, width, *, long=False):
    stream = io.StringIO()
    made = render.rich(tables.sections(document), long=long)
    Console(file=stream, width=width, highlight=False, color_system=None).print(made)
    return stream.getvalue()


def page(document, names):
    drawn = {f"{name}{end}": b"<svg/>" for name in names for end in (".svg", "-dark.svg")}
    return render.html("timetravel extrapolate", tables.sections(document), drawn, document["typed"])


def test_the_report_begins_with_the_verdicts_and_the_record_stands_before_the_forecast(document):
    text = shown(document, 100)
    assert len(text.splitlines()) <= 54
    assert text.startswith("Of the essay's claims about 2055, ")
    assert "A: holds so far" in text.partition("\n\n")[0]
    for claim in document["claims"]:
        assert any(line.startswith(claim["id"]) and claim["verdict"] in line for line in text.splitlines())
    order = [text.index(part) for part in ("The essay's claims", "The method's record", "The largest in", "seen from")]
    assert order == sorted(order)
    titles = [section.title for section in tables.sections(document)]
    assert titles.index("The method's record, every figure") < titles.index("The projection to 2055")


def test_nothing_is_cut_off_at_any_width(document):
    for width in (80, 200):
        text = shown(document, width)
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= width
        words = set(text.split())
        for claim in document["claims"]:
            parts = f"{claim['verdict']} {claim['short']} {claim['shown']} {claim['kind']}"
            assert set(parts.split()) <= words, claim["id"]
        assert {"1.6e12", "3.0e12", "(2026)", "1e15", "2035", "money", "meets", "CMOS", "1/2e5", "2,900"} <= words
    narrow = re.sub(r"\s+", "", shown(document, 60))
    for claim in document["claims"]:
        assert re.sub(r"\s+", "", claim["changes_short"]) in narrow


def test_quantiles_stay_together_where_there_is_room_for_them(document):
    at_100, at_80 = shown(document, 100), shown(document, 80)
    assert "3.0e12 (2026)   2e19  3e19 [2e16, 3e22]  1e15 [1e14, 1e16]  money 2035" in at_100
    assert re.search(r"^parameters .* 3e19 +1e15 ", at_80, re.MULTILINE)
    assert re.search(r"\[2e16, 3e22\] +\[1e14, 1e16\]", at_80)


def test_long_shows_every_table(document):
    text = re.sub(r"\s+", "", shown(document, 9_000, long=True))
    for section in tables.sections(document):
        assert section.title.replace(" ", "") in text
    for one in document["assumptions"]:
        assert one["name"] in text
    for claim in document["claims"]:
        assert re.sub(r"\s+", "", claim["evidence"][0])[:40] in text


def test_times_measured_here_have_a_table(document):
    row = {"year": 2026, "label": "8 runs, native on cpu", "seconds_a_net": {"median": 0.8}, "times_3_days": 3.2e5}
    assert re.search("2026 +8 runs, native on cpu +0.80 +3.2e5", shown(document | {"rows": [row]}, 100, long=True))


def test_few_figures_have_no_record(document):
    text = shown(document | {"score": None, "backtests": []}, 100, long=True)
    assert "No backtest is possible with these figures." in text


def test_markdown_keeps_its_tables_whole(document):
    blocks = re.findall(r"(?:^\|.*\n?)+", render.markdown(tables.sections(document)), re.MULTILINE)
    assert len(blocks) > 15
    for block in blocks:
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(counts) == 1, block[:200]


def test_the_files_hold_the_way_to_the_target_and_the_milestones(document, tmp_path):
    made = tables.files(document)
    (tmp_path / "own.csv").write_bytes(made["milestones.csv"])
    again = told(store=tmp_path, figures=read_milestones(tmp_path / "own.csv"))
    assert again["milestones"] == document["milestones"]
    way = list(csv.DictReader(made["projection.csv"].decode().splitlines()))
    assert {row["scenario"] for row in way} == {"naive", "trend", "limited"}
    assert all(row["source"] and row["unit"] for row in way)
    compute = [row for row in way if (row["quantity"], row["scenario"]) == ("compute", "trend")]
    assert compute[-1]["year"] == "2055"
    assert all(row["source"].startswith("Grok 4 (2025-07)") for row in compute)
    none = tables.files(told(scenario="naive", chosen=(BY_NAME["algorithms"],), store=tmp_path))["projection.csv"]
    assert none.startswith(b"quantity,label,unit")  # a table without rows has its columns


def test_the_page_needs_no_other_file(document):
    made = page(document, CHARTS)
    assert not re.search(r"<(script|link|object|iframe)\b", made)
    loaded = re.findall(r"\b(?:src|srcset|data)=.(.{26})", made)
    assert loaded == ["data:image/svg+xml;base64,"] * 10
    assert made.count("alt=") == 5
    assert "<code>timetravel modernize --tweaks all</code>" in made
    for address in ("https://doi.org/10.1016/j.respol.2015.11.001", "https://arxiv.org/abs/1712.00409"):
        assert f'<a href="{address}">{address}</a>' in made


def test_what_a_user_brings_is_escaped_on_the_page(document, tmp_path):
    own = tmp_path / "own.csv"
    row = b"parameters,other,2026-09,<b>net</b>,9e12,parameters,no,,<i>me</i>,,read\n"
    own.write_bytes(tables.files(document)["milestones.csv"] + row)
    made = page(
        told(figures=read_milestones(own), chosen=(BY_NAME["parameters"],), store=tmp_path), ("size", "backtests")
    )
    assert "<b>net" not in made
    assert "&lt;b&gt;net" in made
    assert "&lt;i&gt;me" in made


def test_every_fan_is_drawn_with_its_limits_on_a_logarithmic_axis(document):
    drawn = {name: chart.to_dict() for name, chart in charts.charts(document).items()}
    assert set(drawn) == set(CHARTS)
    told = {row.get("told") for rows in drawn["compute"]["datasets"].values() for row in rows}
    assert {"limit: money", "limit: power", "limit: latency"} <= told
    for fan in drawn["size"]["vconcat"]:
        (scale,) = {
            layer["encoding"]["y"]["scale"]["type"] for layer in fan["layer"] if "scale" in layer["encoding"]["y"]
        }
        assert scale == "log"


def test_the_documentation_tells_the_verdicts_as_the_program_does():
    docs = Path(__file__).parents[2] / "docs"
    text = (docs / "extrapolate.md").read_text() + (docs / "reference" / "extrapolation.md").read_text()
    for word, meaning in VERDICTS.items():
        assert f"| {word} | {meaning} |" in text
    for series in SERIES:
        assert series.quantity in text
