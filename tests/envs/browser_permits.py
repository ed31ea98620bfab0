"""What the tests of a browser's permits share."""

from __future__ import annotations

from collections.abc import Callable

from handeye.envs.actions import Action, Click, PressKeys
from handeye.envs.browser import BrowserEnv
from handeye.envs.env import Permit
from handeye.tools.geometry import Point

Page = Callable[[str], None]
"""Opens a page with this in its body."""
SPOT = Point(50, 30)
BOX = "style='position:absolute;left:10px;top:10px;width:200px;height:50px'"
OVER = "style='position:absolute;left:0;top:0;width:400px;height:200px'"
CLICK = Click(point=SPOT)
ENTER = PressKeys(keys=("enter",))
PAY = f"<button id=pay onclick='hit = 1' {OVER}>Pay</button>"


def permitted(env: BrowserEnv, action: Action, effects: bool = True) -> tuple[str, ...]:
    """Notes of the step, after everything that it would touch was approved."""
    return env.step_permitted(action, Permit(env.targets(action), effects)).observation.notes
