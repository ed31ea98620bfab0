"""What is on a screen: text and the things that one can use, put together from the lines read and the regions seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from handeye.agent.models.ocr.reading import Line, Word
from handeye.agent.models.ocr.shapes import Color, Region, find_regions, saturation, text_color
from handeye.agent.models.ocr.words import folded, share
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box

Kind = Literal["button", "field", "area", "dropdown", "checkbox", "radio", "link", "text", "shape", "icon"]

_UNIT = 20
"""Height of a line where nothing could be read, in pixels."""


@dataclass(frozen=True)
class Element:
    """Something on the screen."""

    kind: Kind
    box: Box
    text: str = ""
    """What it says, or what is written beside it."""
    label: Box | None = None
    """Where that is written, if not inside."""
    color: Color = (0, 0, 0)
    checked: bool = False
    shape: str = ""
    statement: bool = False
    """It only repeats the goal."""


@dataclass(frozen=True)
class Screen:
    """One picture, understood."""

    width: int
    height: int
    unit: int
    """Height of a usual line of text, in pixels."""
    lines: tuple[Line, ...]
    """Text without the statement of the goal."""
    statement: tuple[Line, ...]
    elements: tuple[Element, ...]

    def of(self, *kinds: Kind) -> list[Element]:
        """Elements of `kinds`, row by row."""
        found = [element for element in self.elements if element.kind in kinds]
        return sorted(found, key=lambda e: (round(e.box.center.y / self.unit), e.box.left))


def understand(pixels: Pixels, lines: Sequence[Line], goal: str) -> Screen:
    """Find the elements of `pixels`, whose text is `lines`; lines that repeat `goal` are set apart."""
    statement = goal_lines(lines, goal)
    unit = round(median(line.box.height for line in lines)) if lines else _UNIT
    regions = find_regions(pixels, max(4, unit // 4))
    text = [line for line in lines if line not in statement and not _drawn(line, regions, unit)]
    bottom = max((line.box.bottom for line in statement), default=0)
    regions = [
        region
        for region in regions
        if not (
            statement
            and region.box.top <= statement[0].box.top
            and region.box.bottom <= bottom + 4 * unit
            and region.box.contains(statement[0].box.center)
        )
    ]
    regions = [region for region in regions if not any(_inside(region.box, line.box, 2) and statement for line in statement)]
    marks = _marks(regions, text, unit)
    boxes = _boxes(regions, text, unit, (pixels.shape[1], pixels.shape[0]), pixels)
    used = [mark.box for mark in marks] + [box.box for box in boxes]
    shapes = _shapes(regions, text, used, unit)
    links = _links(pixels, text)
    plain = [Element("text", line.box, line.text, color=text_color(pixels, line.box)) for line in text]
    marks = [_labelled_mark(mark, text, unit) for mark in marks]
    return Screen(pixels.shape[1], pixels.shape[0], unit, tuple(text), statement, (*boxes, *marks, *links, *shapes, *plain))


def goal_lines(lines: Sequence[Line], goal: str) -> tuple[Line, ...]:
    """The run of neighbouring lines that repeats the goal sentence; empty if there is none."""
    wanted = folded(goal)
    if len(goal.split()) < 2:
        return ()
    run: list[Line] = []
    for line in lines:
        piece = folded(line.text)
        near = not run or line.box.top - run[-1].box.bottom < 1.5 * line.box.height
        if piece and near and (share(line.text, goal) > 0.85) and (len(piece) > 3 or run):
            run.append(line)
        elif run and (len(folded("".join(r.text for r in run))) < 0.6 * len(wanted)):
            run = [line] if piece and share(line.text, goal) > 0.85 and len(piece) > 3 else []
        elif run:
            break
    said = folded("".join(line.text for line in run))
    while run and len(said) > 1.25 * len(wanted):
        run.pop()
        said = folded("".join(line.text for line in run))
    return tuple(run) if run and len(said) >= 0.6 * len(wanted) and share(said, goal) > 0.75 else ()


def _drawn(line: Line, regions: Sequence[Region], unit: int) -> bool:
    """Whether a "letter" is really an empty check box or radio button."""
    if len(line.text) > 2 or line.text.isdigit():
        return False
    if line.text in "口□○◯☐●■·" or not folded(line.text).isalnum():
        return True
    return False


def _marks(regions: Sequence[Region], text: Sequence[Line], unit: int) -> list[Element]:
    """Check boxes and radio buttons: small empty or ticked squares and circles."""
    words = [word.box for line in text for word in line.words]
    found: list[Element] = []
    for region in regions:
        w, h = region.box.width, region.box.height
        square = 0.85 <= w / h <= 1.18 and 0.38 * unit <= min(w, h) and max(w, h) <= 1.7 * unit
        if not square or any(_inside(region.box, word, 1) for word in words) or any(_inside(region.box, e.box, 2) for e in found):
            continue
        light = min(region.color) > 200
        accent = saturation(region.color) > 0.5
        if region.round and (light or accent):
            checked = region.hollow > 0.2 and any(
                _inside(other.box, region.box, 0) and saturation(other.color) > 0.3 for other in regions if other is not region
            )
            found.append(Element("radio", region.box, color=region.color, checked=checked, shape="circle"))
        elif region.filled > 0.88 and region.corners <= 6 and (light or accent) and not region.round:
            found.append(Element("checkbox", region.box, color=region.color, checked=accent or region.hollow > 0.12, shape="square"))
    return found


def _boxes(regions: Sequence[Region], text: Sequence[Line], unit: int, size: tuple[int, int], pixels: Pixels) -> list[Element]:
    """Fields, buttons and drop-down lists: rectangles of a line's height or more."""
    found: list[Element] = []
    for region in regions:
        w, h = region.box.width, region.box.height
        if not (region.filled > 0.88 and 0.6 * unit <= h <= 9 * unit and w >= 1.2 * unit and (w < 0.98 * size[0] or h < 3 * unit)):
            continue
        inside = [line for line in text if region.box.contains(line.box.center) and _covered(line.box, region.box)]
        if any(_inside(region.box, word.box, 2) for line in text for word in line.words):
            continue
        element = _boxed(region, inside, regions, unit)
        if element and not any(_same(element.box, other.box) for other in found):
            found.append(element)
    return found


def _boxed(region: Region, inside: Sequence[Line], regions: Sequence[Region], unit: int) -> Element | None:
    box, said = region.box, " ".join(line.text for line in inside)
    white = min(region.color) > 247
    if not inside:
        if box.height > 3 * unit and white:
            return Element("area", box, color=region.color, shape="rectangle")
        flat = white and box.width > 1.3 * box.height
        return Element("field", box, color=region.color) if flat and saturation(region.color) < 0.05 else None
    if any(_arrow(other, box, inside) for other in regions):
        return Element("dropdown", box, said, color=region.color)
    left = min(line.box.left for line in inside) - box.left
    right = box.right - max(line.box.right for line in inside)
    centred = abs(left - right) <= max(0.6 * unit, 0.12 * box.width)
    if white and not centred and left < unit:
        return Element("field" if box.height < 2.4 * unit else "area", box, said, color=region.color)
    return Element("button", box, said, color=region.color) if len(inside) <= 3 and box.height < 6 * unit else None


def _arrow(region: Region, box: Box, inside: Sequence[Line]) -> bool:
    """Whether `region` looks like the arrow at the right end of a drop-down list."""
    edge = Box(box.right - box.height, box.top, box.right, box.bottom)
    small = region.box.width < box.height * 0.7 and region.box.height < box.height * 0.7
    return (
        small
        and edge.contains(region.box.center)
        and not any(_inside(region.box, line.box, 1) for line in inside)
        and max(region.color) < 140
    )


def _links(pixels: Pixels, text: Sequence[Line]) -> list[Element]:
    """Runs of words in a colour of their own, as links are."""
    found = []
    for line in text:
        run: list[Word] = []
        for word in (*line.words, None):
            if word is not None and _blue(text_color(pixels, word.box)):
                run.append(word)
                continue
            if run:
                box = Box(run[0].box.left, line.box.top, run[-1].box.right, line.box.bottom)
                found.append(Element("link", box, " ".join(w.text for w in run), color=text_color(pixels, box)))
            run = []
    return found


def _blue(color: Color) -> bool:
    return color[2] > 120 and color[2] - max(color[0], color[1]) > 60


def _shapes(regions: Sequence[Region], text: Sequence[Line], used: Sequence[Box], unit: int) -> list[Element]:
    """Drawn things without a text of their own: coloured shapes and icons."""
    words = [word.box for line in text for word in line.words]
    found: list[Element] = []
    for region in regions:
        box = region.box
        if (
            any(_inside(box, word, 2) for word in words)
            or any(_same(box, other) for other in used)
            or any(_inside(box, e.box, 1) for e in found)
        ):
            continue
        if any(_inside(word, box, 0) for word in words) and box.height > 3 * unit:
            continue
        kind: Kind = "shape" if region.shape != "polygon" and (saturation(region.color) > 0.1 or max(region.color) < 100) else "icon"
        found.append(Element(kind, box, color=region.color, shape=region.shape))
    return found


def _labelled_mark(mark: Element, text: Sequence[Line], unit: int) -> Element:
    """Give a check box or radio button the text at its right, or else at its left."""
    best: tuple[float, str, Box] | None = None
    for line in text:
        if abs(line.box.center.y - mark.box.center.y) > 0.75 * max(unit, mark.box.height):
            continue
        gap = line.box.left - mark.box.right
        back = mark.box.left - line.box.right
        cost = gap if -0.4 * unit <= gap < 3 * unit else back * 2 + unit if -0.2 * unit <= back < 2 * unit else None
        if cost is not None and (best is None or cost < best[0]):
            best = (cost, line.text, line.box)
    return replace(mark, text=best[1], label=best[2]) if best else mark


def _inside(inner: Box, outer: Box, slack: int) -> bool:
    return (
        inner.left >= outer.left - slack
        and inner.right <= outer.right + slack
        and inner.top >= outer.top - slack
        and inner.bottom <= outer.bottom + slack
    )


def _covered(inner: Box, outer: Box) -> bool:
    shared = (
        inner.clipped_to(outer)
        if hasattr(inner, "clipped_to")
        else Box(max(inner.left, outer.left), max(inner.top, outer.top), min(inner.right, outer.right), min(inner.bottom, outer.bottom))
    )
    return shared.width * shared.height > 0.6 * inner.width * inner.height


def _same(a: Box, b: Box) -> bool:
    w, h = min(a.right, b.right) - max(a.left, b.left), min(a.bottom, b.bottom) - max(a.top, b.top)
    if w <= 0 or h <= 0:
        return False
    return w * h > 0.7 * (a.width * a.height + b.width * b.height - w * h)
