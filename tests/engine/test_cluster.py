"""A real Ray cluster of three nodes on this machine, one killed every few seconds; and its head node lost."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ray_nodes import logging_runs

import timetravel as tt
from timetravel.engine.cluster import RayExecutor
from timetravel.engine.store import Store

RUNS = int(os.environ.get("TIMETRAVEL_RAY_RUNS", "12"))
BETWEEN = 6.0  # seconds between a new node and the next kill
TESTS = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


class Nodes:
    """The nodes of a cluster of this machine."""

    def __init__(self, count: int) -> None:
        pytest.importorskip("ray")
        found = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")]))
        self.process = subprocess.Popen(
            [sys.executable, str(TESTS / "ray_nodes.py"), str(count), str(20000 + os.getpid() % 10000)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | {"PYTHONPATH": found},
        )  # fmt: skip
        self.address = self.answer()

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def do(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self.answer() == word


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    """Three nodes of one core, and a head without any."""
    cluster = Nodes(3)
    yield cluster
    cluster.process.communicate("end\n", timeout=60)


def test_nodes_are_killed_and_all_runs_arrive_once(nodes: Nodes, tmp_path: Path) -> None:
    log, kills = tmp_path / "log", list[float]()

    class Logged(RayExecutor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            return super().submit(logging_runs, str(log), *args, **kwargs)

    def kill() -> None:
        while not stop.wait(BETWEEN):
            kills.append(time.time())
            nodes.do("kill")
            nodes.do("add")

    stop, killing = threading.Event(), threading.Thread(target=kill)
    killing.start()
    try:
        there = tt.train("1989", seeds=RUNS, executor=Logged(nodes.address), workers=3, progress=False)
    finally:
        stop.set()
        killing.join()
    here = tt.train("1989", seeds=RUNS, fresh=True, progress=False)
    assert [run.seed for run in there.runs] == list(range(RUNS))
    for run, same in zip(there.runs, here.runs, strict=True):
        assert run.curve == same.curve
        assert run.outputs.tobytes() == same.outputs.tobytes()
        assert all(run.weights[name].tobytes() == same.weights[name].tobytes() for name in same.weights)
    ends = [(int(seed), float(when)) for seed, when in map(str.split, log.read_text().splitlines())]
    lost = [seed for seed, times in Counter(seed for seed, _ in ends).items() if times > 1]
    print(f"{RUNS} runs, {len(kills)} kills, {len(ends)} trainings to the end")
    for seed in lost:  # only what a node took with it, as it was killed before it could send it
        first = min(when for each, when in ends if each == seed)
        assert any(0 <= killed - first < 1 for killed in kills), seed


def test_a_lost_head_ends_a_command_with_one_message_and_the_same_command_goes_on(
    nodes: Nodes, own_store: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "timetravel", "train", "--seeds", "60", "--epochs", "5", "--quiet"]
    sent = subprocess.Popen([*command, "--cluster", nodes.address], stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    while len(kept := list(Store().listing())) < 4:
        assert sent.poll() is None
        time.sleep(0.2)
    nodes.do("head")
    _, told = sent.communicate(timeout=120)
    assert sent.returncode == 1
    words = " ".join(told.replace("│", " ").split())
    assert "the connection to its head node was lost. Finished runs are kept: the same command goes on from" in words
    assert "Traceback" not in told
    before = {path: path.stat().st_mtime_ns for path, _ in kept}
    subprocess.run(command, check=True, cwd=tmp_path, stdout=subprocess.DEVNULL)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(list(Store().listing())) == 60
