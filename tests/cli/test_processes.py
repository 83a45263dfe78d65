"""Real processes: start-up without PyTorch, interruption, closed pipes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

WITHOUT_TORCH = """
import sys
from timetravel.cli.app import main
for line in sys.stdin:
    sys.argv = ["timetravel", *line.split()]
    try:
        main()
    except SystemExit as end:
        heavy = [name for name in ("torch", "torchvision", "scipy", "altair", "optuna") if name in sys.modules]
        print("HEAVY", heavy, "CODE", end.code or 0, line.strip(), file=sys.stderr)
"""
HELP = ("--help", "-h", "--version", "train --help", "modernize -h", "data --help", "bench --help", "extrapolate -h",
        "show -h", "tune -h")  # fmt: skip
USAGE = (
    "train --era 1066", "train --sedes 3", "modernize --tweaks magic", "train --seeds x", "scale-data --sizes -5",
    "scale-data --sizes 70000", "scale-model --widths 0", "scale-model --sizes 70000", "train --data nowhere",
    "train --subset x", "extrapolate --to 1999", "train --epochs 0", "train --set x=1", "bench --workers 0", "fly",
    "train --out=", "data fetch x", "tune --search x=1:2",
)  # fmt: skip


def test_help_and_usage_errors_answer_without_torch(tmp_path: Path) -> None:
    lines = "".join(f"{line}\n" for line in (*HELP, *USAGE))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH], input=lines, cwd=tmp_path, text=True, capture_output=True, check=True
    )
    told = [line for line in done.stderr.splitlines() if line.startswith("HEAVY")]
    assert told == [f"HEAVY [] CODE {0 if line in HELP else 2} {line}" for line in (*HELP, *USAGE)]


def test_ctrl_c_keeps_finished_runs_and_ends_with_130(tmp_path: Path, own_store: Path) -> None:
    train = [sys.executable, "-m", "timetravel", "train", "--backend", "torch"]
    few = ["--size", "30", "--epochs", "1", "--seeds", "1", "--test", "50"]
    subprocess.run([*train, *few], cwd=tmp_path, capture_output=True, check=True)
    finished = {path for path in own_store.rglob("*") if path.is_file()}
    process = subprocess.Popen(
        [*train, "--seeds", "4"], cwd=tmp_path, text=True, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  (ignored in the background)
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Backend"):  # the last line before it trains
            break
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate()
    assert process.returncode == 130, stderr
    assert "Finished runs are kept" in stderr
    assert "Traceback" not in stderr
    assert {path for path in own_store.rglob("*") if path.is_file()} == finished


def test_a_pipe_closed_early_ends_quietly(tmp_path: Path) -> None:
    shell = f"{sys.executable} -m timetravel data show --count 40 | head -1"
    process = subprocess.run(["bash", "-c", shell], cwd=tmp_path, text=True, capture_output=True, check=False)
    assert "Traceback" not in process.stderr
    assert "Error" not in process.stderr


def test_both_ways_to_call_it_are_the_same_program(tmp_path: Path) -> None:
    script = Path(sys.executable).parent / "timetravel"
    if not script.exists():
        pytest.skip("the package is not installed, so there is no timetravel command")
    for command in ([str(script)], [sys.executable, "-m", "timetravel"]):
        found = subprocess.run([*command, "--version"], cwd=tmp_path, text=True, capture_output=True, check=True)
        assert found.stdout.startswith("timetravel ")
