"""`PhoneEnv`: an Android phone as an environment, a real one or a simulated one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from handeye.envs.actions import (
    Action,
    Click,
    Drag,
    GoBack,
    Goto,
    LongPress,
    OpenApp,
    PressButton,
    PressKeys,
    Scroll,
    Swipe,
    TypeText,
    Wait,
    points_of,
)
from handeye.envs.addresses import address
from handeye.envs.env import TimeStep
from handeye.envs.frames import DEFAULT_FRAME_LIMITS, Frame, FrameLimits, SettledFrame, Settling
from handeye.envs.observation import Observation
from handeye.envs.pointer import check_action
from handeye.envs.settle import wait
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction
from handeye.tools.geometry import Point, Size

if TYPE_CHECKING:
    from handeye.tools.android import AndroidDriver

ACTION_TYPES = frozenset("click long_press swipe drag scroll type_text press_keys press_button open_app goto go_back wait".split())
"""The verbs of a phone."""
