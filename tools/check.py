"""Whether a driver keeps its contract: `check_device` for a `PointerDevice`, `check_phone` for a `TouchDevice`."""

from __future__ import annotations

from collections.abc import Callable

from handeye.tools.device import PointerDevice, TouchDevice
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


def check_phone(phone: TouchDevice, *, unicode: bool = True, close: bool = True) -> None:
    """Try every verb of `phone`, good and bad, and close it at the end (twice) unless told not to.

    Touches, types and presses for real: give it a phone where that does no harm. `unicode`: whether it has a keyboard for text that is
    not ASCII. Raises `ConformanceError` with all that is wrong.
    """
    found: list[str] = []
    if not isinstance(phone, TouchDevice):
        raise ConformanceError(type(phone).__name__, ("it lacks methods of TouchDevice",))
    _check_size(phone, found)
    width, height = phone.size
    middle, low = Point(width // 2, height // 2), Point(width // 2, height * 2 // 3)
    good: dict[str, Callable[[], None]] = {
        "tap": lambda: phone.tap(middle),
        "tap in the corner": lambda: phone.tap(Point(width - 1, height - 1)),
        "long_press": lambda: phone.long_press(middle, 0.6),
        "swipe": lambda: phone.swipe(low, middle, 0.1),
        "drag": lambda: phone.drag(low, middle, 0.6),
        **{f"scroll {way}": lambda way=way: phone.scroll(middle, way, 200) for way in ("up", "down", "left", "right")},  # type: ignore[misc]
        "scroll farther than the screen": lambda: phone.scroll(middle, "down", height * 2),
        "type_text": lambda: phone.type_text('it\'s 100%s "$(id)" `id`\t\n'),
        "an empty type_text": lambda: phone.type_text(""),
        "press_keys": lambda: phone.press_keys(("a",)),
        "a chord": lambda: phone.press_keys(("ctrl", "a")),
        "a key by an alias": lambda: phone.press_keys(("Return",)),
        "back": lambda: phone.press_button("back"),
        "home": lambda: phone.press_button("home"),
    }
    if unicode:
        good["a type_text beyond ASCII"] = lambda: phone.type_text("a é 字 😀 \u202eabc\n")
    for name, call in good.items():
        _expect_fine(name, call, found)
    outside = Point(width, 0)
    bad: dict[str, Callable[[], None]] = {
        "tap outside of the screen": lambda: phone.tap(outside),
        "tap left of the screen": lambda: phone.tap(Point(-1, 0)),
        "long_press outside of the screen": lambda: phone.long_press(Point(0, height)),
        "swipe from outside": lambda: phone.swipe(outside, middle),
        "swipe to the outside": lambda: phone.swipe(middle, outside),
        "drag to the outside": lambda: phone.drag(middle, outside),
        "scroll outside of the screen": lambda: phone.scroll(outside, "down", 100),
        "a key that there is not": lambda: phone.press_keys(("no such key",)),
        "a button that there is not": lambda: phone.press_button("no such button"),  # type: ignore[arg-type]
        "half of a character": lambda: phone.type_text("\ud83d"),
    }
    for name, call in bad.items():
        expect_error(name, call, InvalidAction, found)
    if close:
        phone.close()
        _expect_fine("a second close", phone.close, found)
        expect_error("screenshot after close", lambda: phone.screenshot(), DeviceLost, found)
        expect_error("tap after close", lambda: phone.tap(middle), DeviceLost, found)
    if found:
        raise ConformanceError(type(phone).__name__, tuple(found))


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
    _check_size(device, found)
    if not device.pointer.inside(device.size):
        found.append(f"the pointer {device.pointer} is outside of the screen")


def _check_size(device: PointerDevice | TouchDevice, found: list[str]) -> None:
    picture = device.screenshot()
    if picture.dtype != "uint8" or picture.ndim != 3 or picture.shape[2] != 3:
        found.append(f"screenshot gives {picture.dtype} of shape {picture.shape}, not uint8 (height, width, 3)")
    elif (picture.shape[1], picture.shape[0]) != tuple(device.size):
        found.append(f"size is {device.size}, but the screenshot is {picture.shape[1]}x{picture.shape[0]}")
