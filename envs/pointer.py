"""The actions that every device with a pointer and a keyboard carries out in the same way."""

from __future__ import annotations

from handeye.envs.actions import Action, Click, Drag, LongPress, Move, PressKeys, Scroll, TypeText, points_of
from handeye.tools.device import PointerDevice
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Size

POINTER_ACTIONS = frozenset({"click", "move", "long_press", "drag", "scroll", "type_text", "press_keys"})
"""The verbs (`Action.type`) that `point_and_type` carries out."""


def check_action(action: Action, action_types: frozenset[str], size: Size, where: str) -> None:
    """Raise `InvalidAction` for a verb outside of `action_types` or a point outside of a screenshot of `size`; `where` names the world."""
    if action.type not in action_types:
        raise InvalidAction(f"{where} cannot {action.type}; it can {', '.join(sorted(action_types))}")
    for point in points_of(action):
        if not point.inside(size):
            raise InvalidAction(f"the point ({point.x}, {point.y}) is outside of the screenshot of {size}")


def point_and_type(device: PointerDevice, action: Action) -> bool:
    """Carry `action` out with pointer and keyboard; False, with nothing done, when its verb is none of `POINTER_ACTIONS`."""
    match action:
        case Click():
            device.click(action.point or device.pointer, action.button, action.count, action.modifiers)
        case Move():
            device.move(action.point)
        case LongPress():
            device.click(action.point, hold_s=action.duration_s)
        case Drag():
            device.drag((action.start or device.pointer, *action.via, action.end))
        case Scroll():
            device.scroll(action.point or device.pointer, action.direction, action.amount)
        case TypeText():
            device.type_text(action.text)
        case PressKeys():
            device.press_keys(action.keys)
        case _:
            return False
    return True
