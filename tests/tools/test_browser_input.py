"""Real mouse and keyboard on real pages: what the page sees is what was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.check import check_device
from handeye.tools.errors import DeviceError, InvalidAction
from handeye.tools.geometry import Box, Point, Size

LOG = """<script>
window.seen = [];
for (const type of ['mousedown', 'mouseup', 'click', 'dblclick', 'contextmenu', 'auxclick'])
  addEventListener(type, (e) => seen.push([type, e.clientX, e.clientY, e.button, e.detail, e.ctrlKey, e.shiftKey]));
addEventListener('contextmenu', (e) => e.preventDefault());
addEventListener('keydown', (e) => seen.push(['keydown', e.key, e.ctrlKey, e.shiftKey]));
</script>"""
FIELD = "<textarea id=t style='position:absolute;left:10px;top:10px;width:300px;height:100px'></textarea>"


def seen(driver: BrowserDriver, *types: str) -> list[list[Any]]:
    return [event for event in driver.evaluate("seen") if event[0] in types]


def test_conforms(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page(FIELD))
    check_device(driver, close=False)


def test_clicks_arrive_at_the_pixel_asked_for(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page(LOG))
    driver.click(Point(123, 45))
    driver.click(Point(1279, 799), "right")
    driver.click(Point(5, 6), "left", 3, ("ctrl", "shift"))
    assert seen(driver, "click")[0] == ["click", 123, 45, 0, 1, False, False]
    assert seen(driver, "contextmenu") == [["contextmenu", 1279, 799, 2, 0, False, False]]
    assert [event[4] for event in seen(driver, "click")[1:]] == [1, 2, 3]
    assert seen(driver, "click")[-1][5:] == [True, True]
    assert driver.pointer == Point(5, 6)
    driver.click(Point(5, 6))
    assert seen(driver, "click")[-1][5:] == [False, False]


def test_holding_the_button(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page("<script>onmousedown = (e) => window.a = e.timeStamp; onmouseup = (e) => window.b = e.timeStamp</script>"))
    driver.click(Point(50, 50), hold_s=0.3)
    assert driver.evaluate("b - a") >= 280


def test_points_outside_are_refused_and_touch_nothing(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page(LOG))
    for point in (Point(1280, 0), Point(0, 800), Point(-1, 5)):
        with pytest.raises(InvalidAction, match="outside"):
            driver.click(point)
    with pytest.raises(InvalidAction):
        driver.click(Point(5, 5), modifiers=("a",))
    assert seen(driver, "mousedown") == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_any_text_is_typed_exactly(shared: BrowserDriver, text: str) -> None:
    shared.goto("data:text/html,<meta charset=utf-8><textarea id=t></textarea><script>t.focus()</script>")
    shared.type_text(text)
    assert shared.evaluate("t.value") == text


def test_newline_presses_enter_and_tab_moves_on(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page(LOG + FIELD + "<input id=i>"))
    driver.click(Point(50, 50))
    driver.type_text("Grüße, 世界 👩‍🚀\nline 2\r\nx\tnext")
    assert driver.evaluate("t.value") == "Grüße, 世界 👩‍🚀\nline 2\nx"
    assert driver.evaluate("i.value") == "next"
    assert [event[1] for event in seen(driver, "keydown") if len(event[1]) > 1] == ["Enter", "Enter", "Tab"]


def test_chords_and_editing_keys(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page(LOG + FIELD))
    driver.click(Point(50, 50))
    driver.type_text("hello world")
    driver.press_keys(("ctrl", "a"))
    driver.press_keys(("Control", "c"))
    driver.press_keys(("End",))
    driver.press_keys(("ctrl", "v"))
    driver.press_keys(("BackSpace",))
    driver.press_keys(("shift", "a"))
    driver.press_keys(("é",))
    assert driver.evaluate("t.value") == "hello worldhello worlAé"
    with pytest.raises(InvalidAction):
        driver.press_keys(("nokey",))
    driver.press_keys(("a",))
    assert driver.evaluate("t.value").endswith("éa")


def test_drag_draws_through_every_point(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page("<script>window.path = []; onmousemove = (e) => { if (e.buttons) path.push([e.clientX, e.clientY]) }</script>"))
    driver.drag((Point(100, 100), Point(300, 100), Point(300, 400)), duration_s=0.2)
    path = [tuple(point) for point in driver.evaluate("path")]
    assert (300, 100) in path
    assert path[-1] == (300, 400)
    assert len(path) >= 10


def test_drag_of_html5_drop_targets(driver: BrowserDriver, site: Any) -> None:
    driver.goto(
        site.page(
            "<div id=a draggable=true style='position:absolute;left:10px;top:10px;width:80px;height:80px;background:red'>drag</div>"
            "<div id=b style='position:absolute;left:300px;top:10px;width:120px;height:120px;background:blue'></div>"
            "<script>a.ondragstart = (e) => e.dataTransfer.setData('text', 'it'); b.ondragover = (e) => e.preventDefault();"
            "b.ondrop = (e) => { b.textContent = e.dataTransfer.getData('text') }</script>"
        )
    )
    driver.drag((Point(40, 40), Point(350, 60)))
    assert driver.evaluate("b.textContent") == "it"


@pytest.mark.parametrize(("direction", "place"), [("down", [0, 300]), ("right", [200, 0])])
def test_scrolling_moves_by_the_pixels_asked_for(driver: BrowserDriver, site: Any, direction: Any, place: list[int]) -> None:
    driver.goto(site.page("<div style='width:5000px;height:5000px'></div>"))
    driver.scroll(Point(400, 400), direction, max(place))
    assert driver.evaluate("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r([scrollX, scrollY]))))") == place
    opposite: Any = {"down": "up", "right": "left"}[direction]
    driver.scroll(Point(400, 400), opposite, 10_000)
    assert driver.evaluate("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r([scrollX, scrollY]))))") == [0, 0]


def test_scroll_bars_are_seen(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page("<div style='height:5000px;background:white'></div>"))
    pixels = driver.screenshot()
    assert driver.evaluate("document.documentElement.clientWidth") < 1280
    assert (pixels[:, -10:] != 255).any()


def test_select_by_mouse(driver: BrowserDriver, site: Any) -> None:
    driver.goto(
        site.page(
            "<select id=s style='position:absolute;left:20px;top:20px'>"
            + "".join(f"<option>option {n}</option>" for n in range(5))
            + "</select>"
        )
    )
    driver.click(Point(40, 35))
    box = driver.evaluate("(() => { const r = s.options[3].getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()")
    driver.click(Point(int(box[0]), int(box[1])))
    assert driver.evaluate("s.value") == "option 3"


def test_select_by_keyboard_without_base_select(site: Any) -> None:
    driver = BrowserDriver.launch(BrowserOptions(base_select=False))
    try:
        driver.goto(site.page("<select id=s autofocus><option>apple<option>pear<option>plum</select><script>s.focus()</script>"))
        driver.press_keys(("down",))
        driver.type_text("plu")
        assert driver.evaluate("s.value") == "plum"
    finally:
        driver.close()


def test_scale_and_clip_map_points_to_the_page(site: Any) -> None:
    page = site.page(LOG + "<div style='position:absolute;left:50px;top:40px;width:10px;height:10px;background:rgb(0,0,255)'></div>")
    driver = BrowserDriver.launch(BrowserOptions(viewport=Size(332, 214), scale=4, clip=Box(20, 10, 180, 210)))
    try:
        driver.goto(page)
        pixels = driver.screenshot()
        assert driver.size == Size(640, 800) == Size(pixels.shape[1], pixels.shape[0])
        assert pixels[140, 140].tolist() == [0, 0, 255]
        assert pixels[119, 120].tolist() == [255, 255, 255]
        assert pixels[120, 120].tolist() == [0, 0, 255]
        assert pixels[159, 159].tolist() == [0, 0, 255]
        assert pixels[160, 160].tolist() == [255, 255, 255]
        driver.click(Point(140, 140))
        assert seen(driver, "click")[0][1:3] == [55, 45]
        with pytest.raises(InvalidAction):
            driver.click(Point(640, 0))
    finally:
        driver.close()


def test_a_clip_stays_where_it_is_when_the_page_scrolls(site: Any) -> None:
    driver = BrowserDriver.launch(BrowserOptions(viewport=Size(300, 200), clip=Box(100, 50, 200, 150)))
    try:
        driver.goto(site.page("<div style='height:200px;background:red'></div><div style='height:1000px;background:rgb(0,0,255)'></div>"))
        assert driver.screenshot()[0, 0].tolist() == [255, 0, 0]
        driver.evaluate("scrollTo(0, 400)")
        assert driver.screenshot()[0, 0].tolist() == [0, 0, 255]
    finally:
        driver.close()


def test_evaluate_takes_and_gives_json(driver: BrowserDriver) -> None:
    assert driver.evaluate("(x) => ({a: [x.b, null, 'é'], n: 1.5})", {"b": [1, True]}) == {"a": [[1, True], None, "é"], "n": 1.5}
    with pytest.raises(DeviceError, match="no such thing"):
        driver.evaluate("() => { throw new Error('no such thing') }")
