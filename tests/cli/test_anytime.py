"""Anytime: runs come seed by seed, and what is known can be seen, and had, before all of them are made."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Timer

import pytest
from rich.console import Console
from texts import words
from typer.testing import Result

from timetravel.api.progress import Progress
from timetravel.digits import Digits, open_source
from timetravel.engine import native_backend
from timetravel.engine.collect import Plan, Stopped, Workshop, collect, estimate_seconds
from timetravel.engine.provenance import quotas
from timetravel.engine.runs import Job, Run
from timetravel.engine.store import Store
from timetravel.engine.train import Hooks, train_jobs
from timetravel.eras import ERAS
from timetravel.ladders import parse_tweaks
from timetravel.studies.modernize import Modernize
from timetravel.studies.setup import Setup

ESSAY = ERAS["1989-essay"].recipe


def ladder(own: Path, seeds: int = 3) -> Modernize:
    return Modernize(Setup(open_source(str(own)), (), "full", range(seeds)), parse_tweaks("softmax"))


def test_runs_are_made_seed_by_seed_over_all_rows(own: Path) -> None:
    jobs = ladder(own).jobs()
    assert [(job.label, job.seed) for job in jobs] == [
        (label, seed) for seed in range(3) for label in ("1989-essay", "+ softmax")
    ]


def test_a_study_shrinks_to_the_runs_that_every_row_has(own: Path) -> None:
    study = ladder(own)
    made = train_jobs(study.jobs(), "auto", "cpu", 1, Hooks())
    known: dict[object, Run] = {run.identity: run for run in made[:2] + made[3:]}  # seed 1 lacks its first row
    found = study.shortened(known)
    assert found is not None
    fewer, runs = found
    assert [run.seed for run in runs] == [0, 0, 2, 2]
    assert [row["seeds"] for row in fewer.result(runs)["rows"]] == [[0, 2], [0, 2]]
    assert study.shortened({made[0].identity: made[0]}) is None


def test_when_the_time_is_up_the_finished_runs_are_handed_over(
    few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch
) -> None:
    digits, test = few_mnist
    first_done = Event()

    def once_first_is_done(seconds: float, stop: Callable[[], None]) -> Timer:
        del seconds
        return Timer(0, lambda: stop() if first_done.wait() else None)

    monkeypatch.setattr("timetravel.engine.collect.threading.Timer", once_first_is_done)

    class Waiting(Progress):
        def finished(self, job: Job, run: Run) -> None:
            del job, run
            first_done.set()

    quick, endless = (Job(ESSAY.but(epochs=epochs), digits, test, 0) for epochs in (1, 1_000_000))
    with pytest.raises(Stopped) as stopped:
        collect([quick, endless], Workshop(Store(), workers=2), Waiting(quiet=True), until=0.0)
    assert stopped.value.in_time
    assert [run.recipe.epochs for run in stopped.value.runs.values()] == [1]


def test_a_budget_that_is_too_short_says_so_and_one_that_is_long_enough_changes_nothing(
    own: Path, run: Callable[..., Result]
) -> None:
    command = ["modernize", "--tweaks", "softmax", "--data", own, "--seeds", "2"]
    late = run("train", "--era", "today", "--epochs", "100000", "--minutes", "0.02", "--seeds", "2", code=1)
    assert "The time was up before there was anything to tell; 0 finished runs of 2 are kept." in words(late.stderr)
    assert "--minutes" in late.stderr
    told = json.loads(run(*command, "--minutes", "60", "--json").stdout)
    assert "stopped" not in told
    assert run(*command, "--minutes", "0", code=2).exit_code == 2


@pytest.mark.slow
@pytest.mark.skipif(native_backend.missing() is not None, reason="takes minutes on PyTorch")
def test_ctrl_c_ends_with_the_table_of_what_is_known(tmp_path: Path) -> None:
    arguments = ["modernize", "--tweaks", "softmax", "--subset", "0", "--seeds", "200", "--test", "50"]
    process = subprocess.Popen(
        [sys.executable, "-m", "timetravel", *arguments],
        cwd=tmp_path, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  (ignored in the background)
        env=os.environ | {"COLUMNS": "100"},
    )  # fmt: skip
    store = Path(os.environ["TIMETRAVEL_STORE"])
    while len(list(store.glob("??/*.json"))) < 8:  # two files a run; two rows: two seeds are done by then
        assert process.poll() is None
        Event().wait(0.1)
    os.kill(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate()
    assert process.returncode == 130, stderr
    assert "Each row adds a tweak" in stdout
    assert "Stopped, for Ctrl-C, after" in stdout
    assert "of 400 nets." in stdout
    assert "too few runs" in stdout
    assert "Finished runs are kept" in stderr
    assert "Traceback" not in stderr


def test_in_a_terminal_the_table_stands_before_the_end_and_elsewhere_a_line_tells_of_each_row(own: Path) -> None:
    study = ladder(own)
    jobs = [job.framed() for job in study.jobs()]
    made = train_jobs(jobs, "auto", "cpu", 1, Hooks())
    plan = Plan({}, tuple(jobs), (), lambda: 1.0)
    terminal, lines = Progress(study=study), Progress(study=study)
    shown, told = Console(record=True, width=100, force_terminal=True), Console(record=True, width=100)
    terminal.console, lines.console = shown, told
    for progress in (terminal, lines):
        progress.planned(plan)
    try:
        for job, run in zip(jobs[:3], made[:3], strict=True):  # a seed, and half of the next
            terminal.finished(job, run)
        with shown.capture() as captured:
            shown.print(terminal.picture())
    finally:
        terminal.ended()
    picture = captured.get()
    assert "3 of 6 runs done" in picture
    assert "1 run a row" in picture
    assert "too few runs" in picture
    for job, run in zip(jobs, made, strict=True):
        lines.finished(job, run)
    text = told.export_text()
    for label, runs in (("1989-essay", made[::2]), ("+ softmax", made[1::2])):
        mean = sum(run.test.mistakes for run in runs) / 3
        assert f"{label} on 60 digits: {mean:.1f} mistakes of 30 (3 runs)" in text


@pytest.mark.skipif(native_backend.missing() is not None, reason="PyTorch trains all seeds of a row on one core")
def test_the_time_told_counts_the_cores_that_the_process_may_use(
    few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timetravel.engine.collect.seconds_an_example", lambda *_, watched: 1e-3)
    monkeypatch.setattr("timetravel.engine.collect.seconds_to_measure", lambda _: 0.0)
    jobs = [Job(ESSAY.but(epochs=10), *few_mnist, seed).framed() for seed in range(8)]
    alone = 8 * 10 * 300 * 1e-3
    for cores, workers, beside in ((1.5, 8, 1.5), (16.0, 4, 4), (16.0, 64, 8)):
        monkeypatch.setattr("timetravel.engine.collect.core_time", lambda cores=cores: cores)
        assert estimate_seconds(jobs, Workshop(Store(), workers=workers)) == pytest.approx(alone / beside)


def test_quotas_of_control_groups_are_read(tmp_path: Path) -> None:
    root, groups = tmp_path / "cgroup", tmp_path / "self"
    inner = root / "user" / "job"
    inner.mkdir(parents=True)
    (inner / "cpu.max").write_text("150000 100000\n")
    (inner.parent / "cpu.max").write_text("max 100000\n")
    groups.write_text("0::/user/job\n")
    assert list(quotas(root, groups)) == [1.5]
    old = root / "cpu" / "job"
    old.mkdir(parents=True)
    (old / "cpu.cfs_quota_us").write_text("300000\n")
    (old / "cpu.cfs_period_us").write_text("100000\n")
    groups.write_text("4:cpu,cpuacct:/job\n3:memory:/job\n")
    assert list(quotas(root, groups)) == [3.0]
    assert list(quotas(root, tmp_path / "none")) == []
