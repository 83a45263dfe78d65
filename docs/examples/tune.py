"""A search for better numbers that never meets a test digit: `python docs/examples/tune.py` (needs optuna)."""

import timetravel as tt

mnist = tt.digits("mnist").training_digits(size=1000)
few = tt.digits(mnist.images, mnist.labels)
found = tt.tune("1989-essay", data=few, set={"epochs": 5}, search=["learning_rate=0.01:0.1:log"], trials=4)
print(found)
print("the best recipe:", found.document["best"])
print("to measure it:", found.document["measure_on_test"])
