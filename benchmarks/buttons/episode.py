"""One page: show it, let the agent's loop work it, read what the page was clicked on."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Literal, TypeAlias

from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Agent, Event, Limits, Setting, run_episode
from handeye.agent.models.base import Model, Sampling
from handeye.agent.trajectory import Result, StepRow
from handeye.benchmarks.buttons.env import ButtonsPageEnv, launch, task_of
from handeye.benchmarks.buttons.results import BENCHMARK, Configuration, PageRow
from handeye.envs.actions import LOOP_ACTIONS, points_of
from handeye.tools.browser import BrowserDriver
from handeye.tools.errors import DeviceError, ModelError
from handeye.tools.geometry import Box

Keep: TypeAlias = Literal["all", "failures", "none"]
_WORLD = frozenset({"device_error", "model_error"})


class PageRunner:
    """Runs pages one after the other, with one model and one browser that is opened at the first and kept."""

    def __init__(self, configuration: Configuration, model: Model, out: Path, keep: Keep = "all") -> None:
        """`keep`: of which pages the trajectory stays below `out`."""
        self._configuration = configuration
        self._model = model
        self._out = out
        self._keep = keep
        self._driver: BrowserDriver | None = None

    def run(self, page: int) -> PageRow:
        """Run one page; a failure of the browser or the model is a row with its error.

        Raises `SetupError` when a piece is missing on this machine, `KeyboardInterrupt` after Ctrl-C, and then the page does not count.
        """
        task = task_of(self._configuration.seed, page)
        row = PageRow(page=page, goal=task.goal, target=task.screen.buttons[task.target].box, run=f"pages/{page}")
        folder = self._out / row.run
        if folder.exists():
            # What a killed run left of this page: it has no row, so it never counted.
            shutil.rmtree(folder)
        begun = time.perf_counter()
        steps: list[StepRow] = []
        try:
            if self._driver is None:
                self._driver = launch()
            env = ButtonsPageEnv(self._configuration.seed, self._driver)
            result = self._episode(task.goal, env, page, folder, steps)
        except (DeviceError, ModelError) as error:
            row = row.model_copy(update={"outcome": "device_error", "error": str(error)})
        else:
            row = _scored(row, env, result, steps)
        row = row.model_copy(update={"seconds": round(time.perf_counter() - begun, 3)})
        if row.error:
            self.close()
        if self._keep == "none" or (self._keep == "failures" and row.verdict == "inside"):
            shutil.rmtree(folder, ignore_errors=True)
            row = row.model_copy(update={"run": ""})
        return row

    def close(self) -> None:
        """Close the browser. A second call does nothing."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None

    def _episode(self, goal: str, env: ButtonsPageEnv, page: int, folder: Path, steps: list[StepRow]) -> Result:
        configuration = self._configuration

        def listen(event: Event) -> None:
            if event.row is not None:
                steps.append(event.row)

        result = run_episode(
            goal,
            env,
            Agent(
                self._model,
                open_dialect(configuration.dialect, env.action_types | LOOP_ACTIONS),
                Sampling(max_new_tokens=configuration.max_new_tokens),
                constrain=configuration.constrain,
            ),
            folder,
            limits=Limits(steps=configuration.steps),
            seed=page,
            setting=Setting(BENCHMARK, {"series": configuration.seed, "page": page}),
            on_event=listen,
        )
        if result.outcome == "interrupted":
            raise KeyboardInterrupt
        return result


def _scored(row: PageRow, env: ButtonsPageEnv, result: Result, steps: list[StepRow]) -> PageRow:
    attempts = [attempt for step in steps for attempt in step.attempts]
    clicked = next((step.action for step in steps if step.action is not None and step.action.type == "click"), None)
    point = next(iter(points_of(clicked)), None) if clicked is not None else None
    phases = dict.fromkeys(phase for attempt in attempts for phase in attempt.timings)
    carried_out = [step.timings for step in steps if step.changed is not None]
    return row.model_copy(
        update={
            "hits": env.hits,
            "click": point,
            "distance": None if point is None else round(point.distance(Box(*row.target).center), 2),
            "reward": result.reward or 0.0,
            "outcome": result.outcome,
            "error": result.message if result.outcome in _WORLD else "",
            "reply": attempts[-1].text if attempts else "",
            "attempts": len(attempts),
            "model_s": round(sum(attempt.model_s + attempt.parse_s for attempt in attempts), 4),
            "timings": {phase: round(sum(attempt.timings.get(phase, 0.0) for attempt in attempts), 4) for phase in phases},
            "env_s": tuple(round(spent.act_s + spent.settle_s + spent.capture_s, 4) for spent in carried_out),
            "prompt_tokens": result.prompt_tokens,
            "completion_tokens": result.completion_tokens,
            "cached_tokens": sum(attempt.cached_tokens for attempt in attempts),
        }
    )
