"""What is damaged in the store is named, set aside and made again; all else goes on as if nothing had been."""

import hashlib
import json
import os
import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from timetravel.engine import entries
from timetravel.engine.collect import Workshop, make_plan
from timetravel.engine.entries import Damaged, fits
from timetravel.engine.runs import Job
from timetravel.engine.store import Store, key
from timetravel.engine.train import train
from timetravel.files import digest
from timetravel.recipes import Recipe


@pytest.fixture(scope="module")
def job(few_mnist):
    return Job(Recipe(epochs=1), few_mnist[0].take(range(40)), few_mnist[1].take(range(50)), 0)


@pytest.fixture(scope="module")
def run(job):
    return train(job.recipe, job.digits, [0], test=job.test, backend="torch")[0]


@pytest.fixture
def store(tmp_path, run):
    store = Store(tmp_path / "kept")
    store.put(run)
    return store


@pytest.fixture
def net(store, job, run) -> Path:
    return store.path(key(job, run.backend))


def files(store):
    return sorted(path for path in store.folder.glob("??/*") if path.is_file())


def asked(store, job):
    """What a training command finds of a run, and what it says."""
    told: list[str] = []
    return Workshop(store, backend="torch", warn=told.append).kept(job), told


def is_right(found, run):
    return found.test == run.test and np.array_equal(found.outputs, run.outputs)


def check_recovery(store, net, job, run, file):
    """The entry that a damaged file belongs to is set aside with all its files, said once, and made again."""
    found, told = asked(store, job)
    of_the_net = file.name.count(".") == 1
    assert (found is None) == of_the_net, told
    assert of_the_net or is_right(found, run)
    assert len(told) == 1
    assert net.stem in told[0]
    assert str(store.folder / "set-aside") in told[0]
    assert ("is trained again" in told[0]) == of_the_net
    assert not file.exists()
    assert not net.exists() or not of_the_net
    store.put(run)
    found, told = asked(store, job)
    assert (is_right(found, run), told) == (True, [])


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_never_changes_a_number(store, net, job, run, seed):
    rng = random.Random(seed)
    for file in files(store):
        content = bytearray(file.read_bytes())
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        file.write_bytes(content)
        found, told = asked(store, job)  # a bit may say the same in JSON, as of e and E
        assert found is None or is_right(found, run)
        assert bool(told) == (not file.exists())
        store.put(run)


@pytest.mark.slow
def test_no_bit_of_any_file_may_be_flipped(store, net, job, run):
    for file in files(store):
        whole = file.read_bytes()
        for place in range(0, len(whole), 1 + len(whole) // 300):
            content = bytearray(whole)
            content[place] ^= 1 << place % 8
            file.write_bytes(content)
            with suppress(Damaged):
                assert is_right(store.get(job, run.backend, lambda _: run.outputs), run), (file.name, place)
        file.write_bytes(whole)


def test_a_file_that_is_cut_short_is_told_so(store, net, job, run):
    for file in files(store):
        whole = file.read_bytes()
        for length in {0, 1, 7, 8, 100, len(whole) // 2, len(whole) - 1}:
            file.write_bytes(whole[:length])
            with pytest.raises(Damaged, match="is cut short" if length or file.suffix != ".json" else "is empty"):
                store.get(job, run.backend, None)
        check_recovery(store, net, job, run, file)


def pipe(path):
    os.mkfifo(path)


def filled(path):
    path.mkdir()
    (path / "mine.txt").write_text("mine")


FOREIGN = {
    "folder": filled,
    "pipe": pipe,
    "empty": Path.touch,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "dangling": lambda path: path.symlink_to("/nowhere/at/all"),
    "loop": lambda path: path.symlink_to(path.name),
    "huge": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 2**36),
    **{
        text[:6]: lambda path, text=text: path.write_text(text)
        for text in (
            "[]",
            "null",
            "NaN",
            '"text"',
            "1e999",
            "{}",
            "[" * 200_000,
            '{"a":' * 200_000,
            "9" * 5000,
            "\ufeff{}",
        )
    },
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_thing_in_the_place_of_a_file_is_set_aside_with_what_it_holds(store, net, job, run, kind):
    for file in files(store):
        file.unlink()
        FOREIGN[kind](file)
        check_recovery(store, net, job, run, file)
    assert kind != "folder" or len(list((store.folder / "set-aside").rglob("mine.txt"))) == 4


def test_what_is_no_folder_where_one_should_be_is_set_aside(store, net, job, run):
    for make in (Path.touch, pipe, lambda path: path.symlink_to("/nowhere")):
        for file in files(store):
            file.unlink()
        net.parent.rmdir()
        make(net.parent)
        found, told = asked(store, job)
        assert (found, len(told)) == (None, 1)
        store.put(run)
    net.unlink()
    net.mkdir()
    store.put(run)  # as with --fresh, which reads nothing before
    assert is_right(asked(store, job)[0], run)


def say(file, **changes):
    """Change what an entry says, with the right checksums."""
    found = json.loads(file.read_text())
    found["run"] |= changes
    found["run"] = {name: value for name, value in found["run"].items() if value != "left out"}
    file.write_text(json.dumps(found | {"about": digest(found["run"])}))


@pytest.mark.parametrize(
    "changes",
    [
        *(
            {name: wrong}
            for name in ("train", "curve", "seconds", "provenance", "diverged")
            for wrong in ("x", [[]], True)
        ),
        {"beside": "left out"},
        {"train": [0.1, 41, 40]},
        {"train": [0.1, 0, 0]},
        {"seed": 1},
        {"recipe": {"epochs": "one"}},
        {"recipe": {"epochs": 1, "flavour": 1}},
        {"gradient_norms": [[1]]},
    ],
    ids=str,
)
def test_nonsense_with_right_checksums_is_damage(store, net, job, run, changes):
    say(net, **changes)
    check_recovery(store, net, job, run, net)


def test_arrays_of_another_net_with_right_checksums_are_damage(store, net, job, run):
    good = run.weights
    first = next(iter(good))
    for weights in (
        {},
        good | {"more": good[first]},
        good | {first: good[first][:-1]},
        good | {first: good[first] * 1.0},
    ):
        if weights.keys() == good.keys() and weights[first].shape == good[first].shape:
            weights[first] = weights[first].astype(np.float64)
        save_file(weights, net.with_suffix(".safetensors"))
        told = json.loads(net.read_text())
        told["tensors"] = hashlib.sha256(net.with_suffix(".safetensors").read_bytes()).hexdigest()
        net.write_text(json.dumps(told))
        with pytest.raises(Damaged, match="weights are not those"):
            store.get(job, run.backend, None)
        check_recovery(store, net, job, run, net)


@pytest.mark.parametrize(("format", "told"), [(1, "an older"), (3, "a newer"), (None, "an older"), ("2", "an older")])
def test_another_version_is_named_and_set_aside(store, net, job, run, format, told):
    net.write_text(json.dumps(json.loads(net.read_text()) | {"format": format}))
    with pytest.raises(Damaged, match=f"from {told} version of timetravel"):
        store.get(job, run.backend, None)
    check_recovery(store, net, job, run, net)


def test_a_dry_run_names_damage_once_and_changes_nothing(store, net, job):
    net.write_text("{")
    only_read, told = Store(store.folder, read_only=True), []
    workshop = Workshop(only_read, backend="torch", warn=told.append)
    before = {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}
    for _ in range(2):
        assert len(make_plan([job], workshop).missing) == 1
    assert len(told) == 1
    assert {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()} == before


def test_a_store_where_nothing_can_be_moved_is_no_end(store, net, job, run, monkeypatch):
    net.write_text("{")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    found, told = asked(store, job)
    assert (found, len(told)) == (None, 1)
    assert "can't be set aside (Permission denied), and is trained again" in told[0]


def test_what_can_not_be_read_is_told_with_the_reason(store, net, job, run, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(entries, "regular", refuse)
        with pytest.raises(Damaged, match="it can't be read: Permission denied"):
            store.get(job, run.backend, None)


def test_two_processes_may_set_the_same_aside(store, net):
    assert store.set_aside(net) == store.set_aside(net)
    assert len(list((store.folder / "set-aside").iterdir())) == 4


def test_a_reader_never_takes_what_is_written_anew_for_damaged(store, net, job, run, monkeypatch):
    """Between every two steps of a writer whose weights differ a reader finds the old entry, the new one, or none."""
    seen, steps = [], []
    whole = entries.write_whole

    def look():
        steps.append(1)
        found = Store(store.folder).net(net.stem)
        seen.append(found and float(found[1][first].flat[0]))

    def write(path, content):
        look()
        whole(path, content)
        look()

    monkeypatch.setattr(entries, "write_whole", write)
    first = next(iter(run.weights))
    other = run.weights | {first: run.weights[first] + 1}
    about = json.loads(net.read_text())["run"]
    store.write(net, about, other)
    old, new = (float(each[first].flat[0]) for each in (run.weights, other))
    assert set(seen) <= {old, new, None}
    assert (len(steps), seen[-1]) == (4, new)
    # A reader that has read the old JSON file when the arrays are replaced looks at it again.
    text, real = net.read_bytes(), entries.content
    stale = iter([text])
    monkeypatch.setattr(entries, "content", lambda path: next(stale, None) or real(path))
    store.write(net, about, run.weights)
    assert Store(store.folder).net(net.stem) is not None


def test_what_another_process_has_made_again_meanwhile_is_not_set_aside(store, net, job, run, monkeypatch):
    net.write_text("{")
    real, told = store.get, []

    def get(*given, **how):
        try:
            return real(*given, **how)
        except Damaged:
            store.put(run)  # by the other, before this one moves anything
            raise

    monkeypatch.setattr(store, "get", get)
    assert is_right(Workshop(store, backend="torch", warn=told.append).kept(job), run)
    assert (told, (store.folder / "set-aside").exists()) == ([], False)


def test_a_form_tells_numbers_texts_and_lists_apart():
    assert fits([1, [2.5, None]], (int, (float, int | None)))
    assert not fits([1, 2], (int,))
    assert not fits(True, int)
    assert fits([], [(int,)])
