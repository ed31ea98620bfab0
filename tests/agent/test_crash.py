"""Killed at random moments, a run can always be read, and no row that was shown as done is lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from handeye.agent.trajectory import load_trajectory

RUN = """
import itertools, sys
from pathlib import Path
from handeye.agent import Agent, Limits, ScriptedModel, open_dialect, run_episode
from handeye.envs.actions import LOOP_ACTIONS, Click
from handeye.envs.fake import ACTION_TYPES, SCREEN, ButtonsEnv, button_centre

dialect = open_dialect("qwen2.5-vl/computer_use", ACTION_TYPES | LOOP_ACTIONS)
replies = itertools.cycle(dialect.format(Click(point=button_centre(n)), SCREEN) for n in (0, 1))

def tell(event):
    if event.row is not None:
        print(event.row.index, flush=True)

for number in itertools.count():
    run_episode("go", ButtonsEnv(2), Agent(ScriptedModel(replies), dialect), Path(sys.argv[1], str(number)),
                limits=Limits(steps=40, repeats=10**6), on_event=tell)
"""
KILLS = 20


def test_kill_at_random_moments_always_leaves_a_trajectory_that_loads(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    unfinished = 0
    for number in range(KILLS):
        folder = tmp_path / str(number)
        process = subprocess.Popen([sys.executable, "-c", RUN, str(folder)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        told = [int(process.stdout.readline())]
        time.sleep(chance.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().split("\n")[:-1]]
        process.wait()

        runs = [load_trajectory(path) for path in folder.iterdir() if not path.name.startswith(".")]
        assert runs
        assert sum(len(run.steps) for run in runs) >= len(told)
        for run in runs:
            assert [row.index for row in run.steps] == list(range(len(run.steps)))
            for row in run.steps:
                assert run.screen(row.screen).shape == (240, 320, 3)
        unfinished += sum(run.result is None for run in runs)
    assert unfinished >= KILLS // 2
