"""What pages do by themselves: dialogs, tabs, downloads, file choosers, dead servers, crashes, hangs."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest

from handeye.benchmarks.settle_pages import Reply
from handeye.envs.settle import settle
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import DeviceError, DeviceTimeout, InvalidAction
from handeye.tools.geometry import Point
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("whole_browser")

SPOT = Point(50, 30)
BUTTON = "<button id=b style='position:absolute;left:10px;top:10px;width:200px;height:50px' onclick=\"{}\">go</button>"


def test_confirm_waits_for_an_answer_and_is_never_accepted_silently(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page(BUTTON.format("window.said = confirm('Sure?')")))
    before = driver.screenshot()
    driver.click(SPOT)
    assert driver.dialog() == ("confirm", "Sure?", "")
    assert (driver.screenshot() == before).all()
    for refused in (
        lambda: driver.click(SPOT),
        lambda: driver.type_text("x"),
        lambda: driver.goto("about:blank"),
        lambda: driver.evaluate("1"),
    ):
        with pytest.raises(InvalidAction, match="dialog"):
            refused()
    driver.answer_dialog(False)
    assert driver.dialog() is None
    assert driver.evaluate("said") is False
    driver.click(SPOT)
    driver.answer_dialog(True)
    assert driver.evaluate("said") is True
    with pytest.raises(InvalidAction):
        driver.answer_dialog(True)


def test_prompt_takes_text_or_its_default(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page(BUTTON.format("window.said = prompt('Name?', 'nobody')")))
    driver.click(SPOT)
    assert driver.dialog() == ("prompt", "Name?", "nobody")
    driver.answer_dialog(True, "Zoë")
    assert driver.evaluate("said") == "Zoë"
    driver.click(SPOT)
    driver.answer_dialog(True)
    assert driver.evaluate("said") == "nobody"


def test_dialog_while_loading_and_typing_stops_at_a_dialog(driver: BrowserDriver, site: Any) -> None:
    driver.goto(
        site.page("<input id=i><script>alert('early'); i.onkeydown = (e) => { if (e.key === 'Enter') alert('sent') }; i.focus()</script>")
    )
    assert driver.dialog() == ("alert", "early", "")
    driver.answer_dialog(True)
    until(lambda: bool(driver.evaluate("document.activeElement.id")))
    driver.type_text("a\nb")
    assert driver.dialog() == ("alert", "sent", "")
    driver.answer_dialog(True)
    assert driver.evaluate("i.value") == "a"


def test_beforeunload_can_be_declined(driver: BrowserDriver, site: Any) -> None:
    first = site.page(BUTTON.format("location.href = '/other'") + "<script>onbeforeunload = (e) => e.preventDefault()</script>")
    site.page("other", "/other")
    driver.goto(first)
    driver.click(SPOT)
    until(lambda: driver.dialog() is not None)
    assert driver.dialog()[0] == "beforeunload"  # type: ignore[index]
    driver.answer_dialog(False)
    assert driver.url == first
    driver.click(SPOT)
    until(lambda: driver.dialog() is not None)
    driver.answer_dialog(True)
    until(lambda: driver.url.endswith("/other"))


def test_new_tabs_come_to_the_front_and_go(driver: BrowserDriver, site: Any) -> None:
    other = site.page("<title>other</title>hello", "/other")
    first = site.page(
        f"<a href='{other}' target=_blank style='position:absolute;left:10px;top:10px;width:200px;height:50px;background:red'>x</a>"
    )
    driver.goto(first)
    driver.click(SPOT)
    until(lambda: len(driver.tabs()) == 2 and driver.tabs()[1][2])
    assert driver.url == other
    assert any("new tab" in note for note in driver.take_notes())
    assert driver.take_notes() == ()
    assert driver.evaluate("document.title") == "other"
    driver.switch_tab(0)
    assert driver.url == first
    with pytest.raises(InvalidAction, match="no tab 2"):
        driver.switch_tab(2)
    driver.switch_tab(1)
    driver.close_tab()
    assert driver.url == first
    driver.close_tab()
    assert len(driver.tabs()) == 1
    assert driver.url == "about:blank"


@pytest.mark.parametrize(
    ("more", "behind"),
    [({"modifiers": ("ctrl",)}, True), ({"button": "middle"}, True), ({"modifiers": ("shift",)}, False)],
)
def test_tabs_that_a_modified_click_opens_are_known_too(driver: BrowserDriver, site: Any, more: dict[str, Any], behind: bool) -> None:
    other = site.page("<title>other</title>hello", "/other")
    first = site.page(f"<a href='{other}' style='position:absolute;left:10px;top:10px;width:200px;height:50px;background:red'>x</a>")
    driver.goto(first)
    settle(driver)
    driver.click(SPOT, **more)
    assert not settle(driver).settled.capped
    assert [tab[1:] for tab in driver.tabs()] == [(first, behind), (other, not behind)]
    (note,) = driver.take_notes()
    assert ("behind this one" in note) == behind
    driver.switch_tab(1)
    settle(driver)
    assert [tab[0] for tab in driver.tabs()] == ["", "other"]
    assert driver.evaluate("document.title") == "other"
    driver.close_tab()
    assert driver.url == first


def test_a_window_that_closes_itself_gives_way_to_its_opener(driver: BrowserDriver, site: Any) -> None:
    site.page(BUTTON.format("window.close()"), "/self")
    first = site.page(BUTTON.format("window.open('/self')"))
    driver.goto(first)
    driver.click(SPOT)
    until(lambda: driver.url.endswith("/self"))
    driver.click(SPOT)
    until(lambda: driver.url == first)
    assert driver.screenshot().shape == (800, 1280, 3)


def test_downloads_are_kept_or_refused_with_a_note(driver: BrowserDriver, site: Any, tmp_path: Path) -> None:
    site.replies["/file"] = Reply("data", "application/octet-stream", headers=(("Content-Disposition", "attachment; filename=../a b.txt"),))
    page = site.page(BUTTON.format("location.href = '/file'"))
    driver.goto(page)
    driver.click(SPOT)
    notes: list[str] = []
    until(lambda: bool(notes.extend(driver.take_notes()) or notes))
    assert "downloads are off" in notes[0]
    assert driver.downloads() == ()
    keeping = BrowserDriver.launch(BrowserOptions(downloads=tmp_path / "got"))
    try:
        keeping.goto(page)
        for number in (1, 2):
            keeping.click(SPOT)
            until(lambda number=number: len(keeping.downloads()) == number)  # type: ignore[misc]
        paths = [Path(path) for path in keeping.downloads()]
        assert all(path.parent == tmp_path / "got" and path.read_text() == "data" for path in paths)
        assert len(set(paths)) == 2
        assert "finished" in keeping.take_notes()[0]
        keeping.renew()
        assert keeping.downloads() == ()
    finally:
        keeping.close()


def test_file_chooser_is_held_until_answered(driver: BrowserDriver, site: Any, tmp_path: Path) -> None:
    driver.goto(site.page("<input type=file id=f style='position:absolute;left:10px;top:10px;width:200px;height:50px'>"))
    with pytest.raises(InvalidAction, match="no file chooser"):
        driver.choose_files([])
    driver.click(SPOT)
    until(lambda: driver.file_chooser)
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("1")
    two.write_text("2")
    with pytest.raises(InvalidAction, match="one file only"):
        driver.choose_files([one, two])
    with pytest.raises(InvalidAction, match="no such file"):
        driver.choose_files([tmp_path / "none"])
    driver.choose_files([one])
    assert driver.evaluate("f.files[0].name") == "one.txt"
    assert not driver.file_chooser
    driver.click(SPOT)
    until(lambda: driver.file_chooser)
    driver.choose_files([])
    assert driver.evaluate("f.files.length") == 1


def test_addresses_that_do_not_open(driver: BrowserDriver, site: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(DeviceError, match="no host has that name"):
        driver.goto("http://nothing.invalid/")
    with pytest.raises(DeviceError, match="connection refused"):
        driver.goto(dead)
    with pytest.raises(DeviceError, match="no such file"):
        driver.goto("file:///no/such/file.html")
    driver.goto(site.page(BUTTON.format(f"location.href = '{dead}'")))
    driver.take_notes()
    driver.click(SPOT)
    notes: list[str] = []
    until(lambda: bool(notes.extend(driver.take_notes()) or notes))
    assert "connection refused" in notes[0]
    assert driver.screenshot().shape == (800, 1280, 3)
    driver.goto(site.page("fine"))
    assert driver.evaluate("document.body.textContent") == "fine"


def test_pictures_can_be_taken_while_a_page_gives_way_to_an_error_page(driver: BrowserDriver, site: Any) -> None:
    """The error page belongs to another process, and for a moment neither has anything to capture."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{free.getsockname()[1]}/"
    page = site.page(BUTTON.format(f"location.href = '{dead}'"))
    for _ in range(12):
        driver.goto(page)
        driver.click(SPOT)
        for _ in range(6):
            assert driver.screenshot().shape == (800, 1280, 3)


def test_going_back(driver: BrowserDriver, site: Any) -> None:
    with pytest.raises(InvalidAction, match="no page to go back to"):
        driver.go_back()
    first, second = site.page("one", "/one"), site.page("two", "/two")
    driver.goto(first)
    driver.goto(second)
    driver.go_back()
    until(lambda: driver.url == first)


def test_a_crashed_page_is_told_and_left_by_goto(driver: BrowserDriver, site: Any) -> None:
    fine = site.page("fine")
    driver.goto(fine)
    with pytest.raises(DeviceError):
        driver.goto("chrome://crash")
    until(lambda: any("crashed" in note for note in driver.take_notes()))
    with pytest.raises(DeviceError, match="crashed"):
        driver.screenshot()
    with pytest.raises(InvalidAction, match="crashed"):
        driver.click(SPOT)
    driver.goto(fine)
    assert driver.evaluate("document.body.textContent") == "fine"
    assert len(driver.tabs()) == 1


def test_a_page_that_hangs_for_ever(site: Any) -> None:
    hang = site.page(BUTTON.format("while (true) {}"), "/hang")
    fine = site.page("fine", "/fine")
    driver = BrowserDriver.launch(BrowserOptions(timeout_s=2))
    try:
        driver.goto(hang)
        with pytest.raises(DeviceTimeout):
            driver.click(SPOT)
        with pytest.raises(DeviceTimeout):
            driver.screenshot()
        driver.goto(fine)
        assert driver.evaluate("document.body.textContent") == "fine"
        driver.goto(hang)
        with pytest.raises(DeviceTimeout):
            driver.click(SPOT)
    finally:
        start = time.monotonic()
        driver.close()
        assert time.monotonic() - start < 30


def test_a_server_that_never_answers(site: Any) -> None:
    slow = site.page("late", "/late") + "?ms=60000"
    driver = BrowserDriver.launch(BrowserOptions(timeout_s=1))
    try:
        with pytest.raises(DeviceTimeout):
            driver.goto(slow)
        driver.goto(site.page("fine"))
        assert driver.evaluate("document.body.textContent") == "fine"
    finally:
        driver.close()


def test_renew_forgets_cookies_tabs_and_notes(driver: BrowserDriver, site: Any) -> None:
    page = site.page("x")
    driver.goto(page)
    driver.evaluate("document.cookie = 'a=1'; localStorage.b = 2; window.open('/page'); 0")
    until(lambda: len(driver.tabs()) == 2)
    driver.renew()
    assert len(driver.tabs()) == 1
    assert driver.take_notes() == ()
    driver.goto(page)
    assert driver.evaluate("[document.cookie, localStorage.b ?? null]") == ["", None]
