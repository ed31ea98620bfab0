"""How the text of a model's reply is read as a place: a named format, or any dialect of `handeye.agent.dialects`.

A format here is less than a dialect: published outputs are only read again, so there is no prompt and nothing to write. Numbers are
neither rounded to pixels nor moved inside of the image, as they are for clicking, since the published scorers did neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from handeye.agent.coordinates import unrounded
from handeye.agent.dialects.base import Dialect
from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.agent.dialects.registry import DIALECT_NAMES, open_dialect
from handeye.benchmarks.grounding.rules import Answer, Boxed, Outside, Pointed, Refused, Unreadable
from handeye.envs.actions import ACTIONS, Click, Finish, LongPress, Move
from handeye.tools.errors import InvalidAction, ParseError, SetupError
from handeye.tools.geometry import Size

LARGEST = 100_000
"""Characters of a reply that are looked at."""
_NUMBER = r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,20})?"
_PLACE = re.compile(rf"[\[(]\s{{0,20}}({_NUMBER}(?:\s{{0,20}},\s{{0,20}}{_NUMBER}){{1,3}})\s{{0,20}}[\])]")
_THOUGHT = ("grounding_think", "thinking", "think")


class Format(Protocol):
    """Reads replies."""

    @property
    def name(self) -> str:
        """Its name in reports."""

    def read(self, text: str, size: Size) -> Answer:
        """What a reply about an image of `size` means; never raises, whatever the text."""


@dataclass(frozen=True)
class BracketFormat:
    """One pair (or box) of numbers in brackets, `[x, y]` or `(x, y)`, each from 0 to `extent`, or pixels of the image.

    A thought in tags is left out; one that does not end leaves no answer. Negative numbers only, as in `[-1, -1]`, are a refusal
    (lmms-eval's osworld_g, UI-Venus). Several different places are none.
    """

    name: str
    extent: float | None
    """None: pixels of the image as it is stored."""

    def read(self, text: str, size: Size) -> Answer:
        """See `Format`."""
        said = answer_part(text[:LARGEST])
        if said is None:
            return Unreadable("the thought does not end")
        places = {tuple(float(number) for number in found.group(1).split(",")) for found in _PLACE.finditer(said)}
        if len(places) != 1:
            return Unreadable("there is no place in brackets" if not places else f"there are {len(places)} places in it")
        (numbers,) = places
        if len(numbers) == 3:
            return Unreadable("three numbers are neither a point nor a box")
        if max(numbers) < 0:
            return Refused()
        extent = (self.extent, self.extent) if self.extent else (size.width, size.height)
        first = unrounded(numbers[0], numbers[1], size, extent)
        return Pointed(*first) if len(numbers) == 2 else Boxed(*first, *unrounded(numbers[2], numbers[3], size, extent))


def answer_part(text: str) -> str | None:
    """The reply without its thought; None if the thought was begun and not ended."""
    for tag in _THOUGHT:
        _, begun, rest = text.partition(f"<{tag}>")
        _, ended, after = (rest if begun else text).rpartition(f"</{tag}>")
        if ended:
            text = after
        elif begun:
            return None
    _, begun, rest = text.rpartition("<answer>")
    return rest.partition("</answer>")[0] if begun else text


@dataclass(frozen=True)
class DialectFormat:
    """A dialect, asked in the pixels of the picture that it shows, so that whole numbers stay what the model wrote."""

    dialect: Dialect

    @property
    def name(self) -> str:
        """The dialect's."""
        return self.dialect.name

    def read(self, text: str, size: Size) -> Answer:
        """See `Format`. The first place of the reply counts, as for the published scorers."""
        try:
            shown = self.dialect.picture_size(size)
            if isinstance(self.dialect, QwenPoint):
                return self._pointing(self.dialect, text, shown, size)
            reply = self.dialect.parse(text, shown)
        except (ParseError, InvalidAction) as error:
            return Unreadable(str(error))
        if any("lies outside" in repair for repair in reply.repairs):
            return Outside()
        for action in reply.actions:
            if isinstance(action, Finish) and not action.success:
                return Refused()
            if isinstance(action, Click | Move | LongPress) and action.point is not None:
                return Pointed(*unrounded(*action.point, size, shown))
        return Unreadable(f"{reply.actions[0].type} names no place")

    def _pointing(self, dialect: QwenPoint, text: str, shown: Size, size: Size) -> Answer:
        pointing = dialect.pointing(text, shown)
        if any("lies outside" in repair for repair in pointing.repairs):
            return Outside()
        found = pointing.found[0]
        if found.box is None:
            return Pointed(*unrounded(*found.point, size, shown))
        # A Box ends at the first pixel outside, the model's own numbers one before it.
        second = unrounded(found.box.right - 1, found.box.bottom - 1, size, shown)
        return Boxed(*unrounded(found.box.left, found.box.top, size, shown), *second)


_BRACKETS = {
    # Tongyi-MAI/MAI-UI:evaluation/grounding: {"coordinate": [x, y]} from 0 to 1000 after the thought.
    "mai-ui": 1000.0,
    "brackets-1000": 1000.0,
    "brackets-999": 999.0,
    "brackets-1": 1.0,
    "brackets-pixels": None,
}
FORMAT_NAMES = (*_BRACKETS, *DIALECT_NAMES)
"""The names that `open_format` knows."""


def open_format(name: str) -> Format:
    """A format or dialect by its name. Raises `SetupError` for one that does not exist."""
    if name in _BRACKETS:
        return BracketFormat(name, _BRACKETS[name])
    if name in DIALECT_NAMES:
        return DialectFormat(open_dialect(name, frozenset(ACTIONS)))
    raise SetupError(f"there is no dialect {name!r}", fix=f"choose one of {', '.join(FORMAT_NAMES)}")
