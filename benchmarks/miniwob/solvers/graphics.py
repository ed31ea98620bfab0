"""Tasks of looking at drawings."""

from __future__ import annotations

import math
import re
from itertools import count as count_up

from handeye.benchmarks.episodes.policies import OracleError
from handeye.benchmarks.miniwob.oracle import Element, Page, Solver, Steps
from handeye.envs.actions import Action, Wait


def ascending(page: Page) -> Steps:
    yield from page.click("svg text", "1")
    while rects := page.all("svg rect"):
        first = min(rects, key=lambda rect: int(rect.attributes["data-index"]))
        yield page.click_at(first.open or first.center)


def bisect(page: Page) -> Steps:
    corner = _in_drawing(page, ".init-blue")[0]
    angles = [math.atan2(end[1] - corner[1], end[0] - corner[0]) for end in _in_drawing(page, ".init-black")]
    middle = math.atan2(sum(map(math.sin, angles)), sum(map(math.cos, angles)))
    yield from _ray(page, corner, (middle,))


def right_angle(page: Page) -> Steps:
    (corner,), (end,) = _in_drawing(page, "#init-blue"), _in_drawing(page, "#init-black")
    angle = math.atan2(end[1] - corner[1], end[0] - corner[0])
    yield from _ray(page, corner, (angle + math.pi / 2, angle - math.pi / 2))


def center(page: Page) -> Steps:
    yield _mark(page, _in_drawing(page, ".black-circle")[0])
    yield from page.submit()


def midpoint(page: Page) -> Steps:
    one, other = _in_drawing(page, ".black-circle")
    yield _mark(page, ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2))
    yield from page.submit()


def _in_drawing(page: Page, selector: str) -> list[tuple[float, float]]:
    """Middles in the drawing's own coordinates."""
    left, top, _, _ = page.one("#svg-grid").box
    return [(one.center[0] - left, one.center[1] - top) for one in page.all(selector)]


def _mark(page: Page, place: tuple[float, float]) -> Action:
    """The click that puts a point at this place of the drawing: these pages take the drawing to begin at (0, 50), and set it apart by 2."""
    return page.click_at((place[0], place[1] + 50))


def _ray(page: Page, corner: tuple[float, float], angles: tuple[float, ...]) -> Steps:
    """Mark the point of the drawing that lies in one of these directions as exactly as whole pixels allow."""
    best: tuple[float, tuple[float, float]] | None = None
    for angle in angles:
        for length in range(12, 200):
            x, y = round(corner[0] + length * math.cos(angle)), round(corner[1] + length * math.sin(angle))
            if 4 < x < 146 and 4 < y < 126:
                off = abs(math.remainder(math.atan2(y - corner[1], x - corner[0]) - angle, math.tau))
                best = min(best or (off, (x, y)), (off, (x, y)))
    if best is None:
        raise OracleError("there is no room for the point")
    yield _mark(page, best[1])
    yield from page.submit()


def pie(page: Page) -> Steps:
    label = page.quoted()[0]
    yield from page.click("#divWheel svg text", "+")
    for _ in range(10):
        element = page.one("#divWheel svg text", label)
        if element.open:
            break
        yield Wait(seconds=0.1)
    yield from page.click("#divWheel svg text", label)


_COLORS = ("red", "green", "blue", "aqua", "black", "magenta", "yellow")


def _matches(shape: Element, words: list[str]) -> bool:
    """Whether a drawn shape fits a description such as "large red digit"."""
    is_text = shape.tag == "text"
    names = {"rect": "rectangle", "circle": "circle", "polygon": "triangle"}
    name = shape.text if is_text else names[shape.tag]
    kind = ("digit" if name.isdigit() else "letter") if is_text else "shape"
    # 10 and 20 pixels are the two sizes that shapes.js draws.
    size = shape.attributes["font-size"].removesuffix("px") if is_text else _width(shape)
    looks = {"large" if float(size) > 15 else "small", shape.attributes["fill"], kind, name, "item"}
    return all(word in looks for word in words)


def _width(shape: Element) -> float:
    return shape.box[2] - shape.box[0]


def shape(page: Page) -> Steps:
    (description,) = page.find(r"^Click on a (.+)$")
    found = [one for one in page.all("#area_svg > *") if _matches(one, description.split())]
    target = next(one for one in found if one.open)
    assert target.open
    yield page.click_at(target.open)


def count(page: Page) -> Steps:
    (description,) = page.find(r"^How many (.+)s are there")
    number = sum(_matches(one, description.split()) for one in page.all("#area_svg > *"))
    yield from page.click("#count-buttons button", str(number))


def sides(page: Page) -> Steps:
    """A polygon of n sides has n corners: the frequency that is strongest in the distance of the drawn pixels from the middle."""
    number = page.read(
        """() => {
          const image = document.getElementById('c').getContext('2d').getImageData(0, 0, 150, 100).data, far = new Array(360).fill(0);
          for (let y = 0; y < 100; y++) for (let x = 0; x < 150; x++) if (image[(y * 150 + x) * 4 + 3] > 100) {
            const angle = Math.round(Math.atan2(y - 50, x - 75) * 180 / Math.PI + 360) % 360;
            const r = Math.hypot(x - 75, y - 50);
            for (let near = angle + 358; near <= angle + 362; near++) far[near % 360] = Math.max(far[near % 360], r);
          }
          const part = (wave, n) => far.reduce((sum, length, angle) => sum + length * wave(n * angle * Math.PI / 180), 0);
          const strength = (n) => Math.hypot(part(Math.sin, n), part(Math.cos, n));
          return [3, 4, 5, 6, 7].sort((a, b) => strength(b) - strength(a))[0];
        }"""
    )
    yield from page.click(f"#form button[data-sides='{number}']")


def coordinate(page: Page) -> Steps:
    (name,) = page.find(r"(\(-?\d,-?\d\))")
    yield from page.click(f"circle[id='{name}']")


def identify(page: Page) -> Steps:
    drawn = page.one("#area_svg > *")
    names = {"rect": "rectangle", "circle": "circle", "polygon": "triangle"}
    yield from page.click(f"[data-type='{names.get(drawn.tag) or ('digit' if drawn.text.isdigit() else 'letter')}']")


def stock(page: Page) -> Steps:
    (limit,) = page.find(r"less than \$(\d+\.\d\d)")
    for look in count_up():
        price = re.search(r"\d+\.\d\d", page.one("#stock-price").text)
        # The price moves ten times a second by up to 1.50: leave room for the time that the click takes, less when time runs out.
        if price and float(price[0]) <= float(limit) - (3.0 if look < 30 else 1.0):
            yield from page.click("#buy")
        yield Wait(seconds=0.1)


SOLVERS: dict[str, Solver] = {
    "ascending-numbers": ascending,
    "bisect-angle": bisect,
    "right-angle": right_angle,
    "circle-center": center,
    "find-midpoint": midpoint,
    "click-pie": pie,
    "click-pie-nodelay": pie,
    "click-shape": shape,
    "count-shape": count,
    "count-sides": sides,
    "grid-coordinate": coordinate,
    "identify-shape": identify,
    "stock-market": stock,
}
