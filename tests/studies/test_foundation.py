"""Ways from human labels, or none, to a reader: what they read, what they may look at, and what they can't be asked."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression

from timetravel.digits import Digits, open_source
from timetravel.digits.pool import Rehearsal, apart
from timetravel.digits.sources.own import Own
from timetravel.engine.collect import Workshop
from timetravel.engine.store import Store
from timetravel.engine.train import train
from timetravel.eras import ERAS
from timetravel.errors import DataError
from timetravel.stats.crossing import crossing
from timetravel.studies.base import carry_out
from timetravel.studies.bill import Prices
from timetravel.studies.foundation import Foundation
from timetravel.studies.setup import Setup
from timetravel.studies.ways import CONTRAST, RECOGNIZER, WAYS, labelled, probe, prototypes, standardized

SIZE = 200  # training digits


class Reader:
    """A foundation that sees a digit's pixels, and reads it by the nearest mean of digits that it once saw."""

    name, label, source, link, licence, trained_on = "reader", "a reader", "here", "", "none", "other digits"
    digest, size, parameters, multiply_adds, warning = "0" * 64, 1000, 2570, 2560, ""

    def __init__(self, known: Digits) -> None:
        self.means = np.array([known.images[known.labels == digit].mean(axis=0) for digit in range(10)])

    def look(self, images, *, widened=True):
        distances = ((images[:, None] - self.means) ** 2).mean(axis=(2, 3)) * (4 if widened else 3)
        likely = np.exp(-10 * distances).astype(np.float32)
        likely /= likely.sum(axis=1, keepdims=True)
        features = images.reshape(-1, 4, 4, 4, 4).mean(axis=(2, 4)).reshape(-1, 16)
        return {"features": features, "likely": likely, "free": likely.argmax(axis=1)}


@pytest.fixture(scope="module")
def mnist():
    return open_source("mnist")


def target(mnist, labels=lambda labels: labels):
    """500 training and 200 test digits as a source of one's own; what people say of the first may be changed."""
    train, test = mnist.training_digits(size=SIZE), mnist.test_digits(size=200)
    source = Own.__new__(Own)
    arrays = train.images, labels(np.array(train.labels)), test.images, test.labels
    source._take(arrays, SimpleNamespace(name="few"), "few")
    return source


def study(mnist, counts=(0, 10, 100), source=None, prices=None, **more):
    setup = Setup(source or target(mnist), [], "full", more.pop("seeds", (0, 1)), epochs=2)
    others = mnist.training_digits("7", 300)
    readers = more.pop("readers", {RECOGNIZER: Reader(mnist.training_digits("9", 1000)), CONTRAST: Reader(others)})
    return Foundation(setup, others, counts, readers, prices, **more)


def told(found):
    progress = SimpleNamespace(**dict.fromkeys(("planned", "seen", "finished"), lambda *_: None), ended=lambda: None)
    return carry_out(found, Workshop(Store()), progress)


@pytest.mark.slow
def test_every_way_reads_with_the_labels_that_it_takes(mnist):
    document = told(study(mnist, prices=Prices(0.5, 3.6)))
    rows = {(row["recipe"], row["labels"]): row for row in document["rows"]}
    assert {name for name, _ in rows} == set(WAYS)
    assert {count for name, count in rows if name == "scratch-today"} == {10, 100, SIZE}
    assert {count for name, count in rows if name == "distilled"} == {0, 10, 100, SIZE}
    assert {count for name, count in rows if name == "prototypes"} == {10}
    assert {count for name, count in rows if name == "zero-shot"} == {0}
    probe = rows["probe", 100]
    assert probe["parameters_trained"] == 170
    assert probe["cost"] == pytest.approx(50 + probe["seconds"] / 1000)
    assert rows["distilled", 0]["cost"] < 1
    assert rows["distilled", 0]["parameters"] == 9760
    assert rows["distilled", 0]["unlabelled"] == SIZE
    assert rows["zero-shot", 0]["readers"] == 1
    assert rows["scratch-1989", 10]["readers"] == 2
    assert [document["rows"][place]["multiply_adds"] for place in document["frontier"]] == sorted(
        document["rows"][place]["multiply_adds"] for place in document["frontier"]
    )
    assert document["finding"].startswith("Without one human label, 1989's net taught by reader misreads ")
    again = told(study(mnist, prices=Prices(0.5, 3.6)))  # all of it is kept
    assert [row["test_mistakes"] for row in again["rows"]] == [row["test_mistakes"] for row in document["rows"]]
    assert [row["seconds"] for row in again["rows"] if row["recipe"] in ("web-whole", "distilled")] == [
        row["seconds"] for row in document["rows"] if row["recipe"] in ("web-whole", "distilled")
    ]


@pytest.mark.slow
def test_rows_without_human_labels_never_look_at_one(mnist, tmp_path, monkeypatch):
    found = []
    for change in (lambda labels: labels, lambda labels: (labels + 3) % 10):
        monkeypatch.setenv("TIMETRAVEL_STORE", str(tmp_path / str(len(found))))
        document = told(study(mnist, (0,), target(mnist, change), seeds=(0,)))
        found.append([row["test_mistakes"]["mean"] for row in document["rows"] if row["labels"] == 0])
    assert len(found[0]) == 8
    assert found[0] == found[1]


@pytest.mark.slow
def test_without_readers_the_net_made_here_is_the_foundation(mnist):
    document = told(study(mnist, (0,), seeds=(0,), readers={}))
    assert {row["foundation"] for row in document["rows"]} == {"", "MNIST net"}
    assert "1989's net taught by MNIST net" in document["finding"]


@pytest.mark.slow
def test_stopped_between_rounds_it_tells_what_is_known(mnist):
    class Stopped(Reader):
        def look(self, images, *, widened=True):
            raise KeyboardInterrupt

    reader = Stopped(mnist.training_digits("9", 300))
    document = told(study(mnist, (0,), seeds=(0,), readers={RECOGNIZER: reader}))
    assert document["stopped"] == {"why": "Ctrl-C", "runs": 3, "of": 3}
    assert {row["recipe"] for row in document["rows"]} == {"scratch-1989", "scratch-today", "web-untouched"}
    assert "no foundation has taught a net yet" in document["finding"]


@pytest.mark.slow
def test_two_classes_are_enough(mnist):
    few = target(mnist)
    for split, pool in few.pools.items():
        chosen = pool.labels < 2
        few.pools[split] = type(pool)(pool.pixels[chosen], pool.labels[chosen], pool.scale)
        few.counts[split] = int(chosen.sum())
    document = told(study(mnist, (0, 2), few, seeds=(0,)))
    assert {"probe", "own-labels", "web-whole", "distilled"} <= {row["recipe"] for row in document["rows"]}


def test_the_probe_is_a_logistic_regression(mnist):
    digits, others = mnist.training_digits(size=300), mnist.test_digits(size=200).images.reshape(200, -1)
    seen = digits.images.reshape(300, -1)
    even = standardized(seen)
    found = probe(even(seen), digits.labels)(even(others))
    expected = LogisticRegression(C=73 / 300, max_iter=5000, tol=1e-8).fit(even(seen), digits.labels)
    assert np.allclose(found, expected.predict_proba(even(others)), atol=2e-3)
    means = np.array([seen[digits.labels == digit].mean(axis=0) for digit in range(10)])
    assert np.array_equal(prototypes(seen, digits.labels)(others), cdist(others, means).argmin(axis=1))


def test_draws_hold_each_class_in_its_share_and_grow(mnist):
    labels = mnist.training_digits(size=2000).labels
    first, more = labelled(labels, 10, 3), labelled(labels, 100, 3)
    assert sorted(labels[first]) == list(range(10))
    assert set(first) <= set(more)
    assert abs(np.bincount(labels[more]) - np.bincount(labels) / 20).max() <= 1
    assert not np.array_equal(first, labelled(labels, 10, 4))
    assert np.array_equal(labelled(labels, 2000, 3), np.arange(2000))


def test_a_crossing_lies_where_the_errors_meet():
    rng = np.random.default_rng(0)
    curve = {count: rng.random((10, 2000)) < count**-0.5 for count in (10, 100, 1000)}
    found = crossing(curve, rng.random((1, 2000)) < 0.0562)  # 10 ** -1.25: 316 labels
    assert found["low"] < 316 < found["high"]
    assert 200 < found["mean"] < 500
    assert crossing(curve, np.zeros((1, 2000), dtype=bool)) == {"mean": None, "low": None, "high": None}
    assert crossing(curve, np.ones((1, 2000), dtype=bool))["mean"] == pytest.approx(10)


def test_targets_train_in_place_of_labels(few_mnist):
    digits, test = few_mnist
    recipe = ERAS["2022"].recipe.but(epochs=1)
    sure = digits.taught(np.eye(10, dtype=np.float32)[digits.labels])
    (plain,), (taught,) = (train(recipe, each, [0], test=test) for each in (digits, sure))
    assert sure.fingerprint != digits.fingerprint
    assert all(np.array_equal(plain.weights[name], taught.weights[name]) for name in plain.weights)
    unsure = digits.taught(np.full((300, 10), 0.1, dtype=np.float32))
    assert train(recipe, unsure, [0], test=test)[0].test.loss > plain.test.loss
    assert np.array_equal(sure.take([3, 5]).targets, sure.targets[[3, 5]])


def test_what_is_no_run_is_made_once_and_damage_is_told(tmp_path):
    store, made = Store(tmp_path), []

    def make():
        made.append(1)
        return {"a": np.arange(3.0)}

    for fresh in (False, False, True):
        arrays, seconds = store.derived({"of": "this"}, make, fresh=fresh)
        assert np.array_equal(arrays["a"], np.arange(3.0))
        assert seconds >= 0
    assert len(made) == 2
    next((tmp_path / "derived").glob("*.safetensors")).write_bytes(b"other")
    told = []
    arrays, _ = store.derived({"of": "this"}, make, warn=told.append)
    assert (arrays["a"].tolist(), len(made), len(told)) == ([0, 1, 2], 3, 1)
    assert "is made again" in told[0]
    assert store.derived({"of": "this"}, make)[0]["a"].tolist() == [0, 1, 2]
    assert len(made) == 3


def test_a_pool_loses_the_digits_that_are_to_be_read(mnist):
    pool, read = mnist.training_digits(size=300), mnist.training_digits(size=100)
    left, out = apart(pool, read)
    assert (len(left), out) == (200, 100)
    assert apart(left, read) == (left, 0)
    with pytest.raises(DataError, match="All 300 digits of the pool mnist"):
        apart(pool, pool)


def test_a_rehearsal_reads_digits_of_another_kind_that_its_pool_has_not(mnist):
    rehearsal, pool = Rehearsal(mnist), Rehearsal.pool(mnist)
    assert (len(pool), rehearsal.train_count, rehearsal.test_count) == (50_000, 10_000, 10_000)
    digits = rehearsal.training_digits()
    assert apart(pool, digits)[1] == 0
    stored = mnist.load("train")
    assert np.array_equal(rehearsal.load("train").labels, stored.labels[50_000:])
    assert rehearsal.load("train").pixels.sum() > 1.2 * stored.pixels[50_000:].sum()  # thicker
