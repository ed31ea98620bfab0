"""`check_device`: whether something is a `PointerDevice` as handeye means it. Run it on every driver."""

from __future__ import annotations

from collections.abc import Callable

from handeye.tools.device import PointerDevice
from handeye.tools.errors import DeviceError, DeviceLost, InvalidAction
from handeye.tools.geometry import Point


class ConformanceError(AssertionError):
    """Something does not keep the contract that it claims to keep; `violations` says where, a sentence each."""

    def __init__(self, subject: str, violations: tuple[str, ...]) -> None:
        super().__init__(f"{subject} breaks its contract: " + "; ".join(violations))
        self.violations = violations


def check_device(device: PointerDevice, *, close: bool = True) -> None:
    """Try every verb of `device`, good and bad, and close it at the end (twice) unless told not to.

    Clicks and types for real: give it a device where that does no harm. Raises `ConformanceError` with all that is wrong.
    """
    found: list[str] = []
    if not isinstance(device, PointerDevice):
        raise ConformanceError(type(device).__name__, ("it lacks methods of PointerDevice",))
    _check_picture(device, found)
    width, height = device.size
    middle, corner = Point(width // 2, height // 2), Point(width - 1, height - 1)
    good: dict[str, Callable[[], None]] = {
        "move": lambda: device.move(middle),
        "click": lambda: device.click(middle),
        "a double click with a modifier": lambda: device.click(middle, "left", 2, ("shift",)),
        "a right click": lambda: device.click(Point(0, 0), "right"),
        "drag": lambda: device.drag((Point(0, 0), middle, corner)),
        "scroll": lambda: device.scroll(middle, "down", 100),
        "type_text": lambda: device.type_text("a é 字 😀\n"),
        "an empty type_text": lambda: device.type_text(""),
        "press_keys": lambda: device.press_keys(("shift", "a")),
        "a key by an alias": lambda: device.press_keys(("Return",)),
    }
    for name, call in good.items():
        _expect_fine(name, call, found)
    device.move(corner)
    if device.pointer != corner:
        found.append(f"pointer is {device.pointer} after move to {corner}")
    outside = Point(width, 0)
    bad: dict[str, Callable[[], None]] = {
        "move outside of the screen": lambda: device.move(outside),
        "click outside of the screen": lambda: device.click(Point(-1, 0)),
        "drag that ends outside": lambda: device.drag((middle, Point(0, height))),
        "drag of one point": lambda: device.drag((middle,)),
        "scroll outside of the screen": lambda: device.scroll(outside, "down", 100),
        "a key that there is not": lambda: device.press_keys(("no such key",)),
        "a modifier that there is not": lambda: device.click(middle, "left", 1, ("no such key",)),
        "a modifier that is none": lambda: device.click(middle, "left", 1, ("a",)),
    }
    for name, call in bad.items():
        expect_error(name, call, InvalidAction, found)
    if device.pointer != corner:
        found.append("a refused call moved the pointer")
    if close:
        device.close()
        _expect_fine("a second close", device.close, found)
        expect_error("screenshot after close", lambda: device.screenshot(), DeviceLost, found)
        expect_error("click after close", lambda: device.click(middle), DeviceLost, found)
    if found:
        raise ConformanceError(type(device).__name__, tuple(found))


def expect_error(name: str, call: Callable[[], object], kind: type[Exception], found: list[str]) -> None:
    """Note in `found` when `call` does not raise `kind`."""
    try:
        call()
    except kind:
        return
    except (InvalidAction, DeviceError, ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
        found.append(f"{name} raises {type(error).__name__} instead of {kind.__name__}")
        return
    found.append(f"{name} is accepted; it should raise {kind.__name__}")


def _expect_fine(name: str, call: Callable[[], None], found: list[str]) -> None:
    try:
        call()
    except (InvalidAction, DeviceError) as error:
        found.append(f"{name} fails: {error}")


def _check_picture(device: PointerDevice, found: list[str]) -> None:
    picture = device.screenshot()
    if picture.dtype != "uint8" or picture.ndim != 3 or picture.shape[2] != 3:
        found.append(f"screenshot gives {picture.dtype} of shape {picture.shape}, not uint8 (height, width, 3)")
    elif (picture.shape[1], picture.shape[0]) != tuple(device.size):
        found.append(f"size is {device.size}, but the screenshot is {picture.shape[1]}x{picture.shape[0]}")
    if not device.pointer.inside(device.size):
        found.append(f"the pointer {device.pointer} is outside of the screen")
