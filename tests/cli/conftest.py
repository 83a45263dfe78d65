"""What tests of commands share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from timetravel.cli.app import app
from timetravel.digits import Digits

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Call the program with arguments, and expect an exit code."""

    def call(*arguments: object, code: int = 0) -> Result:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exit_code == code, (arguments, result.output, repr(result.exception))
        return result

    return call


@pytest.fixture
def own(tmp_path: Path, few_mnist: tuple[Digits, Digits]) -> Path:
    """A small file of one's own digits."""
    digits, test = few_mnist
    path = tmp_path / "own.npz"
    np.savez(
        path,
        train_images=digits.images[:40], train_labels=digits.labels[:40],
        test_images=test.images[:30], test_labels=test.labels[:30],
    )  # fmt: skip
    return path
