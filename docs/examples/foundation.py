"""What a net that learned MNIST's digits is worth with 20 labels of others: `python docs/examples/foundation.py`."""

import timetravel as tt

found = tt.foundation([0, 20], data="mnist", size=300, test=500, seeds=2, epochs=1)  # without usps: a rehearsal
print(found)
for row in found.document["rows"]:
    print(f"{row['labels']:5,} labels, {row['label']}: {row['test_error']['mean']:.1f} %")
