"""Which nets have collapsed, and that nobody asks of them what only sound nets can do."""

from dataclasses import replace

import numpy as np
import pytest

from timetravel.digits import Digits
from timetravel.engine.runs import measure
from timetravel.engine.train import check_with_torch, train
from timetravel.errors import TimetravelError
from timetravel.recipes import Recipe


def test_a_net_that_almost_always_answers_the_same_has_collapsed(few_mnist: tuple[Digits, Digits]) -> None:
    digits, test = few_mnist
    (run,) = train(Recipe(epochs=3), digits, [0], test=test)
    assert not run.collapsed
    commonest = int(np.bincount(test.labels).max())
    for share, collapsed in ((0.5, False), (0.75, True), (1.0, True)):
        answers = np.where(np.arange(len(test)) < share * len(test), np.roll(test.labels, 1)[0], test.labels)
        outputs = np.eye(10, dtype=np.float32)[answers]
        told = replace(run, outputs=outputs, test=measure(outputs, test, run.recipe), backend="native-x")
        assert told.collapsed == collapsed, share
        if share < 1:
            assert told.test.mistakes < len(test) - commonest  # so that the number of mistakes would not tell
        if collapsed:
            check_with_torch(told, test)
        else:
            with pytest.raises(TimetravelError, match="read the same net differently"):
                check_with_torch(told, test)
