"""The essay's seven claims about 2055, with verdicts: `python docs/examples/extrapolate.py`."""

import timetravel as tt

found = tt.extrapolate(2055)
print(found)
for claim in found.document["claims"]:
    print(f"- {claim['claim']}: {claim['verdict']}")
