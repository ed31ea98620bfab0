"""Where a phone's own views say that they show a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from handeye.tools.android.uitree import UiNode
from handeye.tools.geometry import Box
from handeye.tools.private import begins_in


def shown_in(nodes: Iterable[UiNode], values: Sequence[str]) -> Iterator[Box]:
    """The bounds of each view that says one of `values`, or a beginning of it of four characters, and of each password field that holds
    something (its text is a run of bullets)."""
    for node in nodes:
        filled = "password" in node.traits and node.text != ""
        if filled or any(begins_in(value, said) for value in values for said in (node.text, node.description)):
            yield node.bounds
