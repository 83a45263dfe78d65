"""How the projection looks: two screens, nothing cut off, a page that needs no other file."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from timetravel.projection.series import BY_NAME, SERIES
from timetravel.projection.verdicts import VERDICTS
from timetravel.show.projection import terminal
from timetravel.show.projection_grids import Grid
from timetravel.show.projection_page import escaped, html, markdown, milestones_csv, prose, table
from timetravel.show.projection_sections import sections
from timetravel.studies.extrapolate import Question, extrapolate


@pytest.fixture(scope="module")
def result():
    return extrapolate(Question(store=Path("nowhere")))


def shown(renderable, width):
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False, color_system=None).print(renderable)
    return stream.getvalue()


def test_the_report_fits_two_screens_and_begins_with_the_verdicts(result):
    text = shown(terminal(result), 100)
    lines = text.splitlines()
    assert len(lines) <= 48
    assert lines[0].startswith("The essay's claims about 2055")
    for claim in result.claims:
        assert any(line.startswith(claim.id) and claim.verdict in line for line in lines), claim.id
    order = [text.index(part) for part in ("The essay's claims", "The method's record", "The largest in", "seen from")]
    assert order == sorted(order)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_nothing_is_cut_off_at_any_width(result, width):
    text = shown(terminal(result), width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    words = set(text.split())
    for claim in result.claims:
        assert set(f"{claim.verdict} {claim.short} {claim.shown} {claim.kind}".split()) <= words, claim.id
        assert re.sub(r"\s+", "", claim.changes) in re.sub(r"\s+", "", text)
    assert "naive: arithmetic, else extrapolation" in text
    for word in ("1.6e12", "3.0e12", "(2026)", "1e15", "2035", "money", "meets", "CMOS", "1/2e5", "2,900", "--long,"):
        assert word in words, word


def test_quantiles_stay_together_where_there_is_room_for_them(result):
    assert "3.0e12 (2026)" in shown(terminal(result), 100)
    at_80 = shown(terminal(result), 80)
    assert re.search(r"^parameters .* 3e19 +1e15 ", at_80, re.MULTILINE)
    assert re.search(r"\[2e16,3e22\] +\[1e14,1e16\]", at_80)


def test_long_shows_every_table(result):
    text = re.sub(r"\s+", "", shown(terminal(result, long=True), 200))
    for section in sections(result):
        assert section.title.replace(" ", "") in text
    for name in result.futures.assumptions:
        assert name in text
    for claim in result.claims:
        assert re.sub(r"\s+", "", claim.evidence[0])[:40] in text


def test_the_record_stands_before_the_forecast(result):
    titles = [section.title for section in sections(result)]
    assert titles.index("The method's record") < titles.index("The projection to 2055")


def test_markdown_keeps_its_tables_whole(result):
    text = markdown(result, sections(result))
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(blocks) > 15
    for block in blocks:
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(counts) == 1, block[:200]
    assert "![" in text


def test_signs_of_markdown_are_escaped_outside_code():
    assert escaped("a*b `c*d` e|f [1, 2] <x>") == r"a\*b `c*d` e\|f \[1, 2\] \<x\>"
    assert escaped("a\nb") == "a b"  # a line break would end a row
    assert table(Grid("", ("a", "b"), (("1", "2|3"),), (1,)))[1:] == ["| --- | ---: |", r"| 1 | 2\|3 |"]


class Seen(HTMLParser):
    """Collects what a page would load."""

    def __init__(self):
        super().__init__()
        self.loaded, self.tags = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.loaded += [value for name, value in attrs if name in ("src", "srcset", "data")]


def test_the_page_needs_no_other_file(result):
    figures = {f"{name}{end}": b"<svg/>" for name in ("size", "data", "compute", "hardware", "backtests")
               for end in (".svg", "-dark.svg")}  # fmt: skip
    page = html(result, sections(result), figures)
    seen = Seen()
    seen.feed(page)
    assert "script" not in seen.tags
    assert "link" not in seen.tags
    assert len(seen.loaded) == 10
    assert all(value.startswith("data:image/svg+xml;base64,") for value in seen.loaded)
    assert page.count("alt=") == 5
    assert "prefers-color-scheme: dark" in page
    assert "<code>timetravel modernize --tweaks all</code>" in page
    for address in ("https://doi.org/10.1016/j.respol.2015.11.001", "https://arxiv.org/abs/1712.00409"):
        assert f'<a href="{address}">{address}</a>' in page


def test_what_a_user_brings_is_escaped_on_the_page(tmp_path):
    from timetravel.projection.milestones import read_file

    lines = milestones_csv(extrapolate(Question(store=tmp_path))).splitlines()
    own = tmp_path / "own.csv"
    own.write_text("\n".join([*lines, "parameters,other,2026-09,<b>net</b>,9e12,parameters,no,,<i>me</i>,,read"]))
    result = extrapolate(Question(figures=read_file(own), chosen=(BY_NAME["parameters"],), store=tmp_path))
    figures = {f"{name}{end}": b"" for name in ("size", "backtests") for end in (".svg", "-dark.svg")}
    page = html(result, sections(result), figures)
    assert "<b>net" not in page
    assert "&lt;b&gt;net" in page
    assert "&lt;i&gt;me" in page


@pytest.mark.parametrize("dark", [False, True])
def test_figures(result, dark):
    drawn = result.plots(dark=dark)
    assert set(drawn) == {"size", "data", "compute", "hardware", "backtests"}
    for name, figure in drawn.items():
        for axes in figure.axes:
            assert axes.get_xlabel()
            assert axes.get_ylabel(), name
    texts = [text.get_text() for axes in drawn["compute"].axes for text in axes.texts]
    assert {"limit: money", "limit: power", "limit: latency"} <= set(texts)
    assert all("log axis" in axes.get_ylabel() for axes in drawn["size"].axes)


def test_the_page_tells_the_verdicts_as_the_program_does():
    page = (Path(__file__).parents[2] / "docs" / "extrapolate.md").read_text()
    for word, meaning in VERDICTS.items():
        assert f"| {word} | {meaning} |" in page
    for series in SERIES:
        assert series.quantity in page


def test_prose_marks_addresses_and_code_and_escapes_the_rest():
    told = prose("see https://a.org/b, https://c.org/d; `x <y>` and <z>. https://e.org.")
    assert told == (
        'see <a href="https://a.org/b">https://a.org/b</a>, <a href="https://c.org/d">https://c.org/d</a>; '
        '<code>x &lt;y&gt;</code> and &lt;z&gt;. <a href="https://e.org">https://e.org</a>.'
    )
