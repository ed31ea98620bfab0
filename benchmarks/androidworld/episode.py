"""One episode: AndroidWorld's code prepares the phone, the agent works it through our driver, AndroidWorld's code scores it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handeye.agent.loop import Agent, Event, Setting, run_episode
from handeye.agent.models.base import Sampling
from handeye.benchmarks.androidworld.hand import Hand
from handeye.benchmarks.androidworld.results import Configuration
from handeye.benchmarks.androidworld.solutions import EIGHTEEN, FURTHER, TRUE_AT_ONCE
from handeye.benchmarks.androidworld.suite import read_budget, read_tasks, step_budget
from handeye.benchmarks.episodes.policies import ActionDialect, NoopModel, OracleError
from handeye.benchmarks.episodes.rows import EpisodeRow, Job
from handeye.benchmarks.episodes.worker import EpisodeWorker, ended
from handeye.envs.actions import LOOP_ACTIONS
from handeye.tools.errors import DeviceError
from handeye.tools.geometry import Size

if TYPE_CHECKING:
    from handeye.benchmarks.androidworld.host import Begun
    from handeye.benchmarks.androidworld.world import World

ENDED_BY_AGENT = frozenset({"reached", "not_reached"})
"""Outcomes in which the agent itself ended the episode: AndroidWorld's agents say `complete` or `infeasible`, and both are scored."""


class Worker(EpisodeWorker):
    """Runs AndroidWorld's tasks on one phone."""

    configuration_type = Configuration

    def __init__(
        self, configuration: Configuration, out: Path, checkout: str, python: str, serials: Sequence[str] = (),
        emulators: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """`python` has AndroidWorld's packages. `serials`: phones that run already, one for each worker; `emulators`: what those are
        started from that the workers start (`Emulators`, as JSON); neither: simulated ones."""
        super().__init__(configuration, out)
        self._configuration = configuration
        self._emulators = emulators
        self._checkout, self._python, self._serials = Path(checkout), python, tuple(serials)
        self._facts = read_tasks(self._checkout)
        self._steps: dict[str, int] = {}
        self._world: World | None = None

    def blank(self, job: Job) -> EpisodeRow:
        """The row before the episode."""
        facts = self._facts[job.task]
        return EpisodeRow(
            task=job.task,
            kind=facts.difficulty,
            index=job.index,
            seed=job.seed,
            difficulty=facts.difficulty,
            tags=facts.tags,
            run=job.folder,
        )

    def episode(self, job: Job, row: EpisodeRow, folder: Path, listen: Callable[[Event], None]) -> EpisodeRow:
        """Prepare, act, score, tear down."""
        world = self._open()
        row = row.model_copy(update={"budget": self._budget(job.task)})
        try:
            begun = world.begin(job.task, job.seed)
            row = row.model_copy(update={"goal": begun.goal})
            if self._configuration.model == "oracle":
                return self._carried_out(world, begun, row)
            return self._acted(world, begun, row, job, folder, listen)
        finally:
            # AndroidWorld's own runner leaves this out after an exception, and the next task finds what was left behind.
            with suppress(DeviceError):
                world.guest.end()

    def drop_world(self) -> None:
        """End the phone and AndroidWorld's process."""
        if self._world is not None:
            self._world.close()
            self._world = None

    def _acted(
        self, world: World, begun: Begun, row: EpisodeRow, job: Job, folder: Path, listen: Callable[[Event], None]
    ) -> EpisodeRow:  # fmt: skip
        limits = replace(self.limits(), steps=self._max_steps or row.budget)
        setting = Setting("androidworld", {"task": job.task, "seed": job.seed})
        result = run_episode(
            begun.goal, world.env, self._agent(world), folder, limits=limits, seed=job.seed, setting=setting, on_event=listen
        )
        found = ended(row, result, begun.goal)
        over = result.outcome in ENDED_BY_AGENT
        if result.answer is not None:
            world.guest.answer(result.answer)
        raw = world.guest.score() if over else 0.0
        return found.model_copy(update={"raw": raw, "decayed": raw, "done": over})

    def _carried_out(self, world: World, begun: Begun, row: EpisodeRow) -> EpisodeRow:
        """The oracle: the task's steps by touches and typing on the screen, scored before and after."""
        solution = {**EIGHTEEN, **FURTHER}.get(begun.task)
        if solution is None:
            raise OracleError("the oracle has no solution for this task")
        before = world.guest.score()
        solution(Hand(world.guest.shell), begun.params)
        raw = world.guest.score()
        expected = 1.0 if begun.task in TRUE_AT_ONCE else 0.0
        reason = "" if before == expected else f"it scored {before:g} before anything was done"
        return row.model_copy(update={"raw": raw, "decayed": raw, "done": True, "outcome": "reached", "reason": reason})

    def _agent(self, world: World) -> Agent:
        types = world.env.action_types
        if self._configuration.model == "noop":
            return Agent(NoopModel(waits=1), ActionDialect(types))
        from handeye.agent.dialects.registry import open_dialect

        return Agent(self.model(), open_dialect(self._configuration.dialect, types | LOOP_ACTIONS), Sampling())

    def _budget(self, task: str) -> int:
        if not self._steps:
            self._steps = self._open().guest.tasks()
        return step_budget(self._steps[task], read_budget(self._configuration.budget))

    def _open(self) -> World:
        from handeye.benchmarks.androidworld.emulators import Emulators
        from handeye.benchmarks.androidworld.world import World
        from handeye.benchmarks.simphone.env import HASTY
        from handeye.envs.frames import DEFAULT_FRAME_LIMITS

        if self._world is None:
            serial = self._serials[self.number % len(self._serials)] if self._serials else ""
            limits = HASTY if self._scripted else DEFAULT_FRAME_LIMITS
            emulator = Emulators(**self._emulators).options(self.number) if self._emulators else None
            size = Size(*self._configuration.screen)
            self._world = World(self._checkout, self._python, serial, size=size, limits=limits, emulator=emulator)
        return self._world
