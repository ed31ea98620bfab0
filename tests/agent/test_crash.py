"""Killed at random moments, a run can always be read, and no row that was shown as done is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from handeye.agent.trajectory import load_trajectory

STARTER = """
import itertools, os, sys
from pathlib import Path
from handeye.agent import Agent, Limits, ScriptedModel, open_dialect, run_episode
from handeye.envs.actions import LOOP_ACTIONS, Click
from handeye.envs.fake import ACTION_TYPES, SCREEN, ButtonsEnv, button_centre

dialect = open_dialect("qwen2.5-vl/computer_use", ACTION_TYPES | LOOP_ACTIONS)

def tell(event):
    if event.row is not None:
        print(event.row.index, flush=True)

def run(folder):
    replies = itertools.cycle(dialect.format(Click(point=button_centre(n)), SCREEN) for n in (0, 1))
    for number in itertools.count():
        run_episode("go", ButtonsEnv(2), Agent(ScriptedModel(replies), dialect), Path(folder, str(number)),
                    limits=Limits(steps=40, repeats=10**6), on_event=tell)

for line in sys.stdin:
    if not (pid := os.fork()):
        run(line.removesuffix("\\n"))
    print("process", pid, flush=True)
    os.waitpid(pid, 0)
    print("ended", flush=True)
"""
"""For each folder on its standard input a process of its own that runs episodes until it is killed. Forked: importing took longest."""
KILLS = 20


@pytest.fixture
def starter() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


def kill_one(starter: subprocess.Popen[str], folder: Path, after_s: float) -> list[int]:
    """Kill a process that works in `folder` a while after its first row; gives all rows that it told of."""
    assert starter.stdin is not None
    assert starter.stdout is not None
    starter.stdin.write(f"{folder}\n")
    starter.stdin.flush()
    told: list[int] = []
    pid = 0
    while not (told and pid):
        line = starter.stdout.readline()
        if line.startswith("process "):
            pid = int(line.split()[1])
        else:
            told.append(int(line))
    time.sleep(after_s)
    os.kill(pid, signal.SIGKILL)
    return [*told, *(int(line) for line in iter(starter.stdout.readline, "ended\n"))]


def test_kill_at_random_moments_always_leaves_a_trajectory_that_loads(starter: subprocess.Popen[str], tmp_path: Path) -> None:
    chance = random.Random(20261122)
    unfinished = 0
    for number in range(KILLS):
        folder = tmp_path / str(number)
        told = kill_one(starter, folder, chance.uniform(0, 0.4))
        runs = [load_trajectory(path) for path in folder.iterdir() if not path.name.startswith(".")]
        assert runs
        assert sum(len(run.steps) for run in runs) >= len(told)
        for run in runs:
            assert [row.index for row in run.steps] == list(range(len(run.steps)))
            for row in run.steps:
                assert run.screen(row.screen).shape == (240, 320, 3)
        unfinished += sum(run.result is None for run in runs)
    assert unfinished >= KILLS // 2
