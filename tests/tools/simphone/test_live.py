"""The live view of a simulated phone: who may use it, and that what a person does on the page reaches the phone."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.browser.loop import LoopThread
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Point, Size
from handeye.tools.simphone.host import Host
from handeye.tools.simphone.live import LiveView, Press, SimulatedPhone, Swipe, Tap, Type
from handeye.tools.simphone.options import PhoneOptions
from tests.waiting import until


@dataclass
class Notebook:
    """A phone of which only the gestures are of interest."""

    name: str = "notebook"
    gestures: list[Tap | Swipe | Type | Press] = field(default_factory=list)

    def frame(self, after: int, stop: threading.Event) -> tuple[int, bytes] | None:
        return (1, b"\x89PNG") if after != 1 else None

    def act(self, gesture: Tap | Swipe | Type | Press) -> None:
        self.gestures.append(gesture)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def view(notebook: Notebook) -> Iterator[LiveView]:
    view = LiveView([notebook])
    yield view
    view.close()
    view.close()


def ask(view: LiveView, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", view.port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read(), dict(reply.getheaders())
    finally:
        connection.close()


def test_serves_the_page_its_parts_and_the_frames(view: LiveView) -> None:
    root = f"/{view.token}/"
    assert view.address == f"http://127.0.0.1:{view.port}{root}"
    status, page, headers = ask(view, root)
    assert status == 200
    assert b"<canvas" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert [ask(view, root + name)[0] for name in ("live.js", "live.css")] == [200, 200]
    assert json.loads(ask(view, root + "phones")[1]) == [{"name": "notebook"}]
    status, frame, headers = ask(view, root + "0/frame?after=-1")
    assert (status, frame, headers["X-Frame"]) == (200, b"\x89PNG", "1")
    assert ask(view, root + "0/frame?after=1")[0] == 204


@pytest.mark.parametrize(
    ("gesture", "expected"),
    [
        ({"kind": "tap", "x": 5, "y": 6}, Tap(kind="tap", x=5, y=6)),
        ({"kind": "tap", "x": 5, "y": 6, "hold_ms": 900}, Tap(kind="tap", x=5, y=6, hold_ms=900)),
        ({"kind": "swipe", "x1": 1, "y1": 2, "x2": 3, "y2": 4, "ms": 80}, Swipe(kind="swipe", x1=1, y1=2, x2=3, y2=4, ms=80)),
        ({"kind": "text", "text": "é\n"}, Type(kind="text", text="é\n")),
        ({"kind": "keys", "codes": [4]}, Press(kind="keys", codes=(4,))),
    ],
)
def test_takes_gestures(view: LiveView, notebook: Notebook, gesture: dict[str, object], expected: object) -> None:
    assert ask(view, f"/{view.token}/0/act", "POST", json.dumps(gesture))[0] == 204
    assert notebook.gestures == [expected]


@pytest.mark.parametrize(
    "body", ["", "no JSON", "{}", '{"kind": "tap"}', '{"kind": "tap", "x": -1, "y": 0}', '{"kind": "keys", "codes": [1e9]}']
)
def test_refuses_what_is_no_gesture(view: LiveView, notebook: Notebook, body: str) -> None:
    assert ask(view, f"/{view.token}/0/act", "POST", body)[0] == 400
    assert notebook.gestures == []


def test_refuses_who_does_not_know_the_address_and_pages_of_others(view: LiveView, notebook: Notebook) -> None:
    root, tap = f"/{view.token}/", json.dumps({"kind": "tap", "x": 1, "y": 1})
    for path in ("/", "/phones", "/x/", f"/{view.token[:-1]}/", "//", f"/{view.token}"):
        assert ask(view, path)[0] == 404
    assert ask(view, root + "0/act", "POST", tap, Origin="http://evil.example")[0] == 403
    assert ask(view, root + "0/act", "POST", tap, Host=f"evil.example:{view.port}")[0] == 403
    assert ask(view, root + "0/act", "POST", tap, Origin=f"http://127.0.0.1:{view.port}")[0] == 204
    assert [ask(view, root + path, "POST", tap)[0] for path in ("1/act", "0/frame", "../0/act", "0000000/act")] == [404] * 4
    assert ask(view, root + "0/act", "POST", "x" * 200_000)[0] == 413
    assert len(notebook.gestures) == 1


@pytest.fixture(scope="module")
def phone() -> Iterator[SimulatedPhone]:
    loop, host = LoopThread("phones"), Host()
    try:
        hosted = loop.run(host.start([PhoneOptions(clock="steps")]), 60)[0]
    except SetupError as error:
        loop.stop()
        pytest.skip(f"no simulated phone: {error}")
    yield SimulatedPhone(hosted.serial, hosted.phone, loop)
    loop.run(host.close(), 20)
    loop.stop()


def test_shows_the_phone_and_lets_it_be_worked(phone: SimulatedPhone) -> None:
    view = LiveView([phone])
    browser = BrowserDriver.launch(BrowserOptions(viewport=Size(900, 900)))
    state = phone.phone.state

    def at(x: int, y: int) -> Point:
        box = "document.querySelector('canvas').getBoundingClientRect()"
        left, top, width = browser.evaluate(f"(() => {{ const b = {box}; return [b.left, b.top, b.width] }})()")
        return Point(round(left + x * width / 1080), round(top + y * width / 1080))

    def pixel() -> int:
        drawn = "document.querySelector('canvas').getContext('2d').getImageData(540, 1200, 1, 1).data"
        return sum(browser.evaluate(f"[...{drawn}]")[:3])

    try:
        browser.goto(view.address)
        until(lambda: browser.evaluate("document.querySelector('canvas')?.width") == 1080)
        until(lambda: pixel() > 0)
        home = pixel()
        tree = phone.loop.run(phone.phone.screen.tree(), 20)
        found = re.search(r'(?:text|content-desc)="Settings"[^>]*bounds="\[(\d+),(\d+)\]\[(\d+),(\d+)\]"', tree)
        assert found
        left, top, right, bottom = map(int, found.groups())
        browser.click(at((left + right) // 2, (top + bottom) // 2))
        until(lambda: state.front is not None and state.front.package == "com.android.settings")
        until(lambda: pixel() != home)
        browser.press_keys(["home"])
        until(lambda: state.facts.at_home)
        until(lambda: pixel() == home)
        browser.drag([at(540, 1700), at(540, 1300), at(540, 500)], duration_s=0.2)
        until(lambda: pixel() != home)
        assert browser.evaluate("document.querySelector('.lost').hidden")
    finally:
        browser.close()
        view.close()
