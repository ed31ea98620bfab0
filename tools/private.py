"""Text that must leave no trace on its way to a field: drivers type it by the path that nothing else on the machine can watch."""

from __future__ import annotations

import unicodedata
from typing import Literal, SupportsIndex, TypeAlias

FieldKind: TypeAlias = Literal["password", "otp", "any"]
"""Which fields may take it: password fields, fields for one-time codes, or whatever can be edited."""

HIDDEN = "[hidden]"
LEAST = 4
"""Characters of a value's beginning that give it away, and are hidden as it is."""


class PrivateText(str):
    """A text that does not show itself: `repr`, and so every traceback with local variables, says `[hidden]`; it cannot be pickled.

    It is a `str` in all else, so that what is cut from it is plain: whoever does that keeps it no longer than the call lasts.
    """

    origin: str
    """The document that may take it, where the device knows documents: its origin. Empty: any."""
    fields: FieldKind

    def __new__(cls, text: str, origin: str = "", fields: FieldKind = "any") -> PrivateText:
        made = super().__new__(cls, text)
        made.origin, made.fields = origin, fields
        return made

    def __repr__(self) -> str:
        return HIDDEN

    def __reduce_ex__(self, protocol: SupportsIndex) -> str:
        raise TypeError("a secret is not pickled")

    @property
    def body(self) -> str:
        """What is typed before the Enter, if one follows."""
        return self.removesuffix("\n")

    @property
    def enter(self) -> bool:
        """Whether Enter is pressed at its end."""
        return self.endswith("\n")


def begins_in(value: str, text: str) -> bool:
    """Whether `text` shows `value`, or its first `LEAST` characters, in either case and with any spaces."""
    start = _folded(value)[:LEAST]
    return start != "" and start in _folded(text)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
