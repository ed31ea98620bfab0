"""Pictures of an X display, through one mss instance a thread that is kept open (a new one each time costs twenty times as much)."""

from __future__ import annotations

import functools
import importlib.util
import threading
from contextlib import suppress
from typing import Any

import numpy as np

from handeye.tools.desktop.joining import part_of
from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError, DeviceLost
from handeye.tools.geometry import Box


class ScreenReader:
    """Reads a display, or one monitor of it, whatever its size is by now. Safe to use from any thread."""

    def __init__(self, name: str, connection: Any, monitor: int | None, cursor: bool = False) -> None:
        """`connection`: a python-xlib display for this reader alone, which it closes."""
        from Xlib import X

        self._name = name
        self._connection = connection
        self._monitor = monitor
        self._cursor = cursor
        self._local = threading.local()
        self._open: list[Any] = []
        self._lock = threading.Lock()
        # The root window tells when xrandr changes its size; asking each time would cost a third of a picture.
        connection.screen().root.change_attributes(event_mask=X.StructureNotifyMask)
        self._part = part_of(connection, monitor)
        self._deep = connection.screen().root_depth in (24, 32)

    @property
    def part(self) -> Box:
        """What is shown now, in pixels of the whole display. Raises `DeviceLost`."""
        return self._looked_up(fresh=False)

    def read(self) -> Pixels:
        """The screen, uint8 RGB of shape (height, width, 3).

        Raises `DeviceLost` when the display is gone, `DeviceError` when it refuses.
        """
        part = self.part
        try:
            return self._grabbed(part)
        except DeviceError:
            # It may have become smaller since; and mss cannot tell a refusal from a display that has died, but this can.
            now = self._looked_up(fresh=True)
            if now == part:
                raise
            return self._grabbed(now)

    def close(self) -> None:
        """Let go of the display. A second call does nothing."""
        from mss.exception import ScreenShotError
        from Xlib.error import ConnectionClosedError

        with self._lock:
            instances, self._open = self._open, []
        for instance in instances:
            with suppress(ScreenShotError, OSError):  # of one that had seen the display die, which it lets go of all the same
                instance.close()
        try:
            self._connection.close()
        except (ConnectionClosedError, OSError):
            return

    def _looked_up(self, fresh: bool) -> Box:
        from Xlib.error import ConnectionClosedError, XError

        from handeye.tools.errors import SetupError

        with self._lock:
            try:
                while self._connection.pending_events():
                    self._connection.next_event()
                    fresh = True
                if fresh:
                    self._part = part_of(self._connection, self._monitor)
            except (ConnectionClosedError, OSError) as error:
                raise DeviceLost(f"The display {self._name} is gone.") from error
            except (XError, SetupError) as error:
                raise DeviceError(f"The display {self._name} does not tell its size ({error}).") from error
            return self._part

    def _grabbed(self, part: Box) -> Pixels:
        from mss.exception import ScreenShotError

        if not self._deep:
            return self._asked_for(part)
        area = {"left": part.left, "top": part.top, "width": part.width, "height": part.height}
        try:
            try:
                shot = self._instance(self._cursor).grab(area)
            except ScreenShotError:
                if not self._cursor:
                    raise
                # The server gives no picture of a pointer whose owner has gone, until it moves; the screen can still be read.
                shot = self._instance(False).grab(area)
        except ScreenShotError as error:
            raise DeviceError(f"The display {self._name} gave no picture ({error}).") from error
        except (OSError, AssertionError) as error:
            # mss asserts on a connection that has ended.
            raise DeviceLost(f"The display {self._name} is gone ({error}).") from error
        return rgb(np.frombuffer(shot.raw, np.uint8).reshape(part.height, part.width, 4))

    def _asked_for(self, part: Box) -> Pixels:
        """What mss refuses: screens of 15 or 16 bits. The pointer is not drawn."""
        from Xlib import X
        from Xlib.error import ConnectionClosedError, XError

        with self._lock:
            screen = self._connection.screen()
            try:
                told = screen.root.get_image(part.left, part.top, part.width, part.height, X.ZPixmap, 0xFFFFFFFF).data
            except (ConnectionClosedError, OSError) as error:
                raise DeviceLost(f"The display {self._name} is gone ({error}).") from error
            except XError as error:
                raise DeviceError(f"The display {self._name} gave no picture ({error}).") from error
        if screen.root_depth not in (15, 16):
            raise DeviceError(f"The display {self._name} has {screen.root_depth} bits a pixel; 15, 16, 24 and 32 can be read.")
        # Rows are filled up to 32 bits (X11's scanline pad on every server in use).
        words = np.frombuffer(told, "<u2").reshape(part.height, -1)[:, : part.width]
        visual = next(v for depth in screen.allowed_depths for v in depth.visuals if v.visual_id == screen.root_visual)
        channels = []
        for mask in (visual.red_mask, visual.green_mask, visual.blue_mask):
            shift = (mask & -mask).bit_length() - 1
            channels.append(((words & mask) >> shift).astype(np.uint32) * 255 // (mask >> shift))
        return np.stack(channels, axis=2).astype(np.uint8)

    def _instance(self, cursor: bool) -> Any:
        import mss

        name = "with_cursor" if cursor else "plain"
        found = getattr(self._local, name, None)
        if found is None or found not in self._open:
            found = mss.MSS(display=self._name, with_cursor=cursor)
            setattr(self._local, name, found)
            with self._lock:
                self._open.append(found)
        return found


def rgb(blue_first: Pixels) -> Pixels:
    """Colours in the order red, green, blue, of pixels blue, green, red, unused.

    OpenCV does 1280x800 in 0.1 ms, numpy, where that is not installed, in 0.8 ms.
    """
    if _has_opencv():
        import cv2

        return np.asarray(cv2.cvtColor(blue_first, cv2.COLOR_BGRA2RGB), np.uint8)
    pixels = np.empty((*blue_first.shape[:2], 3), np.uint8)
    for channel in range(3):
        pixels[:, :, channel] = blue_first[:, :, 2 - channel]
    return pixels


@functools.cache
def _has_opencv() -> bool:
    return importlib.util.find_spec("cv2") is not None
