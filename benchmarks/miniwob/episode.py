"""One episode: load the page, let the policy work it through the agent's loop, read the page's reward."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from handeye.agent.loop import Agent, Event, Setting, run_episode
from handeye.agent.models.base import Sampling
from handeye.benchmarks.episodes.rows import EpisodeRow, Job
from handeye.benchmarks.episodes.worker import EpisodeWorker, ended
from handeye.benchmarks.miniwob.results import Configuration
from handeye.benchmarks.miniwob.tasks import find_task
from handeye.envs.actions import LOOP_ACTIONS

if TYPE_CHECKING:
    from handeye.benchmarks.miniwob.env import MiniWobEnv
    from handeye.tools.browser import BrowserDriver


class Worker(EpisodeWorker):
    """Runs MiniWoB++ episodes in one browser."""

    configuration_type = Configuration

    def __init__(self, configuration: Configuration, out: Path) -> None:
        super().__init__(configuration, out)
        self._configuration = configuration
        self._driver: BrowserDriver | None = None

    def blank(self, job: Job) -> EpisodeRow:
        """The row before the episode."""
        return EpisodeRow(task=job.task, kind=find_task(job.task).kind, index=job.index, seed=job.seed, run=job.folder)

    def episode(self, job: Job, row: EpisodeRow, folder: Path, listen: Callable[[Event], None]) -> EpisodeRow:
        """Work the page and read its reward."""
        from handeye.benchmarks.miniwob.env import MiniWobEnv

        env = MiniWobEnv(job.task, driver=self._browser(), scale=self._configuration.scale)
        last_screen = ""

        def note(event: Event) -> None:
            nonlocal last_screen
            if event.row is not None:
                last_screen = event.row.screen
            listen(event)

        try:
            goal = env.load(job.seed)
            result = run_episode(
                goal,
                env,
                self._agent(env, goal, job.task),
                folder,
                limits=self.limits(),
                seed=job.seed,
                setting=Setting("miniwob", {"task": job.task, "scale": self._configuration.scale}),
                on_event=note,
            )
            score = env.score()
        finally:
            env.close()
        found = ended(row, result, goal)
        return found.model_copy(
            update={
                "raw": score.raw,
                "decayed": score.decayed,
                "reason": score.reason,
                "done": score.done,
                # After its end the page shows nothing but a cover.
                "last_screen": last_screen if score.done and last_screen else found.last_screen,
            }
        )

    def drop_world(self) -> None:
        """Close the browser."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None

    def _agent(self, env: MiniWobEnv, goal: str, task: str) -> Agent:
        from handeye.benchmarks.episodes.policies import ActionDialect, NoopModel, OracleError, OracleModel

        name = self._configuration.model
        if name == "noop":
            return Agent(NoopModel(), ActionDialect(env.action_types))
        if name == "oracle":
            from handeye.benchmarks.miniwob.oracle import solver_of

            solver = solver_of(task)
            if solver is None:
                raise OracleError("the oracle has no solver for this task")
            return Agent(OracleModel(solver(env.page(goal))), ActionDialect(env.action_types))
        from handeye.agent.dialects.registry import open_dialect

        return Agent(self.model(), open_dialect(self._configuration.dialect, env.action_types | LOOP_ACTIONS), Sampling())

    def _browser(self) -> BrowserDriver:
        from handeye.benchmarks.miniwob.env import launch

        if self._driver is None:
            self._driver = launch(self._configuration.scale, self._configuration.viewport)
        return self._driver
