"""Pictures of an X display, through one mss instance a thread that is kept open (a new one each time costs twenty times as much)."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError, DeviceLost
from handeye.tools.geometry import Box


class ScreenReader:
    """Reads rectangles of a display. Safe to use from any thread."""

    def __init__(self, display: str, cursor: bool = False) -> None:
        self._display = display
        self._cursor = cursor
        self._local = threading.local()
        self._open: list[Any] = []
        self._lock = threading.Lock()

    def read(self, part: Box) -> Pixels:
        """The pixels of `part` (of the whole display, in its pixels), uint8 RGB of shape (height, width, 3).

        Raises `DeviceLost` when the display is gone, `DeviceError` when it refuses.
        """
        from mss.exception import ScreenShotError

        area = {"left": part.left, "top": part.top, "width": part.width, "height": part.height}
        try:
            shot = self._instance().grab(area)
        except ScreenShotError as error:
            raise DeviceError(f"The display {self._display} gave no picture ({error}).") from error
        except OSError as error:
            raise DeviceLost(f"The display {self._display} is gone ({error}).") from error
        blue_first = np.frombuffer(shot.raw, np.uint8).reshape(part.height, part.width, 4)
        pixels = np.empty((part.height, part.width, 3), np.uint8)
        for channel in range(3):
            pixels[:, :, channel] = blue_first[:, :, 2 - channel]
        return pixels

    def close(self) -> None:
        """Let go of the display. A second call does nothing."""
        with self._lock:
            instances, self._open = self._open, []
        for instance in instances:
            instance.close()

    def _instance(self) -> Any:
        import mss

        found = getattr(self._local, "instance", None)
        if found is None or found not in self._open:
            found = mss.MSS(display=self._display, with_cursor=self._cursor)
            self._local.instance = found
            with self._lock:
                self._open.append(found)
        return found
