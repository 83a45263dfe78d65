"""The bench's document and what is shown of it, by a clock that says what it is told."""

import json
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import jsonschema
import pytest
import torch
from typer.testing import CliRunner

from timetravel import published
from timetravel.api.progress import Progress
from timetravel.cli.app import app
from timetravel.digits import Digits
from timetravel.engine import native_backend
from timetravel.engine.collect import Workshop
from timetravel.engine.store import Store
from timetravel.report import charts, render, tables
from timetravel.studies import bench
from timetravel.studies.base import Document, carry_out


@pytest.fixture
def measure(few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch) -> Callable[[], Document]:
    """Return a function that does all the work of one round, each piece of which takes a second by the clock."""

    def second(work: Callable[[], object]) -> float:
        work()
        return 1.0

    digits = few_mnist[0].take(slice(0, 200)), few_mnist[1].take(slice(0, 100))
    monkeypatch.setattr(bench, "seconds", second)
    monkeypatch.setattr(bench, "EAGER_STEPS", 10)
    monkeypatch.setattr(bench, "MATRIX", 10)
    study = bench.Bench(*digits, workers=2, repeats=1, heard=lambda text: None)
    return lambda: carry_out(study, Workshop(Store()), Progress(quiet=True))


@pytest.mark.skipif(native_backend.missing() is not None, reason="the compiled kernel is not built")
def test_the_document_holds_times_of_an_example_and_their_ratios(measure: Callable[[], Document]) -> None:
    document = measure()
    times = {"eager_us": 1e5, "torch_1_us": 1e5, "torch_8_us": 1.25e4, "native_us": 5e3, "prepare_us": 5e3}
    times |= {"evaluate_us": 1e6 / 300, "latency_us": 1e6, "study_us": 1e6 / (8 * 23 * 200), "distort_us": 5e3}
    for name, us in times.items():
        assert document[name] == pytest.approx(us), name
    assert document["sgemm_gflops"] == pytest.approx(2000 / 1e9)
    assert document["bound_us"] == pytest.approx(2 * 171_780 / 2000 * 1e6)
    assert document["native_over_bound"] == pytest.approx(5e3 / document["bound_us"])
    assert document["eager_over_native"] == pytest.approx(20)
    assert document["evaluate_share_of_an_epoch"] == pytest.approx(9298 / 300 / (7291 / 200))
    assert document["eager_seed_over_8_seeds"] == pytest.approx(1e5 * 23 * 200 / 1e6)
    assert document["seconds_of_23_epochs"] == pytest.approx(5e3 * 167_693 / 1e6)
    assert document["images_a_second"] == pytest.approx(1)
    assert "times less than an eager PyTorch loop" in document["finding"]
    shown = {row["label"]: row for row in document["rows"]}
    assert len(shown) == 14
    assert shown["compiled kernel, SGD"]["seconds_of_23_epochs"] == document["seconds_of_23_epochs"]
    assert shown["8 nets on 2 workers, testing too, for each"]["us"] == document["study_us"]
    assert shown["testing, PyTorch"]["seconds_of_23_epochs"] is None


def test_the_command_says_what_is_not_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    times = {f"{name}_us": 12_500.0 for name in ("eager", "torch_1", "torch_8", "prepare", "distort", "torch_evaluate")}
    ways = {name: lambda us=us: us for name, us in (times | {"torch_latency_us": 300.0, "sgemm_gflops": 90.0}).items()}
    monkeypatch.setattr(bench.Bench, "ways", lambda self: ways)
    monkeypatch.setattr(native_backend, "missing", lambda: "it is not built")
    result = CliRunner().invoke(app, ["bench", "--repeats", "3", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert result.stdout.count("not built") == 6
    assert "Backend: torch (it is not built)." in result.stderr
    assert "round 3 of 3" in result.stderr
    document = json.loads((tmp_path / "results.json").read_text())
    kernel = ("native_us", "native_adamw_us", "native_today_us", "evaluate_us", "latency_us")
    assert all(document[name] is None for name in (*kernel, "study_us", "eager_over_native"))
    assert document["seconds_of_23_epochs"] == pytest.approx(1.25e4 * 167_693 / 1e6)
    assert {"figure.svg", "table.csv", "report.html"} <= {path.name for path in tmp_path.iterdir()}
    assert "nothing is trained" in CliRunner().invoke(app, ["bench", "--dry-run"]).stdout
    if not torch.backends.mps.is_available():
        result = CliRunner().invoke(app, ["bench", "--device", "mps"])
        assert (result.exit_code, "no MPS device" in result.output) == (2, True)


def test_the_published_measurement_is_shown_with_units_and_commas() -> None:
    document = published.read("bench")
    text = render.plain(tables.sections(document), width=80)
    eager = f"{document['eager_us']:,.0f}"
    assert "," in eager
    epochs = divmod(round(document["eager_us"] * 167_693 / 1e6), 60)
    rate = f"{2 * 171_780 / document['bound_us'] / 1e3:.0f} GFLOP/s"
    for words in (
        "eager PyTorch loop",
        eager,
        f"{epochs[0]} min {epochs[1]} s",
        rate,
        "23 epochs",
        document["finding"][:40],
    ):
        assert words in text
    (chart,) = charts.charts(document).values()
    (rows,) = chart.to_dict()["datasets"].values()
    assert len(rows) == 8


def test_the_bench_of_a_card_has_its_table() -> None:
    docs = Path(__file__).parents[2] / "docs"
    document = json.loads((docs / "results" / "gpu.json").read_text())["bench"]
    jsonschema.validate(document, json.loads((docs / "reference" / "results.schema.json").read_text()))
    text = render.plain(tables.sections(document), width=80)
    assert all(words in text for words in ("NVIDIA H100", "4,096", "61,813,484", "31.7%", "454.3"))
    assert charts.charts(document) == {}


def test_a_card_is_timed_beside_the_cores(few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch) -> None:
    card = Mock(multi_processor_count=100)
    card.name = "Card 1"
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda: card)
    monkeypatch.setattr(bench, "attribute", lambda _: 1_717_800)
    monkeypatch.setattr(bench, "card_rate", lambda digits, nets: 1e6 * min(nets, 64))
    monkeypatch.setattr(bench, "training_us", lambda *_: 10.0)
    found = bench.CardBench(*few_mnist, 4, 1, lambda _: None).result([])
    assert found["bound_examples_a_second"] == pytest.approx(128e6)
    one, _, *_, most = found["rows"]
    if native_backend.missing() is None:
        assert (one["times_one_core"], one["times_all_cores"], most["times_all_cores"]) == pytest.approx((10, 10, 160))
        assert found["finding"] == (
            "Card 1 trains 64 nets at 64.0 million examples a second: 50% of its bound, 160.0 times 4 cores here."
        )
