"""Real processes: start-up without PyTorch, interruption, closed pipes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

WITHOUT_TORCH = """
import sys
from timetravel.cli.app import main
sys.argv = ["timetravel", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    heavy = [name for name in ("torch", "torchvision", "scipy", "matplotlib") if name in sys.modules]
    print("HEAVY", heavy, "CODE", end.code or 0, file=sys.stderr)
"""


def start(*arguments: str, cwd: Path, script: str | None = None, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script] if script else [sys.executable, "-m", "timetravel"]
    return subprocess.Popen(
        [*command, *arguments], cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # type: ignore[call-overload, no-any-return]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0), (["-h"], 0), (["--version"], 0), (["train", "--help"], 0), (["modernize", "-h"], 0),
        (["data", "--help"], 0), (["bench", "--help"], 0), (["extrapolate", "--help"], 0),
        (["train", "--era", "1066"], 2), (["train", "--sedes", "3"], 2), (["modernize", "--tweaks", "magic"], 2),
        (["train", "--seeds", "x"], 2), (["scale-data", "--sizes", "-5"], 2), (["scale-data", "--sizes", "70000"], 2),
        (["scale-model", "--widths", "0"], 2), (["scale-model", "--sizes", "70000"], 2),
        (["train", "--data", "nowhere"], 2), (["train", "--subset", "x"], 2), (["extrapolate", "--to", "1999"], 2),
        (["train", "--epochs", "0"], 2), (["train", "--set", "x=1"], 2), (["bench", "--workers", "0"], 2), (["fly"], 2),
        (["train", "--out", "/proc/nowhere"], 2), (["data", "fetch", "x"], 2),
    ],
)  # fmt: skip
def test_help_and_usage_errors_answer_without_torch(arguments: list[str], code: int, tmp_path: Path) -> None:
    process = start(*arguments, cwd=tmp_path, script=WITHOUT_TORCH)
    _, stderr = process.communicate(timeout=60)
    assert f"HEAVY [] CODE {code}" in stderr, stderr


def test_ctrl_c_keeps_finished_runs_and_ends_with_130(tmp_path: Path, own_store: Path) -> None:
    arguments = ("train", "--backend", "torch", "--size", "30", "--epochs", "1", "--seeds", "1", "--test", "50")
    kept = start(*arguments, cwd=tmp_path)
    kept.communicate(timeout=120)
    assert kept.returncode == 0
    process = start("train", "--backend", "torch", "--seeds", "4", cwd=tmp_path, start_new_session=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("Epochs of seed"):
            break
    time.sleep(1)
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "Finished runs are kept" in stderr
    assert "Traceback" not in stderr
    assert len(list(own_store.rglob("*.json"))) == 1
    assert [path for path in own_store.rglob("*") if path.name.startswith(".")] == []


def test_a_pipe_closed_early_ends_quietly(tmp_path: Path) -> None:
    shell = f"{sys.executable} -m timetravel data show --count 40 | head -1"
    process = subprocess.run(
        ["bash", "-c", shell], cwd=tmp_path, text=True, capture_output=True, timeout=60, check=False
    )
    assert "Traceback" not in process.stderr
    assert "Error" not in process.stderr


def test_both_ways_to_call_it_are_the_same_program(tmp_path: Path) -> None:
    script = Path(sys.executable).parent / "timetravel"
    if not script.exists():
        pytest.skip("the package is not installed, so there is no timetravel command")
    for command in ([str(script)], [sys.executable, "-m", "timetravel"]):
        found = subprocess.run([*command, "--version"], cwd=tmp_path, text=True, capture_output=True, check=True)
        assert found.stdout.startswith("timetravel ")
