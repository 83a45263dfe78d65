"""The builds of the kernel: each that this processor runs trains, and AVX-512 to the very bits of AVX2."""

import json
import os
import subprocess
import sys

import pytest

from timetravel.engine import native_backend

SETS = ("baseline", "avx2", "avx512")
PROGRAM = """
import hashlib, json
from timetravel.digits import open_source
from timetravel.engine import _kernel
from timetravel.engine.train import train
from timetravel.eras import ERAS

essay = ERAS["1989-essay"].recipe
recipes = {name: ERAS[name].recipe for name in ("1989", "1989-essay", "2022", "today")} | {
    "adamw": essay.but(optimizer="adamw", learning_rate=0.003, batch_size=8),
    "momentum": essay.but(optimizer="momentum", momentum=0.9, learning_rate=0.003, activation="silu"),
    "fully connected": ERAS["1989"].rivals[0],
}
digits, test = open_source("mnist").training_digits(size=500), open_source("mnist").test_digits(size=500)
trained = {"instruction set": _kernel.instruction_set}
for name, recipe in recipes.items():
    (run,) = train(recipe.but(epochs=2), digits, [0], test=test, backend="native")
    bits = b"".join(run.weights[key].tobytes() for key in sorted(run.weights)) + run.outputs.tobytes()
    trained[name] = [hashlib.sha256(bits).hexdigest(), run.test.mistakes]
print(json.dumps(trained))
"""


def trained(asked: str) -> dict:
    """What the recipes train to where this instruction set is asked for."""
    environment = os.environ | {"TIMETRAVEL_INSTRUCTION_SET": asked}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(native_backend.missing() is not None, reason="the compiled kernel is not built")
def test_each_instruction_set_of_this_processor_trains_and_avx512_to_the_bits_of_avx2():
    runs = {asked: trained(asked) for asked in SETS}
    here = [asked for asked in SETS if runs[asked]["instruction set"] == asked]
    assert here == list(SETS[: len(here)])  # whoever has one has those before it
    for asked in SETS[len(here) :]:  # asked for what the processor lacks, it takes its best
        assert runs[asked] == runs[here[-1]]
    assert all(run["1989-essay"][1] < 200 for run in runs.values())  # of 500
    if "avx512" in here:
        assert runs["avx512"] | {"instruction set": "avx2"} == runs["avx2"]
        assert runs["avx512"] != runs["baseline"]
