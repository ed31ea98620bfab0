"""`BrowserEnv` on real pages: what the model gets to see after each action."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from handeye.envs.actions import (
    AnswerDialog,
    ChooseFiles,
    Click,
    CloseTab,
    Drag,
    GoBack,
    Goto,
    LongPress,
    Move,
    PressKeys,
    Scroll,
    SwitchTab,
    TypeText,
    Wait,
)
from handeye.envs.addresses import address
from handeye.envs.browser import BrowserEnv
from handeye.envs.check import check_env
from handeye.envs.settle import SettleLimits
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import DeviceError, DeviceLost, InvalidAction
from handeye.tools.geometry import Point

SPOT = Point(50, 30)
BUTTON = "<button id=b style='position:absolute;left:10px;top:10px;width:200px;height:50px' onclick=\"{}\">go</button>"


@pytest.fixture
def env(shared: BrowserDriver, site: Any) -> BrowserEnv:
    env = BrowserEnv(shared, site.page("<title>start</title>start", "/start"))
    env.reset()
    return env


def test_conforms(site: Any) -> None:
    check_env(BrowserEnv(BrowserOptions(), site.page("<textarea autofocus style='width:100vw;height:100vh'></textarea>")))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("example.com", "https://example.com"),
        (" example.com/a?b#c ", "https://example.com/a?b#c"),
        ("http://example.com", "http://example.com"),
        ("localhost:8000/x", "http://localhost:8000/x"),
        ("127.0.0.1:80", "http://127.0.0.1:80"),
        ("example.com:8443", "https://example.com:8443"),
        ("//example.com", "https://example.com"),
        ("about:blank", "about:blank"),
        ("FILE:///tmp/x.html", "FILE:///tmp/x.html"),
    ],
)
def test_addresses_as_people_and_models_write_them(text: str, url: str) -> None:
    assert address(text) == url


@pytest.mark.parametrize(
    "text", ["", "  ", "javascript:alert(1)", "JavaScript:1", "vbscript:x", "chrome://settings", "blob:x", "exa\nmple.com"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidAction):
        address(text)


def test_every_verb_does_its_work(env: BrowserEnv, site: Any) -> None:
    page = site.page(
        "<title>verbs</title><textarea id=t style='position:absolute;left:10px;top:10px;width:300px;height:50px'></textarea>"
        "<div style='height:4000px'></div><script>window.log = [];"
        "for (const k of ['mousedown', 'mouseup', 'mousemove', 'contextmenu']) addEventListener(k, (e) => log.push(k))</script>"
    )
    seen = env.step(Goto(url=page)).observation
    assert (seen.url, seen.title) == (page, "verbs")
    env.step(Click(point=Point(30, 30)))
    env.step(TypeText(text="hello"))
    seen = env.step(PressKeys(keys=("ctrl", "a"))).observation
    assert seen.pointer == Point(30, 30)
    env.step(TypeText(text="bye"))
    assert env.driver.evaluate("t.value") == "bye"
    env.step(Move(point=Point(500, 500)))
    before = env.step(Wait(seconds=0.01)).observation.screenshot
    step = env.step(Scroll(direction="down", amount=250))
    assert env.driver.evaluate("scrollY") == 250
    assert (step.observation.screenshot != before).any()
    env.driver.evaluate("log.length = 0")
    env.step(LongPress(point=Point(400, 400), duration_s=0.1))
    env.step(Drag(end=Point(450, 450), via=(Point(400, 450),)))
    assert env.driver.evaluate("log.filter((k) => k !== 'mousemove')") == ["mousedown", "mouseup"] * 2
    assert env.step(GoBack()).observation.title == "start"


def test_invalid_actions_touch_nothing(env: BrowserEnv) -> None:
    for action in (
        Click(point=Point(1280, 5)),
        Drag(start=Point(5, 5), end=Point(5, 900)),
        Goto(url="javascript:alert(1)"),
        SwitchTab(index=3),
    ):
        with pytest.raises(InvalidAction):
            env.step(action)
    assert env.driver.pointer == Point(0, 0)
    assert env.step(Wait(seconds=0)).observation.title == "start"


def test_dialogs_are_in_the_observation_and_answered_by_an_action(env: BrowserEnv, site: Any) -> None:
    env.step(Goto(url=site.page(BUTTON.format("document.title = confirm('Pay?')"))))
    step = env.step(Click(point=SPOT))
    dialog = step.observation.dialog
    assert dialog is not None
    assert (dialog.kind, dialog.message) == ("confirm", "Pay?")
    assert any("dialog" in note for note in step.observation.notes)
    with pytest.raises(InvalidAction, match="dialog"):
        env.step(Click(point=SPOT))
    assert env.step(Wait(seconds=0)).observation.dialog == dialog
    answered = env.step(AnswerDialog(accept=False)).observation
    assert answered.dialog is None
    assert answered.title == "false"


def test_a_start_page_with_a_dialog_can_be_observed(shared: BrowserDriver, site: Any) -> None:
    env = BrowserEnv(shared, site.page("<title>t</title><script>alert('hi')</script>after"))
    seen = env.reset()
    assert seen.dialog is not None
    assert seen.dialog.message == "hi"
    assert env.step(AnswerDialog(accept=True)).observation.title == "t"


def test_tabs(env: BrowserEnv, site: Any) -> None:
    site.page("<title>other</title><style>body { background: rgb(0,0,255) }</style>", "/other")
    env.step(Goto(url=site.page("<title>first</title>" + BUTTON.format("window.open('/other?ms=300')"))))
    seen = env.step(Click(point=SPOT)).observation
    assert [(tab.title, tab.active) for tab in seen.tabs] == [("first", False), ("other", True)]
    assert seen.screenshot[700, 700].tolist() == [0, 0, 255]
    assert any("new tab" in note for note in seen.notes)
    seen = env.step(SwitchTab(index=0)).observation
    assert seen.title == "first"
    assert seen.screenshot[700, 700].tolist() == [255, 255, 255]
    env.step(SwitchTab(index=1))
    seen = env.step(CloseTab()).observation
    assert [tab.title for tab in seen.tabs] == ["first"]


def test_files(env: BrowserEnv, site: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    file = "<input type=file id=f style='position:absolute;left:10px;top:10px;width:200px;height:50px' onchange=\"{}\">"
    env.step(Goto(url=site.page(file.format("fetch('/slow?ms=200').then(() => { document.title = f.files[0].name })"))))
    assert env.step(Click(point=SPOT)).observation.file_chooser
    seen = env.step(ChooseFiles(paths=(str(tmp_path / "a.txt"),))).observation
    assert not seen.file_chooser
    assert seen.title == "a.txt"


def test_a_chooser_on_its_way_is_waited_for(env: BrowserEnv, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from playwright.async_api import Page

    listen = Page.on

    def late(page: Page, event: Any, listener: Any) -> None:
        # What Playwright does on a busy machine: it asks the page about its input before it tells of the chooser.
        listen(
            page,
            event,
            (lambda chooser: asyncio.get_running_loop().call_later(0.5, listener, chooser)) if event == "filechooser" else listener,
        )

    monkeypatch.setattr(Page, "on", late)
    env.reset()
    env.step(Goto(url=site.page("<input type=file style='position:absolute;left:10px;top:10px;width:200px;height:50px'>")))
    assert env.step(Click(point=SPOT)).observation.file_chooser


def test_dead_servers_are_errors_at_reset_and_notes_later(env: BrowserEnv, shared: BrowserDriver) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(DeviceError, match="refused"):
        BrowserEnv(shared, dead).reset()
    env.reset()
    for url, words in ((dead, "refused"), ("http://nothing.invalid", "no host")):
        step = env.step(Goto(url=url))
        assert sum(words in note for note in step.observation.notes) == 1
    assert env.step(Goto(url=env.start_url)).observation.notes == ()


def test_a_crash_and_a_hang_are_notes_and_goto_gets_away(site: Any) -> None:
    hang = site.page(BUTTON.format("while (true) {}"), "/hang")
    env = BrowserEnv(BrowserOptions(timeout_s=2), site.page("<title>start</title>", "/start"), SettleLimits(cap_s=1))
    try:
        env.reset()
        env.step(Goto(url=hang))
        step = env.step(Click(point=SPOT))
        assert any("does not answer" in note for note in step.observation.notes)
        assert env.step(Goto(url=env.start_url)).observation.title == "start"
        with pytest.raises(DeviceError):
            env.driver.goto("chrome://crash")
        step = env.step(Wait(seconds=0.1))
        assert any("crashed" in note for note in step.observation.notes)
        with pytest.raises(InvalidAction, match="crashed"):
            env.step(Click(point=SPOT))
        assert env.step(Goto(url=env.start_url)).observation.title == "start"
        env.reset()
        env.close()
        with pytest.raises((InvalidAction, DeviceLost)):
            env.step(Wait(seconds=0))
    finally:
        env.close()


def test_an_own_beginning(shared: BrowserDriver) -> None:
    class Numbered(BrowserEnv):
        def begin(self, seed: int | None) -> None:
            self.driver.goto("about:blank")
            self.driver.evaluate("(n) => { document.title = 'task ' + n }", seed)

    assert Numbered(shared).reset(7).title == "task 7"
