"""Whether an answer is right: the click inside the target, the box where the button is."""

from __future__ import annotations

from handeye.agent.dialects.qwen25vl import QwenComputerUse
from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.benchmarks.buttons.screens import VIEWPORT, Screen
from handeye.envs.actions import Click, Finish
from handeye.tools.errors import ParseError


def clicked_right(screen: Screen, wanted: str, given: str) -> bool:
    """Whether `given` clicks the button that `wanted` clicks, or ends the task as it does."""
    dialect = QwenComputerUse(frozenset({"click"}))
    try:
        action, right = dialect.parse(given, VIEWPORT).actions[0], dialect.parse(wanted, VIEWPORT).actions[0]
    except ParseError:
        return False
    if isinstance(right, Finish):
        return isinstance(action, Finish)
    if not isinstance(action, Click) or action.point is None or not isinstance(right, Click) or right.point is None:
        return False
    target = next(button for button in screen.buttons if button.box.contains(right.point))
    return target.box.contains(action.point)


def boxed_right(wanted: str, given: str) -> bool:
    """Whether the middle of the first box in `given` lies in that of `wanted`."""
    dialect = QwenPoint()
    try:
        found, right = dialect.locate(given, VIEWPORT), dialect.locate(wanted, VIEWPORT)
    except ParseError:
        return False
    return right[0].box is not None and right[0].box.contains(found[0].point)
