"""One episode: load the page, let the policy work it through the agent's loop, read the page's reward."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handeye.agent.describe import describe
from handeye.agent.loop import Agent, Event, Limits, Setting, run_episode
from handeye.agent.models.base import Model, Sampling
from handeye.agent.trajectory import Result, StepRow
from handeye.benchmarks.miniwob.results import Configuration, EpisodeRow
from handeye.benchmarks.miniwob.tasks import find_task
from handeye.envs.actions import LOOP_ACTIONS
from handeye.tools.errors import HandeyeError, SetupError

if TYPE_CHECKING:
    from handeye.benchmarks.miniwob.env import MiniWobEnv
    from handeye.tools.browser import BrowserDriver

WORLD_OUTCOMES = frozenset({"device_error", "model_error"})
_NO_LIMIT = 1_000_000


@dataclass(frozen=True)
class Job:
    """An episode that is to be run."""

    task: str
    index: int
    seed: int

    @property
    def folder(self) -> str:
        """Where its trajectory goes, relative to the results."""
        return f"episodes/{self.task}/{self.index}"


@dataclass(frozen=True)
class Progress:
    """What an episode is about, for live display."""

    job: Job
    step: int
    text: str
    worker: int = 0


class Interrupted(Exception):
    """The person stopped the run in mid-episode; the episode does not count."""


class Worker:
    """Runs episodes one after the other, with one browser and one model that are opened at the first and kept."""

    def __init__(self, configuration: Configuration, out: Path) -> None:
        self._configuration = configuration
        self._out = out
        self._driver: BrowserDriver | None = None
        self._model: Model | None = None

    def run(self, job: Job, on_progress: Callable[[Progress], None] = lambda progress: None) -> EpisodeRow:
        """Run one episode; a failure of the world is a row with its error.

        Raises `SetupError` when a piece is missing on this machine, `Interrupted` after Ctrl-C.
        """
        begun = time.perf_counter()
        row = EpisodeRow(task=job.task, kind=find_task(job.task).kind, index=job.index, seed=job.seed, run=job.folder)
        steps: list[StepRow] = []

        def listen(event: Event) -> None:
            if event.row is not None:
                steps.append(event.row)
            said = event.thought or (describe(event.action) if event.action is not None else event.phase)
            on_progress(Progress(job, event.index, " ".join(said.split())))

        try:
            row = self._episode(job, row, listen)
        except (SetupError, Interrupted):
            raise
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in one episode must not cost the others
            told = str(error) if isinstance(error, HandeyeError) else f"{type(error).__name__}: {error}"
            row = row.model_copy(update={"outcome": "world_error", "error": told})
        if row.error:
            self._drop_browser()
        seconds = time.perf_counter() - begun
        self._write_page(job)
        return row.model_copy(
            update={
                "seconds": round(seconds, 3),
                "steps": len(steps),
                # After its end the page shows nothing but a cover.
                "last_screen": steps[-1].screen if row.done and steps else row.last_screen,
                "model_s": tuple(round(step.timings.model_s + step.timings.parse_s, 4) for step in steps),
                "env_s": tuple(round(step.timings.act_s + step.timings.settle_s + step.timings.capture_s, 4) for step in steps),
            }
        )

    def close(self) -> None:
        """Close the browser and the model. A second call does nothing."""
        self._drop_browser()
        if self._model is not None:
            self._model.close()
            self._model = None

    def _episode(self, job: Job, row: EpisodeRow, listen: Callable[[Event], None]) -> EpisodeRow:
        from handeye.benchmarks.miniwob.env import MiniWobEnv

        folder = self._out / job.folder
        if folder.exists():
            # What a killed run left of this episode: it has no row, so it never counted.
            shutil.rmtree(folder)
        env = MiniWobEnv(job.task, driver=self._browser(), scale=self._configuration.scale)
        try:
            goal = env.load(job.seed)
            result = run_episode(
                goal,
                env,
                self._agent(env, goal, job.task),
                folder,
                limits=self._limits(),
                seed=job.seed,
                setting=Setting("miniwob", {"task": job.task, "scale": self._configuration.scale}),
                on_event=listen,
            )
            if result.outcome == "interrupted":
                raise Interrupted
            return _scored(row.model_copy(update={"goal": goal}), result, env)
        finally:
            env.close()

    def _agent(self, env: MiniWobEnv, goal: str, task: str) -> Agent:
        from handeye.benchmarks.miniwob.policies import ActionDialect, NoopModel, OracleModel

        name = self._configuration.model
        if name == "noop":
            return Agent(NoopModel(), ActionDialect(env.action_types))
        if name == "oracle":
            from handeye.benchmarks.miniwob.oracle import OracleError, solver_of

            solver = solver_of(task)
            if solver is None:
                raise OracleError("the oracle has no solver for this task")
            return Agent(OracleModel(solver, env.page(goal)), ActionDialect(env.action_types))
        from handeye.agent.dialects.registry import open_dialect
        from handeye.agent.models.registry import open_model

        if self._model is None:
            self._model = open_model(name)
        return Agent(self._model, open_dialect(self._configuration.dialect, env.action_types | LOOP_ACTIONS), Sampling())

    def _write_page(self, job: Job) -> None:
        """The episode's own HTML page, to which the report links; a run that cannot be shown is still a run."""
        from handeye.agent.viewer import write

        with suppress(Exception):
            write(self._out / job.folder)

    def _limits(self) -> Limits:
        scripted = self._configuration.model in ("oracle", "noop")
        return Limits(steps=self._configuration.max_steps, repeats=_NO_LIMIT if scripted else Limits().repeats)

    def _browser(self) -> BrowserDriver:
        from handeye.benchmarks.miniwob.env import launch

        if self._driver is None:
            self._driver = launch(self._configuration.scale, self._configuration.viewport)
        return self._driver

    def _drop_browser(self) -> None:
        if self._driver is not None:
            self._driver.close()
            self._driver = None


def _scored(row: EpisodeRow, result: Result, env: MiniWobEnv) -> EpisodeRow:
    score = env.score()
    return row.model_copy(
        update={
            "raw": score.raw,
            "decayed": score.decayed,
            "reason": score.reason,
            "done": score.done,
            "outcome": result.outcome,
            "message": result.message,
            "error": result.message if result.outcome in WORLD_OUTCOMES else "",
            "prompt_tokens": result.prompt_tokens,
            "completion_tokens": result.completion_tokens,
            "last_screen": result.last_screen,
        }
    )
