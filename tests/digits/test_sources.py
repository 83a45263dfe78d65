from pathlib import Path

import pytest
from platformdirs import user_cache_path

from timetravel.digits import SOURCES, data_root, open_source
from timetravel.errors import UsageError


@pytest.mark.parametrize("name", ["mnits", "USPS", "", "no/such/path", "a" * 5000, "nul\0byte", "~nobody-here/x"])
def test_what_is_neither_a_name_nor_a_path_is_a_usage_error(name):
    with pytest.raises(UsageError) as caught:
        open_source(name)
    assert repr(name) in caught.value.message
    assert all(source in caught.value.hint for source in SOURCES)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("typed", "meant"), [("mnits", "mnist"), ("USPS", "usps"), ("usp", "usps")])
def test_the_nearest_name_is_suggested(typed, meant):
    with pytest.raises(UsageError) as caught:
        open_source(typed)
    assert caught.value.hint.startswith(f"Did you mean {meant}?")


def test_the_data_folder_is_the_argument_the_environment_or_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("TIMETRAVEL_DATA", str(tmp_path / "environment"))
    assert data_root(tmp_path) == tmp_path
    assert data_root(None) == tmp_path / "environment"
    monkeypatch.setenv("TIMETRAVEL_DATA", "~/digits")
    assert data_root() == Path.home() / "digits"
    for unset in (lambda: monkeypatch.setenv("TIMETRAVEL_DATA", ""), lambda: monkeypatch.delenv("TIMETRAVEL_DATA")):
        unset()
        assert data_root(None) == user_cache_path("timetravel") / "data"


@pytest.mark.parametrize(("size", "most"), [(0, "60,000"), (-3, "60,000"), (60_001, "60,000")])
def test_training_sizes_that_do_not_exist(size, most):
    with pytest.raises(UsageError, match=str(size)) as caught:
        open_source("mnist").training_digits(size=size)
    assert most in caught.value.hint


@pytest.mark.parametrize("size", [0, -3, 10_001, "half"])
def test_test_sizes_that_do_not_exist(size):
    with pytest.raises(UsageError, match=str(size)) as caught:
        open_source("mnist").test_digits(size=size)
    assert "10,000" in caught.value.hint


@pytest.mark.parametrize("subset", ["-1", "x", "1.0"])
def test_subsets_that_do_not_exist(subset):
    with pytest.raises(UsageError, match="is not a subset"):
        open_source("mnist").training_digits(subset)


@pytest.mark.parametrize("name", ["mnist", "usps"])
def test_no_image_is_among_both_the_training_and_the_test_digits(name: str, request: pytest.FixtureRequest) -> None:
    root = request.getfixturevalue("data_root") if name == "usps" else None
    source = open_source(name, root)
    training, test = ({image.tobytes() for image in source.load(split).pixels} for split in ("train", "test"))
    assert len(training) == source.train_count
    assert not training & test
