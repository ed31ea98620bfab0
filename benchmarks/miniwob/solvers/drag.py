"""Tasks of dragging, drawing, sliding, resizing and marking text."""

from __future__ import annotations

import math
import re

from handeye.benchmarks.episodes.policies import OracleError
from handeye.benchmarks.miniwob.oracle import Element, Page, Solver, Steps
from handeye.envs.actions import Action, Move, PressKeys, TypeText, Wait

_AWAY = {"left": (-18, 0), "right": (18, 0), "up": (0, -18), "down": (0, 18)}


def box_into_box(page: Page) -> Steps:
    yield page.drag(page.one("#draggableSmall").center, page.one("#draggableLarge").center)
    yield from page.submit()


def shape_aside(page: Page) -> Steps:
    (direction,) = page.find(r"(left|right|up|down) then press")
    shape = page.one("#area svg > *")
    x, y = shape.center
    dx, dy = _AWAY[direction]
    # The page puts the shape's corner, moved by half its size or so, under the pointer: aim off by more than that is ever wrong.
    yield page.drag((x, y), (x + dx / 2, y + dy / 2), (x + dx, y + dy))
    yield from page.submit()


def shapes_into_box(page: Page) -> Steps:
    (kind,) = page.find(r"all (\w+) into")
    tag = {"rectangles": "rect", "circles": "circle", "triangles": "polygon"}[kind]
    target = page.one("#shape-container").center
    for place in range(len(page.all(f"#area_svg {tag}:not(#shape-container)"))):
        shape = page.all(f"#area_svg {tag}:not(#shape-container)")[place]
        yield page.drag(shape.open or shape.center, target)
    yield from page.submit()


def shapes_into_boxes(page: Page) -> Steps:
    (kind,) = page.find(r"all (\w+)(?: shapes)? into the left")
    tag = {"rectangles": "rect", "circles": "circle", "triangles": "polygon"}.get(kind)
    left, right = (box.center for box in page.all("#shape-container"))
    selector = "#area_svg > :not(#shape-container)"
    for place in range(len(page.all(selector))):
        shape = page.all(selector)[place]
        goes_left = shape.tag == tag if tag else shape.attributes["fill"] == kind
        yield page.drag(shape.open or shape.center, left if goes_left else right)
    yield from page.submit()


def item_in_list(page: Page) -> Steps:
    name, where = page.find(r"^Drag (\S+) (.*)\.$")
    items = page.all("#sortable li")
    start = next(place for place, item in enumerate(items) if item.text == name)
    if match := re.search(r"(\d)\w\w position", where):
        end = int(match[1]) - 1
    elif "by one" in where:
        end = start + (1 if where.startswith("down") else -1)
    else:
        end = 0 if where.endswith("top") else len(items) - 1
    yield _carry(page, items[start], items[end])


def item_in_grid(page: Page) -> Steps:
    name, where = page.find(r"^Drag (\S+) (.*)\.$")
    items = page.all("#sortable li")
    start = next(place for place, item in enumerate(items) if item.text == name)
    steps = {"up by one": -3, "down by one": 3, "left by one": -1, "right by one": 1}
    corners = (
        "top left",
        "top center",
        "top right",
        "center left",
        "center",
        "center right",
        "bottom left",
        "bottom center",
        "bottom right",
    )
    end = start + steps[where] if where in steps else corners.index(where.removeprefix("to the "))
    yield _carry(page, items[start], items[end])


def sort_numbers(page: Page) -> Steps:
    for place in range(4):
        items = page.all("#sortable li")
        least = min(range(place, len(items)), key=lambda one: int(items[one].text))
        if least != place:
            yield _carry(page, items[least], items[place])
    yield from page.submit()


def _carry(page: Page, item: Element, to: Element) -> Action:
    """Drag a sortable item to the place of another: past that one's middle, in several moves, so that the page makes room."""
    (x, y), (end_x, end_y) = item.center, to.center
    over_x = math.copysign(4, end_x - x) if abs(end_x - x) > 5 else 0
    over_y = math.copysign(4, end_y - y) if abs(end_y - y) > 5 else 0
    way = [(x + (end_x + over_x - x) * part / 3, y + (end_y + over_y - y) * part / 3) for part in range(1, 4)]
    return page.drag((x, y), *way)


def circle(page: Page) -> Steps:
    x, y = page.one("#circ").center
    yield page.drag(*((x + 20 * math.cos(turn * math.tau / 16), y + 20 * math.sin(turn * math.tau / 16)) for turn in range(17)))
    yield from page.submit()


def line(page: Page) -> Steps:
    x, y = page.one("#circ").center
    left, top, right, bottom = page.one("#area svg").box
    if "horizontal" in page.goal:
        yield page.drag((left + 4, y), (x, y), (right - 4, y))
    else:
        yield page.drag((x, top + 4), (x, y), (x, bottom - 4))
    yield from page.submit()


def paragraph(page: Page) -> Steps:
    place = int(match[1]) - 1 if (match := re.search(r"the (\d)\w\w paragraph", page.goal)) else 0
    ends = page.read(
        """(place) => {
          const box = document.querySelectorAll('#randomText p')[place] || document.querySelector('#randomText');
          const range = document.createRange(); range.selectNodeContents(box);
          const lines = [...range.getClientRects()].filter((r) => r.width > 0);
          const first = lines[0], last = lines[lines.length - 1];
          return [[first.left, (first.top + first.bottom) / 2], [last.right, (last.top + last.bottom) / 2]];
        }""",
        place,
    )
    (start_x, start_y), (end_x, end_y) = ends
    yield page.drag((start_x, start_y), (end_x - 1, end_y), (end_x + 1, end_y))
    yield from page.submit()


def resize(page: Page) -> Steps:
    side, how = page.find(r"the (width|height) is (smaller|larger)")
    handle = page.one(".ui-resizable-se" if page.one(".ui-resizable-se").open else f".ui-resizable-{'e' if side == 'width' else 's'}")
    x, y = handle.open or handle.center
    by = 12 if how == "larger" else -12
    yield page.drag((x, y), (x + by, y) if side == "width" else (x, y + by))
    yield from page.submit()


def color_by_name(page: Page) -> Steps:
    (name,) = page.find(r"^Select (\w+) with")
    yield from _type_color(page, page.read("(name) => ui_utils.colorNameToHex(name)", name))


def color_by_sample(page: Page) -> Steps:
    rgb = page.read("() => getComputedStyle(document.querySelector('#query .cc')).backgroundColor")
    yield from _type_color(page, "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", rgb)))


def _type_color(page: Page, value: str) -> Steps:
    yield from page.click("#col")
    yield PressKeys(keys=("ctrl", "a"))
    yield TypeText(text=value.removeprefix("#") + "\t")
    yield PressKeys(keys=("enter",))


def slider(page: Page) -> Steps:
    (number,) = page.find(r"Select (-?\d+) with")
    yield from _slide(page, "#slider", "#val", int(number))
    yield from page.submit()


def sliders(page: Page) -> Steps:
    numbers = page.find(r"\[(\d+),(\d+),(\d+)\]")
    for place, number in enumerate(numbers, 1):
        yield from _slide(page, f"#slider-{place}", f"#val-{place}", int(number))
    yield from page.submit()


def form(page: Page) -> Steps:
    number, box = page.find(r"Select (-?\d+) with the slider, click the (\d)")
    yield from _slide(page, "#slider", "#val", int(number))
    yield from page.click(f"#checkbox-{box}")
    yield from page.submit()


def _slide(page: Page, selector: str, shown: str, number: int) -> Steps:
    """Drag the handle to where the number lies, then correct with the arrow keys."""
    low, high = page.read(f"() => [$('{selector}').slider('option', 'min'), $('{selector}').slider('option', 'max')]")
    left, top, right, bottom = page.one(selector).box
    handle, part = page.one(f"{selector} .ui-slider-handle"), (number - low) / (high - low)
    upright = bottom - top > right - left
    x, y = handle.center
    end = (x, bottom - part * (bottom - top)) if upright else (left + part * (right - left), y)
    yield page.drag((x, y), end)
    while (off := number - int(page.one(shown).text)) != 0:
        yield PressKeys(keys=("right",) if off > 0 else ("left",))


def cube(page: Page) -> Steps:
    """The cube spins on after a drag: look at its angles, drag by what is missing, wait until it rests."""
    side = int(page.quoted()[0])
    middle = {6: (None, 88), 1: (None, 264), 5: (86, 0), 4: (177, 0), 3: (269, 0), 2: (0, 0)}[side]
    x, y = page.one(".viewport").center
    for _ in range(20):
        while max(map(abs, page.read("() => [cube.viewport.torqueX, cube.viewport.torqueY]"))) > 1:
            yield Wait(seconds=0.1)
        if page.one(".cube-image.active").text == str(side):
            break
        at_x, at_y = page.read("() => [cube.viewport.positionX, cube.viewport.positionY]")
        by_y = _turn(at_y, middle[1])
        by_x = 0.0 if middle[0] is None or abs(by_y) > 60 else _turn(at_x, middle[0])
        # A quick drag by one pixel turns the cube by about 2.9 degrees in all (speed 2, sensitivity 0.1, fade 0.93 of the page's cube.js).
        yield page.drag((x, y), (x + _bounded(by_x / 2.9), y - _bounded(by_y / 2.9)))
    button = page.one("#subbtn")
    yield Move(point=page.at(button.center))
    yield Wait(seconds=0.1)
    yield page.click_at(button.center)


def _turn(now: float, wanted: float) -> float:
    return (wanted - now + 180) % 360 - 180


def _bounded(value: float) -> float:
    return max(-55.0, min(55.0, value))


def calendar(page: Page) -> Steps:
    amount, unit, name, start, half = page.find(r'Create a ([\d.]+) (hour|min)s? event named "(\w+)", between (\d+)([AP]M) and')
    cells = round(float(amount) * (2 if unit == "hour" else 1 / 30))
    first = (int(start) % 12 + (12 if half == "PM" else 0)) * 2
    yield from page.reveal(f"#hh-{first + 4}")
    taken = [event.box for event in page.all(".event")]
    for begin in range(first, first + 8 - cells + 1):
        way = [page.one(f"#hh-{number}") for number in range(begin, begin + cells)]
        if not any(_overlaps(cell.box, box) for cell in way for box in taken):
            break
    else:
        raise OracleError("there is no room in the calendar")
    yield from page.reveal(f"#hh-{begin + cells // 2}", margin=50)
    boxes = [page.one(f"#hh-{number}").box for number in range(begin, begin + cells)]
    path = [((left + right) / 2, (top + bottom) / 2 + shift) for left, top, right, bottom in boxes for shift in (-3, 3)]
    yield page.drag(*path)
    yield from page.click("#event-name")
    yield TypeText(text=name)
    yield from page.click("#controls .create")


def _overlaps(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[1] < other[3] - 1 and other[1] < one[3] - 1


def editor(page: Page) -> Steps:
    match = re.search(r"give the text (\S+) the", page.goal)
    if match:
        start, end = page.read(
            """(word) => {
              const walker = document.createTreeWalker(document.querySelector('.ql-editor'), NodeFilter.SHOW_TEXT);
              for (let node; node = walker.nextNode();) {
                const found = ` ${node.data} `.indexOf(` ${word} `);
                if (found < 0) continue;
                const range = document.createRange(); range.setStart(node, found); range.setEnd(node, found + word.length);
                const box = range.getBoundingClientRect(), y = (box.top + box.bottom) / 2;
                return [[box.left, y], [box.right, y]];
              }
            }""",
            match[1],
        )
        yield page.drag(tuple(start), ((start[0] + end[0]) / 2, end[1]), tuple(end))
    else:
        yield from page.click(".ql-editor")
        yield PressKeys(keys=("ctrl", "a"))
    if color := re.search(r"the color (\w+)", page.goal):
        value = page.read("(name) => COLOR_MAP[name][0]", color[1])
        yield from page.click(".ql-color .ql-picker-label")
        yield from page.click(f".ql-color .ql-picker-item[data-value='{value}']")
    else:
        (style,) = page.find(r"the style (\w+)")
        yield from page.click({"bold": ".ql-bold", "italics": ".ql-italic", "underlined": ".ql-underline"}[style])
    yield from page.submit()


SOLVERS: dict[str, Solver] = {
    "drag-box": box_into_box,
    "drag-circle": shape_aside,
    "drag-single-shape": shape_aside,
    "drag-shapes": shapes_into_box,
    "drag-shapes-2": shapes_into_boxes,
    "drag-items": item_in_list,
    "drag-items-grid": item_in_grid,
    "drag-sort-numbers": sort_numbers,
    "draw-circle": circle,
    "draw-line": line,
    "highlight-text": paragraph,
    "highlight-text-2": paragraph,
    "resize-textarea": resize,
    "use-colorwheel": color_by_name,
    "use-colorwheel-2": color_by_sample,
    "use-slider": slider,
    "use-slider-2": sliders,
    "form-sequence": form,
    "drag-cube": cube,
    "daily-calendar": calendar,
    "text-editor": editor,
}
