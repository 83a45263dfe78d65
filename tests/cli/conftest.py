"""What tests of commands share."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from timetravel.cli.app import app
from timetravel.digits import Digits


@pytest.fixture
def run() -> Callable[..., Result]:
    """Call the program with arguments, and expect an exit code and no traceback."""

    def call(*arguments: object, code: int = 0) -> Result:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exit_code == code, (arguments, result.output, repr(result.exception))
        assert "Traceback" not in result.output
        return result

    return call


@pytest.fixture
def own(tmp_path: Path, few_mnist: tuple[Digits, Digits]) -> Path:
    """A small file of one's own digits."""
    digits, test = few_mnist
    path = tmp_path / "own.npz"
    np.savez(
        path,
        train_images=digits.images[:60], train_labels=digits.labels[:60],
        test_images=test.images[:30], test_labels=test.labels[:30],
    )  # fmt: skip
    return path
