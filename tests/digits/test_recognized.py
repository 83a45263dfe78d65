"""The recognizer's labels belong to usps's training digits, whoever labelled these; no human label is in them."""

from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from timetravel.digits import Digits, Source, open_source, recognized
from timetravel.digits.folds import folds
from timetravel.digits.prepare import Pool
from timetravel.digits.recognized import recognized as read_by_it
from timetravel.engine import native_backend
from timetravel.engine.runs import Job
from timetravel.engine.train import train
from timetravel.eras import ERAS
from timetravel.errors import DataError, UsageError

RECIPE = ERAS["distilled"].recipe.but(epochs=1)


@pytest.fixture(scope="module")
def usps(data_root: Path) -> Source:
    return open_source("usps", data_root)


def relabelled(digits: Digits) -> Digits:
    """The same digits, all called 7 by people."""
    assert digits.stored is not None
    sevens = np.full_like(digits.labels, 7)
    return replace(digits, labels=sevens, stored=replace(digits.stored, labels=np.full_like(digits.stored.labels, 7)))


def test_the_file_is_small_and_its_licence_travels_with_it() -> None:
    folder = resources.files("timetravel.digits")
    assert len(folder.joinpath(recognized.FILE).read_bytes()) < 30_000
    assert recognized.FILE in folder.joinpath("NOTICE").read_text()


def test_nearly_all_of_its_labels_are_peoples(usps: Source) -> None:
    people = usps.training_digits()
    taught = read_by_it(people)
    assert int((taught.labels != people.labels).sum()) == 51
    assert taught.targets is not None
    np.testing.assert_allclose(taught.targets.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(taught.targets.argmax(axis=1), taught.labels)
    np.testing.assert_array_equal(taught.images, people.images)


def test_digits_of_any_subset_have_the_labels_of_their_rows(usps: Source) -> None:
    whole, few = read_by_it(usps.training_digits()), read_by_it(usps.training_digits("3", 100))
    parts = [read_by_it(fit) for fit, _ in folds(usps.training_digits())]
    assert whole.targets is not None
    for part in (few, *parts, read_by_it(usps.training_digits().take(np.arange(9, 50)))):
        assert part.rows is not None
        assert part.targets is not None
        np.testing.assert_array_equal(part.targets, whole.targets[part.rows])


def test_a_job_has_them_once_and_is_measured_by_people(usps: Source) -> None:
    job = Job(RECIPE, usps.training_digits(size=50), usps.test_digits(), 0)
    framed = job.framed()
    again = framed.framed()
    assert framed.identity == again.identity != job.identity
    assert framed.test.fingerprint == usps.test_digits().fingerprint
    assert framed.digits.take(range(10)).targets is not None
    fit, judge = folds(usps.training_digits())[0]
    assert Job(RECIPE, fit, judge, 0).framed().test.fingerprint == judge.fingerprint


def test_what_people_say_changes_no_weight(usps: Source) -> None:
    digits, test = usps.training_digits(size=64), usps.test_digits(size=20)
    for backend in ["torch"] if native_backend.missing() else ["torch", "native"]:
        given = [train(RECIPE, each, [1], test=test, backend=backend)[0] for each in (digits, relabelled(digits))]
        assert given[0].digits == given[1].digits
        for name, weights in given[0].weights.items():
            np.testing.assert_array_equal(weights, given[1].weights[name])
    (people,) = train(RECIPE.but(labels="people"), digits, [1], test=test)
    assert any((people.weights[name] != weights).any() for name, weights in given[0].weights.items())


def test_the_era_trains_on_usps_offline(usps: Source) -> None:
    recipe = RECIPE.but(epochs=30, warm_up=1.0)
    (run,) = train(recipe, usps.training_digits(size=1000), [0], test=usps.test_digits())
    assert run.test.error < 12


def test_other_digits_are_refused(usps: Source, few_mnist: tuple[Digits, Digits]) -> None:
    digits = usps.training_digits()
    assert digits.stored is not None
    pixels = digits.stored.pixels.copy()
    pixels[0, 0, 0] += 0.5
    other = replace(digits, images=pixels, stored=Pool(pixels, digits.labels, (-1, 1)))
    for wrong in (few_mnist[0], usps.test_digits(), other, replace(digits, stored=None, rows=None)):
        with pytest.raises(UsageError, match="for usps alone"):
            read_by_it(wrong)


def test_a_damaged_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few_mnist: tuple[Digits, Digits]
) -> None:
    content = resources.files("timetravel.digits").joinpath(recognized.FILE).read_bytes()
    monkeypatch.setattr(recognized.resources, "files", lambda _: tmp_path)
    for number, spoiled in enumerate((None, b"", content[:-40], content[:9000] + b"spoiled" + content[9007:])):
        if spoiled is not None:
            (tmp_path / recognized.FILE).write_bytes(spoiled)
        with pytest.raises(DataError, match="can't be read"):
            read_by_it(few_mnist[0].take(range(number + 1)))
