"""The phone's screen in real Chromium: where fingers land, what keys and text do, how large pictures are, and that none is stale."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from handeye.tools.geometry import Size
from handeye.tools.simphone.layout import layout
from tests.tools.simphone.driving import Driven
from tests.tools.simphone.labels import BACK, ENTER, HOME

SETTINGS, NOTES = "com.android.settings", "net.gsantner.markor"
RECENTS, POWER, TAB, DEL, LEFT, CTRL, A, X, V = 187, 26, 61, 67, 21, 113, 29, 52, 50


def page(phone: Driven, html: str) -> None:
    """Put a page of our own in place of the app in front."""
    phone.start(SETTINGS)
    draw = """html => {
      const page = device.frontFrame().element.contentDocument;
      page.body.innerHTML = html;
      page.defaultView.seen = [];
      for (const kind of ['pointerdown', 'pointermove', 'pointerup', 'click']) page.body.addEventListener(kind, (event) =>
        page.defaultView.seen.push([kind, event.clientX, event.clientY, event.timeStamp, event.target.id]));
    }"""
    phone.shell.wait(phone.screen.page.evaluate(draw, html))
    phone.shell.wait(phone.screen.sync())


def inside(phone: Driven, script: str) -> Any:
    """What an expression gives in the page in front."""
    return phone.shell.wait(phone.screen.page.evaluate("script => device.frontFrame().view.eval(script)", script))


def picture(png: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


def shot(phone: Driven) -> np.ndarray[Any, Any]:
    return picture(phone.shell.wait(phone.screen.png()))


def tap(phone: Driven, x: float, y: float, hold_ms: int = 0) -> None:
    phone.shell.wait(phone.screen.tap(x, y, hold_ms))


def settled(phone: Driven) -> None:
    """Wait until nothing is drawn for a while."""
    frames = -1
    while frames != (now := phone.screen.frames):
        frames = now
        time.sleep(0.12)


def sized(phone: Driven, size: Size, density: int, rotation: int = 0) -> None:
    async def change() -> None:
        facts = phone.state.facts
        facts.size_override, facts.density_override, facts.rotation = size, density, rotation
        phone.state.changed("display")
        await phone.screen.sync()

    phone.shell.wait(change())


@pytest.mark.parametrize("density", [120, 240, 420, 480])
@pytest.mark.parametrize("size", [Size(240, 320), Size(1080, 2400), Size(1079, 2311), Size(2400, 1080), Size(720, 1561), Size(4320, 7680)])
def test_every_size_is_laid_out_in_whole_pixels(size: Size, density: int) -> None:
    place = layout(size, density)
    assert (round(place.width * place.scale), round(place.height * place.scale)) == size
    assert min(place.width, place.height) >= 230
    assert place.scale == pytest.approx(min(density / 160, min(size) / 240), rel=0.06)


@pytest.mark.parametrize("rotation", [0, 1])
@pytest.mark.parametrize(("size", "density"), [((240, 320), 480), ((1080, 2400), 420), ((1079, 2311), 480)])
def test_pictures_have_exactly_the_size_that_was_set(phone: Driven, size: tuple[int, int], density: int, rotation: int) -> None:
    sized(phone, Size(*size), density, rotation)
    width, height = size if rotation == 0 else reversed(size)
    assert shot(phone).shape == (height, width, 3)
    assert len(phone.shell.wait(phone.screen.rgba())) == width * height * 4
    page(phone, "<div id=box style='position:fixed;inset:0;background:#0a0'></div>")
    for x, y in ((width * 0.1, height * 0.3), (width - 2, height * 0.6), (width // 2, height // 2)):
        tap(phone, x, y)
    seen = [(px, py) for kind, px, py, *_ in inside(phone, "seen") if kind == "pointerdown"]
    scale = width / inside(phone, "parent.innerWidth")
    top = inside(phone, "frameElement.getBoundingClientRect().top")
    assert [(px * scale, (py + top) * scale) for px, py in seen] == [
        (pytest.approx(x + 0.5, abs=0.6), pytest.approx(y + 0.5, abs=0.6))
        for x, y in ((width * 0.1, height * 0.3), (width - 2, height * 0.6), (width // 2, height // 2))
    ]


def test_the_tree_says_where_the_pixels_are(phone: Driven) -> None:
    page(phone, "<button data-id=target style='position:fixed;left:41px;top:107px;width:90px;height:50px;background:#f00'></button>")
    node = phone.find("#target")
    red = (shot(phone) == (255, 0, 0)).all(axis=2)
    rows, columns = np.where(red)
    assert (node.left, node.top, node.right, node.bottom) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert red.sum() == (node.right - node.left) * (node.bottom - node.top)
    assert node.clickable


HOSTILE = [
    'it\'s "quoted" & <b>',
    "$(reboot) `id` \\n %s",
    "ünïcode – 東京 서울",
    "👩‍👩‍👧 🇩🇪 😀",
    "مرحبا \u202ertl\u202c שלום",
    "a\u0301e\u0301",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_arrives_exact_and_the_tree_is_sound(phone: Driven, text: str) -> None:
    page(phone, "<input id=one data-id=one style='width:300px;height:48px'><p id=said></p>")
    assert not phone.shell.wait(phone.screen.text("lost"))
    phone.tap("#one")
    phone.write(text)
    assert inside(phone, "document.getElementById('one').value") == text
    assert phone.find("#one").text == text
    assert phone.shell.wait(phone.screen.clear_text())
    assert inside(phone, "document.getElementById('one').value") == ""


def test_the_clear_key_empties_a_field(phone: Driven) -> None:
    page(phone, "<input id=one data-id=one style='width:300px;height:48px'>")
    phone.write("something", "#one")
    phone.key(28)
    assert inside(phone, "document.getElementById('one').value") == ""


def test_characters_that_xml_has_not_are_left_out_of_the_tree(phone: Driven) -> None:
    page(phone, "<button data-id=odd>&#1; a]]>b &amp;amp; '\"</button>")
    assert phone.find("#odd").text == ". a]]>b &amp; '\""


def test_lines_and_chords_and_single_keys(phone: Driven) -> None:
    page(phone, "<textarea id=many data-id=many style='width:300px;height:200px'></textarea><input id=next data-id=next>")
    phone.tap("#many")
    phone.write("one\ntwo")
    phone.key(LEFT, DEL, 7 + 5, A)
    value = "document.getElementById('many').value"
    assert inside(phone, value) == "one\nt5ao"
    phone.shell.wait(phone.screen.keys([CTRL, A], chord=True))
    phone.shell.wait(phone.screen.keys([CTRL, X], chord=True))
    assert inside(phone, value) == ""
    phone.until(lambda: phone.state.facts.clipboard == "one\nt5ao")
    phone.key(TAB)
    phone.shell.wait(phone.screen.keys([CTRL, V], chord=True))
    assert inside(phone, "document.getElementById('next').value") == "one t5ao"


def test_a_long_press_in_a_field_cuts_and_pastes(phone: Driven) -> None:
    page(phone, "<input id=one data-id=one value='first second' style='width:200px;height:48px'><input id=two data-id=two>")
    field = phone.find("#one")
    tap(phone, field.left + 40, field.center[1], hold_ms=700)
    phone.tap("Cut")
    phone.until(lambda: phone.state.facts.clipboard == "first")
    assert inside(phone, "document.getElementById('one').value") == " second"
    phone.hold("#two")
    phone.tap("Paste")
    assert inside(phone, "document.getElementById('two').value") == "first"


def test_the_keyboard_types_what_its_keys_say(phone: Driven) -> None:
    page(phone, "<input id=one data-id=one autocapitalize=sentences style='position:fixed;bottom:8px;width:300px;height:48px'>")
    before = phone.find("#one")
    phone.tap("#one")
    assert phone.screen.keyboard
    field, space = phone.find("#one"), phone.find("Space")
    assert field.bottom < space.top < before.top
    phone.tap("H", "i", "Space", "Shift", "Y", "o", "o", "Delete", "Symbols", "4", "?", "Letters", "a")
    assert inside(phone, "document.getElementById('one').value") == "Hi Yo4?a"
    phone.shell.wait(phone.screen.keys([BACK]))
    assert not phone.screen.keyboard
    assert phone.find("#one").bottom == before.bottom
    assert phone.front
    phone.tap("#one", "Done")
    assert not phone.screen.keyboard


def test_numbers_get_a_keypad_and_another_input_method_gets_none(phone: Driven) -> None:
    page(phone, "<input id=one type=number data-id=one><input id=two data-id=two>")
    phone.tap("#one", "4", "2", "Enter" if phone.sees("Enter") else "Next")
    assert inside(phone, "document.getElementById('one').value") == "42"
    assert inside(phone, "document.activeElement.id") == "two"
    assert phone.sees("q")
    phone.shell.ok("ime enable com.android.adbkeyboard/.AdbIME; ime set com.android.adbkeyboard/.AdbIME")
    phone.tap("#two")
    assert not phone.screen.keyboard
    phone.shell.ok("ime reset")
    phone.tap("#two")
    assert phone.screen.keyboard


def test_enter_is_the_fields_action(phone: Driven) -> None:
    page(phone, "<div class=ui-screen><input id=one data-id=one enterkeyhint=next><input id=two data-id=two enterkeyhint=done></div>")
    phone.tap("#one")
    phone.key(ENTER)
    assert inside(phone, "document.activeElement.id") == "two"
    phone.key(ENTER)
    assert not phone.screen.keyboard


def test_a_swipe_moves_what_it_touches_by_its_length(phone: Driven) -> None:
    lines = "".join(f"<p style='height:60px;margin:0'>{number}</p>" for number in range(100))
    page(phone, f"<div id=list data-id=list style='position:fixed;inset:0;overflow:auto'>{lines}</div>")
    top = "document.getElementById('list').scrollTop"
    places = []
    for _ in range(2):
        inside(phone, "document.getElementById('list').scrollTop = 0")
        phone.swipe((540, 1800), (540, 900))
        places.append(inside(phone, top))
    assert places[0] == places[1] == pytest.approx(300, abs=16)
    phone.swipe((540, 900), (540, 1050))
    assert inside(phone, top) == pytest.approx(places[0] - 50, abs=16)


def test_with_animations_what_was_thrown_slides_on(phone: Driven) -> None:
    phone.shell.ok("settings put global animator_duration_scale 1")
    lines = "".join(f"<p style='height:60px;margin:0'>{number}</p>" for number in range(200))
    page(phone, f"<div id=list style='position:fixed;inset:0;overflow:auto'>{lines}</div>")
    phone.shell.wait(phone.screen.swipe(540, 1800, 540, 1100, 100))
    phone.until(lambda: inside(phone, "document.getElementById('list').scrollTop") > 300)


def test_a_drag_presses_first_and_then_moves(phone: Driven) -> None:
    page(phone, "<div id=box style='position:fixed;inset:0;touch-action:none'></div>")
    phone.shell.wait(phone.screen.drag(300, 600, 900, 1500, 200))
    seen = inside(phone, "seen")
    down = next(each for each in seen if each[0] == "pointerdown")
    moves = [each for each in seen if each[0] == "pointermove"]
    assert moves[0][3] - down[3] > 400
    assert moves[-1][1:3] == [pytest.approx(300.2, abs=0.5), pytest.approx(500.2 - 28, abs=0.5)]
    assert not any(each[0] == "click" for each in seen)


def test_back_home_and_recents(phone: Driven) -> None:
    phone.start(NOTES)
    phone.start(SETTINGS)
    phone.tap("Display")
    phone.key(BACK)
    assert phone.front.startswith(SETTINGS)
    phone.key(BACK)
    assert not phone.front
    phone.start(NOTES)
    phone.key(HOME)
    assert not phone.front
    phone.key(RECENTS)
    phone.tap("Notes")
    assert phone.front.startswith(NOTES)
    phone.key(RECENTS)
    card = phone.find("Notes")
    phone.swipe(card.center, (card.center[0], 300))
    phone.gone("Notes")
    assert [task.package for task in phone.state.facts.tasks] == [SETTINGS]
    phone.tap("Clear all")
    assert phone.state.facts.tasks == []
    assert not phone.front


def test_the_screen_goes_off_and_is_unlocked_by_a_swipe(phone: Driven) -> None:
    phone.key(POWER)
    assert not shot(phone).any()
    tap(phone, 540, 1200)
    assert not shot(phone).any()
    phone.key(POWER)
    assert phone.find("Swipe up to unlock")
    phone.key(HOME)
    assert phone.state.facts.locked
    phone.swipe((540, 1900), (540, 700))
    assert not phone.state.facts.locked
    assert phone.sees("Clock")


def test_after_a_restore_everything_is_as_it_was(phone: Driven) -> None:
    phone.key(HOME)
    settled(phone)
    first = shot(phone)
    phone.start(NOTES)
    phone.shell.ok("settings put secure ui_night_mode 2; settings put global bluetooth_on 1; svc wifi disable")
    sized(phone, Size(720, 1280), 320)
    phone.swipe((360, 10), (360, 700))
    assert phone.screen.running == {NOTES}
    phone.shell.reset()
    settled(phone)
    assert phone.screen.running == set()
    assert np.array_equal(shot(phone), first)


STIRS = [
    "document.getElementById('text').value = 'set by a script'",
    "document.getElementById('check').checked = true",
    "document.getElementById('box').style.background = '#00f'",
    "document.getElementById('box').firstChild.data = 'other words'",
    "document.getElementById('list').scrollTop = 77",
    "document.getElementById('canvas').getContext('2d').fillRect(3, 3, 20, 20)",
    "document.getElementById('image').src = 'icon.svg'",
    "document.styleSheets[0].insertRule('#box { border: 9px solid #0f0 }')",
    "document.getElementById('text').focus()",
    "document.getElementById('text').select()",
    "setTimeout(() => { document.getElementById('box').hidden = true; }, 120)",
    "document.body.append(Object.assign(document.createElement('i'), {textContent: 'new'}))",
    "parent.device.tell('toast', 'Up here')",
]
SMALL = Size(360, 800), 160
"""Quicker to take pictures of."""
BOARD = (
    "<input id=text value=before><input id=check type=checkbox><div id=box style='width:99px;height:50px;background:#f00'>words</div>"
    "<div id=list style='height:60px;overflow:auto'><p style='height:500px;background:linear-gradient(red,blue)'></p></div>"
    "<canvas id=canvas width=50 height=50></canvas><img id=image width=40 height=40 alt=''>"
)


def both(phone: Driven) -> tuple[Any, Any]:
    """The picture of a settled phone and a fresh one, with nothing drawn between: a panel goes by itself, an image arrives late."""
    frames = -1
    while frames != phone.screen.frames:
        settled(phone)
        frames = phone.screen.frames
        now, fresh = shot(phone), picture(phone.shell.wait(phone.screen.fresh_png()))
    return now, fresh


def test_no_picture_is_stale_whatever_draws(phone: Driven) -> None:
    sized(phone, *SMALL)
    page(phone, BOARD)
    for stir in STIRS:
        settled(phone)
        kept = phone.shell.wait(phone.screen.png())
        assert phone.shell.wait(phone.screen.png()) is kept, f"a quiet screen was captured twice before {stir}"
        inside(phone, stir)
        phone.until(lambda: not np.array_equal(shot(phone), picture(kept)))  # noqa: B023
        now, fresh = both(phone)
        assert np.array_equal(now, fresh), stir


def inputs(phone: Driven) -> list[Callable[[], None]]:
    screen, wait = phone.screen, phone.shell.wait
    return [
        lambda: phone.start(SETTINGS),
        lambda: tap(phone, 180, 233),
        lambda: phone.key(BACK),
        lambda: phone.swipe((180, 600), (180, 233)),
        lambda: phone.swipe((180, 3), (180, 300)),
        lambda: phone.key(BACK),
        lambda: phone.start(NOTES),
        lambda: phone.tap("Search"),
        lambda: phone.write("milk"),
        lambda: phone.key(DEL),
        lambda: phone.key(BACK),
        lambda: phone.key(RECENTS),
        lambda: phone.swipe((300, 333), (67, 333)),
        lambda: phone.key(HOME),
        lambda: phone.swipe((180, 567), (180, 167)),
        lambda: phone.key(HOME),
        lambda: wait(screen.keys([24])),
        lambda: phone.key(POWER, POWER),
        lambda: phone.swipe((180, 633), (180, 167)),
    ]


def test_no_picture_is_stale_after_any_input(phone: Driven) -> None:
    sized(phone, *SMALL)
    for index, act in enumerate(inputs(phone)):
        act()
        assert phone.shell.wait(phone.screen.png()).startswith(b"\x89PNG")
        now, fresh = both(phone)
        assert np.array_equal(now, fresh), f"input {index}"


def test_raw_pixels_are_those_of_the_png(phone: Driven) -> None:
    width, height = phone.state.size
    raw = np.frombuffer(phone.shell.wait(phone.screen.rgba()), np.uint8).reshape(height, width, 4)
    assert np.array_equal(raw[:, :, :3], shot(phone))
    assert (raw[:, :, 3] == 255).all()


def test_what_adb_writes_for_itself_is_nothing_that_apps_hear_of(phone: Driven) -> None:
    async def told(path: str) -> list[tuple[str, str]]:
        phone.state.files.write(path, b"x")
        return list(phone.screen._events)

    assert phone.shell.wait(told("/data/local/tmp/views.xml")) == []
    assert phone.shell.wait(told("/sdcard/Download/a.txt")) == [("files", "/storage/emulated/0/Download/a.txt")]
