import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from texts import flat
from typer.testing import CliRunner

from timetravel import published
from timetravel.cli.app import app
from timetravel.report.page.chapters import CHAPTERS

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1400, "height": 900}
TOLD = [chapter.name for chapter in CHAPTERS if chapter.published]
HOSTILE = "</script><script>document.title='caught'</script><img src=x onerror=document.title='caught'>\"'\x01"
Open = Callable[..., Any]


@contextmanager
def opened(browser: Browser, file: Path, **settings: Any) -> Iterator[tuple[Page, list[str]]]:
    """The page in a browser, and what it asked for or complained of beyond the file itself."""
    context = browser.new_context(**settings)
    page, told = context.new_page(), []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda asked: told.append(asked.url) if not asked.url.startswith(("data:", "blob:")) else None)
    page.goto(file.as_uri())
    yield page, [one for one in told if one != file.as_uri()]
    context.close()


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with results of one's own, one of them hostile, in a folder of a hostile name."""
    folder = tmp_path_factory.mktemp("mine") / "<img src=x onerror=alert(1)>"
    folder.mkdir()
    names: list[str] = []
    own = [published.read(name) for name in ("modernize-usps", "train-today-subsets", "bench")]
    for place, document in enumerate([hostile(), *own]):
        (folder / f"{place}.json").write_text(json.dumps(document))
        names += ["--from", str(folder / f"{place}.json")]
    made = run("--no-training", "--out", folder / "mine.html", *names, store=folder / "store")
    assert made[0] == 0, made
    return folder / "mine.html"


def run(*arguments: object, store: Path) -> tuple[int, str]:
    """Call the command; return its exit code and what it said, without frames and breaks of lines."""
    made = CliRunner().invoke(app, ["page", *map(str, arguments)], env={"TIMETRAVEL_STORE": str(store)})
    return made.exit_code, " ".join(made.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("scheme", "size"),
    [
        ("dark", PHONE),
        ("light", DESK),
        pytest.param("light", PHONE, marks=pytest.mark.slow),
        pytest.param("dark", DESK, marks=pytest.mark.slow),
    ],
)
def test_it_opens_without_a_request_an_error_or_a_violation(
    browser: Browser, page_file: Path, scheme: str, size: dict[str, int]
) -> None:
    with opened(browser, page_file, color_scheme=scheme, viewport=size) as (page, told):
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        violations = Axe().run(page).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in violations] == []
        assert told == []
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 18, 18)"}[scheme]


def test_it_is_small(page_file: Path) -> None:
    page = page_file.read_text()
    training = re.findall(r'<script [^>]*id="(?:training-data|worker-source)">.*?</script>', page, re.S)
    assert len(page.encode()) <= 2_200_000
    assert len(page.encode()) - sum(map(len, training)) <= 700_000


def test_without_script_every_chapter_has_its_finding_its_chart_and_its_table(
    browser: Browser, page_file: Path
) -> None:
    with opened(browser, page_file, java_script_enabled=False) as (page, _):
        for name in TOLD:
            chapter = page.locator(f"#part-{name}")
            assert chapter.locator(".finding").inner_text()
            assert chapter.locator("svg[role=img][aria-label]").first.is_visible()
            chapter.locator("summary").last.click()
            assert chapter.locator("table").last.is_visible()
            assert chapter.locator(".made code").inner_text().startswith("timetravel ")


def test_every_id_is_there_once_and_whatever_is_named_by_one_is_there(page_file: Path) -> None:
    page = page_file.read_text()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", page)) | set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert re.findall(r"url\(#([^)]+)\)", page)


def test_charts_have_no_colour_of_their_own_but_those_of_a_scale(page_file: Path) -> None:
    charts = re.findall(r"<svg.*?</svg>", page_file.read_text(), re.S)
    assert len(charts) >= len(TOLD)
    colours = {colour for chart in charts for colour in re.findall(r'(?:fill|stroke)="([^"]+)"', chart)}
    assert all(re.fullmatch(r"var\(--(ink|soft|line|ground|c[1-6])\)|none", colour) for colour in colours), colours


def test_print_has_the_tables_and_no_contents(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file) as (page, _):
        page.emulate_media(media="print")
        assert page.locator("#part-ladder table").first.is_visible()
        assert not page.locator("nav").is_visible()


def test_marks_tell_what_they_are_by_pointer_and_by_keys(browser: Browser, page_file: Path) -> None:
    with opened(browser, page_file, viewport=DESK) as (page, _):
        mark = page.locator("#part-data [data-tip]").first
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        assert box
        page.mouse.move(box["x"] + 6, box["y"] + 3)
        assert "test error" in page.locator(".tip").inner_text()
        page.locator("#part-ladder .chart").focus()
        page.keyboard.press("ArrowRight")
        assert "row: 1989" in page.locator(".tip").inner_text()
        page.keyboard.press("Escape")
        assert not page.locator(".tip").is_visible()


def hostile() -> dict[str, Any]:
    """A ladder whose labels, seeds, sources and command try to be more than text."""
    found: dict[str, Any] = json.loads(json.dumps(published.read("modernize-mnist")))
    found["finding"] = f"{HOSTILE} javascript:alert(1) `</code>{HOSTILE}` https://x.test/\"onclick='alert(1)"
    for row in found["rows"][:2]:
        row["label"], row["seeds"] = HOSTILE + row["label"], [HOSTILE]
    for reference in found["references"]:
        reference["source"] = "javascript:document.title='caught'"
    found["provenance"] |= {"command_line": f"timetravel </code>{HOSTILE}", "processor": HOSTILE}
    return found


def test_what_a_document_and_its_path_say_stays_text(browser: Browser, mine: Path) -> None:
    page = mine.read_text()
    assert "<img" not in page
    assert page.count("<script") == 1 + len(re.findall(r'<script type="[a-z/]+" id="[a-z-]+">', page))
    with opened(browser, mine) as (shown, told):
        assert told == []
        assert "caught" not in shown.title()
        assert set(shown.evaluate("[...document.links].map(each => each.protocol)")) <= {"https:", "file:"}
        names = shown.evaluate("[...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames())")
        assert [name for name in names if name.startswith("on")] == []
        assert "</script><script>" in shown.locator("#part-ladder .finding").inner_text()
        assert "</script><script>" in shown.locator("#part-ladder svg").first.text_content()
        assert "<img src=x onerror=alert(1)>" in shown.locator("#part-ladder .yours").inner_text()


def test_ones_own_result_takes_the_place_of_its_kind_and_others_follow_their_chapter(mine: Path) -> None:
    page = mine.read_text()
    places = [page.index(f'id="part-{name}"') for name in ("paper", "paper-0", "ladder", "ladder-0", "data", "speed")]
    assert places == sorted(places)
    assert [page.count(f"/{place}.json</span>") for place in range(4)] == [1, 1, 1, 1]
    assert "<dd><code>timetravel bench</code></dd>" not in page
    assert "<dd><code>timetravel tune</code></dd>" in page


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON, or damaged"),
        ('{"a": 1}', "is no result of timetravel"),
        ('{"schema": 2, "command": "train", "rows": 3}', "is damaged: it says what can't be"),
        (None, "can't be read: No such file"),
    ],
)
def test_a_damaged_or_absent_result_is_told_and_nothing_is_written(tmp_path: Path, text: str | None, told: str) -> None:
    file, out = tmp_path / "bad.json", tmp_path / "page.html"
    if text:
        file.write_text(text)
    code, said = run("--from", file, "--out", out, store=tmp_path)
    assert (code, out.exists()) == (3, False)
    assert told in said


def test_a_result_that_lacks_a_part_is_told_after_the_same_check(tmp_path: Path) -> None:
    lacking = {name: value for name, value in published.read("train-usps").items() if name != "mistakes"}
    (tmp_path / "bad.json").write_text(json.dumps(lacking))
    code, said = run("--from", tmp_path / "bad.json", "--out", tmp_path / "page.html", store=tmp_path)
    assert (code, "bad.jsonisdamaged:itdoesnotsay" in flat(said)) == (3, True)


def spoiled(value: Any, number: Any, kinds: tuple[type, ...]) -> Any:
    """A document with every number of these kinds replaced, but for its schema."""
    if isinstance(value, dict):
        return {name: each if name == "schema" else spoiled(each, number, kinds) for name, each in value.items()}
    if isinstance(value, list):
        return [spoiled(each, number, kinds) for each in value]
    return number if type(value) in kinds else value


@pytest.mark.parametrize(
    ("name", "number", "kinds"),
    [
        pytest.param("train-usps", math.nan, (int, float), id="nan"),
        pytest.param("scale-data-mnist", 1e308, (int,), id="data"),
        pytest.param("train-usps", 10**400, (int,), id="long", marks=pytest.mark.slow),
        pytest.param("scale-model-mnist", 10**400, (int,), id="size", marks=pytest.mark.slow),
        pytest.param("bench", 1e308, (int, float), id="speed", marks=pytest.mark.slow),
    ],
)
def test_numbers_that_cant_be_drawn_or_written_are_told_with_their_file(
    tmp_path: Path, name: str, number: float, kinds: tuple[type, ...]
) -> None:
    (tmp_path / "bad.json").write_text(json.dumps(spoiled(published.read(name), number, kinds)))
    code, said = run("--from", tmp_path / "bad.json", "--out", tmp_path / "page.html", store=tmp_path)
    assert (code, "bad.jsonisdamaged:" in flat(said)) == (3, True), said


def test_a_place_that_cant_be_written_is_told_before_anything_is_drawn(tmp_path: Path) -> None:
    code, said = run("--out", tmp_path, store=tmp_path)
    assert (code, "is a folder" in said) == (2, True)
    code, said = run("--out", "/dev/null/page.html", store=tmp_path)
    assert (code, "can't be written" in said) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_the_last_results_that_are_kept_stand_beside_the_packages(tmp_path: Path) -> None:
    settings = {"TIMETRAVEL_STORE": str(tmp_path / "store")}
    small = ["--size", "200", "--epochs", "1", "--seeds", "2", "--test", "100"]
    for typed in (["train", *small], ["modernize", "--tweaks", "essay", *small]):
        assert CliRunner().invoke(app, typed, env=settings).exit_code == 0
    out = tmp_path / "page.html"
    assert CliRunner().invoke(app, ["page", "--no-training", "--out", str(out)], env=settings).exit_code == 0
    text = out.read_text()
    assert text.count("yours: <span>your last run, kept as ") == 2
    assert "From 1989 to today, one tweak at a time" in text
    assert "Beside it: timetravel modernize" in text
