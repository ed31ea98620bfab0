"""Episodes without a device: the shipped screen of buttons, a scripted model, and tasks that go wrong in every way."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from handeye.agent.loop import Agent, Event, run_episode
from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Sampling, Usage
from handeye.agent.models.scripted import ScriptedModel
from handeye.benchmarks.episodes import rows as episodes
from handeye.benchmarks.episodes.policies import ActionDialect
from handeye.benchmarks.episodes.report import Wording
from handeye.benchmarks.episodes.rows import EpisodeRow, Job, RunConfiguration
from handeye.benchmarks.episodes.run import How, Plan
from handeye.benchmarks.episodes.spec import spec_of
from handeye.benchmarks.episodes.worker import EpisodeWorker, ended
from handeye.envs.actions import Click, Finish
from handeye.envs.fake import ButtonsEnv, button_centre
from handeye.tools.errors import DeviceError

KINDS = ("light",)


class Configuration(RunConfiguration):
    """All that can change a score here."""

    benchmark: str = "light"
    max_steps: int = 5
    pause_s: float = 0.0
    """Of each step, as a model would take it."""


class Counting(ScriptedModel):
    """Says what each reply took."""

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """See `Model`."""
        return replace(super().generate(messages, sampling, constraint), usage=Usage(100, 10), details={"cost": 0.5})


class Worker(EpisodeWorker):
    """Runs an episode; what happens in it is in the task's name."""

    configuration_type = Configuration

    def __init__(self, configuration: Configuration, out: Path) -> None:
        super().__init__(configuration, out)
        self._pause_s = configuration.pause_s
        self._helper: subprocess.Popen[bytes] | None = None

    def blank(self, job: Job) -> EpisodeRow:
        """The row before the episode."""
        return EpisodeRow(task=job.task, kind="light", index=job.index, seed=job.seed, run=job.folder)

    def episode(self, job: Job, row: EpisodeRow, folder: Path, listen: Callable[[Event], None]) -> EpisodeRow:
        """Press the button, or what the task's name says."""
        if self._helper is None:
            # What a browser is to a real worker: a process of its own session that must not outlive it.
            self._helper = subprocess.Popen(["sleep", "600"], start_new_session=True)
        kind = job.task.partition("-")[0]
        if kind == "dies" or (kind == "dies_once" and job.attempt == 0):
            os._exit(7)
        if kind == "hangs":
            threading.Event().wait()
        if kind == "fails" or (kind == "fails_once" and job.attempt == 0):
            raise DeviceError("the cable was pulled")
        right = job.seed % 3 != 0
        replies = [Click(point=button_centre(0 if right else 1)).model_dump_json(), Finish(message="done").model_dump_json()]
        env = ButtonsEnv()
        result = run_episode("press the first button", env, Agent(Counting(replies), ActionDialect(env.action_types)), folder,
                             limits=self.limits(), on_event=self._slowed(listen, kind))  # fmt: skip
        if kind == "unscored":
            raise DeviceError("nothing could be scored")
        return ended(row, result, "press the first button").model_copy(update={"raw": result.reward or 0.0, "done": True})

    def _slowed(self, listen: Callable[[Event], None], kind: str) -> Callable[[Event], None]:
        def hear(event: Event) -> None:
            second = event.phase == "thinking" and event.index == 1
            if second and kind == "torn":
                os._exit(7)
            if second and kind == "stalls":
                threading.Event().wait()
            if event.phase == "thinking" and self._pause_s:
                time.sleep(self._pause_s)
            listen(event)

        return hear

    def drop_world(self) -> None:
        """End the helper."""
        if self._helper is not None:
            self._helper.kill()
            self._helper.wait()
            self._helper = None


def summary(configuration: Configuration, rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    """The numbers of a run."""
    return episodes.summary("light", configuration, rows, KINDS)


def plan(tasks: Sequence[str], out: Path, how: How, pause_s: float = 0.0) -> Plan:
    """A run of these tasks, each with its place as the seed."""
    configuration = Configuration(model="scripted", dialect="action-json", pause_s=pause_s)
    return Plan(
        configuration=configuration,
        jobs=[Job(task, 0, seed) for seed, task in enumerate(tasks)],
        spec=spec_of(Worker, configuration, out),
        count=partial(summary, configuration),
        wording=Wording("Light", "Without a device.", "light"),
        how=how,
    )
