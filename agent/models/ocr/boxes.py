"""How boxes lie to one another."""

from __future__ import annotations

from collections.abc import Iterable

from handeye.tools.geometry import Box


def inside(inner: Box, outer: Box, slack: int = 0) -> bool:
    """Whether `inner` lies in `outer`, or reaches out of it by no more than `slack` pixels."""
    return (
        inner.left >= outer.left - slack
        and inner.right <= outer.right + slack
        and inner.top >= outer.top - slack
        and inner.bottom <= outer.bottom + slack
    )


def overlap(a: Box, b: Box) -> int:
    """Pixels that both have."""
    width, height = min(a.right, b.right) - max(a.left, b.left), min(a.bottom, b.bottom) - max(a.top, b.top)
    return width * height if width > 0 and height > 0 else 0


def area(box: Box) -> int:
    """Pixels of `box`."""
    return box.width * box.height


def same(a: Box, b: Box) -> bool:
    """Whether two boxes are one thing seen twice: they share 70 % of what they cover together."""
    shared = overlap(a, b)
    return shared > 0.7 * (area(a) + area(b) - shared)


def cover(box: Box, others: Iterable[Box]) -> Box:
    """The smallest box around all."""
    every = [box, *others]
    return Box(min(b.left for b in every), min(b.top for b in every), max(b.right for b in every), max(b.bottom for b in every))
