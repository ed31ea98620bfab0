"""handeye's agent as xlang-ai/OSWorld's runner takes agents: `reset`, and `predict(instruction, obs)` for each step.

The interface is that of OSWorld's lib_run_single.py and mm_agents/qwen25vl_agent.py, whose settings are the defaults here: temperature
0.5, top_p 0.9, 1,500 tokens, four past screenshots. The loop is handeye's own (`episode_acts`); only its actions are carried out by
OSWorld. docs/osworld.md says how to use it.
"""

from __future__ import annotations

import io
import logging
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
from PIL import Image

from handeye.agent.choosing import choose_dialect
from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Act, Acts, Agent, EpisodeStopped, Event, Limits, Setting, episode_acts
from handeye.agent.models.base import Model, Sampling
from handeye.agent.models.registry import open_model
from handeye.agent.osworld_actions import ActionSpace, OSWorldAction, osworld_actions
from handeye.agent.trajectory import Result
from handeye.envs.actions import LOOP_ACTIONS
from handeye.envs.env import TimeStep
from handeye.envs.observation import Observation
from handeye.envs.pointer import POINTER_ACTIONS
from handeye.tools.errors import DeviceError, InvalidAction, ModelError, SetupError

BLIND_STEPS = 3
"""How many observations in a row may lack a screenshot: OSWorld gives None where its VM did not answer."""
NO_LIMIT_S = 1_000_000.0
"""The runner counts steps and time."""


class HandeyeAgent:
    """An agent for OSWorld's runner. One action of the model for each `predict`; a reply with several is handed out one by one,
    as long as the screen still looks the same at their targets.

    `result` is how the last episode ended, as the loop sees it: `FAIL` is said only where the model says that it cannot be done, and
    `DONE` where handeye gives up (unreadable replies, the same action over and over), so that the state of the VM is what is scored.
    """

    def __init__(
        self,
        model: str | Model,
        *,
        dialect: str = "auto",
        action_space: ActionSpace = "pyautogui",
        observation_type: str = "screenshot",
        temperature: float = 0.5,
        top_p: float = 0.9,
        max_tokens: int = 1500,
        history_n: int = 4,
        parse_retries: int = 3,
        seed: int | None = None,
        dialect_options: Mapping[str, Any] | None = None,
        out: str | Path | None = None,
    ) -> None:
        """`model`: any name that `open_model` takes, or a model. `history_n`: past screenshots that the model sees again; 0: past actions
        in words. `out`: a folder in which each episode leaves its trajectory, under the task's id where the runner's logger tells it.

        Raises `SetupError` for what does not exist or cannot be set up here.
        """
        if action_space not in get_args(ActionSpace) or observation_type != "screenshot":
            raise SetupError(
                f"There is no action space {action_space!r} with observations {observation_type!r} here.",
                fix=f'use one of {", ".join(get_args(ActionSpace))} and "screenshot"',
            )
        self.action_space, self.observation_type = action_space, observation_type
        self.result: Result | None = None
        history = {"history": "turns", "history_pictures": history_n} if history_n else {}
        self._options: dict[str, Any] = history | dict(dialect_options or {})
        choice = choose_dialect(model if isinstance(model, str) else model.name, dialect)
        for warning in choice.warnings:
            warnings.warn(warning, stacklevel=2)
        opened = open_dialect(choice.dialect, POINTER_ACTIONS | {"wait"} | LOOP_ACTIONS, **self._options)
        self._model = open_model(model) if isinstance(model, str) else model
        sampling = Sampling(temperature=temperature, top_p=top_p, max_new_tokens=max_tokens, seed=seed)
        self._agent = Agent(self._model, opened, sampling)
        self._limits = Limits(steps=1_000_000, seconds=NO_LIMIT_S, parse_retries=parse_retries)
        self._out = None if out is None else Path(out)
        self._logger = logging.getLogger("desktopenv.handeye")
        self._acts: Acts | None = None
        self._blind = 0
        self._said = ""
        self._asked = 0.0

    def reset(self, _logger: logging.Logger | None = None, **kwargs: Any) -> None:
        """Begin a new episode at the next `predict`; what else a runner gives (`vm_ip`) is not needed."""
        self._stop()
        self.result = None
        self._blind = 0
        self._said = ""
        self._logger = _logger or logging.getLogger("desktopenv.handeye")

    def predict(self, instruction: str, obs: Mapping[str, Any], **kwargs: Any) -> tuple[str, list[OSWorldAction]]:
        """The model's words, and what is to be carried out now. Of `obs` only `screenshot` (the bytes of a PNG) is looked at.

        Raises `ModelError` when the model fails, `DeviceError` when there is no screenshot `BLIND_STEPS` times in a row.
        """
        if self.result is not None:
            return self._said, [_last(self.result)]
        observation = self._observation(obs.get("screenshot"))
        if observation is None:
            return "", ["WAIT"]
        try:
            act = self._next(instruction, observation)
            while True:
                try:
                    actions = osworld_actions(act.action, self.action_space)
                except InvalidAction as error:
                    assert self._acts is not None
                    act = self._acts.throw(error)
                else:
                    break
        except StopIteration as ended:
            return self._ended(ended.value)
        self._asked = time.monotonic()
        self._logger.info("handeye: %s -> %s", act.said, actions)
        # No text to type: nothing to carry out, and runners take an empty list for the end.
        return act.said, actions or ["WAIT"]

    def close(self) -> None:
        """End the episode, if one is going on, and let go of the model. A second call does nothing."""
        self._stop()
        self._model.close()

    def _next(self, instruction: str, observation: Observation) -> Act:
        if self._acts is not None:
            return self._acts.send(TimeStep(observation, act_s=time.monotonic() - self._asked))
        setting = Setting("osworld", {"action_space": self.action_space}, self._options)
        acts = episode_acts(
            instruction, observation, self._agent, self._folder(), limits=self._limits, setting=setting, on_event=self._heard
        )
        self._acts = acts
        return next(acts)

    def _observation(self, png: bytes | None) -> Observation | None:
        """The screenshot; None where there is none, for `BLIND_STEPS` times."""
        if not png:
            self._blind += 1
            if self._blind > BLIND_STEPS:
                raise DeviceError(f"OSWorld gave no screenshot {self._blind} times in a row.")
            return None
        self._blind = 0
        try:
            with Image.open(io.BytesIO(png)) as image:
                return Observation(np.asarray(image.convert("RGB")))
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise DeviceError(f"OSWorld's screenshot cannot be read ({error}).") from error

    def _folder(self) -> Path | None:
        if self._out is None:
            return None
        _, _, task = self._logger.name.partition("desktopenv.example.")
        name = "".join(character if character.isalnum() or character in "-_" else "_" for character in task) or "episode"
        number = 1
        while (path := self._out / (name if number == 1 else f"{name}-{number}")).exists():
            number += 1
        return path

    def _heard(self, event: Event) -> None:
        if event.row is not None and event.row.attempts:
            self._said = event.row.attempts[-1].text

    def _ended(self, result: Result) -> tuple[str, list[OSWorldAction]]:
        self._acts = None
        self.result = result
        self._logger.info("handeye: the episode ended: %s %s", result.outcome, result.message)
        if result.outcome == "model_error":
            raise ModelError(result.message)
        if result.outcome == "interrupted":
            raise KeyboardInterrupt
        return self._said, [_last(result)]

    def _stop(self) -> None:
        """The runner asks no more: its steps are used up, or something failed on its side."""
        acts, self._acts = self._acts, None
        if acts is None:
            return
        try:
            acts.throw(EpisodeStopped("The runner asked for no further action."))
        except StopIteration as ended:
            self.result = ended.value
        finally:
            acts.close()


def _last(result: Result) -> str:
    return "FAIL" if result.outcome == "not_reached" else "DONE"
