"""One image alone: all rows by one instrument."""

from timetravel.engine import native_backend
from timetravel.engine.latency import Latencies, latencies
from timetravel.eras import ERAS
from timetravel.recipes import Recipe

TAUGHT = Recipe(epochs=3, optimizer="adamw", teachers=2, distillation=0.5, loss="cross-entropy", output="linear")


def test_recipes_that_differ_in_training_alone_share_one_measurement() -> None:
    found = latencies(
        [Recipe(output="linear"), TAUGHT, Recipe(activation="gelu", loss="cross-entropy", output="linear")]
    )
    assert found.us[0] == found.us[1]
    assert found.ratios[:2] == (1.0, 1.0)
    assert all(us > 0 for us in found.us)


def test_a_net_that_the_kernel_does_not_know_sends_all_rows_to_pytorch() -> None:
    assert latencies([Recipe(), Recipe(net="micro-vit")]).instrument == "PyTorch"
    sizes = latencies([Recipe(), Recipe(width=2), Recipe(depth=8)])
    assert sizes.instrument == "PyTorch"
    assert len(sizes.us) == len(sizes.ratios) == 3
    known = latencies([era.recipe for era in ERAS.values()]).instrument
    assert known == ("PyTorch" if native_backend.missing() else "the compiled kernel")


def test_a_training_that_the_kernel_does_not_know_stays_with_it() -> None:
    found = latencies([Recipe(), Recipe(weight_normalization=True, optimizer="muon")])
    assert found.instrument == ("PyTorch" if native_backend.missing() else "the compiled kernel")


def test_more_than_five_percent_is_another_latency() -> None:
    for ratio, differs in ((1.0, False), (1.04, False), (0.94, True), (1.06, True)):
        assert Latencies("PyTorch", (1.0, ratio), (1.0, ratio)).differs(1) is differs
