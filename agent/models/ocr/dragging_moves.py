"""Moves of the instructions that drag: things, rows of a list, sliders, corners."""

from __future__ import annotations

import re
from dataclasses import replace

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.finding import find
from handeye.agent.models.ocr.instructions import Drag, Resize, Slide, Sort, Target
from handeye.agent.models.ocr.moves import Done, Memo, Move, NotFound
from handeye.agent.models.ocr.pointing_moves import best
from handeye.agent.models.ocr.reading import Line
from handeye.agent.models.ocr.screen import Element, Screen
from handeye.agent.models.ocr.shapes import color_distance
from handeye.tools.geometry import Box, Point

_SIGNS = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}


def drag_move(instruction: Drag, screen: Screen, memo: Memo) -> Move | Done:
    """Drag one thing onto another, to its place among its like, or a good piece in a direction."""
    if instruction.onto is None:
        what = instruction.what
        box = best(screen, replace(what, kind="shape") if what.kind in {"item", "box"} and not what.text else what).box
        if instruction.direction in _SIGNS:
            dx, dy = _SIGNS[instruction.direction]
            by = max(screen.unit, min(screen.width, screen.height) // 8)
            end = box.center.moved(dx * by, dy * by)
        else:
            end = _spot(instruction.direction, box, screen)
        return Move(f"drag {instruction.what} {instruction.direction}.", calls.drag(box.center, end), last=True)
    place = _container(instruction.onto, screen)
    found = [c.box for c in find(screen, instruction.what) if not place.contains(c.box.center) or instruction.what.extreme]
    if not found and not (instruction.every and memo):
        raise NotFound(str(instruction.what))
    if not found:
        return Done()
    end = place.center
    if instruction.every:
        step = max(1, place.width // 5)
        end = Point(place.left + step * (1 + len(memo) % 4), place.center.y)
    last = not instruction.every or len(found) == 1
    return Move(f"drag {instruction.what} into {instruction.onto}.", calls.drag(found[0].center, end), "dragged", last=last)


def _container(target: Target, screen: Screen) -> Box:
    """Where to drop: what the target names, or the frame of that colour or on that side."""
    frames = [e for e in screen.of("area", "field") if not e.text]
    if side := re.search(r"\b(left|right|top|bottom)\b", target.phrase):
        order = {
            "left": lambda e: e.box.left,
            "right": lambda e: -e.box.right,
            "top": lambda e: e.box.top,
            "bottom": lambda e: -e.box.bottom,
        }
        if frames:
            return min(frames, key=order[side[1]]).box
    named = [frame for frame in frames if not target.color or color_distance(target.color, frame.color) < 0.3]
    if target.kind in {"shape", "box"} and not target.extreme and named:
        return max(named, key=lambda e: e.box.width * e.box.height).box
    return best(screen, target).box


def _spot(where: str, box: Box, screen: Screen) -> Point:
    """The place among the rows and columns of things like `box` that `where` ("to bottom", "to 3rd", "to top left") means."""
    peers = [e.box for e in screen.of("button") if abs(e.box.height - _around(box, screen).height) < screen.unit / 2] or [
        line.box for line in screen.lines
    ]
    rows, columns = sorted({b.center.y for b in peers}), sorted({b.center.x for b in peers if b.width})
    x, y = box.center.x, box.center.y
    if number := re.search(r"\d+", where):
        return Point(x, rows[min(len(rows), int(number[0])) - 1])
    slack = screen.unit // 3
    y = rows[0] - slack if re.search("top|upper", where) else rows[-1] + slack if re.search("bottom|lower", where) else y
    x = columns[0] if "left" in where else columns[-1] if "right" in where else x
    if re.search("center|centre|middle", where):
        x = columns[len(columns) // 2] if not re.search("left|right", where) else x
        y = rows[len(rows) // 2] if not re.search("top|bottom", where) else y
    return Point(max(0, x), max(0, y))


def _around(box: Box, screen: Screen) -> Box:
    return next((e.box for e in screen.of("button") if e.box.contains(box.center)), box)


def sort_move(instruction: Sort, screen: Screen, memo: Memo) -> Move | Done:
    """Drag the first row that is out of order to where it belongs."""
    rows = [line for line in screen.lines if re.fullmatch(r"\D{0,3}?\s*-?\d+", line.text)]
    if len(rows) < 2:
        raise NotFound("a list of numbers")
    wanted = sorted(rows, key=_number, reverse=instruction.descending)
    for here, right in zip(rows, wanted, strict=True):
        if _number(here) != _number(right):
            end = Point(here.box.center.x, here.box.center.y - here.box.height // 3)
            return Move(f"drag {right.text} up to its place.", calls.drag(right.box.center, end), "dragged")
    return Done()


def _number(line: Line) -> int:
    found = re.search(r"-?\d+", line.text)
    return int(found[0]) if found else 0


def resize_move(instruction: Resize, screen: Screen, memo: Memo) -> Move | Done:
    """Pull the grip in the lower right corner."""
    areas = screen.of("area") or screen.of("field")
    if not areas:
        raise NotFound("a text area")
    corner = Point(areas[0].box.right - screen.unit // 6, areas[0].box.bottom - screen.unit // 6)
    by = max(screen.unit, areas[0].box.height // 4)
    return Move("pull the corner of the text area.", calls.drag(corner, corner.moved(instruction.dx * by, instruction.dy * by)), last=True)


def slide_move(instruction: Slide, screen: Screen, memo: Memo) -> Move | Done:
    """Drag each slider's handle by what the last drag taught about its scale, and finish with the arrow keys."""
    sliders = tracks(screen)
    if len(sliders) < len(instruction.values):
        raise NotFound("a slider")
    for index, wanted in enumerate(instruction.values):
        track, handle = sliders[index]
        value = _beside(track, handle, screen)
        seen = [tuple(int(v) for v in entry.split(",")[1:]) for entry in memo if entry.startswith(f"slider{index},")]
        if value is None:
            raise NotFound("the value of the slider")
        if value == wanted:
            continue
        x, y = handle.center
        if seen and abs(wanted - value) <= 2:
            key = "right" if wanted > value else "left"
            return Move(f"press {key}: {value} to {wanted}.", calls.press([key]), f"key{index}")
        usable = [(sx, sv) for sx, sv in seen if sv != value and abs(sx - x) > 2]
        if usable:
            end = x + round((usable[-1][0] - x) * (wanted - value) / (usable[-1][1] - value))
        else:
            end = (
                (track.left + track.right) // 2
                if abs(x - (track.left + track.right) // 2) > track.width // 5
                else track.left + track.width // 4
            )
        end = min(max(end, track.left + 2), track.right - 2)
        return Move(
            f"drag the slider from {value} towards {wanted}.", calls.drag(handle.center, Point(end, y)), f"slider{index},{x},{value}"
        )
    return Done()


def tracks(screen: Screen) -> list[tuple[Box, Box]]:
    """Sliders from top to bottom: the box of the track and that of its handle."""
    found = []
    for track in screen.grooves:
        handles = [e for e in (*screen.of("checkbox", "radio", "shape", "icon", "button", "field"),) if _on(e, track)]
        if handles:
            found.append((track, min(handles, key=lambda e: abs(e.box.center.y - track.center.y)).box))
    return sorted(found, key=lambda pair: pair[0].top)


def _on(element: Element, track: Box) -> bool:
    box = element.box
    return (
        box.height > track.height
        and box.width < track.width // 3
        and box.top < track.center.y < box.bottom
        and track.left - 1.5 * box.width < box.left < track.right + box.width / 2
    )


def _beside(track: Box, handle: Box, screen: Screen) -> int | None:
    numbers = [line for line in screen.lines if re.fullmatch(r"-?\d+", line.text)]
    near = [line for line in numbers if -screen.unit < line.box.center.y - track.center.y < 2 * screen.unit]
    line = min(near, key=lambda n: abs(n.box.center.y - track.center.y), default=None)
    return int(line.text) if line else None
