"""The figures of the 1989 experiment that everything is measured by.

Source: LeCun et al. (1989), Backpropagation Applied to Handwritten Zip Code Recognition, Neural Computation 1(4),
https://doi.org/10.1162/neco.1989.1.4.541.
"""

from typing import Final

TRAINING_DIGITS: Final = 7291
TEST_DIGITS: Final = 2007
EPOCHS: Final = 23
EXAMPLES_SEEN: Final = EPOCHS * TRAINING_DIGITS  # 167,693
SECONDS: Final = 3 * 86400.0  # three days
# Of the AT&T DSP-32C that read digits with the finished net: its peak in 32-bit floating point.
MULTIPLY_ADDS_A_SECOND: Final = 12_500_000
