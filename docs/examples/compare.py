"""Two results, run by run and digit by digit: `python docs/examples/compare.py`."""

import tempfile

import timetravel as tt

before = tt.train("1989-essay", seeds=6, epochs=3)
after = tt.train("1989-essay", seeds=6, epochs=3, set={"learning_rate": 0.1})
print(tt.compare(before, after))

with tempfile.TemporaryDirectory() as folder:
    saved = before.save(folder) / "results.json"
    print(tt.load(saved))
