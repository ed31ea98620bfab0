"""What a page is doing, as the driver reports it to whoever decides when it has settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Blocked: TypeAlias = Literal["", "dialog", "crash", "hang"]


@dataclass(frozen=True)
class Activity:
    """What a page is doing now, and what it was waited for since the question was asked."""

    pending: tuple[str, ...] = ()
    """Kinds of cause that the last input set off and that are not done: timers, requests, animations, navigation, ..."""
    waited_for: tuple[str, ...] = ()
    """Kinds that were pending when the question was asked and are done now."""
    left_out: tuple[str, ...] = ()
    """Perpetual movers, in words."""
    mark: str = ""
    """Stands for the state of the document: two marks are equal if nothing that counts has changed between them."""
    navigating: bool = False
    """The main frame is on its way to another document, or that document is still being parsed."""
    blocked: Blocked = ""
    """Why nothing can be learned from the page: it shows a dialog, has crashed, or does not answer."""
