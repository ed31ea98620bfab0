"""A phone that is unplugged: what touches says so at once and is never repeated, what looks waits a little for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from handeye.tools.android import AndroidDriver, AndroidOptions, serials
from handeye.tools.android.keyboards import Typist
from handeye.tools.android.server import PrivateServer
from handeye.tools.android.transport import DeviceLink
from handeye.tools.errors import DeviceError, DeviceLost
from handeye.tools.geometry import Point, Size


@pytest.fixture
def driver(server: PrivateServer, phone: Any) -> Iterator[AndroidDriver]:
    driver = AndroidDriver.connect(phone.serial, AndroidOptions(server.address, timeout_s=60, reconnect_s=0.6))
    driver._size = driver._input_size = Size(100, 200)  # this phone has no screen that could be looked at
    yield driver
    driver.close()
    serials.disconnect(server.address, phone.serial)


TOUCHES: dict[str, Callable[[AndroidDriver], object]] = {
    "tap": lambda driver: driver.tap(Point(1, 1)),
    "long_press": lambda driver: driver.long_press(Point(1, 1)),
    "swipe": lambda driver: driver.swipe(Point(1, 1), Point(9, 9)),
    "drag": lambda driver: driver.drag(Point(1, 1), Point(9, 9)),
    "scroll": lambda driver: driver.scroll(Point(50, 50), "down", 10),
    "type_text": lambda driver: driver.type_text("a"),
    "type_text of any text": lambda driver: driver.type_text("é"),
    "clear_text": lambda driver: driver.clear_text(),
    "press_keys": lambda driver: driver.press_keys(("a",)),
    "press_button": lambda driver: driver.press_button("back"),
    "open_app": lambda driver: driver.open_app("Clock"),
    "open_url": lambda driver: driver.open_url("https://example.org"),
    "stop_app": lambda driver: driver.stop_app("Clock"),
    "wake": lambda driver: driver.wake(),
    "unlock": lambda driver: driver.unlock(),
}
LOOKS: dict[str, Callable[[AndroidDriver], object]] = {
    "screenshot": lambda driver: driver.screenshot(),
    "current": lambda driver: driver.current(),
    "state": lambda driver: driver.state(),
    "ui_tree": lambda driver: driver.ui_tree(),
    "apps": lambda driver: driver.apps(),
    "keyboards": lambda driver: driver.keyboards(),
}


@pytest.mark.parametrize("name", TOUCHES)
def test_a_touch_of_a_phone_that_is_gone_is_lost_at_once(driver: AndroidDriver, phone: Any, name: str) -> None:
    phone.go_away()
    start = time.monotonic()
    with pytest.raises(DeviceLost):
        TOUCHES[name](driver)
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_at_a_phone_that_stays_away_is_lost_after_a_while(driver: AndroidDriver, phone: Any, name: str) -> None:
    phone.go_away()
    start = time.monotonic()
    with pytest.raises(DeviceLost, match="did not come back"):
        LOOKS[name](driver)
    assert time.monotonic() - start < 30


def test_a_look_finds_a_phone_that_came_back(server: PrivateServer, phone: Any) -> None:
    with closing(AndroidDriver.connect(phone.serial, AndroidOptions(server.address))) as driver:
        phone.go_away()
        phone.come_back()
        assert driver.ask("echo here").text == "here\n"
    serials.disconnect(server.address, phone.serial)


def test_a_touch_is_sent_once_however_the_connection_ends(server: PrivateServer, phone: Any) -> None:
    serials.choose(server.address, phone.serial)
    link = DeviceLink(server.address, phone.serial)
    link.features()
    phone.fault("disconnect_bytes", 1)
    phone.fault("disconnect", 1)
    with pytest.raises(DeviceLost, match="broke off"):
        link.shell("echo touched >> /sdcard/touches; echo answer")
    serials.reconnect(server.address, phone.serial)
    assert link.shell("cat /sdcard/touches").text == "touched\n"


def test_a_keyboard_that_could_not_be_brought_back_is_brought_back_later(link: DeviceLink, phone: Any) -> None:
    typist = Typist(link)
    typist._owed = "echo back >> /sdcard/keyboard"
    phone.go_away()
    with pytest.raises(DeviceError):
        typist.type("a")
    phone.come_back()
    serials.reconnect(link.address, link.serial)
    typist.settle_debts()
    typist.settle_debts()
    assert link.shell("cat /sdcard/keyboard").text == "back\n"
