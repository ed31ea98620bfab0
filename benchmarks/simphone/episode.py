"""One episode: make the task's world, let the policy work the phone through the agent's loop, read the score from the device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from handeye.agent.loop import Agent, Event, Limits, Setting, run_episode
from handeye.agent.models.base import Sampling
from handeye.benchmarks.episodes.policies import ActionDialect, NoopModel, OracleModel
from handeye.benchmarks.episodes.rows import EpisodeRow, Job
from handeye.benchmarks.episodes.worker import EpisodeWorker, ended
from handeye.benchmarks.simphone.catalogue import find_task
from handeye.benchmarks.simphone.results import Configuration
from handeye.benchmarks.simphone.task import Task
from handeye.envs.actions import LOOP_ACTIONS
from handeye.tools.geometry import Size

if TYPE_CHECKING:
    from handeye.benchmarks.simphone.env import World


class Worker(EpisodeWorker):
    """Runs phone tasks on one simulated phone."""

    configuration_type = Configuration

    def __init__(self, configuration: Configuration, out: Path) -> None:
        super().__init__(configuration, out)
        self._configuration = configuration
        self._world: World | None = None

    def blank(self, job: Job) -> EpisodeRow:
        """The row before the episode."""
        return EpisodeRow(task=job.task, kind=find_task(job.task).kind, index=job.index, seed=job.seed, run=job.folder)

    def episode(self, job: Job, row: EpisodeRow, folder: Path, listen: Callable[[Event], None]) -> EpisodeRow:
        """Work the phone and read the score."""
        world = self._open()
        task = find_task(job.task).draw(job.seed)
        world.begin(task)
        result = run_episode(
            task.goal,
            world.env,
            self._agent(world, task),
            folder,
            limits=self._limits(task),
            seed=job.seed,
            setting=Setting("simphone", {"task": job.task}),
            on_event=listen,
        )
        found = ended(row, result, task.goal)
        over = result.outcome == "reached"
        raw = task.is_successful(world.phone, result.answer) if over else 0.0
        task.tear_down(world.phone)
        return found.model_copy(update={"raw": raw, "decayed": raw, "done": over, "reason": "; ".join(task.damage)[:300]})

    def drop_world(self) -> None:
        """End the phone."""
        if self._world is not None:
            self._world.close()
            self._world = None

    def _agent(self, world: World, task: Task) -> Agent:
        types = world.env.action_types
        if self._configuration.model == "noop":
            return Agent(NoopModel(waits=1), ActionDialect(types))
        if self._configuration.model == "oracle":
            return Agent(OracleModel(task.solve(world.ui())), ActionDialect(types))
        from handeye.agent.dialects.registry import open_dialect

        return Agent(self.model(), open_dialect(self._configuration.dialect, types | LOOP_ACTIONS), Sampling())

    def _limits(self, task: Task) -> Limits:
        """The task's own budget, unless the configuration says otherwise."""
        limits = self.limits()
        return limits if self._max_steps else replace(limits, steps=task.max_steps)

    def _open(self) -> World:
        from handeye.benchmarks.simphone.env import HASTY, World
        from handeye.envs.frames import DEFAULT_FRAME_LIMITS

        if self._world is None:
            self._world = World(Size(*self._configuration.screen), limits=HASTY if self._scripted else DEFAULT_FRAME_LIMITS)
        return self._world
