"""What a device driver is: eyes and fingers, nothing else.

A driver touches one real thing through one third-party library, maps that library's exceptions to `handeye.tools.errors`, and
is synchronous outward (it may own a thread). All points are pixels of its own `screenshot()`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from handeye.tools.geometry import Point, Size

Pixels: TypeAlias = NDArray[np.uint8]
"""A picture: uint8 RGB, shape (height, width, 3)."""

Button: TypeAlias = Literal["left", "middle", "right"]
Direction: TypeAlias = Literal["up", "down", "left", "right"]
PhoneButton: TypeAlias = Literal["back", "home", "menu", "enter", "recents", "power", "volume_up", "volume_down", "camera", "clear"]
"""A phone's own buttons: on its edges, in its navigation bar, and those of its remote controls."""


@runtime_checkable
class Device(Protocol):
    """Anything with a screen. Every method raises `DeviceLost` once the device is gone, `DeviceTimeout` if it does not answer."""

    def screenshot(self) -> Pixels:
        """The screen as it is now, shape (height, width, 3), uint8 RGB. Never a stand-in picture: a failure raises `DeviceError`."""

    def close(self) -> None:
        """Let go of the device and stop what was started for it. A second call does nothing."""


@runtime_checkable
class PointerDevice(Device, Protocol):
    """A device with a pointer and a keyboard: a browser, a desktop.

    Points outside of the screen raise `InvalidAction`; key names are those of `handeye.tools.keys`, others raise `InvalidAction`.
    """

    @property
    def size(self) -> Size:
        """Size of the pictures that `screenshot` gives, in pixels."""

    @property
    def pointer(self) -> Point:
        """Where the pointer is."""

    def move(self, point: Point) -> None:
        """Move the pointer, pressing nothing."""

    def click(self, point: Point, button: Button = "left", count: int = 1, modifiers: Sequence[str] = (), hold_s: float = 0.0) -> None:
        """Press and release `button` at `point`, `count` times in quick succession, each held `hold_s` seconds, with `modifiers` down."""

    def drag(self, path: Sequence[Point], button: Button = "left", duration_s: float = 0.0) -> None:
        """Press `button` at the first point, move through the others (two at least), release at the last."""

    def scroll(self, point: Point, direction: Direction, amount: int) -> None:
        """Turn the wheel over `point` so that `amount` pixels of content on the side of `direction` come into view."""

    def type_text(self, text: str) -> None:
        """Type any Unicode text into what has the focus; a newline presses Enter, a tab presses Tab."""

    def press_keys(self, keys: Sequence[str]) -> None:
        """Press the keys in order, then release them in reverse: one key or a chord."""


@runtime_checkable
class TouchDevice(Device, Protocol):
    """A device with a touch screen, a keyboard and the buttons of a phone.

    Points outside of the screen raise `InvalidAction`; key names are those of `handeye.tools.keys`, others raise `InvalidAction`.
    """

    @property
    def size(self) -> Size:
        """Size of the pictures that `screenshot` gives, in pixels, as the screen was turned when it was last looked at."""

    def tap(self, point: Point) -> None:
        """Touch and let go."""

    def long_press(self, point: Point, duration_s: float = 1.0) -> None:
        """Touch, hold `duration_s` seconds, let go."""

    def swipe(self, start: Point, end: Point, duration_s: float = 0.3) -> None:
        """Touch at `start` and move the finger to `end`, which takes `duration_s` seconds; what is touched scrolls."""

    def drag(self, start: Point, end: Point, duration_s: float = 1.0) -> None:
        """Touch and hold at `start` until it is picked up, then carry it to `end`."""

    def scroll(self, point: Point, direction: Direction, amount: int) -> None:
        """Move the finger over `point` so that about `amount` pixels of content on the side of `direction` come into view."""

    def type_text(self, text: str) -> None:
        """Type any Unicode text into what has the focus; a newline presses Enter, a tab presses Tab."""

    def press_keys(self, keys: Sequence[str]) -> None:
        """Press the keys in order, then release them in reverse: one key or a chord."""

    def press_button(self, button: PhoneButton) -> None:
        """Press one of the phone's own buttons. Raises `InvalidAction` for one that it does not have."""
