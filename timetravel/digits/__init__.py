"""The digits: where they come from, which of them are drawn, and how they are brought to 16x16.

Training and test digits are two separate calls on a `Source`, so that code which chooses settings can be
given the one without ever touching the other:

    source = open_source("mnist")
    training = source.training_digits()     # 7,291 digits, subset "0"
    test = source.test_digits()             # 2,007 digits
"""

from timetravel.digits.collection import Digits
from timetravel.digits.source import Source
from timetravel.digits.sources import SOURCES, data_root, open_source
from timetravel.digits.subsets import KARPATHY_SUBSETS, TEST_SIZE_1989, TRAIN_SIZE_1989, check_subset

__all__ = [
    "KARPATHY_SUBSETS",
    "SOURCES",
    "TEST_SIZE_1989",
    "TRAIN_SIZE_1989",
    "Digits",
    "Source",
    "check_subset",
    "data_root",
    "open_source",
]
