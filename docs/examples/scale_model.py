"""The same net at other widths, on few digits for a short time: `python docs/examples/scale_model.py`."""

import timetravel as tt

found = tt.scale_model([0.5, 1], depths=0, sizes=500, epochs=5, seeds=2)
print(found)
for row in found.document["rows"]:
    print(f"{row['label']:10} {row['parameters']:6,} parameters: {row['test_error']['mean']:.2f} %")
