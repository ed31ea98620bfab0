"""The arguments of one call, read by type: each getter takes what models write for it and says in words what it cannot take."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from handeye.agent.coordinates import CoordinateSpace
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Box, Point, Size
from handeye.tools.keys import MODIFIERS, canonical_key

_BETWEEN_NUMBERS = re.compile(r"(?:[\s\[\](),;]|</?point>|<\|box_(?:start|end)\|>|[xy]\s?[=:])++", re.I)
_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_SECONDS = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,20})?)\s*(?:s|sec|secs|second|seconds)?\s*", re.I)


class Arguments:
    """The arguments of a call, its points brought from `space` to a screen of `size`."""

    def __init__(self, values: dict[str, Any], space: CoordinateSpace, size: Size, mend: Callable[[str], None]) -> None:
        self._left = dict(values)
        self._space, self._size, self.mend = space, size, mend

    def take(self, *names: str) -> Any:
        """The value under the first of `names` that is there and not null, or None."""
        found = None
        for name in names:
            value = self._left.pop(name, None)
            if value is not None and found is None:
                found = value
                if name != names[0]:
                    self.mend(f'read "{name}" as "{names[0]}"')
        return found

    def left(self) -> tuple[str, ...]:
        """Names of what nobody has taken."""
        return tuple(self._left)

    def point(self, *names: str, boxes: bool = True) -> Point | None:
        """A point of the screen, or None if it is not given; of a box its centre, unless `boxes` may not be."""
        value = self.take(*names)
        return None if value is None else self.to_point(value, names[0], boxes)

    def needed_point(self, *names: str) -> Point:
        """A point that must be there."""
        point = self.point(*names)
        if point is None:
            raise ParseError(f'"{names[0]}" is missing; give it as [x, y]')
        return point

    def points(self, *names: str) -> tuple[Point, ...]:
        """A list of points; empty if it is not given."""
        value = self.take(*names)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, list | dict) for item in value):
            raise ParseError(f'"{names[0]}" is a list of points, [[x, y], ...]')
        return tuple(self.to_point(item, names[0]) for item in value)

    def to_point(self, value: Any, name: str, boxes: bool = True, box_asked: bool = False) -> Point:
        """The point that `value` means: two numbers in any wrapping, or the centre of a box, a repair unless a box was asked for."""
        numbers = self._numbers(value, name)
        if len(numbers) == 4 and boxes:
            if not box_asked:
                self.mend("took the centre of a box as the point")
            numbers = [(numbers[0] + numbers[2]) / 2, (numbers[1] + numbers[3]) / 2]
        if len(numbers) != 2:
            raise ParseError(f'"{name}" has {len(numbers)} numbers; a point is [x, y]')
        point, clamped = self._space.to_screen(numbers[0], numbers[1], self._size)
        if clamped:
            self.mend(f"({numbers[0]:g}, {numbers[1]:g}) lies outside of the picture and was moved to its edge")
        return point

    def box(self, *names: str) -> Box | None:
        """A box of the screen from four numbers, corners in any order, or None if it is not given."""
        value = self.take(*names)
        if value is None:
            return None
        numbers = self._numbers(value, names[0])
        if len(numbers) != 4:
            raise ParseError(f'"{names[0]}" has {len(numbers)} numbers; a box is [x1, y1, x2, y2]')
        (left, top), _ = self._space.to_screen(min(numbers[0::2]), min(numbers[1::2]), self._size)
        (right, bottom), _ = self._space.to_screen(max(numbers[0::2]), max(numbers[1::2]), self._size)
        return Box(left, top, right + 1, bottom + 1)

    def text(self, *names: str) -> str | None:
        """A string, or None if it is not given; numbers are taken as their digits."""
        value = self.take(*names)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            self.mend(f'read the number in "{names[0]}" as text')
            return str(value)
        raise ParseError(f'"{names[0]}" must be a string')

    def needed_text(self, *names: str) -> str:
        """A string that must be there."""
        text = self.text(*names)
        if text is None:
            raise ParseError(f'"{names[0]}" is missing; give it as a string')
        return text

    def number(self, *names: str) -> float | None:
        """A finite number, or None if it is not given; strings of digits, with or without seconds as unit, are taken too."""
        value = self.take(*names)
        if value is None:
            return None
        if isinstance(value, str) and (match := _SECONDS.fullmatch(value.lstrip("+-"))):
            self.mend(f'read the text in "{names[0]}" as a number')
            value = float(match.group(1)) * (-1 if value.startswith("-") else 1)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(_finite(value)):
            raise ParseError(f'"{names[0]}" must be a number')
        return value

    def whole(self, *names: str) -> int | None:
        """A whole number, or None if it is not given."""
        number = self.number(*names)
        if number is not None and number != int(number):
            raise ParseError(f'"{names[0]}" must be a whole number')
        return None if number is None else int(number)

    def flag(self, *names: str) -> bool | None:
        """True or false, or None if it is not given."""
        value = self.take(*names)
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            self.mend(f'read the text in "{names[0]}" as true or false')
            value = value.strip().lower() == "true"
        if value is None or isinstance(value, bool):
            return value
        raise ParseError(f'"{names[0]}" must be true or false')

    def words(self, *names: str) -> tuple[str, ...] | None:
        """A list of strings, or None if it is not given; one string is taken as a list of one."""
        value = self.take(*names)
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in items):
            raise ParseError(f'"{names[0]}" must be a list of strings')
        return tuple(items)

    def keys(self, *names: str) -> tuple[str, ...] | None:
        """Canonical names of keys, or None if they are not given; `"ctrl+a"` is taken apart."""
        words = self.words(*names)
        if words is None:
            return None
        return self.chords(words)

    def chords(self, words: Sequence[str]) -> tuple[str, ...]:
        """Canonical names of the keys that `words` name."""
        keys = tuple(key for word in words for key in _chord(word))
        if len(keys) != len(words):
            self.mend("took a chord apart into its keys")
        return keys

    def _numbers(self, value: Any, name: str) -> list[float]:
        if isinstance(value, str):
            self.mend(f'read the text in "{name}" as numbers')
            return _numbers_in(value, name)
        if isinstance(value, dict):
            self.mend("read a point that was given as an object")
            value = _from_dict(value, name)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
            value = value[0]
        if not isinstance(value, list):
            raise ParseError(f'"{name}" must be [x, y]')
        if any(isinstance(item, str) for item in value):
            self.mend(f'read the text in "{name}" as numbers')
            value = [number for item in value for number in (_numbers_in(item, name) if isinstance(item, str) else [item])]
        if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in value):
            raise ParseError(f'"{name}" must hold numbers only, [x, y]')
        return [_finite(item) for item in value]


def _finite(number: float) -> float:
    try:
        number = float(number)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ParseError("a number is not finite")
    return number


def _from_dict(value: dict[str, Any], name: str) -> list[Any]:
    folded = {key.strip().lower(): item for key, item in value.items()}
    for names in (("x", "y"), ("x1", "y1", "x2", "y2"), ("left", "top", "right", "bottom")):
        if folded.keys() == set(names):
            return [folded[key] for key in names]
    raise ParseError(f'"{name}" must be [x, y]')


def _numbers_in(text: str, name: str) -> list[float]:
    parts = [part for part in _BETWEEN_NUMBERS.split(text[:200]) if part]
    if len(text) > 200 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ParseError(f'"{name}" must be two numbers, [x, y]')
    return [float(part) for part in parts]


def _chord(word: str) -> tuple[str, ...]:
    try:
        return (canonical_key(word),)
    except InvalidAction as error:
        if len(word) > 60:
            raise ParseError(str(error)) from error
        body, plus = (word[:-2], ["+"]) if word.endswith("++") else (word, [])
        parts = [part.strip() for part in body.split("+")] + plus
        if len(parts) == 1:
            parts = word.replace("-", " ").split()
            if not parts or any(part.lower() not in MODIFIERS for part in parts[:-1]):
                raise ParseError(str(error)) from error
        try:
            return tuple(canonical_key(part) for part in parts)
        except InvalidAction as inner:
            raise ParseError(str(inner)) from inner
