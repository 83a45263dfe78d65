"""How the error falls with more digits, and what a million would bring: `python docs/examples/scale_data.py`."""

import timetravel as tt

found = tt.scale_data([1000, 2000, 4000], eras="1989-essay", seeds=2, predict=1_000_000)
print(found)
for row in found.document["rows"]:
    print(f"{row['train_size']:6,} digits: {row['test_error']['mean']:.2f} %")
