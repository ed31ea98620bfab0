"""`check_env`: whether something is an `Env` as handeye means it. Run it on every environment.

The model is the test utilities of google-deepmind/dm_env: conformance is part of the product, not of its tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Action, Click, LongPress, Move, Scroll, Swipe, TypeText, Wait
from handeye.envs.env import Env, Permit, SightedEnv, TimeStep
from handeye.envs.observation import Observation
from handeye.tools.check import ConformanceError, expect_error
from handeye.tools.errors import DeviceError, InvalidAction, TargetChanged
from handeye.tools.geometry import Box, Point, Size
from handeye.tools.target import Target

__all__ = ["ConformanceError", "check_env"]


def check_env(env: Env, actions: Sequence[Action] | None = None, *, seed: int | None = 0, close: bool = True) -> None:
    """Reset `env`, take steps in it, good and bad, reset it again, and close it (twice) unless told not to. One that can tell what an
    action would touch is asked for it, and must refuse to act on anything else.

    `actions`: steps to take; None: harmless ones of the kinds that the environment accepts, in the middle of its screen.
    Raises `ConformanceError` with all that is wrong.
    """
    found: list[str] = []
    if not isinstance(env, Env):
        raise ConformanceError(type(env).__name__, ("it lacks methods of Env",))
    _check_types(env, found)
    for action in _harmless(env, Size(8, 8))[:1]:
        expect_error("step before reset", lambda action=action: env.step(action), InvalidAction, found)  # type: ignore[misc]
    first = env.reset(seed)
    _check_observation("reset", first, found)
    for action in actions if actions is not None else _harmless(env, first.size):
        try:
            _check_step(action.type, env.step(action), found)
        except (InvalidAction, DeviceError) as error:
            found.append(f"{action.type} fails: {error}")
    _check_refusals(env, first.size, found)
    if isinstance(env, SightedEnv):
        goes_on = False
        for action in actions if actions is not None else _harmless(env, first.size):
            if not goes_on:
                env.reset(seed)
            goes_on = _check_sight(env, action, found)
        _check_blindness(env, first.size, found)
        _check_values(env, found)
    again = env.reset(seed)
    _check_observation("a second reset", again, found)
    if again is first:
        found.append("a second reset gives the very same observation")
    if close:
        env.close()
        env.close()
        for action in _harmless(env, first.size)[:1]:
            expect_error("step after close", lambda action=action: env.step(action), InvalidAction, found)  # type: ignore[misc]
    if found:
        raise ConformanceError(type(env).__name__, tuple(found))


def _check_types(env: Env, found: list[str]) -> None:
    types: Any = env.action_types
    if not isinstance(types, frozenset):
        found.append("action_types is no frozenset")
    if unknown := set(types) - ACTIONS.keys():
        found.append(f"action_types names verbs that there are not: {', '.join(sorted(unknown))}")
    if loops := set(types) & LOOP_ACTIONS:
        found.append(f"action_types names verbs of the loop: {', '.join(sorted(loops))}")
    if not types:
        found.append("action_types is empty")


def _check_observation(when: str, observation: Any, found: list[str]) -> None:
    if not isinstance(observation, Observation):
        found.append(f"{when} gives {type(observation).__name__}, not an Observation")
        return
    if observation.screenshot.flags.writeable:
        found.append(f"the screenshot of {when} can be written to")
    if observation.pointer is not None and not observation.pointer.inside(observation.size):
        found.append(f"the pointer of {when} is outside of the screenshot")
    if sum(tab.active for tab in observation.tabs) > 1:
        found.append(f"{when} shows more than one active tab")


def _check_step(verb: str, step: Any, found: list[str]) -> None:
    if not isinstance(step, TimeStep):
        found.append(f"{verb} gives {type(step).__name__}, not a TimeStep")
        return
    _check_observation(verb, step.observation, found)
    if step.act_s < 0 or step.capture_s < 0 or step.settled.waited_s < 0:
        found.append(f"{verb} took negative time")


def _check_refusals(env: Env, size: Size, found: list[str]) -> None:
    outside = Point(size.width, size.height - 1)
    for action in (Click(point=outside), Move(point=outside), LongPress(point=Point(-1, 0)), Swipe(start=Point(0, 0), end=outside)):
        if action.type in env.action_types:
            expect_error(f"{action.type} outside of the screenshot", lambda action=action: env.step(action), InvalidAction, found)  # type: ignore[misc]
    for verb in sorted(set(ACTIONS) - env.action_types):
        example = _example(verb, size)
        expect_error(f"{verb}, which is not in action_types,", lambda example=example: env.step(example), InvalidAction, found)  # type: ignore[misc]


def _check_sight(env: SightedEnv, action: Action, found: list[str]) -> bool:
    """Gives whether the episode goes on."""
    verb = action.type
    try:
        targets: Any = env.targets(action)
        if not isinstance(targets, tuple) or not all(isinstance(target, Target) for target in targets):
            found.append(f"targets of {verb} gives no tuple of targets")
            return False
        if blind := [target for target in targets if not target.known and not target.doubts]:
            found.append(f"targets of {verb} gives {blind[0].place} as not known and does not say why")
        others = [(replace(target, identity=f"not {target.identity}"), *targets[1:]) for target in targets[:1]]
        for other in [*others, (*targets, Target("desktop", "point", identity="none"))]:
            _check_refused(env, action, Permit(other, effects=True), TargetChanged, f"{verb} on what is not there", found)
        permit = Permit(env.targets(action), effects=True)
        step = env.step_permitted(action, permit)
        _check_step(verb, step, found)
        _check_refused(env, action, permit, InvalidAction, f"{verb} with a permit that was used", found)
    except (InvalidAction, DeviceError) as error:
        found.append(f"{verb} with a permit fails: {error}")
        return False
    return isinstance(step, TimeStep) and not step.done


def _check_refused(env: SightedEnv, action: Action, permit: Permit, kind: type[Exception], what: str, found: list[str]) -> None:
    expect_error(what, lambda: env.step_permitted(action, permit), kind, found)


def _check_unseen(env: SightedEnv, action: Action, what: str, found: list[str]) -> None:
    expect_error(what, lambda: env.targets(action), InvalidAction, found)


def _check_blindness(env: SightedEnv, size: Size, found: list[str]) -> None:
    outside = Point(size.width, size.height - 1)
    for action in (Click(point=outside), LongPress(point=outside)):
        if action.type in env.action_types:
            _check_unseen(env, action, f"targets of {action.type} outside of the screenshot", found)
    for verb in sorted(set(ACTIONS) - env.action_types):
        _check_unseen(env, _example(verb, size), f"targets of {verb}, which is not in action_types,", found)


def _check_values(env: SightedEnv, found: list[str]) -> None:
    values = ("a value that nothing shows",)
    try:
        shown: Any = env.shown_at(values)
        if shown is not None and not (isinstance(shown, tuple) and all(isinstance(box, Box) for box in shown)):
            found.append("shown_at gives no tuple of boxes")
        env.keep_out(values)
        env.keep_out(())
    except (InvalidAction, DeviceError) as error:
        found.append(f"saying where a value is shown, or keeping it out, fails: {error}")


def _harmless(env: Env, size: Size) -> list[Action]:
    middle = Point(size.width // 2, size.height // 2)
    tries: list[Action] = [
        Wait(seconds=0),
        Move(point=middle),
        Scroll(point=middle, direction="down", amount=50),
        Scroll(direction="up", amount=50) if "move" in env.action_types else Scroll(point=middle, direction="up", amount=50),
        Click(point=middle),
        LongPress(point=middle, duration_s=0.05),
        Swipe(start=middle, end=Point(middle.x, 0), duration_s=0.05),
        TypeText(text="a é 字\n"),
    ]
    return [action for action in tries if action.type in env.action_types]


def _example(verb: str, size: Size) -> Action:
    middle = {"x": size.width // 2, "y": size.height // 2}
    point = Point(**middle)
    values: dict[str, dict[str, Any]] = {
        "click": {"point": point},
        "move": {"point": point},
        "long_press": {"point": point},
        "drag": {"end": point},
        "swipe": {"start": point, "end": point},
        "scroll": {"point": point},
        "type_text": {"text": "a"},
        "press_keys": {"keys": ("a",)},
        "press_button": {"button": "home"},
        "open_app": {"name": "none"},
        "goto": {"url": "about:blank"},
        "switch_tab": {"index": 0},
        "answer_dialog": {"accept": False},
        "answer": {"text": ""},
        "ask_user": {"question": "?"},
    }
    cls: Any = ACTIONS[verb]
    made: Action = cls(**values.get(verb, {}))
    return made
