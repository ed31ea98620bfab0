"""How the replies of a protocol are read as places, in unrounded pixels of the stored picture."""

from __future__ import annotations

from dataclasses import dataclass

from handeye.agent.coordinates import unrounded
from handeye.agent.dialects.loose_json import read_loose
from handeye.agent.dialects.registry import open_dialect
from handeye.benchmarks.grounding.formats import LARGEST, DialectFormat, Format, answer_part, open_format
from handeye.benchmarks.grounding.protocols import COMPUTER_VERBS, MOBILE_VERBS, Protocol
from handeye.benchmarks.grounding.rules import Answer, Boxed, Pointed, Refused, Unreadable
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Size

_VERBS = {"qwen2.5-vl/mobile_use": MOBILE_VERBS, "qwen2.5-vl/computer_use": COMPUTER_VERBS, "qwen2.5-vl/point": frozenset({"click"})}


@dataclass(frozen=True)
class ByDialect:
    """A dialect's reply without its thought; an empty list, where a list was asked for, is a refusal."""

    dialect: DialectFormat

    @property
    def name(self) -> str:
        """The dialect's."""
        return self.dialect.name

    def read(self, text: str, size: Size) -> Answer:
        """See `Format`."""
        said = answer_part(text[:LARGEST])
        if said is None:
            return Unreadable("the thought does not end")
        if self.name == "qwen2.5-vl/point" and _is_empty_list(said):
            return Refused()
        return self.dialect.read(said, size)


def _is_empty_list(text: str) -> bool:
    start = text.find("[")
    try:
        return start >= 0 and "{" not in text and read_loose(text, start).value == []
    except ParseError:
        return False


def reader_of(protocol: Protocol) -> Format:
    """What reads the replies of `protocol`, forced beginnings with them, about the picture shown."""
    limits = {"min_pixels": protocol.min_pixels, "max_pixels": protocol.max_pixels}
    if protocol.reading in _VERBS:
        return ByDialect(DialectFormat(open_dialect(protocol.reading, _VERBS[protocol.reading], **limits)))
    return open_format(protocol.reading, **(limits if protocol.reading == "qwen2.5-vl/forced" else {}))


def in_stored(answer: Answer, shown: Size, stored: Size) -> Answer:
    """An answer about the picture shown, in pixels of the stored one."""
    if isinstance(answer, Pointed):
        return Pointed(*unrounded(answer.x, answer.y, stored, shown))
    if isinstance(answer, Boxed):
        corners = ((answer.left, answer.top), (answer.right, answer.bottom))
        (left, top), (right, bottom) = (unrounded(x, y, stored, shown) for x, y in corners)
        return Boxed(left, top, right, bottom)
    return answer
