"""The pad in a real browser: written on by mouse, finger and keys, given pictures, emptied."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from drawings import PAD, Drawing, drawings
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from timetravel.digits.ink import largest
from timetravel.digits.prepare import to_16x16, to_signed
from timetravel.engine.plain import layers
from timetravel.published.nets import shipped
from timetravel.report.page import pad as given

DROP = """([name, type, bytes]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
  const dropped = new DragEvent("drop", { dataTransfer: transfer, cancelable: true, bubbles: true });
  document.querySelector("main").dispatchEvent(dropped);
}"""


@pytest.fixture(scope="module")
def pages(browser: Browser, page_file: Path) -> Iterator[Page]:
    context = browser.new_context(has_touch=True, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(page_file.as_uri())
    yield page
    context.close()


@pytest.fixture
def page(pages: Page) -> Page:
    pages.locator("#pad-clear").click()
    told(pages, "Nothing drawn.")
    pages.locator("#pad-canvas").scroll_into_view_if_needed()
    return pages


def told(page: Page, text: str) -> None:
    expect(page.locator("#pad-answer")).to_contain_text(text)


def read_by(page: Page, label: str) -> str:
    return page.locator(".net", has=page.get_by_role("heading", name=label, exact=True)).locator("b").inner_text()


def write(page: Page, drawing: Drawing) -> None:
    box = page.locator("#pad-canvas").bounding_box()
    assert box
    for stroke in drawing.strokes:
        places = [(box["x"] + x * box["width"] / PAD, box["y"] + y * box["height"] / PAD) for x, y, *_ in stroke[::3]]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places:
            page.mouse.move(*place)
        page.mouse.up()
    expect(page.locator("#pad-answer")).not_to_have_text("Nothing drawn.")
    page.wait_for_timeout(150)  # longer than an answer may wait


def test_an_empty_pad_answers_nothing(page: Page) -> None:
    assert read_by(page, "1989") == "–"
    assert page.locator(".net.empty").count() == len(shipped())


@pytest.mark.parametrize("drawing", [pytest.param(one, id=str(one.label)) for one in drawings(20)][::2])
def test_each_digit_written_by_mouse_is_read_by_todays_net(page: Page, drawing: Drawing) -> None:
    write(page, drawing)
    assert read_by(page, "today") == str(drawing.label)


def test_undo_takes_back_the_last_stroke_and_clear_all(page: Page) -> None:
    page.locator("#pad-canvas").click(position={"x": 60, "y": 60})
    page.locator("#pad-canvas").click(position={"x": 160, "y": 160})
    told(page, "2 digits")
    page.locator("#pad-undo").click()
    expect(page.locator("#pad-answer")).not_to_contain_text("2 digits")
    page.locator("#pad-undo").click()
    told(page, "Nothing drawn.")


def test_a_finger_draws_and_the_page_stays_where_it_is(page: Page) -> None:
    box = page.locator("#pad-canvas").bounding_box()
    assert box
    scrolled = page.evaluate("scrollY")
    finger = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + 40
    for kind, at in [("touchStart", y), *(("touchMove", y + 20 * step) for step in range(1, 10)), ("touchEnd", None)]:
        points = [] if at is None else [{"x": x, "y": at}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    told(page, "read 1")
    assert page.evaluate("scrollY") == scrolled


def test_a_pointer_that_the_system_takes_away_leaves_no_stroke(page: Page) -> None:
    box = page.locator("#pad-canvas").bounding_box()
    assert box
    finger = page.context.new_cdp_session(page)
    for kind in ("touchStart", "touchMove", "touchCancel"):
        points = [] if kind == "touchCancel" else [{"x": box["x"] + 50, "y": box["y"] + 50}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_timeout(150)
    told(page, "Nothing drawn.")


def test_keys_draw_on_a_grid(page: Page) -> None:
    page.locator("#pad-canvas").focus()
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    for _ in range(10):
        page.keyboard.press("Shift+ArrowDown")
    told(page, "read 1")
    page.keyboard.press("Delete")
    told(page, "Nothing drawn.")


def test_the_shipped_test_digits_are_there_to_pick_and_1989_misreads_the_last_six(page: Page) -> None:
    net = shipped()["1989"]
    digits = given.digits()
    buttons = page.locator("#pad-digits button")
    assert buttons.count() == len(digits)
    for place, digit in list(enumerate(digits))[-len(given.HARD) :]:
        buttons.nth(place).click()
        expect(page.locator("#pad-answer")).not_to_have_text("Nothing drawn.")
        page.wait_for_timeout(150)
        assert read_by(page, net.label) != str(digit["label"])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_dropped_picture_is_read(page: Page, kind: str) -> None:
    drawing = next(one for one in drawings(20, instrument="photo") if one.label == 3)
    file = io.BytesIO()
    Image.fromarray(drawing.picture).save(file, kind)
    page.evaluate(DROP, [f"photo.{kind.lower()}", f"image/{kind.lower()}", list(file.getvalue())])
    told(page, "read 3")


def test_several_digits_in_a_picture_are_read_from_left_to_right(page: Page) -> None:
    light = [one for one in drawings(100) if one.picture[0, 0] == 255]
    chosen = [next(one.picture for one in light if one.label == digit) for digit in (9, 0, 2, 1, 0)]
    file = io.BytesIO()
    Image.fromarray(np.hstack(chosen)).save(file, "PNG")
    page.evaluate(DROP, ["zip.png", "image/png", list(file.getvalue())])
    told(page, "5 digits, from left to right.")
    assert read_by(page, "today") == "90210"


def test_what_is_no_picture_is_said(page: Page) -> None:
    page.evaluate(DROP, ["notes.txt", "text/plain", list(b"no picture")])
    told(page, "notes.txt is no picture that can be read here")


def test_a_picture_of_more_than_100_megapixels_is_refused(page: Page) -> None:
    file = io.BytesIO()
    Image.new("1", (10_001, 10_000), 1).save(file, "PNG")
    page.evaluate(DROP, ["vast.png", "image/png", list(file.getvalue())])
    told(page, "of up to 100 megapixels")


def test_a_picture_full_of_dots_is_answered_shortly(page: Page) -> None:
    dots = np.full((240, 240), 255, np.uint8)
    dots[::4, ::4] = 0
    file = io.BytesIO()
    Image.fromarray(dots).save(file, "PNG")
    page.evaluate(DROP, ["dots.png", "image/png", list(file.getvalue())])
    expect(page.locator("#pad-answer")).not_to_have_text("Nothing drawn.", timeout=20_000)
    assert len(page.locator("#pad-answer").inner_text()) < 500


def test_a_pad_cleared_in_the_middle_of_a_stroke_stays_clear(page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    box = page.locator("#pad-canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.keyboard.press("Delete")
    page.mouse.move(box["x"] + 150, box["y"] + 150, steps=5)
    page.mouse.up()
    page.wait_for_timeout(150)
    told(page, "Nothing drawn.")
    assert errors == []


def test_a_second_finger_does_not_draw(page: Page) -> None:
    box = page.locator("#pad-canvas").bounding_box()
    assert box
    fingers = page.context.new_cdp_session(page)
    down = [{"x": box["x"] + x, "y": box["y"] + 60, "id": x} for x in (60, 200)]
    up = [{"x": one["x"], "y": one["y"] + 150, "id": one["id"]} for one in down]
    for kind, points in (("touchStart", down[:1]), ("touchStart", down), ("touchMove", up), ("touchEnd", [])):
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    told(page, "read 1")


def test_the_page_begins_with_a_digit_that_1989_misreads(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    expect(page.locator("#pad-answer")).to_contain_text("of 6 nets read")
    assert read_by(page, "today") == str(given.digits()[10]["label"]) != read_by(page, "1989")
    page.close()


def test_a_net_that_joins_reads_along(page: Page) -> None:
    weights = given.plain(shipped()["1989"])["weights"]
    before = page.locator(".net").count()
    page.evaluate("text => addNet({label: 'yours', weights: weightsOf(text)})", weights)
    page.locator("#pad-digits button").nth(7).click()
    told(page, f"All {before + 1} nets read 7.")


def test_a_prediction_shows_what_the_net_itself_would_answer(page: Page) -> None:
    digit = given.digits()[4]
    net = shipped()["today"]
    page.locator("#pad-digits button").nth(4).click()
    told(page, "read 4")
    label = page.locator(".net", has=page.get_by_role("heading", name="today", exact=True)).locator(".bars")
    pixels = np.frombuffer(base64.b64decode(digit["pixels"]), np.uint8).reshape(28, 28)
    found = largest(pixels)
    assert found
    image = to_16x16(to_signed(found.picture[None], (0, 1)), net.recipe.window, net.recipe.deslant)
    outputs = layers(net.recipe, net.weights, image)["output"][0].astype(float)
    odds = np.exp(outputs - outputs.max())
    shares = np.floor(100 * odds / odds.sum() + 0.5).astype(int)
    assert label.get_attribute("aria-label") == ", ".join(f"{place}: {share} %" for place, share in enumerate(shares))
