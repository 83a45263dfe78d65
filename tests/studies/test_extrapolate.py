"""The projection with and without kept runs, its views, and what it may not import."""

import io
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from rich.console import Console

from timetravel.digits import Digits
from timetravel.engine.provenance import processor
from timetravel.engine.runs import Figures, Job, Run
from timetravel.engine.store import Store, key
from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.show.projection import spread_out, tables
from timetravel.studies.extrapolate import extrapolate, published_times

BLANK = np.full((7291, 16, 16), -1, np.float32)
TRAIN = Digits(BLANK, np.arange(7291) % 10, "blank", "train")
FEW = Digits(BLANK[:100], np.arange(100) % 10, "blank", "train")
TEST = Digits(BLANK[:10], np.arange(10) % 10, "blank", "test")


def keep(folder, *, era="1989", seed=0, seconds=1.0, beside=2, backend="native-4", digits=TRAIN, year=2026, **changes):
    """Keep a made-up run and return its file."""
    recipe = ERAS[era].recipe
    values = {
        "recipe": recipe,
        "seed": seed,
        "digits": digits.fingerprint,
        "test_digits": TEST.fingerprint,
        "train": Figures(0.01, 20, len(digits)),
        "test": Figures(0.03, 1, len(TEST)),
        "outputs": np.zeros((len(TEST), 10), np.float32),
        "weights": {},
        "presentations": recipe.passes * len(digits),
        "seconds": seconds,
        "beside": beside,
        "backend": backend,
        "diverged": None,
        "curve": (),
        "provenance": {"finished": f"{year}-05-04T03:02:01+00:00", "device": "cpu", "processor": processor()},
    } | changes
    job = Job(recipe, digits, TEST, seed)
    store = Store(folder)
    store.put(Run(**values), job)
    return store.path(key(job, backend))


def test_without_kept_runs_all_is_published(tmp_path):
    document = extrapolate(2055, tmp_path / "none").to_dict()
    assert document["schema"] == 1
    assert document["command"] == "extrapolate"
    assert document["to"] == 2055
    assert document["rows"] == []
    assert len(document["projection"]) == 6
    assert {one["kind"] for one in document["projection"]} == {"published"}
    for one in document["projection"]:
        for end in ("first", "last"):
            assert one[end]["source"]
            assert one[end]["link"].startswith("https://")
    assert "published" in document["finding"]
    assert "measured" not in document["finding"]


def test_numbers_of_the_projection(tmp_path):
    by_name = {one["quantity"]: one for one in extrapolate(2055, tmp_path).to_dict()["projection"]}
    parameters, training = by_name["parameters"], by_name["training time"]
    assert parameters["first"]["value"] == 9760
    assert parameters["factor"] == parameters["factor_to"] == 1e6
    assert parameters["projected"] == 9.76e15
    assert (parameters["claim_year"], parameters["claim_reached"]) == (2061, False)
    assert training["direction"] == "falls"
    assert training["projected"] == 0.03125
    assert training["halving_months"] == 34.4592
    assert training["doubling_months"] is None
    assert training["claim_year"] is None
    assert by_name["pixels in all"]["first"]["value"] == 1866496


def test_the_claim(tmp_path):
    claim = extrapolate(2040, tmp_path).to_dict()["claim"]
    assert claim["yearly_factor"] == pytest.approx(1.63, abs=0.005)
    assert claim["doubling_months"] == pytest.approx(17.0, abs=0.05)
    assert claim["yearly_factor_needed"] == pytest.approx(1e7 ** (1 / 18), rel=1e-5)


def test_references_are_the_papers_and_the_essays_times():
    assert [(row["recipe"], row["seconds"]) for row in published_times()] == [("1989", 259200.0), ("1989-essay", 90.0)]
    assert all(row["source"] and row["link"] for row in published_times())


def test_kept_runs_give_their_own_row_in_their_own_year(tmp_path):
    for seed, seconds in enumerate((0.8, 1.0, 1.5)):
        keep(tmp_path, seed=seed, seconds=seconds, beside=2)
    result = extrapolate(2055, tmp_path)
    document = result.to_dict()
    (row,) = document["rows"]
    assert row["seconds_a_net"] == {"median": 1.0, "low": 0.8, "high": 1.5}  # natively a net has its own thread
    assert row["seconds"] == pytest.approx(3.3 / 2)
    assert row["seeds"] == [0, 1, 2]
    assert (row["year"], row["train_size"], row["presentations"]) == (2026, 7291, 167693)
    assert (row["parameters"], row["multiply_adds"]) == (9760, 63660)
    essay, here = document["projection"][-2:]
    assert (essay["kind"], essay["last"]["year"], essay["last"]["value"]) == ("published", 2022, 90)
    assert (here["kind"], here["last"]["year"], here["years"]) == ("measured", 2026, 37)
    assert here["yearly_factor"] == pytest.approx((1 / 259200) ** (1 / 37), rel=1e-5)
    assert here["projected"] == pytest.approx((1 / 259200) ** (29 / 37), rel=1e-5)
    assert "measured here: 3 runs, native-4 on cpu" in document["finding"]


def test_torch_runs_share_their_seconds(tmp_path):
    keep(tmp_path, backend="torch-2.9.1", seconds=80.0, beside=8)
    (row,) = extrapolate(2055, tmp_path).rows
    assert row.seconds_a_net == 10


def test_backends_and_years_are_kept_apart(tmp_path):
    keep(tmp_path, seed=0, year=2026)
    keep(tmp_path, seed=1, year=2027)
    keep(tmp_path, seed=0, backend="torch-2.9.1")
    result = extrapolate(2055, tmp_path)
    assert [(row.runs[0].year, row.runs[0].backend) for row in result.rows] == [
        (2026, "native-4"),
        (2026, "torch-2.9.1"),
        (2027, "native-4"),
    ]


def test_other_runs_do_not_count(tmp_path):
    keep(tmp_path, era="2022")
    keep(tmp_path, digits=FEW)
    keep(tmp_path, seed=1, diverged=3)
    keep(tmp_path, seed=2, provenance={"finished": "2026-01-01T00:00:00", "device": "cpu", "processor": "another"})
    result = extrapolate(2055, tmp_path)
    assert result.rows == ()
    assert result.notes == ("Left out 1 kept run made on another processor.",)


def test_a_target_before_the_measurement_keeps_the_row_and_says_so(tmp_path):
    keep(tmp_path)
    result = extrapolate(2025, tmp_path)
    assert len(result.rows) == 1
    assert all(line.kind == "published" for line in result.lines)
    assert "2026, which is not before 2025" in result.notes[0]


@pytest.mark.parametrize("damage", ["{", "[]", '{"key": "x", "run": {}}', None])
def test_damaged_entries_are_skipped_by_name(tmp_path, damage):
    keep(tmp_path, seed=0)
    path = keep(tmp_path, seed=1)
    if damage is None:
        entry = json.loads(path.read_text())
        entry["run"]["seconds"] = "long"
        damage = json.dumps(entry)
    path.write_text(damage)
    result = extrapolate(2055, tmp_path)
    assert len(result.rows[0].runs) == 1
    assert len(result.notes) == 1
    assert str(path) in result.notes[0]


def test_years_out_of_range_are_refused(tmp_path):
    with pytest.raises(UsageError, match="2022"):
        extrapolate(2022, tmp_path)


@pytest.mark.parametrize("to", [2023, 2024, 2040, 2055, 2200])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_nothing_is_cut_off_at_any_width(tmp_path, width, to):
    keep(tmp_path)
    keep(tmp_path, backend="torch-2.9.1+cpu")
    result = extrapolate(to, tmp_path)
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False, color_system=None).print(tables(result))
    text = stream.getvalue()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    flat = re.sub(r"\s+", " ", text)
    values = ["63,660", "442,368", "259,200", "1/2,900", "1.52", f"Carried on to {to}", "in 2067", "two-point rule"]
    values += ["no forecast", "1.63 times a year", "every 17 months", "multiply-adds", "pixels in all", "parameters"]
    if to == 2055:
        values += ["9.8e15", "1.0e23", "0.031", "yes, in 2050", "no, in 2061", "1/1.8e4", "torch-2.9.1"]
    for value in values:
        assert value in flat, value


def test_table_is_flat(tmp_path):
    keep(tmp_path)
    frame = extrapolate(2055, tmp_path).table()
    assert len(frame) == 7
    assert list(frame["kind"]) == ["published"] * 6 + ["measured"]
    assert frame["first_source"].notna().all()
    assert not any(isinstance(value, dict) for value in frame.to_numpy().ravel())


@pytest.mark.parametrize("dark", [False, True])
def test_figure(tmp_path, dark):
    keep(tmp_path)
    result = extrapolate(2055, tmp_path)
    (axes,) = result.plot(dark=dark).axes
    assert axes.get_yscale() == "log"
    assert axes.get_xlabel() == "year"
    assert "log axis" in axes.get_ylabel()
    words = " ".join(text.get_text() for text in axes.texts)
    assert "two-point rule" in words
    for line in result.lines:
        assert line.quantity in words


def test_labels_are_spread_in_order():
    assert spread_out([5, 1, 1.5], 1) == [5, 1, 2]


def test_no_torch():
    code = (
        "import sys, timetravel.cli.extrapolate, timetravel.studies.extrapolate as s, timetravel.show.projection as p;"
        "from pathlib import Path; r = s.extrapolate(2055, Path('nowhere')); r.to_dict(); p.tables(r); r.plot();"
        "assert not {'torch', 'torchvision', 'timetravel.nets'} & set(sys.modules), 'imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_bad_year_is_refused_before_anything_heavy():
    code = (
        "import sys\nfrom timetravel.cli.extrapolate import extrapolate\nfrom timetravel.errors import UsageError\n"
        "try: extrapolate(1989)\nexcept UsageError: pass\nelse: raise SystemExit(1)\n"
        "assert not {'numpy', 'pandas', 'matplotlib', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
