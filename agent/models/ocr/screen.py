"""What is on a screen: text and the things that one can use, put together from the lines read and the regions seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from handeye.agent.models.ocr.boxes import area, cover, inside, overlap, same
from handeye.agent.models.ocr.icons import Icon, Mask, find_icons, icon_in
from handeye.agent.models.ocr.reading import SMALL_LINE, Line, Word
from handeye.agent.models.ocr.shapes import Color, Region, find_regions, saturation, text_color
from handeye.agent.models.ocr.small import CONTROL_UNIT, Drawn, cut_lines, framed_regions, small_controls
from handeye.agent.models.ocr.switches import find_switches
from handeye.agent.models.ocr.words import folded, share
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box

Kind = Literal["button", "field", "area", "dropdown", "checkbox", "radio", "link", "text", "shape", "icon", "switch"]

_ROUND = "OoO0Q○◯〇口□DCaeugq"
"""What a single circle or square is read as."""
_DRAWN = ("口", "□", "○", "◯", "☐", "●", "■", "·", "|", "—", "_", "●●●", "•")
_ARROWS = "▼▾▽⌄˅∨ "
_UNIT = 20
"""Height of a line where nothing could be read, in pixels."""
_KEYS = 10
"""So many single letters in the lower part of a screen are a keyboard's."""
_CROSSES = ("X", "x", "×", "+", "十")
_SURE = 0.8
_DRAWN_LIKE = 0.7
"""A letter that is read less surely than the one, and looks more like an icon than the other says, is an icon."""
_LARGEST_ICON = 3.2
"""Height of a phone's largest icons in lines of text: those of round buttons have 36 dp."""
_STATUS_BAR = 0.03
"""Height of a phone's status bar, in which there is nothing to touch, as a share of the screen's longer side: 24 dp of 800."""
_BEGINNING = 6
"""Letters of a goal by which its statement on the screen is told from the name of what it is about."""


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
    icon: Icon | None = None
    ink: Color | None = None
    """Colour of the text in a field."""
    sides: int = 0
    """Corners of a drawn shape."""


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
    grooves: tuple[Box, ...] = ()
    """Long thin bars, as sliders run on."""
    still: bool = False
    """Nothing changed since the picture before."""
    phone: bool = False
    """It is a phone's."""
    desktop: bool = False
    """It is a desktop's, with programs that have their own idea of where text goes."""

    def of(self, *kinds: Kind) -> list[Element]:
        """Elements of `kinds`, row by row."""
        found = [element for element in self.elements if element.kind in kinds]
        return sorted(found, key=lambda e: (round(e.box.center.y / self.unit), e.box.left))


def unread(pixels: Pixels) -> Screen:
    """`pixels` as nothing but a size, for what needs no look at them."""
    return Screen(pixels.shape[1], pixels.shape[0], _UNIT, (), (), ())


def understand(pixels: Pixels, lines: Sequence[Line], goal: str, still: bool = False, phone: bool = False) -> Screen:
    """Find the elements of `pixels`, whose text is `lines`; lines that repeat `goal` are set apart."""
    statement = goal_lines(lines, goal)
    unit = round(median(line.box.height for line in lines)) if lines else _UNIT
    fine = unit < SMALL_LINE
    small = small_controls(pixels) if fine else []
    unit = min(unit, CONTROL_UNIT) if fine else unit
    surfaces, ink = find_regions(pixels, max(4, unit // 4), 3 * unit)
    status = round(_STATUS_BAR * max(pixels.shape[:2]))
    lines = [line for line in (_as_drawn(line, ink, unit) for line in lines) if line] if phone else lines
    regions = [region for region in (*surfaces, *framed_regions(small, surfaces)) if not _about(region.box, statement, unit)]
    said = [line for line in lines if line not in statement]
    said = cut_lines(said, regions, small) if fine else said
    marks = _with_small(_marks(regions, said, unit), small, statement)
    figures = [r.box for r in regions if r.round or (r.filled > 0.55 and r.corners > 4 and r.box.height > 1.5 * unit)]
    ticks = [mark.box for mark in marks]
    text = [line for line in (_without_marks(line, figures, ticks) for line in said) if line is not None]
    marks = [_labelled_mark(mark, text, unit) for mark in marks]
    arrows = [one.box for one in small if one.kind == "arrow"]
    boxes = [_painted(_listed(box, arrows), pixels) for box in _boxes(regions, text, unit, pixels.shape[1])]
    marks = [mark for mark in marks if not any(same(mark.box, box.box) for box in boxes)]
    shapes = _shapes(regions, text, [element.box for element in (*marks, *boxes)], unit)
    plain = [Element("text", line.box, line.text, color=text_color(pixels, line.box)) for line in text]
    known = [*(line.box for line in (lines if fine else (*text, *statement))), *(one.box.grown(2) for one in small if one.kind != "frame")]
    drawings = [one for one in find_icons(ink, known, unit, _LARGEST_ICON if phone else 2.2) if not phone or one.box.top > status]
    icons = [Element("icon", icon.box, shape=icon.name, icon=icon) for icon in drawings]
    switches = [Element("switch", switch.box, checked=switch.on) for switch in find_switches(surfaces, unit)]
    elements = (*boxes, *marks, *_links(pixels, text), *shapes, *icons, *plain, *switches)
    return Screen(pixels.shape[1], pixels.shape[0], unit, tuple(text), statement, elements, _grooves(regions, unit), still, phone)


def _as_drawn(line: Line, ink: Mask, unit: int) -> Line | None:
    """`line`, or where it is a lone sign, the one that is drawn there: a plus and a cross are mistaken for each other. None: an icon."""
    if len(line.text) == 1 and line.score < _SURE and line.box.height > _LARGEST_ICON * unit:
        return None
    # An icon's ends reach out of what was taken for a letter; the letter's box is large around a cross.
    around = line.box if line.text in _CROSSES else line.box.grown(line.box.height // 7)
    if len(line.text) != 1 or not (line.text in _CROSSES or line.score < _SURE) or (icon := icon_in(ink, around)) is None:
        return line
    if line.text in _CROSSES:
        sign = {"plus": "+", "close": "×"}.get(icon.name, line.text)
        return replace(line, text=sign, words=(Word(sign, line.box),))
    return None if icon.likeness[icon.name or "plus"] > _DRAWN_LIKE else line


def _about(box: Box, statement: Sequence[Line], unit: int) -> bool:
    """Whether a region is the paper that the statement of the goal is written on, or a part of its letters."""
    if not statement:
        return False
    written = Box(
        min(line.box.left for line in statement),
        statement[0].box.top,
        max(line.box.right for line in statement),
        statement[-1].box.bottom,
    )
    paper = box.contains(statement[0].box.center) and box.bottom < written.bottom + 4 * unit
    return paper or inside(box, written, 2)


def goal_lines(lines: Sequence[Line], goal: str) -> tuple[Line, ...]:
    """The run of neighbouring lines that repeats the goal sentence; empty if there is none."""
    wanted = folded(goal)
    if len(goal.split()) < 2:
        return ()
    run: list[Line] = []
    for line in lines:
        if len(folded("".join(r.text for r in run))) >= 0.97 * len(wanted):
            break
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
    # A button that a short goal names is most of that goal's letters too; what tells them apart is the verb that the goal begins with.
    least = 0.85 if len(goal.split()) < 5 else 0.6
    begins = share(said[:_BEGINNING], wanted[:_BEGINNING]) > 0.6
    return tuple(run) if run and begins and len(said) >= least * len(wanted) and share(said, goal) > 0.75 else ()


def _without_marks(line: Line, figures: Sequence[Box], ticks: Sequence[Box]) -> Line | None:
    """`line` without the "letters" that are really a check box, a radio button or a bit of drawing; None if nothing else is left."""
    words = [word for word in line.words if not _is_drawing(word, figures, ticks)]
    if not words or line.text in _DRAWN:
        return None
    if len(words) == len(line.words):
        return line
    left = words[0].box.left if words[0] is not line.words[0] else line.box.left
    right = words[-1].box.right if words[-1] is not line.words[-1] else line.box.right
    box = Box(left, line.box.top, right, line.box.bottom)
    return Line(" ".join(word.text for word in words), box, tuple(words), line.score)


def _is_drawing(word: Word, figures: Sequence[Box], ticks: Sequence[Box]) -> bool:
    """Whether a single "letter" is really the outline of something drawn."""
    if len(word.text) <= 2 and any(overlap(word.box, tick) > 0.3 * area(word.box) for tick in ticks):
        return True
    return word.text in _ROUND and any(overlap(word.box, figure) > 0.6 * area(word.box) for figure in figures)


def _marks(regions: Sequence[Region], text: Sequence[Line], unit: int) -> list[Element]:
    """Check boxes and radio buttons: small empty or ticked squares and circles."""
    letters = [line.box for line in text if line.text not in _ROUND]
    single = [line.box for line in text if len(line.text) == 1]
    found: list[Element] = []
    for region in regions:
        w, h = region.box.width, region.box.height
        square = 0.85 <= w / h <= 1.18 and 0.38 * unit <= min(w, h) and max(w, h) <= 1.7 * unit
        if not square or any(inside(region.box, e.box, 2) for e in found):
            continue
        light = min(region.color) > 200
        accent = saturation(region.color) > 0.5
        around = [letter for letter in letters if inside(region.box, letter, 1) and not _ahead(region.box, letter)]
        if any(not (accent and letter in single) for letter in around):
            continue
        if region.round and (light or accent):
            inner = (o for o in regions if o is not region and inside(o.box, region.box, 0))
            checked = region.hollow > 0.2 and any(saturation(o.color) > 0.3 for o in inner)
            found.append(Element("radio", region.box, color=region.color, checked=checked, shape="circle"))
        elif region.filled > 0.88 and region.corners <= 6 and (light or accent) and not region.round:
            ticked = accent or region.hollow > 0.12
            found.append(Element("checkbox", region.box, color=region.color, checked=ticked, shape="square"))
    return found


def _with_small(marks: Sequence[Element], small: Sequence[Drawn], statement: Sequence[Line]) -> list[Element]:
    """`marks` and those that were found by their ink, which is the surer way for small ones."""
    found = [
        Element(one.kind, one.box, color=one.color, checked=one.checked, shape="square" if one.kind == "checkbox" else "circle")
        for one in small
        if one.kind in {"checkbox", "radio"} and not any(line.box.contains(one.box.center) for line in statement)
    ]
    return [*found, *(mark for mark in marks if not any(overlap(mark.box, one.box) for one in found))]


def _listed(element: Element, arrows: Sequence[Box]) -> Element:
    """`element` as a drop-down list if an arrow is drawn at its right end."""
    box = element.box
    end = Box(box.right - min(2 * box.height, box.width // 2), box.top, box.right, box.bottom)
    there = any(end.contains(arrow.center) and abs(arrow.center.y - box.center.y) < box.height / 4 for arrow in arrows)
    if element.kind in {"field", "button"} and there:
        return replace(element, kind="dropdown", text=element.text.rstrip(_ARROWS), label=None)
    return element


def _ahead(box: Box, line: Box) -> bool:
    """Whether `box` stands at the very beginning of a longer line, as the circle of a radio button read as an O does."""
    return box.left - line.left < 0.35 * line.height and line.width > 1.8 * line.height


def _boxes(regions: Sequence[Region], text: Sequence[Line], unit: int, width: int) -> list[Element]:
    """Fields, buttons and drop-down lists: rectangles of a line's height or more."""
    found: list[Element] = []
    for region in regions:
        w, h = region.box.width, region.box.height
        if not (region.filled > 0.88 and 0.6 * unit <= h <= 9 * unit and w >= 1.2 * unit and (w < 0.98 * width or h < 3 * unit)):
            continue
        within = [line for line in text if overlap(line.box, region.box) > 0.6 * area(line.box)]
        if any(inside(region.box, word.box, 2) for line in text for word in line.words):
            continue
        element = _boxed(region, within, regions, unit)
        if element and not any(same(element.box, other.box) for other in found):
            found.append(element)
    return found


def _painted(element: Element, pixels: Pixels) -> Element:
    """`element` with the colour of its text if it is a field, and of its frame if it is an empty area."""
    if element.kind == "area" and not element.text:
        x, y = max(0, element.box.left - 2), element.box.center.y
        frame = pixels[y, x]
        return replace(element, color=(int(frame[0]), int(frame[1]), int(frame[2])))
    if element.kind == "field" and element.label:
        return replace(element, ink=text_color(pixels, element.label))
    return element


def _grooves(regions: Sequence[Region], unit: int) -> tuple[Box, ...]:
    """Long bars no higher than a line, as sliders run in; the two halves left and right of a handle count as one."""
    bars = sorted((r.box for r in regions if r.box.height <= 0.75 * unit and r.filled > 0.7), key=lambda box: box.left)
    joined = [bar for bar in bars if bar.width >= 3 * bar.height and bar.width > unit]
    for bar in bars:
        for index, long in enumerate(joined):
            if abs(long.center.y - bar.center.y) < unit // 6 and bar.height == long.height and bar.left - long.right < 1.5 * unit:
                joined[index] = cover(long, [bar])
    kept: list[Box] = []
    for bar in sorted(joined, key=lambda box: -box.width):
        if bar.width >= 2.5 * unit and not any(overlap(bar, other) for other in kept):
            kept.append(bar)
    return tuple(kept)


def _boxed(region: Region, within: Sequence[Line], regions: Sequence[Region], unit: int) -> Element | None:
    box, said = region.box, " ".join(line.text for line in within)
    white = min(region.color) > 247
    if box.height < 4 * unit and any(_arrow(other, region, within) for other in regions):
        return Element("dropdown", box, said, color=region.color)
    if not within:
        if box.height > 3 * unit and white:
            return Element("area", box, color=region.color, shape="rectangle")
        flat = white and box.width > 1.3 * box.height and box.height > 0.75 * unit
        return Element("field", box, color=region.color) if flat and saturation(region.color) < 0.05 else None
    left = min(line.box.left for line in within) - box.left
    right = box.right - max(line.box.right for line in within)
    centred = abs(left - right) <= max(0.6 * unit, 0.12 * box.width)
    full = left < 0.5 * unit and (len(within) > 1 or right < 0.3 * unit)
    if white and left < unit and (full or not centred):
        where = cover(within[0].box, [line.box for line in within])
        return Element("field" if box.height < 2.4 * unit else "area", box, said, where, region.color)
    return Element("button", box, said, color=region.color) if len(within) <= 3 and box.height < 6 * unit else None


def _arrow(region: Region, control: Region, within: Sequence[Line]) -> bool:
    """Whether `region` looks like the arrow at the right end of a drop-down list."""
    box = control.box
    high = min(box.height, 2 * box.width)
    edge = Box(box.right - high, box.center.y - high // 4, box.right, box.center.y + high // 4)
    small = region.box.width < box.height * 0.7 and region.box.height < box.height * 0.7
    return (
        small
        and edge.contains(region.box.center)
        and not any(inside(region.box, line.box, 1) for line in within)
        and min(control.color) - max(region.color) > 60
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
    """Drawn things of one colour without a text of their own."""
    found: list[Element] = []
    for region in regions:
        box = region.box
        if any(inside(box, line.box, 3) for line in text) or any(same(box, other) for other in used):
            continue
        whole = region.rectangular or region.round or area(box) > unit * unit
        if any(inside(box, e.box, 1) and not whole for e in found) or any(inside(line.box, box) for line in text):
            continue
        ring = region.round and min(box.width, box.height) > unit
        if ring or (region.filled > 0.3 and (saturation(region.color) > 0.1 or max(region.color) < 200) and box.width < 12 * unit):
            found.append(Element("shape", box, color=region.color, shape=region.shape, sides=region.corners))
    return found


def _labelled_mark(mark: Element, text: Sequence[Line], unit: int) -> Element:
    """Give a check box or radio button the text at its right, or else at its left."""
    best: tuple[float, str, Box] | None = None
    for line in text:
        if abs(line.box.center.y - mark.box.center.y) > 0.75 * max(unit, mark.box.height):
            continue
        covered = line.box.left < mark.box.right < line.box.right - unit and _ahead(mark.box, line.box)
        gap = 0 if covered else line.box.left - mark.box.right
        back = mark.box.left - line.box.right
        cost = gap if -0.4 * unit <= gap < 3 * unit else back * 2 + unit if -0.2 * unit <= back < 2 * unit else None
        if cost is not None and (best is None or cost < best[0]):
            best = (cost, line.text, line.box)
    return replace(mark, text=best[1], label=best[2]) if best else mark


def keyboard_open(screen: Screen) -> bool:
    """Whether the keyboard is shown."""
    words = [word for line in screen.lines for word in line.words if word.box.top > 0.5 * screen.height]
    single = {word.text.lower() for word in words if len(word.text) == 1 and word.text.isalpha()}
    row = any(folded(line.text) == "qwertyuiop" for line in screen.lines)
    return row or len(single) >= _KEYS
