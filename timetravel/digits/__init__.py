"""The digits: where they come from, which of them are drawn, and how they are brought to 16x16.

Training and test digits are two separate calls on a `Source`, so that code which chooses settings can be
given the one without ever touching the other:

    source = open_source("mnist")
    training = source.training_digits()     # 7,291 digits, subset "0"
    test = source.test_digits()             # 2,007 digits
"""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from timetravel.digits.collection import Digits
from timetravel.digits.levels import Told
from timetravel.digits.source import Source
from timetravel.digits.sources import SOURCES, data_root, open_source
from timetravel.digits.sources.own import Own
from timetravel.digits.subsets import KARPATHY_SUBSETS, TEST_SIZE_1989, TRAIN_SIZE_1989, check_subset
from timetravel.errors import UsageError, plainly

__all__ = ["KARPATHY_SUBSETS", "SOURCES", "TEST_SIZE_1989", "TRAIN_SIZE_1989", "Digits", "Source", "Told"]
__all__ += ["check_subset", "data_root", "open_source"]


class _Package(ModuleType):
    """This package can be called: `timetravel.digits("usps")`."""

    @plainly
    def __call__(
        self, images: Any = "mnist", labels: Any = None, *, levels: Any = None, inverted: bool = False,
        transpose: bool = False, data_root: str | Path | None = None,
    ) -> Source:  # fmt: skip
        """Return digits to give to `data=`: a source by name or path, or images with their labels.

        images: a name (mnist, usps), a path, or an array (n, height, width), as (n, 28, 28), bright ink on a dark
        background. Grey levels may run from 0 to 255, 0 to 1, -1 to 1, -0.5 to 0.5, 0 to 15, 0 to 16, 0 to 100 or 0 to
        65535, which is read off them; levels=(0, 7) says another range, inverted=True that the ink is dark,
        transpose=True that rows are columns, as in EMNIST. labels: whole numbers (n,), 0 to 9. Arrays are split once
        for ever, in 1989's proportion, to train on and to test on. How own digits were read is the source's `remark`.
        Raises UsageError for a source that there is none of, DataError for arrays of another form and for missing or
        damaged files.

        >>> tt.digits("mnist")
        Source(mnist, 60,000 training and 10,000 test digits)
        >>> tt.digits(np.zeros((5, 28)), range(5))
        Traceback (most recent call last):
        ...
        timetravel.errors.DataError: arrays: images of shape (5, 28); allowed is (digits, height, width).
        """
        told = Told(levels, inverted, transpose)
        if not isinstance(images, str | Path):
            return Own.of_arrays(images, labels, told)
        if labels is not None:
            raise UsageError(f"{images} has labels of its own.", "Leave labels out.")
        return open_source(str(images), None if data_root is None else Path(data_root), told)


sys.modules[__name__].__class__ = _Package
