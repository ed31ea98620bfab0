"""How the replies of a protocol are read as places, in unrounded pixels of the stored picture."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from handeye.agent.coordinates import SmartResizedPixels, unrounded
from handeye.agent.dialects.hermes import CALL_BEGIN, CALL_END
from handeye.agent.dialects.loose_json import read_loose
from handeye.agent.dialects.registry import open_dialect
from handeye.benchmarks.grounding.formats import LARGEST, DialectFormat, Format, answer_part, open_format
from handeye.benchmarks.grounding.protocols import COMPUTER_VERBS, FACTOR, MOBILE_VERBS, Protocol
from handeye.benchmarks.grounding.rules import Answer, Boxed, Pointed, Refused, Unreadable
from handeye.tools.errors import ParseError
from handeye.tools.geometry import Size

_VERBS = {"qwen2.5-vl/mobile_use": MOBILE_VERBS, "qwen2.5-vl/computer_use": COMPUTER_VERBS, "qwen2.5-vl/point": frozenset({"click"})}


@dataclass(frozen=True)
class CutCall:
    """A tool call as ScreenSpot-Pro's models/qwen2_5vl.py reads it: cut after the last `}`, then strict JSON.

    Two numbers are a point, four a box of which the centre counts, in pixels of the picture shown. Whatever else is unreadable; so are
    numbers that are not finite, which the original counts as a wrong place.
    """

    space: SmartResizedPixels
    name: str = "screenspot-pro"

    def read(self, text: str, size: Size) -> Answer:
        """See `Format`."""
        text = text[:LARGEST]
        cut = text.rfind("}")
        said = text if cut < 0 else text[: cut + 1]
        try:
            call = json.loads(said.split(CALL_BEGIN)[1].split(f"\n{CALL_END}")[0])
            numbers = _finite(call["arguments"]["coordinate"])
        except (IndexError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            return Unreadable(f"it is no call with a coordinate ({type(error).__name__}: {error!s:.200})")
        shown = self.space.picture_size(size)
        if len(numbers) == 2:
            return Pointed(*unrounded(numbers[0], numbers[1], size, shown))
        return Boxed(*unrounded(numbers[0], numbers[1], size, shown), *unrounded(numbers[2], numbers[3], size, shown))


def _finite(value: Any) -> list[float]:
    if not isinstance(value, list) or len(value) not in (2, 4):
        raise ValueError("coordinate is not a list of two or four numbers")
    if not all(isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number) for number in value):
        raise ValueError("coordinate holds something else than finite numbers")
    return [float(number) for number in value]


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
    """What reads the replies of `protocol`."""
    if protocol.reading == "screenspot-pro":
        return CutCall(SmartResizedPixels(FACTOR, protocol.min_pixels, protocol.max_pixels))
    if protocol.reading in _VERBS:
        limits = {"min_pixels": protocol.min_pixels, "max_pixels": protocol.max_pixels}
        return ByDialect(DialectFormat(open_dialect(protocol.reading, _VERBS[protocol.reading], **limits)))
    return open_format(protocol.reading)
