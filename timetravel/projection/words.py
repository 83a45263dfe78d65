"""Words for probabilities, fixed to numbers.

After Kent (1964), Words of Estimative Probability, and with the bounds of the IPCC's guidance note on uncertainty
(Mastrandrea et al. 2010), each of whose words here begins where the one before it ends.
"""

from typing import Final

SOURCE: Final = (
    "Mastrandrea et al. (2010), Guidance Note for Lead Authors of the IPCC Fifth Assessment Report on Consistent "
    "Treatment of Uncertainties; the idea: Kent (1964), Words of Estimative Probability, Studies in Intelligence 8 (4)"
)
SCALE: Final = (  # words, from, up to (not with it, but for the last)
    ("almost impossible", 0.0, 0.01),
    ("very unlikely", 0.01, 0.10),
    ("unlikely", 0.10, 0.33),
    ("about as likely as not", 0.33, 0.66),
    ("likely", 0.66, 0.90),
    ("very likely", 0.90, 0.99),
    ("almost certain", 0.99, 1.0),
)


def in_words(probability: float) -> str:
    """Return the words for a probability, 0 to 1; raises ValueError for what is none."""
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no probability")
    return next((words for words, low, high in SCALE if low <= probability < high), SCALE[-1][0])
