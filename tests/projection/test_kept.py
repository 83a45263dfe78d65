"""What kept runs tell: times of this processor, mistakes by seed, and what is skipped."""

import json

import numpy as np
import pytest

from timetravel.digits import Digits
from timetravel.engine.provenance import processor
from timetravel.engine.runs import Figures, Run
from timetravel.engine.store import Store, key
from timetravel.eras import ERAS
from timetravel.projection.kept import kept_runs, published_times, time_line, times_of, tweaks_of

BLANK = np.full((7291, 16, 16), -1, np.float32)
TRAIN = Digits(BLANK, np.arange(7291) % 10, "blank", "train")
FEW = Digits(BLANK[:100], np.arange(100) % 10, "blank", "train")
TEST = Digits(BLANK[:100], np.arange(100) % 10, "blank", "test")


def keep(folder, *, era="1989", seed=0, mistakes=4, backend="native-4", digits=TRAIN, year=2026, **more):
    """Keep a made-up run and return its file."""
    recipe = ERAS[era].recipe
    values = {
        "recipe": recipe,
        "seed": seed,
        "digits": digits.fingerprint,
        "test_digits": TEST.fingerprint,
        "labels": TEST.labels,
        "train": Figures(0.01, 20, len(digits)),
        "test": Figures(0.03, mistakes, len(TEST)),
        "outputs": np.zeros((len(TEST), 10), np.float32),
        "weights": {},
        "examples_seen": recipe.epochs * len(digits),
        "seconds": 1.0,
        "beside": 2,
        "backend": backend,
        "diverged": None,
        "curve": (),
        "provenance": {"finished": f"{year}-05-04T03:02:01+00:00", "device": "cpu", "processor": processor()},
    } | more
    run, store = Run(**values), Store(folder)
    store.put(run)
    return store.path(key(run, backend))


def kept(folder):
    return kept_runs(Store(folder))[0]


def rows(folder):
    return times_of(kept(folder))[0]


def test_references_are_the_papers_and_the_essays_times():
    assert [(row["recipe"], row["seconds"]) for row in published_times()] == [("1989", 259200.0), ("1989-essay", 90.0)]
    assert all(row["source"] and row["link"] for row in published_times())


def test_kept_runs_give_a_row_and_a_line_in_their_own_year(tmp_path):
    for seed, seconds in enumerate((0.8, 1.0, 1.5)):
        keep(tmp_path, seed=seed, seconds=seconds, beside=2)
    (row,) = rows(tmp_path)
    assert row["seconds_a_net"] == {"median": 1.0, "low": 0.8, "high": 1.5}  # natively a net has its own thread
    assert row["seconds"] == pytest.approx(3.3 / 2)
    assert (row["seeds"], row["times_3_days"]) == ([0, 1, 2], 259200)
    assert (row["year"], row["train_size"], row["examples_seen"]) == (2026, 7291, 167693)
    line = time_line(row, 2055)
    assert (line["kind"], line["first"]["year"], line["last"]["year"]) == ("measured", 1989, 2026)
    assert line["yearly_factor"] == pytest.approx((1 / 259200) ** (1 / 37), rel=1e-5)


def test_backends_and_years_are_kept_apart(tmp_path):
    keep(tmp_path, seed=0, year=2026)
    keep(tmp_path, seed=1, year=2027)
    keep(tmp_path, seed=0, backend="torch-2.9.1", seconds=80.0, beside=8)
    found = [(row["year"], row["backend"], row["seconds_a_net"]["median"]) for row in rows(tmp_path)]
    assert found == [(2026, "native-4", 1.0), (2026, "torch-2.9.1", 10.0), (2027, "native-4", 1.0)]  # torch shares


def test_other_runs_have_no_time(tmp_path):
    keep(tmp_path, era="2022")
    keep(tmp_path, digits=FEW)
    keep(tmp_path, seed=1, diverged=3)
    keep(tmp_path, seed=2, provenance={"finished": "2026-01-01T00:00:00", "device": "cpu", "processor": "another"})
    found, notes = times_of(kept(tmp_path))
    assert found == []
    assert notes == ["Left out 1 kept run made on another processor."]


def test_tweaks_are_compared_by_seed_where_six_are_kept(tmp_path):
    for seed in range(6):
        keep(tmp_path, seed=seed, mistakes=80 + seed)
        keep(tmp_path, era="2022", seed=seed, mistakes=40 + seed)
    for seed in range(5):
        keep(tmp_path, era="today", seed=seed, mistakes=20)
    (found,) = tweaks_of(kept(tmp_path))
    mean, low, high = found["reduction_percent"].values()
    assert mean == pytest.approx(100 * (1 - 255 / 495), rel=1e-5)
    assert low < mean < high
    assert found["what"].startswith("2022 against 1989, 6 seeds")
    assert found["source"] == "measured here"
    assert found["here"]


def test_a_net_measured_on_two_sets_of_digits_has_one_time(tmp_path):
    for seed in range(6):
        for test, mistakes in (("a", 80), ("b", 60)):
            keep(tmp_path, seed=seed, test_digits=test, mistakes=mistakes)
            keep(tmp_path, era="2022", seed=seed, test_digits=test, mistakes=40)
    (row,) = rows(tmp_path)
    assert row["seeds"] == [0, 1, 2, 3, 4, 5]
    means = [one["reduction_percent"]["mean"] for one in tweaks_of(kept(tmp_path))]
    assert sorted(means) == pytest.approx([100 / 3, 50], rel=1e-5)


def test_damaged_entries_are_skipped_by_name(tmp_path):
    keep(tmp_path, seed=0)
    path = keep(tmp_path, seed=1)
    entry = json.loads(path.read_text())
    for damage in ("{", "[]", json.dumps(entry | {"key": "x"}), json.dumps(entry | {"run": {}})):
        path.write_text(damage)
        runs, notes = kept_runs(Store(tmp_path))
        assert (len(runs), len(notes)) == (1, 1), damage[:40]
        assert str(path) in notes[0]
    path.unlink()
    keep(tmp_path, seed=2, seconds=-1.0)
    assert "it took -1.0 s beside 2 runs" in kept_runs(Store(tmp_path))[1][0]
