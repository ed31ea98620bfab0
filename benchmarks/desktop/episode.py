"""One episode: make the task's world, let the policy work the desktop through the agent's loop, score what it left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from handeye.agent.loop import Agent, Event, Limits, Setting, run_episode
from handeye.agent.models.base import Sampling
from handeye.benchmarks.desktop.catalogue import Entry, find
from handeye.benchmarks.desktop.results import Configuration
from handeye.benchmarks.episodes.policies import ActionDialect, NoopModel, OracleModel
from handeye.benchmarks.episodes.rows import EpisodeRow, Job
from handeye.benchmarks.episodes.worker import EpisodeWorker, ended
from handeye.envs.actions import LOOP_ACTIONS
from handeye.tools.geometry import Size

if TYPE_CHECKING:
    from handeye.benchmarks.desktop.env import World


class Worker(EpisodeWorker):
    """Runs desktop tasks on one machine."""

    configuration_type = Configuration

    def __init__(self, configuration: Configuration, out: Path, trusted: bool = False) -> None:
        """`trusted`: whether tasks of an OSWorld checkout may run their commands; our own always may."""
        super().__init__(configuration, out)
        self._configuration = configuration
        self._osworld = Path(configuration.osworld) if configuration.osworld else None
        self._trusted = trusted or self._osworld is None
        self._world: World | None = None

    def blank(self, job: Job) -> EpisodeRow:
        """The row before the episode."""
        entry = find(job.task, self._osworld)
        return EpisodeRow(task=job.task, kind=entry.domain, index=job.index, seed=job.seed, run=job.folder)

    def episode(self, job: Job, row: EpisodeRow, folder: Path, listen: Callable[[Event], None]) -> EpisodeRow:
        """Work the desktop and score it."""
        entry, world = find(job.task, self._osworld), self._open()
        env = world.begin(entry, self._trusted)
        result = run_episode(
            entry.task.instruction,
            env,
            self._agent(world, job.task, env.action_types),
            folder,
            limits=self._limits(entry),
            seed=job.seed,
            setting=Setting("desktop-tasks", {"task": job.task}),
            on_event=listen,
        )
        found = ended(row, result, entry.task.instruction)
        if found.error:
            return found
        verdict = world.score(entry, result.outcome, result.answer or "")
        over = result.outcome in ("reached", "not_reached")
        reason = "" if verdict.score == 1.0 else verdict.reason[:300]
        return found.model_copy(update={"raw": verdict.score, "decayed": verdict.score, "done": over, "reason": reason})

    def drop_world(self) -> None:
        """End the desktop."""
        if self._world is not None:
            self._world.close()
            self._world = None

    def _agent(self, world: World, task: str, types: frozenset[str]) -> Agent:
        if self._configuration.model == "noop":
            return Agent(NoopModel(waits=1), ActionDialect(types))
        if self._configuration.model == "oracle":
            from handeye.benchmarks.desktop.solutions import SOLUTIONS

            return Agent(OracleModel(SOLUTIONS[task](world.ui())), ActionDialect(types))
        from handeye.agent.dialects.registry import open_dialect

        return Agent(self.model(), open_dialect(self._configuration.dialect, types | LOOP_ACTIONS), Sampling())

    def _limits(self, entry: Entry) -> Limits:
        """The task's own limit, unless the configuration says otherwise."""
        limits = self.limits()
        return limits if self._max_steps else replace(limits, steps=entry.max_steps)

    def _open(self) -> World:
        from handeye.benchmarks.desktop.env import HASTY, World
        from handeye.envs.desktop import DESKTOP_LIMITS

        if self._world is None:
            self._world = World(Size(*self._configuration.screen), HASTY if self._scripted else DESKTOP_LIMITS)
        return self._world
