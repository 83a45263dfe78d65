"""`timetravel store`, and what commands do with a store in which something is damaged."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texts import flat, words

import timetravel as tt
from timetravel import published
from timetravel.commands.nets import find
from timetravel.engine import store as engine_store
from timetravel.engine.entries import Damaged
from timetravel.engine.locks import Lock
from timetravel.engine.netfiles import written
from timetravel.engine.store import Store
from timetravel.engine.upkeep import clean, inspect
from timetravel.errors import TimetravelError
from timetravel.published.nets import shipped
from timetravel.studies.stored import listing

FEW = ("--epochs", "1", "--seeds", "2")
SOME = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def train(run, own: Path):
    """Train two small nets; returns the document, without what tells of time and machine, and stderr."""

    def call(*more, **how):
        done = run("train", "--data", own, *FEW, "--json", *more, **how)
        document = json.loads(done.stdout)
        kept = ("test_mistakes", "train_mistakes", "test_loss", "runs", "label")
        return {name: document["rows"][0][name] for name in kept} if "rows" in document else document, done.stderr

    return call


def kept(store: Path, suffix: str = ".json") -> list[Path]:
    return sorted(path for path in store.glob(f"??/*{suffix}") if path.name.count(".") == 1 and len(path.stem) == 64)


def test_a_damaged_run_is_trained_again_and_the_numbers_are_the_same(train, own_store: Path) -> None:
    whole, _ = train()
    kept(own_store, ".safetensors")[0].write_bytes(b"cut")
    victim = kept(own_store)[0]
    plan, told = train("--dry-run")
    assert (plan["runs_kept"], plan["runs_to_train"]) == (1, 1)
    assert "counts as missing" in told
    assert victim.exists()
    again, told = train()
    assert again == whole
    assert f"The kept run {victim} is damaged (the file of its arrays is cut short)" in told
    assert f"set aside in {own_store / 'set-aside'}, and is trained again" in told
    assert "1 run kept from before; 1 run to train" in told
    assert "nothing is trained" in train()[1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_any_file_of_the_store_may_be_damaged(train, own_store: Path, seed: int) -> None:
    whole, _ = train()
    for number, path in enumerate(sorted(path for path in own_store.rglob("*") if path.is_file())):
        if "set-aside" in path.parts or not path.exists():
            continue
        content = bytearray(path.read_bytes())
        content[hash((seed, number)) % len(content)] ^= 1 << seed
        path.write_bytes(content[: len(content) // 2] if seed == 0 else content)
        assert train()[0] == whole


def test_where_prints_the_folder_and_a_store_that_is_not_there_is_no_error(run, own_store: Path) -> None:
    assert run("store", "where").stdout == f"{own_store}\n"
    for command in ("list", "check", "clean"):
        assert "Nothing is kept yet" in run("store", command).stdout
    assert json.loads(run("store", "list", "--json").stdout)["rows"] == []
    own_store.write_text("a file")
    for command in ("list", "check", "clean"):
        assert "Not a directory" in words(run("store", command, code=1).stderr)


def test_list_shows_a_row_a_recipe(run, train, own_store: Path) -> None:
    train()
    train("--era", "2022", "--seeds", "3,5")
    document = json.loads(run("store", "list", "--json").stdout)
    told = {(row["label"], row["nets"], tuple(row["seeds"]), row["size"]) for row in document["rows"]}
    assert told == {("1989, epochs 1", 2, (0, 1), 60), ("2022, epochs 1", 2, (3, 5), 60)}
    files = list(own_store.glob("??/*"))
    assert sum(row["bytes"] for row in document["rows"]) == sum(path.stat().st_size for path in files)
    assert document["finding"].startswith("4 nets of 2 recipes, 0.")
    kept(own_store)[0].write_text("[]")
    shown = run("store", "list")
    assert "3 nets of 2 recipes" in shown.stdout
    assert "it is not a kept run at all" in words(shown.stderr)


@pytest.fixture
def littered(train, own_store: Path) -> Path:
    """A store with good runs, a damaged one, left-over and foreign files, and one of another version each way."""
    train("--seeds", "4")
    good = kept(own_store)
    good[0].write_text("{")
    for path, format in ((good[1], 1), (good[2], 9)):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"format": format}))
    folder = good[3].parent
    long_ago = time.time() - 7200
    left = [folder / f".{good[3].name}.abcd_123", folder / f"{'0' * 64}.safetensors", own_store / "locks" / ("1" * 64)]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
        os.utime(path, (long_ago, long_ago))
    (folder / f".{good[3].name}.now_1234").write_text("being written")
    (own_store / "notes.txt").write_text("mine")
    os.mkfifo(folder / "pipe.json")
    return own_store


def everything(store: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in store.rglob("*") if path.is_file()}


def test_check_tells_all_and_changes_nothing(run, littered: Path) -> None:
    before = everything(littered)
    told = run("store", "check", code=3).stdout
    states = [line.split(":")[0] for line in told.splitlines()]
    count = {state: states.count(state) for state in states}
    assert [count[name] for name in ("damaged", "older version", "newer version", "left over")] == [1, 1, 1, 3]
    assert count["not timetravel's"] == 2
    assert "6 entries ok" in told  # a net, four answers, a result
    assert everything(littered) == before


def test_clean_removes_what_nobody_needs_and_no_good_run(run, littered: Path) -> None:
    before = everything(littered)
    planned = run("store", "clean", "--dry-run").stdout
    assert everything(littered) == before
    damaged, older, newer, good = kept(littered)
    told = run("store", "clean").stdout
    assert planned.replace("to be ", "").replace("Would free", "Freed") == told
    gone = before.keys() - everything(littered).keys()
    assert len([path for path in gone if "set-aside" not in path]) == 2 + 2 + 2 + 3  # with answers of what is damaged
    assert not damaged.exists()
    assert not older.exists()
    assert newer.exists()
    assert good.exists()
    assert (littered / "notes.txt").exists()
    assert "removed" in run("store", "clean").stdout  # what was set aside
    assert run("store", "clean").stdout == "Nothing to clean.\n"
    assert "damaged" not in run("store", "check").stdout


def test_clean_leaves_folders_and_locks_of_living_processes(own_store: Path) -> None:
    store, living, dead = Store(own_store), Lock(own_store / "locks", "1" * 64), own_store / "locks" / ("2" * 64)
    host, _, began, token = living.owner.decode().split("\n")
    assert living.try_acquire()
    dead.write_text("\n".join([host, str(2**22 + 1), began, token]))
    mine = [
        own_store / name / "mine"
        for name in (f"ab/{'ab' * 32}.safetensors", "ab/.a.json.12345678", f"locks/{'3' * 64}")
    ]
    for path in mine:
        path.parent.mkdir(parents=True)
        path.touch()
    for path in [living.path, *mine, *(each.parent for each in mine)]:
        os.utime(path, (0, 0))
    assert [(found.path, done) for found, done, _ in clean(store)] == [(dead, "removed")]
    assert {found.state for found in inspect(store)} == {"not timetravel's"}
    assert all(path.exists() for path in [living.path, *mine])
    living.release()


def test_a_copy_of_an_entry_in_another_folder_counts_for_nothing(train, own_store: Path) -> None:
    train()
    before = list(Store(own_store).listing())
    (own_store / "00").mkdir()
    for path in kept(own_store)[0].parent.iterdir():
        (own_store / "00" / path.name).write_bytes(path.read_bytes())
    net = kept(own_store)[-1]
    for path in net.parent.glob(f"{net.stem}*.safetensors"):
        path.unlink()
        path.symlink_to("/no/where")
    assert list(Store(own_store).listing()) == before
    assert listing(Store(own_store))["rows"][0]["nets"] == 2


def test_a_result_is_shown_also_where_it_can_not_be_kept_and_under_one_name_only(
    train, own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train()
    store, (result,) = Store(own_store), own_store.glob("results/*.json")
    store.verify(result)
    copy = result.with_name(f"{'0' * 16}.json")
    for content in (result.read_bytes(), b"{}", b'{"command": 1, "rows": {"a": 1}}'):
        copy.write_bytes(content)
        with pytest.raises(Damaged, match="it is not what its name says"):
            store.verify(copy)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(engine_store, "write_whole", refuse)
    with pytest.warns(UserWarning, match="No space left on device"):
        found = tt.train(data=str(own_store.parent / "own.npz"), epochs=1, seeds=2, progress=False)
    assert found.document["rows"]


def test_commands_that_only_read_tell_damage_in_words(run, train, own_store: Path, tmp_path: Path) -> None:
    document = tmp_path / "one.json"
    found = tt.train(data=str(tmp_path / "own.npz"), epochs=1, seeds=1, progress=False)
    document.write_text(json.dumps(found.document))
    run_of = found.document["rows"][0]["runs"][0]
    net = own_store / run_of["key"][:2] / f"{run_of['key']}.json"
    net.write_text("[1]")
    for command in (("look", run_of["key"]), ("export", run_of["key"]), ("look", document)):
        assert "it is not a kept run at all" in words(run(*command, code=3).stderr)
    with pytest.raises(TimetravelError, match="not a kept run at all"):
        _ = tt.load(document).runs


@pytest.mark.slow
def test_the_page_leaves_out_a_damaged_result_and_says_so(run, train, own_store: Path, tmp_path: Path) -> None:
    train()
    (result,) = own_store.glob("results/*.json")
    result.write_text(result.read_text().replace('"test_size": 30', '"test_size": 31'))
    told = run("page", "--no-training", "--out", tmp_path / "page.html").stderr
    assert f"{result}isdamaged:itwaschangedsinceitwaswritten" in flat(told)
    assert str(result) not in (tmp_path / "page.html").read_text()
    assert "was changed since it was written" in words(run("show", result, code=3).stderr)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)


def changed(value, data):
    """A document in which one part, drawn at random, is something else."""
    if isinstance(value, dict | list) and value and data.draw(st.integers(0, 9)):
        names = list(value) if isinstance(value, dict) else range(len(value))
        name = data.draw(st.sampled_from(names))
        copy = value.copy()
        copy[name] = changed(value[name], data)
        return copy
    return data.draw(JUNK)


def refused_or_read(read, *given) -> None:
    with suppress(TimetravelError):
        read(*given)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["train-usps", "modernize-mnist", "scale-data-mnist", "decompose-mnist", "bench"])
@settings(SOME, max_examples=40)
@given(data=st.data())
def test_no_document_is_more_than_refused(name, data, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(changed(published.read(name), data)))
    refused_or_read(tt.load, tmp_path / "a.json")


@pytest.mark.slow
@pytest.mark.parametrize("to", ["safetensors", "json"])
@settings(SOME, max_examples=60)
@given(data=st.data())
def test_no_file_of_a_net_is_more_than_refused(to, data, tmp_path: Path) -> None:
    ours = shipped()["1989"]
    whole = written(type(find("1989"))(ours.label, ours.recipe, ours.weights, ours.about), to)
    place = data.draw(st.integers(0, 600) | st.integers(0, len(whole)))
    path = tmp_path / f"net.{to}"
    path.write_bytes(whole[:place] + data.draw(st.binary(max_size=8)) + whole[place + data.draw(st.integers(0, 8)) :])
    refused_or_read(find, str(path))
    if to == "json":
        path.write_text(json.dumps(changed(json.loads(whole), data)))
        refused_or_read(find, str(path))
