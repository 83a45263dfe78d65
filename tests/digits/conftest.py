"""What tests of digits share."""

import numpy as np
import pytest
from stored_files import TEST, TRAIN

from timetravel.digits import open_source


@pytest.fixture(scope="module")
def digits():
    """Training images and labels, test images and labels: the first of MNIST."""
    pools = (open_source("mnist").load("train"), TRAIN), (open_source("mnist").load("test"), TEST)
    return [array for pool, count in pools for array in (pool.pixels[:count], pool.labels[:count].astype(np.uint8))]
