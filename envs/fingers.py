"""The actions that a phone carries out, with fingers and keys."""

from __future__ import annotations

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
)
from handeye.envs.addresses import address
from handeye.envs.pointer import check_action
from handeye.envs.settle import wait
from handeye.tools.android import AndroidDriver
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction, SetupError
from handeye.tools.geometry import Point, Size

PHONE_ACTIONS = frozenset(
    ("click", "long_press", "swipe", "drag", "scroll", "type_text", "press_keys", "press_button", "open_app", "goto", "go_back", "wait")
)
"""The verbs of a phone."""
DRAG_S = 1.0
"""How long a finger takes from the start of a drag to its end."""


def check_touch(action: Action, action_types: frozenset[str], size: Size) -> None:
    """Raise `InvalidAction` for what a phone with a screenshot of `size` cannot do, or not by the verbs `action_types`."""
    check_action(action, action_types, size, "a phone")
    match action:
        case Click(point=None) | Drag(start=None):
            raise InvalidAction(f"a phone has no pointer: say where to {action.type}")
        case Click(button=button) if button != "left":
            raise InvalidAction(f"a touch screen has no {button} button; long_press does what the right one does elsewhere")
        case Click(modifiers=modifiers) if modifiers:
            raise InvalidAction(f"a tap has no modifier keys such as {modifiers[0]}")
        case Drag(via=via) if via:
            raise InvalidAction("a finger drags in a straight line here; leave out the points between")
        case Goto(url=url):
            if not address(url).startswith(("http://", "https://")):
                raise InvalidAction("a phone's browser is given addresses that begin with https:// or http://")


def touch(driver: AndroidDriver, action: Action, size: Size) -> str:
    """Carry `action` out, which `check_touch` has passed; `size` is that of the driver's screenshots. Gives a note where the phone did not
    do it, and the episode can go on.

    Raises `InvalidAction` for what this phone cannot do, `DeviceError` when it fails.
    """
    try:
        _touch(driver, action, size)
    except DeviceLost:
        raise
    except SetupError as error:
        # Such as a text for which the phone has no keyboard: the episode can go on without it.
        raise InvalidAction(str(error)) from error
    except DeviceTimeout:
        return "The phone did not answer to the input in time."
    except DeviceError as error:
        if not isinstance(action, OpenApp | Goto):
            raise
        return str(error)
    return ""


def _touch(driver: AndroidDriver, action: Action, size: Size) -> None:
    match action:
        case Click(point=Point() as point, count=count):
            driver.tap(point, count)
        case LongPress(point=point, duration_s=duration_s):
            driver.long_press(point, duration_s)
        case Swipe(start=start, end=end, duration_s=duration_s):
            driver.swipe(start, end, duration_s)
        case Drag(start=Point() as start, end=end):
            driver.drag(start, end, DRAG_S)
        case Scroll(point=point, direction=direction, amount=amount):
            driver.scroll(point or Point(size.width // 2, size.height // 2), direction, amount)
        case TypeText(text=text):
            driver.type_text(text)
        case PressKeys(keys=keys):
            driver.press_keys(keys)
        case PressButton(button=button):
            driver.press_button(button)
        case OpenApp(name=name):
            driver.open_app(name)
        case Goto(url=url):
            driver.open_url(address(url))
        case GoBack():
            driver.press_button("back")
        case Wait(seconds=seconds):
            wait(seconds)
