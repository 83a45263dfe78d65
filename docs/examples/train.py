"""The net of 1989 beside the paper and the essay, and what one of its nets reads: `python docs/examples/train.py`."""

import timetravel as tt

found = tt.train("1989", seeds=3, epochs=5)
print(found)
print(found.table()[["kind", "label", "test_error_mean"]].to_string(index=False))

mnist = tt.digits("mnist")
pictures = mnist.load("test")  # (10000, 28, 28), as they are stored
read = found.runs[0].predict(pictures.pixels[:10])
print("read:", read.digits, "true:", pictures.labels[:10])
