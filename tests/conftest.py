"""What all tests share: a plain terminal, a store of their own, and small real digits."""

import os
from pathlib import Path

import pytest

from timetravel.digits import Digits, open_source

# Typer and Rich read these when typer is first imported, which none of the imports above does.
for forced in ("TERMINAL_WIDTH", "GITHUB_ACTIONS", "FORCE_COLOR", "PY_COLORS"):
    os.environ.pop(forced, None)
os.environ["NO_COLOR"] = "1"
os.environ["PYTHONSAFEPATH"] = "1"  # processes of tests import the installed package, not the folder they stand in
os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run store that only this test uses."""
    store = tmp_path / "store"
    monkeypatch.setenv("TIMETRAVEL_STORE", str(store))
    return store


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder with MNIST/raw and USPS; tests that need it are skipped where there is none."""
    folder = os.environ.get("TIMETRAVEL_DATA")
    if not folder:
        pytest.skip("TIMETRAVEL_DATA is not set: it names the folder with MNIST/raw and USPS")
    if not Path(folder).is_dir():
        pytest.skip(f"TIMETRAVEL_DATA names {folder}, which is no folder")
    return Path(folder)


@pytest.fixture(scope="session")
def few_mnist() -> tuple[Digits, Digits]:
    """300 training and 200 test digits of MNIST, subset 0."""
    source = open_source("mnist")
    return source.training_digits(size=300), source.test_digits(size=200)
