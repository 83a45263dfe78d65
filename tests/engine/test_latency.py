"""One image alone: all rows by one instrument."""

from timetravel.engine import latency, native_backend
from timetravel.eras import ERAS
from timetravel.recipes import Recipe


def test_recipes_that_differ_in_training_alone_share_one_measurement():
    linear = Recipe(loss="cross-entropy", output="linear")
    taught = linear.but(epochs=3, optimizer="adamw", teachers=2, distillation=0.5)
    found = latency.latencies([linear, taught, linear.but(activation="gelu")])
    assert found.us[0] == found.us[1]
    assert found.ratios[:2] == (1.0, 1.0)
    assert all(us > 0 for us in found.us)


def test_what_the_kernel_does_not_know_of_a_finished_net_sends_all_rows_to_pytorch(monkeypatch):
    monkeypatch.setattr(latency, "ROUNDS", 1)
    known = "PyTorch" if native_backend.missing() else "the compiled kernel"
    for recipes, instrument in (
        ([Recipe(), Recipe(net="micro-vit")], "PyTorch"),
        ([Recipe(), Recipe(width=2), Recipe(depth=8)], "PyTorch"),
        ([era.recipe for era in ERAS.values()], known),
        ([Recipe(), Recipe(weight_normalization=True, optimizer="muon")], known),  # known once it is trained
    ):
        found = latency.latencies(recipes)
        assert found.instrument == instrument
        assert len(found.us) == len(found.ratios) == len(recipes)
    for ratio, differs in ((1.0, False), (1.04, False), (0.94, True), (1.06, True)):
        assert latency.Latencies("PyTorch", (1.0, ratio), (1.0, ratio)).differs(1) is differs  # by 5 percent
