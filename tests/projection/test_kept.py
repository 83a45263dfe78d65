"""What kept runs tell: mistakes by seed, and what is skipped."""

import json

import numpy as np
import pytest

from timetravel.digits import Digits
from timetravel.engine.plain import shapes
from timetravel.engine.provenance import processor
from timetravel.engine.runs import Figures, Job, Run
from timetravel.engine.store import Store, key
from timetravel.eras import ERAS
from timetravel.projection.kept import kept_runs, tweaks_of
from timetravel.studies.evidence import against
from timetravel.studies.rows import Row

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
        "weights": {name: np.zeros(shape, np.float32) for name, shape in shapes(recipe).items()},
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


def answered(folder, era, seed, missed, **more):
    """Keep a run that misreads the named test digits."""
    outputs = np.eye(10, dtype=np.float32)[(TEST.labels + np.isin(np.arange(100), missed)) % 10]
    return keep(folder, era=era, seed=seed, mistakes=len(missed), outputs=outputs, **more)


def both_eras(folder, seeds, **more):
    """Keep runs of 1989 and 2022, with answers of their own, and return a row of a study for each."""
    runs = {}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        for era, count in (("1989", 40), ("2022", 18)):
            missed = np.append(rng.choice(60, count, replace=False), seed + 60)
            digits = more.get("digits_of", lambda _: TRAIN)(seed)
            answered(folder, era, seed, missed, digits=digits)
            runs.setdefault(era, []).append(Store(folder).run(key_of(era, seed, digits), TEST.fingerprint))
    subsets = tuple(str(seed) for seed in range(seeds)) if "digits_of" in more else ("0",) * seeds
    about = {"label": "", "chosen": "", "data": "mnist", "subsets": subsets, "train_size": 7291, "test": TEST}
    return [Row(name=era, era=era, recipe=ERAS[era].recipe, runs=tuple(of), **about) for era, of in runs.items()]


def key_of(era, seed, digits):
    return key(Job(ERAS[era].recipe, digits, TEST, seed), "native-4")


def subset(seed):
    return Digits(BLANK, (np.arange(7291) + seed) % 10, "blank", "train")


@pytest.mark.parametrize("more", [{}, {"digits_of": subset}], ids=["one training set", "one each"])
def test_the_same_nets_have_the_same_interval_as_in_a_study(tmp_path, more):
    old, new = both_eras(tmp_path, 7, **more)
    studied = against(new, old).reduction  # what modernize writes as reduction_1989
    (found,), notes = tweaks_of(kept(tmp_path), Store(tmp_path))
    assert found["reduction_percent"] == pytest.approx(studied, rel=1e-9)
    assert (found["era"], found["against"], found["here"], notes) == ("2022", "1989", True, [])
    assert found["interval"] == "95 % interval, new nets and new digits"
    assert found["what"].startswith("2022 against 1989, 7 runs a recipe, test digits ")


def test_fewer_than_six_seeds_and_collapsed_nets_tell_nothing(tmp_path):
    both_eras(tmp_path, 5)
    assert tweaks_of(kept(tmp_path), Store(tmp_path)) == ([], [])
    for era in ("1989", "2022"):
        keep(tmp_path, era=era, seed=5, mistakes=90)  # its answer is always 0
    assert tweaks_of(kept(tmp_path), Store(tmp_path)) == ([], [])


def test_damaged_answers_are_left_out_and_named(tmp_path):
    both_eras(tmp_path, 6)
    path = next(tmp_path.glob("??/*.*.safetensors"))
    path.write_bytes(b"x")
    found, (note,) = tweaks_of(kept(tmp_path), Store(tmp_path))
    assert found == []
    assert note.startswith("Left out 2022 against 1989")
    assert str(path.with_suffix(".json")) in note


def test_damaged_entries_are_skipped_by_name(tmp_path):
    keep(tmp_path, seed=0)
    path = keep(tmp_path, seed=1)
    entry = json.loads(path.read_text())
    for damage in ("{", "[]", json.dumps(entry | {"key": "x"}), json.dumps(entry | {"run": {}})):
        path.write_text(damage)
        runs, notes = kept_runs(Store(tmp_path))
        assert (len(runs), len(notes)) == (1, 1), damage[:40]
        assert str(path) in notes[0]
