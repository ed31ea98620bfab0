"""What every dialect needs to turn what a reply says into actions of the environment."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from handeye.envs import actions as act
from handeye.tools.errors import ParseError

_KEYS_OF_BUTTONS: dict[act.Action, act.Action] = {
    act.PressKeys(keys=(name,)): act.PressButton(button=name) for name in ("enter", "home", "menu")
}
_BUTTONS_OF_KEYS = {button: key for key, button in _KEYS_OF_BUTTONS.items()}


def build(kind: type[Any], **values: Any) -> act.Action:
    """The action of class `kind`; None stands for a value that was not given. Raises `ParseError`, in words, for impossible values."""
    try:
        return kind(**{key: value for key, value in values.items() if value is not None})  # type: ignore[no-any-return]
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ParseError(f"{place}: {first['msg']}" if place else first["msg"]) from error


def offered(action: act.Action, types: Collection[str], names: Collection[str]) -> act.Action:
    """`action`, or the one of `types` that does the same where the environment has no such verb.

    A button of a phone and the key of its name do the same, as do a finger and a pressed mouse button that move. Raises `ParseError`
    where nothing does; `names` are the verbs of the dialect to choose from instead.
    """
    if action.type in types:
        return action
    same: act.Action | None = _KEYS_OF_BUTTONS.get(action) or _BUTTONS_OF_KEYS.get(action)
    match action:
        case act.Drag(start=start, end=end, via=()) if start is not None:
            same = act.Swipe(start=start, end=end)
        case act.Swipe(start=start, end=end):
            same = act.Drag(start=start, end=end)
        case act.PressButton(button="back"):
            same = act.GoBack()
        case act.GoBack():
            same = act.PressButton(button="back")
        case act.Answer(text=text):
            same = act.Finish(message=text)
    if same is not None and same.type in types:
        return same
    raise ParseError(f"{action.type} cannot be done here; there are {', '.join(names)}")
