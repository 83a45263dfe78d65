"""What the engine's tests share: one thread, as these nets are too small for several; and the backends."""

import pytest

from timetravel.engine import native_backend
from timetravel.engine.torch_backend import one_thread


@pytest.fixture(autouse=True)
def on_one_thread():
    with one_thread():
        yield


@pytest.fixture
def backends():
    """The backends that can train here."""
    return ["torch"] if native_backend.missing() else ["torch", "native"]
