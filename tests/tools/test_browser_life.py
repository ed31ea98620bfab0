"""Starting, joining and leaving a browser; nothing stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psutil
import pytest

from handeye.envs.settle import settle
from handeye.tools.browser import BrowserDriver, BrowserOptions, find_chromium
from handeye.tools.errors import DeviceError, DeviceLost, InvalidAction, SetupError
from handeye.tools.geometry import Box, Point, Size

pytestmark = pytest.mark.usefixtures("whole_browser")


@pytest.fixture
def tag() -> Iterator[str]:
    """A command line argument by which a test knows its own browsers."""
    value = f"--handeye-test={uuid.uuid4().hex}"
    yield value
    for process in running(value):
        process.kill()


def running(tag: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if tag in (process.info["cmdline"] or ()) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def gone(tag: str) -> bool:
    for _ in range(100):
        if not running(tag):
            return True
        threading.Event().wait(0.1)
    return False


def script(tag: str, body: str) -> subprocess.Popen[str]:
    start = (
        f"from handeye.tools.browser import *\ndriver = BrowserDriver.launch(BrowserOptions(args=({tag!r},)))\nprint('up', flush=True)\n"
    )
    code = start + body
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n", process.communicate()[1]
    return process


def test_close_ends_every_process_and_what_comes_after_is_lost(tag: str) -> None:
    driver = BrowserDriver.launch(BrowserOptions(args=(tag,)))
    assert running(tag)
    driver.goto("data:text/html,<script>onbeforeunload = () => 1; setTimeout(() => alert(1))</script>")
    driver.close()
    driver.close()
    assert gone(tag)
    for call in (driver.screenshot, lambda: driver.click(Point(1, 1)), lambda: driver.goto("about:blank"), driver.tabs, driver.renew):
        with pytest.raises(DeviceLost):
            call()


def until_lost(driver: BrowserDriver) -> None:
    for _ in range(100):
        try:
            driver.renew()
        except DeviceLost:
            return
        threading.Event().wait(0.1)
    raise AssertionError("a dead browser was renewed")


def test_the_first_episode_has_the_page_with_which_the_browser_began_and_each_other_one_a_fresh_page() -> None:
    driver = BrowserDriver.launch()
    launched_ms = time.time() * 1000
    driver.renew()
    assert driver.evaluate("performance.timeOrigin") < launched_ms
    for _ in range(2):
        driver.evaluate("window.mark = 1")
        driver.renew()
        assert driver.evaluate("[typeof mark, history.length]") == ["undefined", 1]
    assert driver.evaluate("performance.timeOrigin") > launched_ms
    driver.close()


@pytest.mark.parametrize("first", ["screenshot", "renew"])
def test_a_killed_browser_is_lost(tag: str, first: str) -> None:
    driver = BrowserDriver.launch(BrowserOptions(args=(tag,)))
    for process in running(tag):
        process.kill()
    assert gone(tag)
    if first == "renew":
        until_lost(driver)
    with pytest.raises(DeviceError):
        driver.screenshot()
    with pytest.raises(DeviceLost):
        driver.goto("about:blank")
    driver.close()


def test_a_script_that_ends_without_close_leaves_nothing(tag: str) -> None:
    process = script(tag, "driver.goto('about:blank')")
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert gone(tag)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_script_leaves_nothing(tag: str, sent: signal.Signals) -> None:
    process = script(tag, "driver.click(driver.pointer, hold_s=100)")
    assert running(tag)
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)
    else:
        process.send_signal(sent)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert gone(tag)


def test_runs_inside_of_an_event_loop() -> None:
    async def main() -> str:
        driver = BrowserDriver.launch()
        try:
            driver.goto("data:text/html,<title>in a loop")
            return str(driver.evaluate("document.title"))
        finally:
            driver.close()

    assert asyncio.run(main()) == "in a loop"


def test_a_profile_is_kept(site: Any, tmp_path: Path) -> None:
    page = site.page("x")
    options = BrowserOptions(profile=tmp_path / "profile", viewport=Size(640, 480))
    for expected in (None, "kept"):
        driver = BrowserDriver.launch(options)
        try:
            driver.goto(page)
            assert driver.size == Size(640, 480)
            assert driver.screenshot().shape == (480, 640, 3)
            assert driver.evaluate("localStorage.mark ?? null") == expected
            driver.evaluate("localStorage.mark = 'kept'")
            driver.renew()
            assert len(driver.tabs()) == 1
            driver.goto(page)
            assert driver.evaluate("localStorage.mark") == "kept"
        finally:
            driver.close()


def test_attach_to_a_running_browser_and_leave_it_running(site: Any, tmp_path: Path, tag: str) -> None:
    link = "<a href=/beside style='position:absolute;left:0;top:150px;width:100%;height:100px'>more</a>"
    page = site.page(f"<title>theirs</title>{link}<script>onclick = (e) => {{ window.at = [e.clientX, e.clientY] }}</script>")
    site.page("<title>beside</title>", "/beside")
    command = [
        str(find_chromium()),
        "--headless",
        "--remote-debugging-port=0",
        f"--user-data-dir={tmp_path / 'data'}",
        "--window-size=700,500",
        tag,
        page,
    ]
    if os.geteuid() == 0:
        command.insert(1, "--no-sandbox")
    chrome = subprocess.Popen([*command, "--force-device-scale-factor=2"], stderr=subprocess.PIPE, text=True)
    try:
        assert chrome.stderr is not None
        line = next(line for line in chrome.stderr if "DevTools listening on" in line)
        address = line.split()[-1].strip()
        driver = BrowserDriver.launch(BrowserOptions(attach=address))
        inner = driver.evaluate("[innerWidth, innerHeight, devicePixelRatio]")
        pixels = driver.screenshot()
        assert driver.size == Size(pixels.shape[1], pixels.shape[0])
        assert inner[2] == 2
        assert driver.url == page
        driver.click(Point(driver.size.width // 2, 100))
        scale = driver.size.width / inner[0]
        assert driver.evaluate("at") == [inner[0] // 2, round(100 / scale)]
        driver.click(Point(driver.size.width // 2, round(200 * scale)), modifiers=("ctrl",))
        settle(driver)
        tabs = [("theirs", True), ("beside", False)]
        assert [(title, front) for title, _, front in driver.tabs()] == tabs
        # What the person opens is none of it.
        there = f"http://{urlsplit(address).netloc}/json"
        urlopen(Request(f"{there}/new?{site.page('<title>their own</title>', '/own')}", method="PUT")).close()
        for _ in range(100):
            with urlopen(f"{there}/list") as listed:
                if b'"their own"' in listed.read():
                    break
            threading.Event().wait(0.1)
        settle(driver)
        assert [(title, front) for title, _, front in driver.tabs()] == tabs
        driver.renew()
        assert driver.url == "about:blank"
        driver.close()
        assert chrome.poll() is None
    finally:
        chrome.terminate()
        chrome.wait(20)


def test_nothing_listens_at_the_address_to_attach_to() -> None:
    with pytest.raises(DeviceError, match="Joining the browser"):
        BrowserDriver.launch(BrowserOptions(attach="http://127.0.0.1:9"))


def test_a_missing_browser_names_the_command_that_installs_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HANDEYE_CHROMIUM", raising=False)
    with pytest.raises(SetupError, match=r"playwright install chromium|apt-get install -y chromium"):
        find_chromium(tmp_path / "none")
    monkeypatch.setenv("HANDEYE_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(SetupError, match="HANDEYE_CHROMIUM"):
        find_chromium()


def test_the_order_of_browsers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("bundled", "chromium", "mine"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HANDEYE_CHROMIUM", raising=False)
    assert find_chromium() == tmp_path / "chromium"
    assert find_chromium(tmp_path / "none") == tmp_path / "chromium"
    assert find_chromium(tmp_path / "bundled") == tmp_path / "bundled"
    monkeypatch.setenv("HANDEYE_CHROMIUM", str(tmp_path / "mine"))
    assert find_chromium(tmp_path / "bundled") == tmp_path / "mine"


def test_a_browser_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken"
    for body, error, words in (
        ("exit 1", DeviceError, "did not start"),
        (
            "echo 'chrome: error while loading shared libraries: libnss3.so: cannot open' >&2; exit 127",
            SetupError,
            "libnss3.so.*install-deps",
        ),
    ):
        broken.write_text(f"#!/bin/sh\n{body}\n")
        broken.chmod(0o755)
        with pytest.raises(error, match=words):
            BrowserDriver.launch(BrowserOptions(executable=broken))
    with pytest.raises(SetupError, match="no program"):
        BrowserDriver.launch(BrowserOptions(executable=tmp_path / "none"))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(SetupError, match="display"):
        BrowserDriver.launch(BrowserOptions(headless=False))


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": Size(0, 5)},
        {"scale": 0},
        {"clip": Box(0, 0, 2000, 10)},
        {"clip": Box(5, 5, 5, 9)},
        {"timeout_s": 0},
        {"attach": "x", "profile": Path("y")},
    ],
)
def test_impossible_options(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidAction):
        BrowserOptions(**options)


def test_importing_loads_no_playwright() -> None:
    code = "import sys, handeye.tools.browser, handeye.envs.browser, handeye.envs.fake; sys.exit('playwright' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
