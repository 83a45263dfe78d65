"""What the gaps of the paper could mean, judged on folds: `python docs/examples/interpretations.py` (needs usps)."""

import timetravel as tt

try:
    digits = tt.digits("usps").training_digits(size=300)
except tt.TimetravelError as error:
    raise SystemExit(f"{error}\n{error.hint}") from None
found = tt.interpretations("choice", net="fully-connected", data=tt.digits(digits.images, digits.labels), seeds=1)
print(found)
