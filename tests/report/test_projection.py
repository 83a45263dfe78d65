"""How the projection looks: one screen, nothing cut off, files that need no other."""

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

CHARTS = ("size", "data", "compute", "hardware", "backtests", "sensitivity", "calibration")


def told(**asked):
    return clean({"schema": SCHEMA, "command": "extrapolate", **Extrapolate(**asked).result()})


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return told(store=tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def drawn(document):
    return {name: chart.to_dict() for name, chart in charts.charts(document).items()}


def shown(document, width, *, long=False):
    stream = io.StringIO()
    made = render.rich(tables.sections(document), long=long)
    Console(file=stream, width=width, highlight=False, color_system=None).print(made)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def page(document, names):
    drawn = {f"{name}{end}": b"<svg/>" for name in names for end in (".svg", "-dark.svg")}
    return render.html("timetravel extrapolate", tables.sections(document), drawn, document["typed"])


def flat(text):
    return re.sub(r"\s+", "", text)


def test_the_first_screen_is_the_finding_the_claims_and_the_factors(document):
    text = shown(document, 80)
    assert len(text.splitlines()) <= 40
    assert text.startswith("In 2022 Andrej Karpathy wrote how deep learning will look back from 2055.")
    for claim in document["claims"]:
        (line,) = (line for line in text.splitlines() if line.startswith(f"{claim['id']}  "))
        assert line[3:].lower().startswith(f"{claim['short']}: {claim['verdict']}".lower())
    assert "almost impossible, under 1 %." in " ".join(text.split())
    assert re.search(r"^parameters, images +1e6 +3.1e5 +7.1 +\d+e\d \[\d+, \de6\] +money$", text, re.MULTILINE)
    assert re.search(r"^training speed +3,000 +2,900 +- ", text, re.MULTILINE)
    score = document["score"]["by_horizon"][-1]["rules"]
    held = (
        f"{score['limited']['inside_80']} of 6 figures inside its 80 % intervals ({score['trend']['inside_80']} without"
    )
    assert held in " ".join(text.split())


@pytest.mark.parametrize("width", [60, 80, 200])
def test_nothing_is_cut_off_at_any_width(document, width):
    text = shown(document, width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    for claim in document["claims"]:
        assert flat(claim["sentence"]) in flat(text)
    assert {"3.1e5", "money", "data"} <= set(text.split())


def test_a_year_that_is_past_is_shown_as_a_forecast_made_then_and_what_came(tmp_path):
    past = told(to=2022, since="1989", store=tmp_path)
    text = shown(past, 80)
    assert text.startswith("From the end of 1989, with the figures of then")
    assert re.search(r"^parameters \(vision\) +1.1e6 +\de\d+ \[.+\] +3.1e9 +[+-]\d.\d +-3.4$", text, re.MULTILINE)
    assert "claim by claim" not in text
    assert len(text.splitlines()) <= 24
    assert list(tables.files(past)) == ["forecast.csv", "milestones.csv"]


def test_long_goes_from_the_claims_to_their_sources(document):
    text = shown(document, 9_000, long=True)
    titles = [section.title for section in tables.sections(document) if section.long]
    assert titles[:7] == [
        "The seven claims", "What would have to be true", "What the numbers hang on", "The ledger",
        "The method's record", "The projection to 2055", "Where the numbers come from",
    ]  # fmt: skip
    places = [text.index(f"\n{title}\n") for title in titles]
    assert places == sorted(places)
    for one in document["assumptions"]:
        assert one["name"] in text
    for claim in document["claims"]:
        assert flat(claim["evidence"][0])[:40] in flat(text)
        assert all(flat(f"{need['needed']}{need['now']}") in flat(text) for need in claim["needs"])
    for one in document["ledger"]:
        assert (flat(one["statement"]) in flat(text)) == (one["outcome"] is None)
    score = document["ledger_score"]
    assert f"{score['due']} statements have come due, {score['due']} of them hindcasts: Brier score" in text
    first = score["bins"][0]
    assert re.search(rf"0 % to 20 % +{first['count']} +{100 * first['forecast']:.0f} %", text)


def test_a_last_record_is_told_with_its_own_year(document):
    moved = [one | {"last_record": 7e7, "record_date": "2021", "record_holder": "A Net"} for one in document["series"]]
    assert "7.0e7 (A Net, 2021)" in shown(document | {"series": moved}, 9_000, long=True)


def test_few_figures_have_no_record(document):
    few = document | {"score": None, "backtests": [], "ledger_score": None}
    assert "No backtest is possible with these figures." in shown(few, 100, long=True)
    assert "Tested" not in shown(few, 100)
    told = {name for section in tables.sections(few) for name, _ in section.charts}
    assert told == set(CHARTS) - {"backtests", "calibration"}


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
    ledger = list(csv.DictReader(made["ledger.csv"].decode().splitlines()))
    assert {row["due"] for row in ledger} == {"2018", "2020", "2022", "2024", "2025", "2027", "2028", "2030"}
    assert all((row["outcome"] == "") == (int(row["due"]) > 2025) for row in ledger)


def test_the_page_needs_no_other_file(document):
    made = page(document, CHARTS)
    assert not re.search(r"<(script|link|object|iframe)\b", made)
    loaded = re.findall(r"\b(?:src|srcset|data)=.(.{26})", made)
    assert loaded == ["data:image/svg+xml;base64,"] * 14
    assert made.count("alt=") == 7
    assert "<code>timetravel modernize --tweaks all</code>" in made
    for address in ("https://doi.org/10.1016/j.respol.2015.11.001", "https://arxiv.org/abs/1712.00409"):
        assert f'<a href="{address}">{address}</a>' in made


def test_what_a_user_brings_is_escaped_on_the_page(document, tmp_path):
    own = tmp_path / "own.csv"
    row = b"parameters,other,2026-09,<b>net</b>,9e13,parameters,no,,<i>me</i>,,read\n"
    own.write_bytes(tables.files(document)["milestones.csv"] + row)
    made = page(told(figures=read_milestones(own), chosen=(BY_NAME["parameters"],), store=tmp_path), CHARTS)
    assert "<b>net" not in made
    assert "&lt;b&gt;net" in made
    assert "&lt;i&gt;me" in made


def rows_of(chart):
    return [row for rows in chart["datasets"].values() for row in rows]


def test_every_fan_is_drawn_with_its_limits_on_a_logarithmic_axis(drawn):
    assert set(drawn) == set(CHARTS)
    told = {row.get("told") for row in rows_of(drawn["compute"])}
    assert {"limit: money", "limit: power", "limit: signals"} <= told
    for fan in drawn["size"]["vconcat"]:
        (scale,) = {
            layer["encoding"]["y"]["scale"]["type"] for layer in fan["layer"] if "scale" in layer["encoding"]["y"]
        }
        assert scale == "log"


@pytest.mark.parametrize("name", ["size", "data", "compute", "hardware"])
def test_a_line_leads_from_every_limit_to_its_own_label(drawn, name):
    fans = drawn[name]["vconcat"]
    for fan in fans:
        *_, lead, label = fan["layer"]
        assert lead["data"] == label["data"]
        assert [lead["encoding"][end]["field"] for end in ("y", "y2")] == ["value", "place"]
        assert [label["encoding"][end]["field"] for end in ("y", "text")] == ["place", "told"]
        rows = drawn[name]["datasets"][label["data"]["name"]]
        assert [row["told"] for row in sorted(rows, key=lambda row: row["place"])] == [
            row["told"] for row in sorted(rows, key=lambda row: row["value"])
        ]


def test_a_tornado_has_its_widest_bar_first_and_both_ends_from_the_number_on(drawn, document):
    panels = dict(zip("ABCDEFG", drawn["sensitivity"]["vconcat"], strict=True))
    b = document["claims"][1]["sensitivity"]
    assert panels["B"]["layer"][0]["encoding"]["y"]["sort"] == [bar["what"] for bar in b["bars"]]
    assert panels["B"]["layer"][0]["encoding"]["x"]["scale"]["type"] == "log"
    assert "log" not in str(panels["E"]["layer"][0]["encoding"]["x"]["scale"])
    ends = {(row["what"], row["set"], row["base"], row["at"]) for row in rows_of(drawn["sensitivity"]) if "set" in row}
    first = b["bars"][0]
    assert {(first["what"], first[end], b["base"], first[f"at_{end}"]) for end in ("low", "high")} <= ends


def test_the_documentation_tells_the_verdicts_as_the_program_does():
    docs = Path(__file__).parents[2] / "docs"
    text = (docs / "extrapolate.md").read_text() + (docs / "reference" / "extrapolation.md").read_text()
    for word, meaning in VERDICTS.items():
        assert f"| {word} | {meaning} |" in text
    for series in SERIES:
        assert series.quantity in text
