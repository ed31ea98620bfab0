"""An action in plain words, one line, for people: the live progress and the viewer."""

from __future__ import annotations

from handeye.envs.actions import (
    Action,
    Answer,
    AnswerDialog,
    AskUser,
    ChooseFiles,
    Click,
    CloseTab,
    Drag,
    Finish,
    GoBack,
    Goto,
    LongPress,
    Move,
    OpenApp,
    PressButton,
    PressKeys,
    Scroll,
    Swipe,
    SwitchTab,
    TypeText,
    Wait,
)
from handeye.tools.geometry import Point

_CLICKS = {1: "click", 2: "double-click", 3: "triple-click"}


def describe(action: Action, limit: int = 80) -> str:
    """`action` in plain words: `click (120, 44)`, `type "hello"`.

    Always one line: characters that do not print (line ends, terminal escapes, bidirectional controls) stand as escapes such as
    `\\n` and `\\u202e`, and each text that the action carries is cut after `limit` characters.
    """
    match action:
        case Click() | Move() | LongPress() | Drag() | Swipe() | Scroll():
            return _pointing(action)
        case TypeText(text=text):
            return f"type {quoted(text, limit)}"
        case PressKeys(keys=keys):
            return f"press {'+'.join(keys)}"
        case PressButton(button=button):
            return f"press the {button.replace('_', ' ')} button"
        case OpenApp(name=name):
            return f"open the app {quoted(name, limit)}"
        case Goto(url=url):
            return f"go to {one_line(url, limit)}"
        case GoBack():
            return "go back"
        case SwitchTab(index=index):
            return f"switch to tab [{index}]"
        case CloseTab():
            return "close the tab"
        case AnswerDialog(accept=accept, text=reply):
            words = "accept the dialog" if accept else "dismiss the dialog"
            return words if reply is None else f"{words} with {quoted(reply, limit)}"
        case ChooseFiles(paths=paths):
            return f"choose {', '.join(quoted(path, limit) for path in paths)}" if paths else "cancel the file chooser"
        case Wait(seconds=seconds):
            return f"wait {seconds:g} s"
        case Answer(text=text):
            return f"answer {quoted(text, limit)}"
        case Finish(success=success, message=message):
            words = "finish: reached" if success else "finish: not reached"
            return f"{words}, {quoted(message, limit)}" if message else words
        case AskUser(question=question):
            return f"ask the user {quoted(question, limit)}"


def _pointing(action: Click | Move | LongPress | Drag | Swipe | Scroll) -> str:
    match action:
        case Click(point=point, button=button, count=count, modifiers=modifiers):
            verb = _CLICKS[count] if button == "left" else f"{button} {_CLICKS[count]}"
            return f"{''.join(f'{key}+' for key in modifiers)}{verb} {_where(point)}"
        case Move(point=point):
            return f"move to {_where(point)}"
        case LongPress(point=point, duration_s=duration_s):
            return f"long press {_where(point)} for {duration_s:g} s"
        case Drag(start=start, end=end, via=via):
            way = "".join(f" by way of {_where(point)}" for point in via[:1]) if len(via) < 2 else f" by way of {len(via)} points"
            return f"drag {'' if start is None else f'{_where(start)} '}to {_where(end)}{way}"
        case Swipe(start=start, end=end):
            return f"swipe {_where(start)} to {_where(end)}"
        case Scroll(point=point, direction=direction, amount=amount):
            return f"scroll {direction} {amount} px {'at ' if point else ''}{_where(point)}"


def _where(point: Point | None) -> str:
    return "where the pointer is" if point is None else f"({point.x}, {point.y})"


def quoted(text: str, limit: int = 80) -> str:
    """`text` on one line in double quotes, cut after `limit` characters."""
    return '"' + one_line(text, limit).replace('"', '\\"') + '"'


def one_line(text: str, limit: int = 80) -> str:
    """`text` with characters that do not print as escapes, cut after `limit` characters, the cut marked by an ellipsis."""
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii") for character in text[:limit]
    )
    return shown + "…" if len(text) > limit else shown
