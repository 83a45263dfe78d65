"""Writes the recognizer's labels of 1989's training digits: `python docs/tools/ship_labels.py`, in a checkout.

No human label is read. Needs the extra foundation, and the usps digits (TIMETRAVEL_DATA); takes some minutes.
"""

import io
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from timetravel.digits import data_root, open_source
from timetravel.digits.collection import content_fingerprint
from timetravel.digits.recognized import FILE
from timetravel.engine.recognizer import recognizer
from timetravel.files import write_whole
from timetravel.studies.ways import probe, standardized

PLACE: Final = Path("timetravel", "digits", FILE)
LEVELS: Final = 255


def odds_of(features: NDArray[np.float32], read: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return probabilities in steps of 1/255, (n, 10): a regression on the features (n, d) fitted to what is read.

    read: the recognizer's own probabilities, (n, 10).
    """
    seen = standardized(features)(features)
    return np.rint(LEVELS * probe(seen, read.argmax(axis=1))(seen)).astype(np.uint8)


def content(images: NDArray[np.float32], odds: NDArray[np.uint8]) -> bytes:
    """Return the file: the probabilities, and the fingerprint of the images (n, 16, 16) taught by them."""
    values = odds.astype(np.float32)
    targets = values / values.sum(axis=1, keepdims=True)
    taught = content_fingerprint(images, targets.argmax(axis=1), targets)
    file = io.BytesIO()
    np.savez_compressed(file, odds=odds, taught=np.array(taught))
    return file.getvalue()


def main() -> None:
    """Read the digits and write the file."""
    images = open_source("usps", data_root(None)).training_digits().images
    seen = recognizer().look(images)
    made = content(images, odds_of(seen["features"], seen["likely"]))
    write_whole(PLACE, made)
    print(f"{PLACE}: {len(made):,} bytes")


if __name__ == "__main__":
    main()
