"""Places in the words of a reply: two numbers (a point) or four (a box), by the shapes in which models write them.

A shape says where the numbers stand, never what they count: the space (pixels, 0..1000, ...) is the format's (`formats.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

Place: TypeAlias = tuple[float, ...]
"""Two numbers, or four. Other counts are kept, so that a reader can say what was wrong."""

_NUMBER = r"[+-]?(?:[0-9]{1,9}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})"
_COMMA = r"\s{0,20},\s{0,20}"
_GAP = r"(?:\s{0,20},\s{0,20}|\s{1,20})"
_NUMBERS = re.compile(_NUMBER)
_BRACKETS = re.compile(rf"[\[(]\s{{0,20}}({_NUMBER}(?:{_COMMA}{_NUMBER}){{1,3}})\s{{0,20}}[\])]")
_TAGS = re.compile(
    r"<(point|box|bbox|click)>([^<]{3,200})</\1>|<\|(box|point)_start\|>([^<]{3,200})<\|\3_end\|>|"
    rf"<point\s{{1,9}}x\s{{0,9}}=\s{{0,9}}[\"']?({_NUMBER})[\"']?\s{{1,9}}y\s{{0,9}}=\s{{0,9}}[\"']?({_NUMBER})[\"']?"
)
_CALLS = re.compile(
    rf"\b[A-Za-z_.]{{1,40}}\(\s{{0,9}}(?:x\s{{0,9}}=\s{{0,9}})?({_NUMBER}){_COMMA}(?:y\s{{0,9}}=\s{{0,9}})?({_NUMBER})|"
    rf"\bx\s{{0,9}}=\s{{0,9}}({_NUMBER}){_COMMA}y\s{{0,9}}=\s{{0,9}}({_NUMBER})|"
    r"\b(?:start_box|start_point|point|box|element)\s{0,9}=\s{0,9}['\"]?(?:<\|?[a-z_]{1,20}\|?>)?[\[(]{0,2}\s{0,9}"
    rf"({_NUMBER}{_GAP}{_NUMBER}(?:{_GAP}{_NUMBER}{_GAP}{_NUMBER})?)"
)
_KEYS = re.compile(
    r"[\"'](?:coordinates?|bbox_2d|point_2d|bbox|point|position|click_point|result)[\"']\s{0,20}:\s{0,20}[\[(]{1,2}\s{0,20}"
    rf"({_NUMBER}(?:{_COMMA}{_NUMBER}){{1,3}})|"
    rf"[\"']x[\"']\s{{0,20}}:\s{{0,20}}({_NUMBER}){_COMMA}[\"']y[\"']\s{{0,20}}:\s{{0,20}}({_NUMBER})",
    re.IGNORECASE,
)
_BOX_2D = re.compile(rf"[\"'](?:box_2d|point)[\"']\s{{0,20}}:\s{{0,20}}\[\s{{0,20}}({_NUMBER}(?:{_COMMA}{_NUMBER}){{1,3}})")
_BARE = re.compile(rf"\s*(?:point\s{{0,9}}:?)?\s{{0,9}}({_NUMBER}{_GAP}{_NUMBER}(?:{_GAP}{_NUMBER}{_GAP}{_NUMBER})?)\s{{0,9}}\.?\s*", re.I)

FORCED = '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": ['
"""How every answer of ScreenSpot-Pro's official Qwen2.5-VL run begins, since its prompt ends so
(likaixin2000/ScreenSpot-Pro-GUI-Grounding:models/qwen2_5vl.py)."""


def in_brackets(text: str) -> list[Place]:
    """`[x, y]`, `(x, y)`, `[x1, y1, x2, y2]`."""
    return [_numbers(found.group(1)) for found in _BRACKETS.finditer(text)]


def in_tags(text: str) -> list[Place]:
    """`<point>x y</point>`, `<box>...</box>`, `<|box_start|>(x1,y1),(x2,y2)<|box_end|>`, `<point x="..." y="...">`."""
    return [_numbers(" ".join(group for group in found.group(2, 4, 5, 6) if group)) for found in _TAGS.finditer(text)]


def in_calls(text: str) -> list[Place]:
    """`click(x, y)`, `pyautogui.click(x=..., y=...)`, `click(start_box='(x,y)')`, `do(action="Tap", element=[x,y])`, `x=..., y=...`."""
    return [_numbers(" ".join(group for group in found.groups() if group)) for found in _CALLS.finditer(text)]


def under_keys(text: str) -> list[Place]:
    """JSON, also broken or with single quotes: `"coordinate": [x, y]`, `"bbox_2d": [...]`, `"POINT": [x, y]`, `"x": ..., "y": ...`."""
    return [_numbers(" ".join(group for group in found.groups() if group)) for found in _KEYS.finditer(text)]


def with_y_first(text: str) -> list[Place]:
    """`"box_2d": [y1, x1, y2, x2]` and `"point": [y, x]`, turned round."""
    places = (_numbers(found.group(1)) for found in _BOX_2D.finditer(text))
    return [(place[1], place[0], *((place[3], place[2]) if len(place) == 4 else place[2:])) for place in places]


def alone(text: str) -> list[Place]:
    """Numbers and nothing else: `x, y`, `x y`, `point:x,y`."""
    found = _BARE.fullmatch(text)
    return [_numbers(found.group(1))] if found else []


def after_forced(text: str) -> list[Place]:
    """What follows `FORCED`, with or without it: `x, y]}}`. The whole must be JSON when it is cut after its last brace."""
    whole = text if text.lstrip().startswith("<tool_call>") else FORCED + text
    call = whole[: whole.rfind("}") + 1].partition("<tool_call>\n")[2].partition("\n</tool_call>")[0]
    try:
        said = json.loads(call)
    except (ValueError, RecursionError):
        return []
    arguments = said.get("arguments") if isinstance(said, dict) else None
    numbers = arguments.get("coordinate") if isinstance(arguments, dict) else None
    if not isinstance(numbers, list) or len(numbers) not in (2, 4):
        return []
    if not all(isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < 1e9 for number in numbers):
        return []
    return [tuple(float(number) for number in numbers)]


Shape: TypeAlias = Callable[[str], list[Place]]
ANY: tuple[Shape, ...] = (in_tags, under_keys, in_calls, in_brackets, alone)
"""All shapes in which x comes first, the most telling first."""


def places_in(text: str, shapes: tuple[Shape, ...]) -> list[Place]:
    """The places of the first of `shapes` that finds any, in their order; the same place said again is left out."""
    for shape in shapes:
        if places := shape(text):
            return list(dict.fromkeys(places))
    return []


def _numbers(text: str) -> Place:
    return tuple(float(number) for number in _NUMBERS.findall(text))


SHAPE_WORDS: Mapping[Shape, str] = {
    in_brackets: "in brackets",
    in_tags: "in tags",
    in_calls: "in a call",
    under_keys: "under a key",
    with_y_first: "under box_2d",
    alone: "alone",
    after_forced: "after the forced beginning",
}
"""How an error says where a place was looked for."""
