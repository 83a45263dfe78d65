import pytest

from timetravel.digits import inventory, mnist, usps
from timetravel.errors import UsageError


def state_of(name: str, root) -> inventory.SourceStatus:
    return next(status for status in inventory.inventory(root) if status.name == name)


def test_mnist_is_always_ready(tmp_path):
    status = state_of("mnist", tmp_path)
    assert status.ready
    assert (status.train_count, status.test_count) == (60_000, 10_000)
    assert status.where == str(mnist.PACKED)


def test_usps_is_missing_until_it_is_fetched(tmp_path):
    status = state_of("usps", tmp_path)
    assert status.state == "missing"
    assert "timetravel data fetch usps" in status.how
    assert list(tmp_path.iterdir()) == []


def test_usps_is_ready_where_its_files_are(data_root):
    if usps.holding(data_root) is None:
        pytest.skip(f"{data_root} does not hold the USPS files")
    status = state_of("usps", data_root)
    assert status.ready
    assert (status.train_count, status.test_count) == (7291, 2007)


def test_damaged_files_are_said_to_be_damaged(tmp_path):
    for name in ("usps.bz2", "usps.t.bz2"):
        (tmp_path / name).write_bytes(b"BZh9")
    status = state_of("usps", tmp_path)
    assert status.state.startswith("damaged: ")
    assert "usps.bz2" in status.state
    assert not status.ready


def test_half_of_the_files_is_damage_too(tmp_path):
    (tmp_path / "usps.t.bz2").write_bytes(b"BZh9")
    assert "usps.bz2 is missing" in state_of("usps", tmp_path).state


def test_a_damaged_package_is_said_to_be_damaged(tmp_path, monkeypatch):
    broken = tmp_path / "mnist.xz"
    broken.write_bytes(b"")
    load = mnist.load
    monkeypatch.setattr(inventory.mnist, "load", lambda split: load(split, broken))
    monkeypatch.setattr(inventory.mnist, "PACKED", broken)
    assert state_of("mnist", tmp_path).state.startswith("damaged: ")


def test_verify_checks_the_package_even_where_nothing_else_is(tmp_path):
    checks = inventory.verify(tmp_path)
    assert [check.what for check in checks] == [f"packaged {part.file}" for part in mnist.PARTS]
    assert all(check.ok and check.found == check.expected for check in checks)


def test_verify_checks_everything_in_the_data_folder(data_root):
    checks = inventory.verify(data_root)
    assert all(check.ok for check in checks), [check for check in checks if not check.ok]
    names = {check.what for check in checks}
    if (data_root / "MNIST" / "raw").is_dir():
        assert names.issuperset(part.file for part in mnist.PARTS)
    if usps.holding(data_root):
        assert names.issuperset({"usps train digits", "usps test digits"})


def test_verify_finds_damage(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "t10k-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01")
    (tmp_path / "USPS").mkdir()
    (tmp_path / "USPS" / "usps.t.bz2").write_bytes(b"BZh9")
    bad = {check.what: check for check in inventory.verify(tmp_path) if not check.ok}
    assert set(bad) == {"t10k-labels-idx1-ubyte", "usps train digits", "usps test digits"}
    assert bad["t10k-labels-idx1-ubyte"].expected == "md5 27ae3e4e09519cfbb04c329615203637"
    assert "usps.t.bz2" in bad["usps test digits"].found
    assert bad["usps test digits"].note


def test_fetching_mnist_has_nothing_to_do(tmp_path):
    assert inventory.fetch("mnist", tmp_path) == mnist.PACKED
    assert list(tmp_path.iterdir()) == []


def test_fetching_an_unknown_name_suggests_the_nearest(tmp_path):
    with pytest.raises(UsageError) as caught:
        inventory.fetch("ups", tmp_path)
    assert "Did you mean usps?" in caught.value.hint
