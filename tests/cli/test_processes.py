"""Real processes: start-up without PyTorch, interruption, closed pipes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
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


@pytest.mark.slow
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


def run(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    command, env = [sys.executable, "-m", "timetravel", *words], os.environ | settings
    return subprocess.run(command, env=env, capture_output=True, check=False, encoding="latin-1")


def test_a_terminal_of_no_width_is_one_of_eighty_columns() -> None:
    told = run("data", "list", COLUMNS="0")
    assert told.returncode == 0
    assert "mnist" in told.stdout
    assert "nosuch" in run("train", "--data", "nosuch", COLUMNS="0").stderr


@pytest.mark.slow
def test_a_letter_that_the_streams_encoding_lacks_costs_no_result(tmp_path: Path) -> None:
    path = tmp_path / "数字.npz"
    grey = np.zeros((40, 16, 16), np.uint8)
    grey[:, 4:12, 7:9] = 255
    np.savez(path, images=grey, labels=np.arange(40) % 10)
    words = ("train", "--data", str(path), "--seeds", "1", "--epochs", "1", "--quiet")
    for encoding in ("ascii", "cp1252", "shift_jis"):
        told = run(*words, PYTHONIOENCODING=encoding, TIMETRAVEL_STORE=str(tmp_path / "store"))
        assert (told.returncode, "Traceback" in told.stderr) == (0, False), encoding
        assert ".npz" in told.stdout


def test_it_works_where_python_has_no_resource_and_a_user_no_home(tmp_path: Path) -> None:
    """As on Windows, and for a bare user number in a container."""
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['resource'] = None")
    here = str(Path(__file__).parents[2])
    document = run("bench", "--dry-run", "--json", PYTHONPATH=f"{tmp_path}:{here}")
    assert document.returncode == 0, document.stderr
    code = (
        "import os, pwd\n"
        "def nobody(*_): raise KeyError\n"
        "pwd.getpwuid = pwd.getpwnam = nobody\n"
        "for name in ('HOME', 'TIMETRAVEL_STORE', 'TIMETRAVEL_DATA', 'XDG_CACHE_HOME', 'XDG_DATA_HOME'):\n"
        "    os.environ.pop(name, None)\n"
        "from timetravel.digits.sources import data_root\n"
        "from timetravel.engine.store import Store\n"
        "from timetravel.errors import TimetravelError\n"
        "assert data_root().name == 'timetravel-data'\n"
        "try:\n    Store()\n"
        "except TimetravelError as error:\n    assert 'TIMETRAVEL_STORE' in error.hint\n"
        "else:\n    raise AssertionError('a store without a home')\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert told.returncode == 0, told.stderr
