"""What tests of the calls share."""

import pytest

import timetravel as tt
from timetravel.digits import Digits, Source


@pytest.fixture(scope="session")
def few(few_mnist: tuple[Digits, Digits]) -> Source:
    """A source of 500 digits, split into 392 and 108."""
    return tt.digits(*(getattr(tt.digits("mnist").training_digits(size=500), name) for name in ("images", "labels")))
