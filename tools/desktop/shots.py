"""Pictures of any system's screen and the places of its monitors, through one mss instance that is kept open."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError, SetupError
from handeye.tools.geometry import Box


class Shots:
    """Not safe to use from two threads at once. Boxes are in the system's own units: points on macOS, pixels elsewhere."""

    def __init__(self, display: str, cursor: bool) -> None:
        try:
            import mss
            from mss.exception import ScreenShotError
        except ImportError as error:
            raise SetupError("The desktop needs the package mss.", fix="pip install 'handeye[desktop]'") from error
        # Neither has a meaning elsewhere, and mss warns of them there.
        options: dict[str, Any] = {"display": display, "with_cursor": cursor} if sys.platform.startswith("linux") else {}
        try:
            self._mss = mss.MSS(**options)
        except ScreenShotError as error:
            raise SetupError(f"The screen cannot be read ({error}).", fix="check that the display runs and lets you in") from error

    @property
    def monitors(self) -> tuple[Box, ...]:
        """Every monitor."""
        return tuple(_box(monitor) for monitor in self._mss.monitors[1:])

    @property
    def main(self) -> Box:
        """The main monitor."""
        return _box(self._mss.primary_monitor)

    def read(self, part: Box) -> Pixels:
        """What `part` shows, uint8 RGB; more pixels than units where the system has several for one. Raises `DeviceError`."""
        from mss.exception import ScreenShotError

        try:
            shot = self._mss.grab({"left": part.left, "top": part.top, "width": part.width, "height": part.height})
        except (ScreenShotError, AssertionError) as error:
            # mss asserts that a display answers.
            raise DeviceError(f"The screen gave no picture ({error}).") from error
        blue_first = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        return np.ascontiguousarray(blue_first[:, :, 2::-1])

    def close(self) -> None:
        """Let go of the screen."""
        from mss.exception import ScreenShotError

        try:
            self._mss.close()
        except ScreenShotError:
            # A display that has died is let go of.
            return


def _box(monitor: Any) -> Box:
    left, top = int(monitor["left"]), int(monitor["top"])
    return Box(left, top, left + int(monitor["width"]), top + int(monitor["height"]))
