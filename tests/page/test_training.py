"""The page trains 1989 with the package's kernel: what it computes, how it ends, and what it tells."""

import json
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from timetravel import nets
from timetravel.engine.native_backend import OPTIONS
from timetravel.eras import era
from timetravel.report.page.training import HERE, data, packed, page_digits

kernel = pytest.importorskip("timetravel.engine._kernel")
RECIPE = era("1989").recipe
TOOL = Path(__file__).parents[2] / "docs" / "tools" / "wasm.py"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
    "worker-src blob:; form-action 'none'"
)
# Runs the worker to the message after which it has seen so many digits, and returns all its messages.
LISTEN = """([told, seed, seen]) => new Promise((resolve) => {
  const source = document.getElementById("worker-source").textContent;
  const worker = new Worker(URL.createObjectURL(new Blob([source]))), all = [];
  worker.onmessage = ({data}) => {
    all.push({...data, weights: data.weights && Array.from(data.weights)});
    if (data.error || data.seen >= seen) { worker.terminate(); resolve(all); }
  };
  worker.postMessage({data: {...JSON.parse(document.getElementById("training-data").textContent), ...told}, seed});
})"""


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return data()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, told: dict[str, Any]) -> Path:
    """A page with nothing on it but the panel."""
    parts = ("training.html.j2", "worker.js", "nets.js", "training.js")
    panel, worker, *scripts = ((HERE / name).read_text() for name in parts)
    script = "\n".join(scripts)
    made = tmp_path_factory.mktemp("training") / "page.html"
    made.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Training</title><link rel="icon" href="data:,">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        "<style>:root{--ink:#222;--soft:#555;--line:#ddd;--ground:#fff;--accent:#a33}body{max-width:60rem}</style>"
        f'<main>{panel}</main><script type="application/json" id="training-data">{json.dumps(told)}</script>'
        f'<script type="text/plain" id="worker-source">{worker}</script><script>"use strict";\n{script}</script></html>'
    )
    return made


@contextmanager
def opened(browser: Browser, file: Path, before: str = "", **settings: Any) -> Iterator[Page]:
    """The page in a browser, after a script of one's own; it may ask for nothing and complain of nothing."""
    context = browser.new_context(**settings)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asked: said.append(asked.url) if not asked.url.startswith(("data:", "blob:")) else None)
    page.add_init_script(before)
    page.goto(file.as_uri())
    yield page
    context.close()
    assert said == [file.as_uri()]


def natively(start: list[float], count: int) -> np.ndarray:
    """What the compiled kernel makes of weights with so many digits, the curvature estimated before each epoch."""
    digits, _ = page_digits()
    options = kernel.Options(
        table=nets.connection_table(RECIPE.table), **{name: getattr(RECIPE, name) for name in OPTIONS}
    )
    weights, curvature = np.array(start, dtype=np.float32), np.empty((1, len(start)), dtype=np.float32)
    targets = np.full((len(digits), 10), RECIPE.target_low, dtype=np.float32)
    targets[np.arange(len(digits)), digits.labels] = RECIPE.target_high
    for left in range(count, 0, -len(digits)):
        part = slice(min(left, len(digits)))
        kernel.curvature(options, weights, digits.images[: RECIPE.curvature_digits].copy(), curvature[0])
        rates = np.full(part.stop, RECIPE.learning_rate, dtype=np.float32)
        kernel.train_block(options, weights, curvature, digits.images[part].copy(), targets[part].copy(), None, rates)
    return weights


def test_the_page_takes_the_steps_of_the_native_kernel(browser: Browser, file: Path) -> None:
    with opened(browser, file) as page:
        told = page.evaluate(LISTEN, [{}, 7, 2 * 7291])
    assert [one["seen"] for one in told[:3]] == [0, 911, 1823]  # eighths of an epoch
    for one in (told[1], told[8], told[16]):
        np.testing.assert_allclose(one["weights"], natively(told[0]["weights"], one["seen"]), rtol=0, atol=1e-5)


def test_weights_are_drawn_as_the_recipe_says_and_by_the_seed(
    browser: Browser, file: Path, told: dict[str, Any]
) -> None:
    with opened(browser, file) as page:
        one, again, other = (np.array(page.evaluate(LISTEN, [{}, seed, 0])[0]["weights"]) for seed in (7, 7, 2**32 - 1))
    assert (one == again).all()
    ends = np.cumsum([layer["size"] for layer in told["layers"]])
    assert ends[-1] == len(one) == 9760
    for layer, mine, theirs in zip(told["layers"], np.split(one, ends[:-1]), np.split(other, ends[:-1]), strict=True):
        if layer["bound"]:
            assert layer["bound"] * 0.95 < np.abs(mine).max() <= layer["bound"] * (1 + 1e-6)
            assert abs(np.corrcoef(mine, theirs)[0, 1]) < 4 / np.sqrt(len(mine))
            assert abs(mine.mean()) < 4 * layer["bound"] / np.sqrt(3 * len(mine))
        else:
            assert set(mine) == {layer["constant"]}
    net = nets.build(RECIPE)
    nets.initialize(net, [0])
    for layer, natively_drawn in zip(told["layers"], nets.lane_weights(net, 0).values(), strict=True):
        high = np.abs(natively_drawn).max()
        assert high == abs(layer["constant"]) or 0.95 < high / layer["bound"] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("calm", ["no-preference", "reduce"])
def test_it_trains_to_the_end_within_the_range_of_native_seeds_and_the_net_joins_the_pad(
    browser: Browser, file: Path, told: dict[str, Any], calm: str
) -> None:
    joined = "window.addNet = (net) => { window.joined = net; }"
    with opened(browser, file, joined, reduced_motion=calm) as page:
        page.get_by_label("Seed").fill("3")
        page.get_by_role("button", name="Train 1989 now").click()
        expect(page.get_by_role("status")).to_contain_text("It misreads", timeout=240_000)
        status = page.get_by_role("status").text_content() or ""
        assert page.evaluate("joined.label") == "trained here, seed 3"
        assert page.evaluate("joined.weights instanceof Float32Array && joined.weights.length") == 9760
        assert page.evaluate("joined.weights.every(Number.isFinite)")
        points = page.locator("polyline").evaluate_all("lines => lines.map(l => l.points.length)")
        clock = page.locator("#training span").text_content() or ""
        assert page.get_by_role("button", name="Train 1989 now").is_visible()
    least, most = told["seeds"]["test"][-1]
    mistakes = int(status.split("It misreads ")[1].split()[0])
    assert least <= mistakes <= most
    assert f"within the range of 1,000 nets trained outside the browser: {least} to {most}." in status
    assert points == [RECIPE.epochs, RECIPE.epochs]
    assert clock.startswith("1989 would be at day 3.0 of 3")


def test_it_stops_and_begins_anew(browser: Browser, file: Path) -> None:
    with opened(browser, file) as page:
        for _ in range(2):
            page.get_by_role("button", name="Train 1989 now").press("Enter")
            expect(page.locator("#training span")).to_contain_text(re.compile(r"day 0\.[1-9]"), timeout=60_000)
            stop = page.get_by_role("button", name="Stop")
            assert stop.evaluate("button => button === document.activeElement")
            stop.press("Enter")
            assert page.get_by_role("status").text_content() == "Stopped."
            reached = page.locator("#training span").text_content()
            page.wait_for_timeout(300)
            assert page.locator("#training span").text_content() == reached


@pytest.mark.parametrize(
    ("without", "lacking"),
    [
        ("delete window.DecompressionStream", "DecompressionStream"),
        ("delete window.WebAssembly", "WebAssembly with SIMD"),
        ("WebAssembly.validate = () => false", "WebAssembly with SIMD"),
    ],
)
def test_a_browser_that_cannot_train_says_what_it_lacks(
    browser: Browser, file: Path, without: str, lacking: str
) -> None:
    with opened(browser, file, without) as page:
        assert page.get_by_role("status").text_content() == f"This browser can't train the net: it lacks {lacking}."
        assert page.get_by_role("button", name="Train 1989 now").is_disabled()


def test_a_worker_that_fails_is_told(browser: Browser, file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text(file.read_text().replace(data()["kernel"], packed(b"no kernel")))
    with opened(browser, broken) as page:
        page.get_by_role("button", name="Train 1989 now").click()
        expect(page.get_by_role("status")).to_contain_text("Training failed: WebAssembly")
        assert page.get_by_role("button", name="Train 1989 now").is_visible()


def test_what_travels_is_small_and_is_the_digits_that_the_seeds_were_trained_on(told: dict[str, Any]) -> None:
    import zlib

    assert len(json.dumps(told)) < 1_400_000
    assert len(b64decode(told["kernel"])) < 60_000
    content = np.frombuffer(zlib.decompress(b64decode(told["digits"])), np.uint8)
    train, test = page_digits()
    assert (
        content[: 256 * 9298].reshape(-1, 16, 16) == np.rint(np.r_[train.images, test.images] * 127.5 + 127.5)
    ).all()
    assert (content[256 * 9298 :] == np.r_[train.labels, test.labels]).all()
    assert told["seeds"]["digits"] == [train.fingerprint, test.fingerprint]
    assert told["seeds"]["recipe"] == RECIPE.to_dict()


def test_the_kernel_of_the_page_was_compiled_for_this_recipe() -> None:
    compiled = {
        "net": "lecun1989", "activation": "tanh", "output": "tanh", "loss": "squared-error", "batch_size": 1,
        "optimizer": "diagonal-newton", "order": "constant", "schedule": "constant", "initial_weights": "uniform",
    }  # fmt: skip
    assert {name: getattr(RECIPE, name) for name in compiled} == compiled


@pytest.mark.slow
def test_the_kernel_of_the_page_is_what_its_source_compiles_to(browser: Browser, file: Path, tmp_path: Path) -> None:
    if shutil.which("em++") is None:
        pytest.skip("needs emscripten's em++")
    made = tmp_path / "kernel.wasm"
    done = subprocess.run(
        [sys.executable, str(TOOL), "kernel", "--to", made], check=True, capture_output=True, text=True
    )
    if " 3.1.6 " in done.stdout:
        assert made.read_bytes() == (HERE / "kernel.wasm").read_bytes()
    with opened(browser, file) as page:
        packaged, rebuilt = (
            page.evaluate(LISTEN, [told, 7, 1])[1] for told in ({}, {"kernel": packed(made.read_bytes())})
        )
    np.testing.assert_allclose(rebuilt["weights"], packaged["weights"], rtol=0, atol=1e-5)
