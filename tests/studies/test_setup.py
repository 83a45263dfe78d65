"""Runs of a study: which subset of the training digits each has, on which digits all are measured, what that tells."""

from pathlib import Path

import numpy as np
import pytest

from timetravel.digits import Digits, Source, open_source
from timetravel.engine.runs import Job
from timetravel.errors import UsageError
from timetravel.recipes import Recipe
from timetravel.studies.setup import Entry, Setup

ROW = Entry("a", "a", None, Recipe(epochs=1))
OTHER = Entry("b", "b", None, Recipe(epochs=2))


@pytest.fixture
def few(tmp_path: Path, few_mnist: tuple[Digits, Digits]) -> Source:
    """A source with 100 training and 20 test digits."""
    digits, test = (part.images for part in few_mnist)
    labels, test_labels = (part.labels for part in few_mnist)
    path = tmp_path / "few.npz"
    np.savez(
        path, train_images=digits[:100], train_labels=labels[:100], test_images=test[:20], test_labels=test_labels[:20]
    )
    return open_source(str(path))


def made_on(jobs: list[Job]) -> list[str]:
    return [job.digits.fingerprint for job in jobs]


def test_seed_s_trains_on_subset_s_of_a_source_with_more_digits_than_1989s_and_all_are_measured_alike() -> None:
    mnist = open_source("mnist")
    setup = Setup(mnist, (), "full", (0, 3, 5))
    jobs = setup.jobs([ROW, OTHER])
    assert [(job.label, job.seed) for job in jobs] == [(label, seed) for seed in (0, 3, 5) for label in "ab"]
    assert made_on(jobs)[::2] == made_on(jobs)[1::2] == [mnist.training_digits(s).fingerprint for s in "035"]
    assert {job.test.fingerprint for job in jobs} == {mnist.test_digits(size="full").fingerprint}
    few = setup.few()
    assert few is not None
    assert few.fingerprint == mnist.test_digits("0").fingerprint
    assert "3 runs a row, each run has its own subset of 7,291 training digits." in setup.method()
    assert "share" not in setup.method()  # 12 %
    assert Setup(mnist, (), 2007, (0,)).few() is None


def test_named_subsets_are_trained_on_by_every_seed() -> None:
    mnist = open_source("mnist")
    setup = Setup(mnist, ("2", "karpathy-test-first"), "full", (0, 1))
    jobs = setup.jobs([ROW])
    expected = [mnist.training_digits(subset).fingerprint for subset in ("2", "karpathy-test-first")]
    assert list(zip(made_on(jobs), [job.seed for job in jobs], strict=True)) == [
        (d, s) for d in expected for s in (0, 1)
    ]
    assert setup.method().endswith("4 runs a row, every seed on each of 2 subsets of 7,291 training digits.")
    one = Setup(mnist, ("2",), "full", (0, 1))
    assert made_on(one.jobs([ROW])) == [expected[0]] * 2
    told = "all on the same training digits (subset 2); they say nothing of others."
    assert one.method().endswith(told)


def test_a_table_that_is_stopped_has_the_runs_that_all_its_rows_have(few: Source) -> None:
    setup = Setup(few, (), "full", (0, 1, 2))
    jobs = setup.jobs([ROW, OTHER])
    finished = {job.framed().identity: job for job in (*jobs[:2], jobs[2], *jobs[4:])}
    assert setup.complete([ROW, OTHER], finished) == [0, 2]  # type: ignore[arg-type]
    fewer = setup.only([0, 2])
    assert [job.seed for job in fewer.jobs([ROW])] == [0, 2]
    assert setup.complete([ROW], {}) == []
    assert len(setup.jobs([ROW])) == 3


def test_runs_on_all_the_digits_of_a_small_source_differ_in_their_seeds_alone_and_that_is_told(few: Source) -> None:
    setup = Setup(few, (), "full", range(200))
    assert len(set(made_on(setup.jobs([ROW])))) == 1
    told = "200 runs a row, all on the same training digits (all 100 of few.npz); they say nothing of others."
    assert setup.method() == f"Intervals (95 %) are for new seeds and new test digits: {told}"
    assert setup.few() is None
    assert Setup(few, (), "full", (0,)).method().startswith("One run a row: intervals speak of new test digits")


def test_subsets_that_share_most_of_their_digits_are_told_and_those_that_share_all_are_refused(few: Source) -> None:
    subsets = [str(subset) for subset in range(200)]
    for size, shared in ((90, "; two of 90 share 90 % of theirs, so that these intervals are too narrow."), (20, ".")):
        of_size = Entry("a", "a", None, Recipe(epochs=1), size)
        setup = Setup(few, subsets, "full", (0,))
        assert len(set(made_on(setup.jobs([of_size])))) == 200
        assert setup.method(size).endswith(f"each run has its own subset of {size} training digits{shared}")
        assert Setup(few, (), "full", range(200)).method(size) == setup.method(size)
    told = "20 to 100 training digits; two of 100 share 100 % of theirs, so that these intervals are too narrow."
    assert Setup(few, (), "full", (0, 1)).method(20, 100).endswith(told)
    for entries in ([ROW], [Entry("a", "a", None, Recipe(), 20), Entry("a", "a", None, Recipe(), 100)]):
        with pytest.raises(UsageError, match="200 subsets of all 100 training digits are the same") as refused:
            Setup(few, subsets, "full", (0,)).jobs(entries)
        assert "Leave --subset out" in refused.value.hint
    assert len(Setup(few, ("7",), "full", (0, 1)).jobs([ROW])) == 2  # a single one is an order of the digits
