"""What browser tests share: Debian's Chromium, and the whole page written once."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from typer.testing import CliRunner

from timetravel.cli.app import app

PLACES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium that all tests share; without one they are skipped, unless CI or TIMETRAVEL_CHROMIUM asks for it."""
    named = os.environ.get("TIMETRAVEL_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, PLACES)), None)
    if not found and not os.environ.get("CI"):
        pytest.skip("no Chromium is here: install one, or name it by TIMETRAVEL_CHROMIUM")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole page, made where no run is kept."""
    folder = tmp_path_factory.mktemp("page")
    file = folder / "page.html"
    made = CliRunner().invoke(app, ["page", "--out", str(file)], env={"TIMETRAVEL_STORE": str(folder / "store")})
    assert made.exit_code == 0, made.output
    return file
