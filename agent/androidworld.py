"""handeye's agent as AndroidWorld's own runner takes agents (google-research/android_world: agents/base_agent.py, episode_runner.py).

The loop is handeye's own (`episode_acts`); the screen comes from AndroidWorld's environment, once a step. Actions are carried out by
handeye's driver on the same phone, or, without one, by AndroidWorld's `execute_action` (`androidworld_actions`).
benchmarks/androidworld/README.md says how to use it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from handeye.agent import androidworld_actions
from handeye.agent.androidworld_actions import json_actions, told
from handeye.agent.describe import describe
from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Act, Acts, Agent, EpisodeStopped, Event, Limits, Setting, episode_acts
from handeye.agent.models.base import Model, Sampling
from handeye.agent.models.registry import open_model
from handeye.agent.trajectory import Result
from handeye.envs.actions import LOOP_ACTIONS, Action, Scroll, Wait
from handeye.envs.env import TimeStep
from handeye.envs.fingers import PHONE_ACTIONS, check_touch, touch
from handeye.envs.observation import Observation
from handeye.envs.settle import wait
from handeye.tools.android import AndroidDriver
from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError, InvalidAction, ModelError, SetupError
from handeye.tools.geometry import Point, Size

NO_LIMIT = 1_000_000
"""AndroidWorld's runner counts the steps, and there is no clock."""
ENDED_BY_AGENT = frozenset({"reached", "not_reached"})
"""Outcomes that are told to the runner as done: the model said so itself. An agent that gave up is not done, and scores nothing."""
SHORT = 300
"""Characters of a text that the runner keeps."""


class WorldEnv(Protocol):
    """What is used of AndroidWorld's `interface.AsyncEnv`."""

    def get_state(self, wait_to_stabilize: bool = False) -> Any:
        """The screen, `pixels` of shape (height, width, 3)."""

    def execute_action(self, action: Any) -> None:
        """Carry out a `JSONAction`."""

    @property
    def logical_screen_size(self) -> tuple[int, int]:
        """Width and height in pixels of touches, as the screen is turned now."""

    @property
    def physical_frame_boundary(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the screen in an upright picture."""

    @property
    def orientation(self) -> int:
        """Quarter turns, counted against the clock as the phone is turned."""


class Steps:
    """One episode after the other, a step at a time. Each `step` is one action of the model; a reply with several takes as many.

    `result` is how the last episode ended, as handeye's loop sees it.
    """

    def __init__(
        self,
        model: str | Model,
        make_action: Callable[..., Any],
        *,
        driver: AndroidDriver | None = None,
        dialect: str = "qwen2.5-vl/mobile_use",
        sampling: Sampling = Sampling(),
        parse_retries: int = 3,
        dialect_options: Mapping[str, Any] | None = None,
        out: str | Path | None = None,
    ) -> None:
        """`model`: any name that `open_model` takes, or a model. `make_action`: AndroidWorld's `JSONAction`. `driver`: handeye's, on the
        phone of AndroidWorld's environment. `out`: a folder in which each episode leaves its trajectory.

        Raises `SetupError` for what does not exist or cannot be set up here.
        """
        self.types = PHONE_ACTIONS if driver else androidworld_actions.ACTION_TYPES
        self.max_steps = 0
        """Of each episode, as the runner says; 0: it did not."""
        self.result: Result | None = None
        self._driver, self._make_action = driver, make_action
        self._options = dict(dialect_options or {})
        opened = open_dialect(dialect, self.types | LOOP_ACTIONS, **self._options)
        self._model = open_model(model) if isinstance(model, str) else model
        self._agent = Agent(self._model, opened, sampling)
        self._limits = Limits(steps=NO_LIMIT, seconds=float(NO_LIMIT), parse_retries=parse_retries)
        self._out = None if out is None else Path(out)
        self._folder: Path | None = None
        self._acts: Acts | None = None
        self._refused: InvalidAction | None = None
        self._note = ""
        self._heard = Event("thinking", 0)
        self._taken = 0
        self._act_s = 0.0
        self._size = Size(0, 0)

    def begin(self) -> None:
        """A new episode, at the next `step`."""
        self.stop("The runner began another episode.")
        self.result, self._refused, self._note, self._folder = None, None, "", None
        self._heard, self._taken, self._act_s = Event("thinking", 0), 0, 0.0

    def step(self, goal: str, env: WorldEnv, settled: Callable[[], Any]) -> tuple[bool, dict[str, Any]]:
        """Look, ask the model and carry out its action: whether it said done, and the data of the step, with the same keys every time.

        `settled` gives the state after an action. Raises `ModelError` when the model fails, `DeviceError` when the phone does.
        """
        if self.result is not None:
            return self.result.outcome in ENDED_BY_AGENT, self._data()
        self._taken += 1
        try:
            act = self._next(goal, env, settled)
        except StopIteration as ended:
            return self._ended(ended.value, env), self._data()
        begun = time.monotonic()
        self._refused, error = None, ""
        try:
            self._note = self._carry_out(act.action, env, self._size)
        except InvalidAction as fault:
            # It costs a step, as it does in handeye's own runner: the model is told at the next.
            self._refused, error = fault, str(fault)
        except DeviceError as fault:
            self._throw(fault)
            raise
        self._act_s = time.monotonic() - begun
        data = self._data(act.action, error)
        if self.max_steps and self._taken >= self.max_steps:
            refused = f" The last action was not carried out: {error}" if error else ""
            self.stop(f"Not done after {self._taken} steps.{refused}")
        return False, data

    def stop(self, why: str) -> None:
        """End the episode, if one is going on, as one that was given no further step."""
        if self._acts is not None:
            self._throw(EpisodeStopped(why))

    def close(self) -> None:
        """End the episode and let go of the model. A second call does nothing."""
        self.stop("The agent was closed.")
        self._model.close()

    def _next(self, goal: str, env: WorldEnv, settled: Callable[[], Any]) -> Act:
        """The next action. It is about a picture of `_size`."""
        if self._refused is not None and self._acts is not None:
            return self._acts.throw(self._refused)
        begun = time.monotonic()
        pixels = upright((settled() if self._acts is not None else env.get_state(wait_to_stabilize=False)).pixels, env)
        seen = Observation(pixels, notes=(self._note,) if self._note else ())
        self._size = seen.size
        if self._acts is not None:
            return self._acts.send(TimeStep(seen, act_s=self._act_s, capture_s=time.monotonic() - begun))
        setting = Setting("androidworld", {"loop": "official", "driver": self._driver is not None}, self._options)
        self._folder = self._new_folder(goal)
        self._acts = episode_acts(goal, seen, self._agent, self._folder, limits=self._limits, setting=setting, on_event=self._hear)
        return next(self._acts)

    def _carry_out(self, action: Action, env: WorldEnv, size: Size) -> str:
        check_touch(action, self.types, size)
        if isinstance(action, Wait):
            wait(action.seconds)
            return ""
        if self._driver is not None:
            if (self._driver.size.width > self._driver.size.height) != (size.width > size.height):
                self._driver.screenshot()  # it counts in pixels of its own last one, which was turned otherwise
            return touch(self._driver, scaled(action, size, self._driver.size), self._driver.size)
        screen = Size(*env.logical_screen_size)
        for one in json_actions(scaled(action, size, screen), screen):
            env.execute_action(self._make_action(**one))
        return told(action)

    def _ended(self, result: Result, env: WorldEnv) -> bool:
        self._acts, self.result = None, result
        if result.outcome == "model_error":
            raise ModelError(result.message)
        if result.outcome == "device_error":
            raise DeviceError(result.message)
        if result.outcome == "interrupted":
            raise KeyboardInterrupt
        if result.answer is not None:
            # It comes to `interaction_cache`, where the tasks that are questions look for it.
            env.execute_action(self._make_action(action_type="answer", text=result.answer))
        return result.outcome in ENDED_BY_AGENT

    def _throw(self, error: Exception) -> None:
        """End the loop with `error`."""
        acts, self._acts = self._acts, None
        assert acts is not None
        try:
            acts.throw(error)
        except StopIteration as ended:
            self.result = ended.value
        finally:
            acts.close()

    def _hear(self, event: Event) -> None:
        self._heard = event

    def _data(self, action: Action | None = None, error: str = "") -> dict[str, Any]:
        """Paths and small values: AndroidWorld's runner keeps them all, and loads every one of them again when it goes on."""
        result = self.result
        return {
            "trajectory": "" if self._folder is None else str(self._folder),
            "row": self._heard.index,
            "thought": self._heard.thought[:SHORT],
            "action": "" if action is None else describe(action, SHORT),
            "error": error[:SHORT],
            "outcome": "" if result is None else result.outcome,
            "message": "" if result is None else result.message[:SHORT],
        }

    def _new_folder(self, goal: str) -> Path | None:
        if self._out is None:
            return None
        name = re.sub(r"[^a-z0-9]+", "-", goal.lower())[:60].strip("-") or "episode"
        number = 1
        while (path := self._out / f"{name}-{number}").exists():
            number += 1
        return path


def handeye_agent(env: Any, model: str | Model, *, name: str = "handeye", transition_pause: float | None = None, **options: Any) -> Any:
    """An `EnvironmentInteractingAgent` for AndroidWorld's environment `env`, which its runner (suite_utils.run) drives.

    `transition_pause`: seconds to wait after an action; None: until its elements stand still, as AndroidWorld's run.py has it. `options`:
    what `Steps` takes. Beside the runner's methods it has `steps` and `close`.

    Raises `SetupError` when android_world cannot be imported, or for what does not exist or cannot be set up here.
    """
    try:
        from android_world.agents import base_agent
        from android_world.env import json_action
    except ImportError as error:
        raise SetupError(f"AndroidWorld cannot be imported ({error}).", fix="run this with its Python, from its checkout") from error

    class HandeyeAgent(base_agent.EnvironmentInteractingAgent):  # type: ignore[misc]
        """See `handeye_agent`."""

        def __init__(self) -> None:
            super().__init__(env, name, transition_pause)
            self.steps = Steps(model, json_action.JSONAction, **options)

        def reset(self, go_home: bool = False) -> None:
            self.steps.begin()
            super().reset(go_home)

        def set_max_steps(self, max_steps: int) -> None:
            super().set_max_steps(max_steps)
            self.steps.max_steps = max_steps

        def step(self, goal: str) -> Any:
            done, data = self.steps.step(goal, self.env, self.get_post_transition_state)
            return base_agent.AgentInteractionResult(done, data)

        def close(self) -> None:
            self.steps.close()

    return HandeyeAgent()


def upright(pixels: Any, env: WorldEnv) -> Pixels:
    """The picture as a person who holds the phone sees it. android_env's pictures stay in portrait when the phone is turned, and touches do
    not (agents/m3a_utils.py, `_logical_to_physical`): where the two disagree, the picture is cut to the screen and turned.

    Raises `DeviceError` for what is no picture.
    """
    frame = np.asarray(pixels)
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8 or not frame.size:
        raise DeviceError(f"AndroidWorld's state has no picture but an array of {frame.dtype} with the shape {frame.shape}.")
    wide, high = env.logical_screen_size
    if (wide > high) != (frame.shape[1] > frame.shape[0]) and wide != high:
        left, top, right, bottom = env.physical_frame_boundary
        frame = np.rot90(frame[top:bottom, left:right], env.orientation)
    return np.ascontiguousarray(frame)


def scaled(action: Action, shown: Size, screen: Size) -> Action:
    """`action`, whose points are pixels of a picture of `shown`, on a screen of `screen`."""
    if shown == screen:
        return action
    wide, high = screen.width / shown.width, screen.height / shown.height
    moved: dict[str, Any] = {
        field: Point(int((at.x + 0.5) * wide), int((at.y + 0.5) * high)) for field, at in action if isinstance(at, Point)
    }
    if isinstance(action, Scroll):
        moved["amount"] = max(1, round(action.amount * (high if action.direction in ("up", "down") else wide)))
    return action.model_copy(update=moved)
