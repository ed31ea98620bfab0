"""OS-Atlas: the base models, which find a box, and the pro models, which answer with thoughts and an action; 0..1000.

Forms, names and the division into basic and custom actions: OS-Copilot/OS-Atlas, README.md and eval/data/*.jsonl, whose custom actions
are what a user defines for an environment. The words of the prompts are ours.
"""

from __future__ import annotations

import re
from typing import Any

from handeye.agent.coordinates import Relative, SmartResizedPixels
from handeye.agent.dialects.gestures import by_touch
from handeye.agent.dialects.prompt import Prompt
from handeye.agent.dialects.reading import build
from handeye.agent.dialects.spoken_calls import short
from handeye.agent.dialects.worded import Family, Numbers, Reading, Said, Worded
from handeye.envs import actions as act
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point

MIN_PIXELS, MAX_PIXELS = 3_136, 12_845_056
"""The limits of the Qwen2-VL checkpoint on which the 7B models stand."""

_BASE_PROMPT = Prompt(
    "",
    """{{picture}}In this UI screenshot, what is the position of the element corresponding to the command "{{goal}}" (with bbox)?
{{progress}}
{{screen}}
{{notes}}
""",
)
_PRO_PROMPT = Prompt(
    "",
    """You are an action model for computers, phones and browsers: you look at a screenshot and choose the next action of the user's task.

1. Basic Actions
{{tools}}

Read the task and what was done, then write two sections and nothing else: Thoughts and Actions.
Thoughts: why this step.
Actions: the action itself.

Your current task instruction, action history, and associated screenshot are as follows:
Screenshot: {{picture}}
Task: {{goal}}
History:
{{progress}}
{{screen}}
{{notes}}
""",
)


def _line(name: str, about: str, form: str, example: str) -> str:
    return f"{name}\n    - purpose: {about}\n    - format: {form}\n    - example usage: {example}"


_AT = "<point>[[x-axis, y-axis]]</point>"
_HERE = "<point>[[101, 872]]</point>"
_CLICK = ("click", _line("CLICK", "Click at a place.", f"CLICK {_AT}", f"CLICK {_HERE}"))
_TYPE = ("type_text", _line("TYPE", "Type a text.", "TYPE [input text]", "TYPE [Shanghai shopping mall]"))
_SCROLL = _line("SCROLL", "Scroll in a direction.", "SCROLL [direction (UP/DOWN/LEFT/RIGHT)]", "SCROLL [UP]")
_COMMON = (
    ("wait", _line("WAIT", "Wait for the screen to load.", "WAIT", "WAIT")),
    ("finish", _line("COMPLETE", "The task is done.", "COMPLETE", "COMPLETE")),
    ("finish", _line("IMPOSSIBLE", "The task cannot be done.", "IMPOSSIBLE", "IMPOSSIBLE")),
    ("answer", _line("ANSWER", "Answer the user's question; this ends the task.", "ANSWER [text]", "ANSWER [42]")),
    ("ask_user", _line("ASK_USER", "Ask the user what only they know.", "ASK_USER [question]", "ASK_USER [Which one?]")),
)
_PHONE = (
    _CLICK,
    _TYPE,
    ("scroll", _SCROLL),
    ("swipe", "2. Custom Actions\n" + _line("SWIPE", "Move a finger.", f"SWIPE {_AT} {_AT}", f"SWIPE {_HERE} <point>[[101, 200]]</point>")),
    ("long_press", _line("LONG_PRESS", "Press a place and hold.", f"LONG_PRESS {_AT}", f"LONG_PRESS {_HERE}")),
    ("open_app", _line("OPEN_APP", "Open an app.", "OPEN_APP [app_name]", "OPEN_APP [Google Chrome]")),
    ("press_button", _line("PRESS_BACK", "Press the back button.", "PRESS_BACK", "PRESS_BACK")),
    ("press_button", _line("PRESS_HOME", "Press the home button.", "PRESS_HOME", "PRESS_HOME")),
    ("press_button", _line("PRESS_RECENT", "Show the apps used last.", "PRESS_RECENT", "PRESS_RECENT")),
    ("press_button", _line("ENTER", "Press enter.", "ENTER", "ENTER")),
    *_COMMON,
)
_COMPUTER = (
    _CLICK,
    _TYPE,
    ("scroll", _SCROLL),
    ("press_keys", "2. Custom Actions\n" + _line("ENTER", "Press enter.", "ENTER", "ENTER")),
    ("press_keys", _line("HOTKEY", "Press keys together.", "HOTKEY [keys with + between]", "HOTKEY [CTRL+C]")),
    ("click", _line("DOUBLE_CLICK", "Click twice at a place.", f"DOUBLE_CLICK {_AT}", f"DOUBLE_CLICK {_HERE}")),
    ("click", _line("RIGHT_CLICK", "Click with the right button.", f"RIGHT_CLICK {_AT}", f"RIGHT_CLICK {_HERE}")),
    ("move", _line("HOVER", "Move the pointer to a place.", f"HOVER {_AT}", f"HOVER {_HERE}")),
    ("drag", _line("DRAG", "Press at one place and let go at another.", f"DRAG {_AT} {_AT}", f"DRAG {_HERE} <point>[[101, 200]]</point>")),
    ("goto", _line("GOTO", "Open an address.", "GOTO [url]", "GOTO [https://example.org/]")),
    ("go_back", _line("GO_BACK", "Go back to the page before.", "GO_BACK", "GO_BACK")),
    *_COMMON,
)

_BOX = re.compile(
    r"(?:<\|object_ref_start\|>(?P<name>[^<]{0,300}+)<\|object_ref_end\|>\s{0,9}+)?+(?:<\|box_start\|>)?"
    r"\(\s{0,9}(?P<a>[0-9.]{1,9})\s{0,9},\s{0,9}(?P<b>[0-9.]{1,9})\s{0,9}\)"
    r"(?:\s{0,9},?\s{0,9}\(\s{0,9}(?P<c>[0-9.]{1,9})\s{0,9},\s{0,9}(?P<d>[0-9.]{1,9})\s{0,9}\))?(?:<\|box_end\|>)?"
)
_SECTION = re.compile(r"^[ \t#*]{0,9}actions?[ \t]?\**[:：]\**", re.M | re.I)
_THOUGHTS = re.compile(r"^[ \t#*]{0,9}thoughts?[ \t]?\**[:：]\**\s*+", re.M | re.I)
_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,20})?"
_POINT = rf"(?:<point>)?\[{{1,2}}\s{{0,9}}({_NUMBER})\s{{0,9}},\s{{0,9}}({_NUMBER})\s{{0,9}}\]{{1,2}}(?:</point>)?"
_AT_ONE = re.compile(rf"\s*+(CLICK|LONG_PRESS|DOUBLE_CLICK|RIGHT_CLICK|HOVER)\s{{0,9}}{_POINT}\s*+")
_AT_TWO = re.compile(rf"\s*+(SWIPE|DRAG)\s{{0,9}}{_POINT}\s{{0,9}}{_POINT}\s*+")
_TEXT = re.compile(r"\s*+(TYPE|OPEN_APP|SCROLL|ANSWER|ASK_USER|HOTKEY|GOTO|WAIT) ?\[(.*)\]\s*+", re.S)
_WORD = re.compile(r"\s*+(PRESS_BACK|PRESS_HOME|PRESS_RECENT|ENTER|WAIT|COMPLETE|IMPOSSIBLE|GO_BACK)\s*+")
_SECOND = re.compile(
    r"\][ \t]*\n\s*(?:CLICK|TYPE|SCROLL|LONG_PRESS|OPEN_APP|PRESS_|ENTER|WAIT|COMPLETE|IMPOSSIBLE|SWIPE|DRAG|HOTKEY|HOVER|GO|ANSWER)"
)
_WORDS: dict[str, act.Action] = {
    "PRESS_BACK": act.PressButton(button="back"),
    "PRESS_HOME": act.PressButton(button="home"),
    "PRESS_RECENT": act.PressButton(button="recents"),
    "WAIT": act.Wait(),
    "COMPLETE": act.Finish(),
    "IMPOSSIBLE": act.Finish(success=False),
    "GO_BACK": act.GoBack(),
}
_CLICKS: dict[tuple[str, int], str] = {("left", 1): "CLICK", ("left", 2): "DOUBLE_CLICK", ("right", 1): "RIGHT_CLICK"}


def _space(options: dict[str, Any]) -> Relative:
    return Relative(1000, SmartResizedPixels(28, options.pop("min_pixels", MIN_PIXELS), options.pop("max_pixels", MAX_PIXELS)))


class OsAtlasBase(Worded):
    """OS-Atlas-Base: a command in words, answered by the box of what it means."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: `min_pixels` and `max_pixels` of the picture, and those of `Worded`."""
        example = "<|box_start|>(x1,y1),(x2,y2)<|box_end|>"
        family = Family("os-atlas-base/point", _space(options), _BASE_PROMPT, (("click", ""),), example)
        super().__init__(family, action_types, **options)

    def read(self, reading: Reading) -> Said:
        """The middle of the one box; a point is taken too."""
        found = list(zip(range(2), _BOX.finditer(reading.text), strict=False))
        if len(found) != 1:
            raise ParseError("there is no box in it" if not found else "there are several boxes; give one")
        match = found[0][1]
        if (reading.text[: match.start()] + reading.text[match.end() :]).strip():
            reading.mend("took the box out of the words around it")
        try:
            numbers = [float(match[part]) for part in "abcd" if match[part] is not None]
        except ValueError as error:
            raise ParseError("a box is numbers only") from error
        return Said((act.Click(point=reading.point(numbers, box=True)),), match["name"] or "")

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """A box without extent at the point."""
        if not isinstance(action, act.Click) or action.point is None:
            raise InvalidAction(f"there are no words for {action!r}")
        x, y = numbers(action.point)
        return f"<|box_start|>({x},{y}),({x},{y})<|box_end|>"


class _Pro(Worded):
    """OS-Atlas-Pro."""

    def __init__(self, name: str, verbs: tuple[tuple[str, str], ...], action_types: frozenset[str], options: dict[str, Any]) -> None:
        example = "thoughts:\n...\nactions:\nCLICK <point>[[x, y]]</point>"
        self._phone = verbs is _PHONE
        space = _space(options)
        # A model that scrolls can be read as well where the environment swipes.
        verbs = (*verbs, ("swipe", _SCROLL)) if self._phone and "scroll" not in action_types else verbs
        super().__init__(Family(name, space, _PRO_PROMPT, verbs, example), action_types, **options)

    def reply(self, words: str, thought: str = "") -> str:
        """The two sections."""
        return f"thoughts:\n{thought}\nactions:\n{words}" if thought else f"actions:\n{words}"

    def read(self, reading: Reading) -> Said:
        """The one action of the section of actions."""
        section = _SECTION.search(reading.text)
        if section is None:
            raise ParseError("there is no section of actions")
        action = self._action(reading.text[section.end() :], reading)
        thought = _THOUGHTS.sub("", reading.text[: section.start()])
        return Said((by_touch(action, reading.size, self._types),), thought)

    def _action(self, text: str, reading: Reading) -> act.Action:
        def at(x: str, y: str) -> Point:
            return reading.point([float(x), float(y)])

        if match := _AT_ONE.fullmatch(text):
            name, point = match.group(1), at(match.group(2), match.group(3))
            if name == "LONG_PRESS":
                return act.LongPress(point=point)
            if name == "HOVER":
                return act.Move(point=point)
            button, count = next(key for key, value in _CLICKS.items() if value == name)
            return build(act.Click, point=point, button=button, count=count)
        if match := _AT_TWO.fullmatch(text):
            kind = act.Swipe if match.group(1) == "SWIPE" else act.Drag
            return build(kind, start=at(match.group(2), match.group(3)), end=at(match.group(4), match.group(5)))
        if match := _WORD.fullmatch(text):
            if match.group(1) == "ENTER":
                return act.PressButton(button="enter") if self._phone else act.PressKeys(keys=("enter",))
            return _WORDS[match.group(1)]
        if (match := _TEXT.fullmatch(text)) and not _SECOND.search(text):
            return _with_text(match.group(1), match.group(2), reading)
        raise ParseError("the section of actions does not hold one action of a known form")

    def write(self, action: act.Action, numbers: Numbers) -> str:
        """The line that means `action`."""

        def at(point: Point) -> str:
            x, y = numbers(point)
            return f"<point>[[{x},{y}]]</point>"

        match action:
            case act.Click(point=point, button=button, count=count) if point is not None and (button, count) in _CLICKS:
                return f"{_CLICKS[button, count]} {at(point)}"
            case act.LongPress(point=point):
                return f"LONG_PRESS {at(point)}"
            case act.Move(point=point):
                return f"HOVER {at(point)}"
            case act.Swipe(start=start, end=end):
                return f"SWIPE {at(start)} {at(end)}"
            case act.Drag(start=start, end=end) if start is not None:
                return f"DRAG {at(start)} {at(end)}"
            case act.PressKeys(keys=keys):
                return "ENTER" if keys == ("enter",) else f"HOTKEY [{'+'.join(keys).upper()}]"
            case act.PressButton(button="enter"):
                return "ENTER"
        if (word := next((word for word, known in _WORDS.items() if known == action), None)) is not None:
            return word
        return _write_text(action)


def _with_text(name: str, text: str, reading: Reading) -> act.Action:
    match name:
        case "TYPE":
            return build(act.TypeText, text=text)
        case "OPEN_APP":
            return build(act.OpenApp, name=text.strip())
        case "SCROLL":
            return build(act.Scroll, direction=text.strip().lower())
        case "ANSWER":
            return act.Answer(text=text)
        case "ASK_USER":
            return act.AskUser(question=text)
        case "GOTO":
            return build(act.Goto, url=text.strip())
        case "HOTKEY":
            words = [part for part in re.split(r"(?<=[^+])\+", text.strip()[:100]) if part]
            return build(act.PressKeys, keys=reading.arguments({}).chords([word.strip() for word in words]))
    try:
        return build(act.Wait, seconds=float(text[:40]))
    except ValueError as error:
        raise ParseError("WAIT takes seconds, WAIT [3]") from error


def _write_text(action: act.Action) -> str:
    match action:
        case act.TypeText(text=text):
            return f"TYPE [{text}]"
        case act.OpenApp(name=name):
            return f"OPEN_APP [{name}]"
        case act.Scroll(direction=direction):
            return f"SCROLL [{direction.upper()}]"
        case act.Answer(text=text):
            return f"ANSWER [{text}]"
        case act.AskUser(question=question):
            return f"ASK_USER [{question}]"
        case act.Goto(url=url):
            return f"GOTO [{url}]"
        case act.Wait(seconds=seconds):
            return f"WAIT [{short(seconds)}]"
    raise InvalidAction(f"there are no words for {action!r}")


class OsAtlasProComputer(_Pro):
    """OS-Atlas-Pro with a mouse and a keyboard."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: `min_pixels` and `max_pixels` of the picture, and those of `Worded`."""
        super().__init__("os-atlas-pro/computer", _COMPUTER, action_types, options)


class OsAtlasProPhone(_Pro):
    """OS-Atlas-Pro with a touch screen."""

    def __init__(self, action_types: frozenset[str], **options: Any) -> None:
        """Options: `min_pixels` and `max_pixels` of the picture, and those of `Worded`."""
        super().__init__("os-atlas-pro/phone", _PHONE, action_types, options)
