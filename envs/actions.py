"""The closed set of actions: the one source of the parsers' targets, the JSON schema, the tool definitions and the trajectory's rows.

Every point is an integer pixel of the screenshot in the observation that the model saw. Times are in seconds. The models are
frozen and forbid unknown fields; building one with impossible values raises pydantic's `ValidationError`, while `read_action`
(for data from outside) raises `InvalidAction`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from handeye.tools.device import Button, Direction
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Point
from handeye.tools.keys import MODIFIERS, canonical_key


def _key(name: str) -> str:
    try:
        return canonical_key(name)
    except InvalidAction as error:
        raise ValueError(str(error)) from error


def _modifier(name: str) -> str:
    key = _key(name)
    if key not in MODIFIERS:
        raise ValueError(f"{name!r} is not a modifier key; those are {', '.join(MODIFIERS)}")
    return key


Key: TypeAlias = Annotated[str, AfterValidator(_key)]
"""A key of `handeye.tools.keys`; any alias is accepted and stored in its canonical form."""
Modifier: TypeAlias = Annotated[str, AfterValidator(_modifier)]
Seconds: TypeAlias = Annotated[float, Field(ge=0, le=300, allow_inf_nan=False)]


def _type_is_required(schema: dict[str, Any]) -> None:
    # It has a default for those who build actions in Python; `read_action` cannot tell actions apart without it.
    schema["required"] = ["type", *schema.get("required", [])]


class _Action(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_type_is_required)


class Click(_Action):
    """Press and release a mouse button, or tap."""

    type: Literal["click"] = "click"
    point: Point | None = None
    """None: where the pointer is."""
    button: Button = "left"
    count: Annotated[int, Field(ge=1, le=3)] = 1
    modifiers: tuple[Modifier, ...] = ()


class Move(_Action):
    """Move the pointer without pressing anything."""

    type: Literal["move"] = "move"
    point: Point


class LongPress(_Action):
    """Touch or press and hold."""

    type: Literal["long_press"] = "long_press"
    point: Point
    duration_s: Seconds = 1.0


class Drag(_Action):
    """Press the left button at `start`, move to `end` (by way of `via`), release."""

    type: Literal["drag"] = "drag"
    start: Point | None = None
    """None: where the pointer is."""
    end: Point
    via: tuple[Point, ...] = ()


class Swipe(_Action):
    """Move a finger over a touch screen."""

    type: Literal["swipe"] = "swipe"
    start: Point
    end: Point
    duration_s: Seconds = 0.3


class Scroll(_Action):
    """Bring content that lies on the side of `direction` into view."""

    type: Literal["scroll"] = "scroll"
    point: Point | None = None
    """None: where the pointer is."""
    direction: Direction = "down"
    amount: Annotated[int, Field(ge=1, le=100_000)] = 300
    """Pixels of content."""


class TypeText(_Action):
    """Type into what has the focus. A newline presses Enter."""

    type: Literal["type_text"] = "type_text"
    text: Annotated[str, Field(max_length=20_000)]


class PressKeys(_Action):
    """Press keys in order and release them in reverse: one key or a chord."""

    type: Literal["press_keys"] = "press_keys"
    keys: Annotated[tuple[Key, ...], Field(min_length=1, max_length=6)]


class PressButton(_Action):
    """Press a system button of a phone."""

    type: Literal["press_button"] = "press_button"
    button: Literal["back", "home", "menu", "enter", "recents", "power", "volume_up", "volume_down", "camera", "clear"]


class OpenApp(_Action):
    """Open an app or program by its name."""

    type: Literal["open_app"] = "open_app"
    name: Annotated[str, Field(min_length=1, max_length=200)]


class Goto(_Action):
    """Open an address in the current tab."""

    type: Literal["goto"] = "goto"
    url: Annotated[str, Field(min_length=1, max_length=8_000)]


class GoBack(_Action):
    """Go back one page in the history."""

    type: Literal["go_back"] = "go_back"


class SwitchTab(_Action):
    """Bring another tab to the front."""

    type: Literal["switch_tab"] = "switch_tab"
    index: Annotated[int, Field(ge=0)]
    """Position in the observation's list of tabs, from 0."""


class CloseTab(_Action):
    """Close the current tab; the one that opened it, or the last, comes to the front."""

    type: Literal["close_tab"] = "close_tab"


class AnswerDialog(_Action):
    """Answer the dialog that the page shows (alert, confirm, prompt, beforeunload)."""

    type: Literal["answer_dialog"] = "answer_dialog"
    accept: bool
    text: str | None = None
    """What to enter into a prompt."""


class ChooseFiles(_Action):
    """Answer the file chooser that is open; no paths: cancel it."""

    type: Literal["choose_files"] = "choose_files"
    paths: tuple[str, ...] = ()


class Wait(_Action):
    """Do nothing for some seconds."""

    type: Literal["wait"] = "wait"
    seconds: Seconds = 1.0


class Answer(_Action):
    """Give the answer to a question; ends the episode as reached."""

    type: Literal["answer"] = "answer"
    text: str


class Finish(_Action):
    """End the episode."""

    type: Literal["finish"] = "finish"
    success: bool = True
    message: str = ""


class AskUser(_Action):
    """Ask the person something that only they know or may decide."""

    type: Literal["ask_user"] = "ask_user"
    question: str


_Union: TypeAlias = (
    Click
    | Move
    | LongPress
    | Drag
    | Swipe
    | Scroll
    | TypeText
    | PressKeys
    | PressButton
    | OpenApp
    | Goto
    | GoBack
    | SwitchTab
    | CloseTab
    | AnswerDialog
    | ChooseFiles
    | Wait
    | Answer
    | Finish
    | AskUser
)
Action: TypeAlias = Annotated[_Union, Field(discriminator="type")]
"""One of the verbs above, told apart by `type`."""

ACTIONS: dict[str, type[_Union]] = {cls.model_fields["type"].default: cls for cls in get_args(_Union)}
"""Every verb's class by its `type`, in the order above."""

LOOP_ACTIONS = frozenset({"answer", "finish", "ask_user"})
"""Verbs that the loop itself answers; no environment sees them."""

_ADAPTER: TypeAdapter[_Union] = TypeAdapter(Action)


def read_action(data: Any) -> _Union:
    """The action that `data` (what `json.loads` gave, or JSON text) describes.

    Raises `InvalidAction` with the first fault in words when it is none.
    """
    try:
        return _ADAPTER.validate_json(data) if isinstance(data, str | bytes) else _ADAPTER.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidAction(f"not an action: {place + ': ' if place else ''}{first['msg']}") from error


def action_schema(types: frozenset[str] | None = None) -> dict[str, Any]:
    """JSON schema (draft 2020-12) of the actions named in `types`, or of all: an object with `oneOf` and `$defs`.

    Raises `InvalidAction` for a name that is no action, and for no names at all.
    """
    chosen = [cls for name, cls in ACTIONS.items() if types is None or name in types]
    if types is not None and (unknown := types - ACTIONS.keys()):
        raise InvalidAction(f"no such action: {', '.join(sorted(unknown))}")
    if not chosen:
        raise InvalidAction("a schema needs one action at least")
    if types is None or len(chosen) == len(ACTIONS):
        return _ADAPTER.json_schema()
    schemas = [cls.model_json_schema() for cls in chosen]
    shared = {name: schema for one in schemas for name, schema in one.pop("$defs", {}).items()}
    return {"oneOf": schemas} | ({"$defs": shared} if shared else {})


def points_of(action: _Union) -> tuple[Point, ...]:
    """Every point that `action` names, in the order in which it touches them."""
    match action:
        case Click(point=point) | Move(point=point) | LongPress(point=point) | Scroll(point=point):
            return () if point is None else (point,)
        case Drag(start=start, end=end, via=via):
            return (*(() if start is None else (start,)), *via, end)
        case Swipe(start=start, end=end):
            return (start, end)
        case _:
            return ()
