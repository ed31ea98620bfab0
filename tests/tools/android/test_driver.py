"""The driver on a whole simulated phone, through the real adb: every verb, and every fault of the phone survived."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from handeye.tools.android import AndroidDriver, AndroidOptions
from handeye.tools.android.driver import strokes
from handeye.tools.android.keyboards import keyboard_apk
from handeye.tools.android.server import PrivateServer
from handeye.tools.check import check_phone
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction, SetupError
from handeye.tools.geometry import Point, Size
from handeye.tools.simphone.launcher import SimPhones
from handeye.tools.simphone.options import PhoneOptions

PHONE = PhoneOptions(size=Size(540, 1200), density=240)
MIDDLE = Point(270, 600)
KEYBOARD = "com.android.adbkeyboard/.AdbIME"


@pytest.fixture(scope="module")
def phones() -> Iterator[SimPhones]:
    try:
        started = SimPhones(2, PHONE).start()
    except SetupError as error:
        pytest.skip(str(error))
    with started:
        yield started


@pytest.fixture
def serial(phones: SimPhones) -> Iterator[str]:
    """A phone as it began, without faults."""
    yield phones.serials[0]
    phones.run(phones.serials[0], "simphone reset")


@pytest.fixture
def driver(server: PrivateServer, serial: str) -> Iterator[AndroidDriver]:
    driver = AndroidDriver.connect(serial, AndroidOptions(server.address, timeout_s=8, install_keyboard=False))
    yield driver
    driver.close()


def text_in_front(driver: AndroidDriver) -> list[str]:
    return [node.text for node in driver.ui_tree().walk() if node.text]


@pytest.fixture
def field(driver: AndroidDriver) -> Callable[[], str]:
    """Puts the cursor into a text field; gives what is in it."""
    driver.open_app("Settings")
    node = next(node for node in driver.ui_tree().walk() if node.class_name.endswith("EditText") or "earch" in node.description + node.text)
    driver.tap(node.bounds.center)

    def content() -> str:
        driver.screenshot()
        return next(node.text for node in driver.ui_tree().walk() if node.class_name.endswith("EditText"))

    return content


def test_the_driver_keeps_its_contract(server: PrivateServer, serial: str) -> None:
    check_phone(AndroidDriver.connect(serial, AndroidOptions(server.address, install_keyboard=False)), unicode=False)


def test_screenshots_are_the_same_in_every_form(server: PrivateServer, serial: str) -> None:
    pictures = []
    for form in ("raw", "png", "gzip"):
        driver = AndroidDriver.connect(serial, AndroidOptions(server.address, form=form))  # type: ignore[arg-type]
        if form == "gzip" and driver.shell("echo x | gzip -1").code:
            continue
        pictures.append(driver.screenshot())
        driver.close()
    assert pictures[0].shape == (1200, 540, 3)
    assert all(np.array_equal(pictures[0], picture) for picture in pictures)


def test_the_faster_form_is_found_out_and_kept(driver: AndroidDriver) -> None:
    assert driver.form is None
    driver.screenshot()
    assert driver.form in ("raw", "png")
    assert driver.size == Size(540, 1200)


def test_apps_are_opened_by_name_and_package_and_stopped(driver: AndroidDriver) -> None:
    assert driver.open_app("settings").package == "com.android.settings"
    front = driver.current()
    assert (front.package, front.activity) == ("com.android.settings", "com.android.settings.Settings")
    driver.stop_app("com.android.settings")
    assert driver.current().package != "com.android.settings"
    driver.open_app("com.android.settings")
    driver.press_button("home")
    assert driver.current().package != "com.android.settings"
    for name in ("Bank of $(id)", "'; reboot; '", "no such app", "\u202esgnittes"):
        with pytest.raises(InvalidAction):
            driver.open_app(name)


@pytest.mark.parametrize("url", ["", "example", "javascript", "https://a\nb", "-d https://x", "https://[", "\u202e://x"])
def test_what_is_no_address_is_refused(driver: AndroidDriver, url: str) -> None:
    with pytest.raises(InvalidAction):
        driver.open_url(url)


def test_points_outside_are_refused_and_nothing_is_touched(driver: AndroidDriver) -> None:
    for point in (Point(540, 0), Point(0, 1200), Point(-1, 5)):
        with pytest.raises(InvalidAction, match="outside"):
            driver.tap(point)


def test_the_screen_goes_off_and_on_and_a_black_picture_is_explained(driver: AndroidDriver) -> None:
    driver.sleep()
    assert driver.state().awake is False
    assert driver.screenshot().max() == 0
    assert driver.blank is not None
    assert driver.blank.kind == "asleep"
    driver.wake()
    assert driver.screenshot().max() > 0
    assert driver.blank is None


def test_a_locked_phone_is_unlocked(driver: AndroidDriver, phones: SimPhones, serial: str) -> None:
    phones.fault(serial, "locked")
    assert driver.state().locked
    driver.unlock()
    assert driver.state().locked is False


def test_a_protected_screen_is_said(driver: AndroidDriver, phones: SimPhones, serial: str) -> None:
    phones.fault(serial, "black")
    assert driver.screenshot().max() == 0
    assert driver.blank is not None
    assert driver.blank.kind == "secure"
    phones.fault(serial, "black", 0)
    assert driver.screenshot().max() > 0


@pytest.mark.parametrize("fault", ["garbage", "garbage_stderr"])
@pytest.mark.parametrize("form", ["raw", "png"])
def test_warnings_before_the_picture_do_not_matter(server: PrivateServer, phones: SimPhones, serial: str, fault: str, form: str) -> None:
    driver = AndroidDriver.connect(serial, AndroidOptions(server.address, form=form))  # type: ignore[arg-type]
    before = driver.screenshot()
    phones.fault(serial, fault)
    assert np.array_equal(driver.screenshot(), before)
    driver.close()


@pytest.mark.parametrize("form", ["raw", "png"])
def test_a_picture_that_is_cut_short_is_taken_again_and_then_given_up(
    server: PrivateServer, phones: SimPhones, serial: str, form: str
) -> None:
    driver = AndroidDriver.connect(serial, AndroidOptions(server.address, form=form))  # type: ignore[arg-type]
    before = driver.screenshot()
    phones.fault(serial, "truncated", 1)
    assert np.array_equal(driver.screenshot(), before)
    phones.fault(serial, "truncated", 2)
    with pytest.raises(DeviceError, match="no screenshot"):
        driver.screenshot()
    driver.close()


def test_of_a_foldable_the_display_that_is_on_is_shown(server: PrivateServer, phones: SimPhones, serial: str) -> None:
    driver = AndroidDriver.connect(serial, AndroidOptions(server.address))
    lit = driver.screenshot()
    phones.fault(serial, "second_display")
    assert lit.max() > 0
    late = AndroidDriver.connect(serial, AndroidOptions(server.address))
    assert late.screenshot().max() > 0
    assert driver.screenshot().max() > 0
    driver.close()
    late.close()


def test_a_turned_screen_has_other_points(driver: AndroidDriver, phones: SimPhones, serial: str) -> None:
    driver.screenshot()
    phones.fault(serial, "rotate", 1)
    picture = driver.screenshot()
    assert picture.shape == (540, 1200, 3)
    assert driver.size == Size(1200, 540)
    driver.tap(Point(1199, 539))
    with pytest.raises(InvalidAction):
        driver.tap(Point(0, 540))
    assert driver.ui_tree().rotation == 1


def test_an_override_of_the_size_is_the_space_of_points(driver: AndroidDriver) -> None:
    driver.shell("wm size 360x800")
    assert driver.screenshot().shape == (800, 360, 3)
    driver.tap(Point(359, 799))
    driver.shell("wm size reset")
    assert driver.screenshot().shape == (1200, 540, 3)


def test_a_slow_phone_times_out_and_goes_on(server: PrivateServer, phones: SimPhones, serial: str) -> None:
    driver = AndroidDriver.connect(serial, AndroidOptions(server.address, timeout_s=2, screenshot_s=2, form="raw"))
    driver.screenshot()
    phones.fault(serial, "slow_screencap", 60)
    start = time.monotonic()
    with pytest.raises(DeviceTimeout, match="screenshot"):
        driver.screenshot()
    phones.fault(serial, "slow_screencap", 0)
    phones.fault(serial, "slow", 60)
    with pytest.raises(DeviceTimeout):
        driver.tap(MIDDLE)
    assert time.monotonic() - start < 30
    phones.fault(serial, "slow", 0)
    assert driver.screenshot().max() > 0
    driver.close()


def test_unplugged_in_mid_screenshot_it_looks_again(driver: AndroidDriver, phones: SimPhones, serial: str) -> None:
    before = driver.screenshot()
    phones.fault(serial, "disconnect", 1)
    assert np.array_equal(driver.screenshot(), before)


def test_unplugged_while_touching_it_is_lost_and_never_touches_twice(driver: AndroidDriver, phones: SimPhones, serial: str) -> None:
    driver.screenshot()
    phones.fault(serial, "refuse", 1)
    with pytest.raises(DeviceError):
        driver.tap(MIDDLE)
    driver.tap(MIDDLE)


def test_a_phone_that_is_offline_is_a_time_out_and_then_lost(server: PrivateServer, phones: SimPhones, serial: str) -> None:
    driver = AndroidDriver.connect(serial, AndroidOptions(server.address, timeout_s=1, screenshot_s=1, form="png"))
    driver.screenshot()
    phones.fault(serial, "offline")
    with pytest.raises(DeviceError):
        driver.screenshot()
    with pytest.raises(DeviceError):
        driver.tap(MIDDLE)
    phones.fault(serial, "offline", 0)
    driver.reconnect()
    assert driver.screenshot().max() > 0
    driver.close()


def test_a_vendor_s_lock_on_input_is_said_with_its_switch(driver: AndroidDriver, phones: SimPhones, serial: str) -> None:
    driver.screenshot()
    phones.fault(serial, "inject_denied")
    for work in (lambda: driver.tap(MIDDLE), lambda: driver.type_text("a"), lambda: driver.press_button("home")):
        with pytest.raises(DeviceError) as caught:
            work()
        assert "USB debugging (Security settings)" in str(caught.value.fix)


@pytest.mark.parametrize("fault", ["animated", "tap_latency", "lost_tap", "popup", "crash"])
def test_faults_of_apps_are_no_faults_of_the_driver(driver: AndroidDriver, phones: SimPhones, serial: str, fault: str) -> None:
    driver.open_app("Settings")
    phones.fault(serial, fault, 0.2 if fault == "tap_latency" else 1)
    driver.tap(MIDDLE)
    assert driver.screenshot().shape == (1200, 540, 3)
    driver.current()
    driver.press_button("home")


HOSTILE = [
    "it's",
    'say "hi"',
    "$(touch /sdcard/owned) `id`",
    "100%s and 5%",
    "a;b|c&d>e",
    "\\n \\ ~ * ? #",
    "-x --es y",
    "é ü 字 😀",
    "\u202ertl\u202c ا",
]


def test_plain_text_arrives_exact(driver: AndroidDriver, field: Callable[[], str]) -> None:
    for text in (text for text in HOSTILE if text.isascii()):
        driver.clear_text()
        driver.type_text(text)
        assert field() == text
    assert driver.shell("ls /sdcard/owned").code != 0


def keyboard_of(driver: AndroidDriver) -> str:
    return driver.shell("settings get secure default_input_method; settings get secure enabled_input_methods").text


def test_any_text_arrives_exact_and_the_keyboard_comes_back(driver: AndroidDriver, field: Callable[[], str]) -> None:
    own = keyboard_of(driver)
    for text in HOSTILE:
        driver.clear_text()
        driver.type_text(text)
        assert field() == text
        assert keyboard_of(driver) == own


def test_a_keyboard_is_put_on_a_phone_that_has_none(server: PrivateServer, driver: AndroidDriver, field: Callable[[], str]) -> None:
    driver.shell("pm uninstall --user 0 com.android.adbkeyboard")
    own = keyboard_of(driver)
    with pytest.raises(SetupError, match="not ASCII") as caught:
        driver.type_text("é")
    assert "handeye[android-unicode]" in str(caught.value.fix)
    if keyboard_apk() is None:
        pytest.skip("uiautomator2's package is not installed")
    installing = AndroidDriver.connect(driver.serial, AndroidOptions(server.address))
    for text in ("é ü 字 😀", "zwei\tWörter"):
        driver.clear_text()
        installing.type_text(text.replace("\t", ""))
        assert field() == text.replace("\t", "")
        assert keyboard_of(driver) == own
    installing.close()


def test_the_keyboard_comes_back_after_failures_too(driver: AndroidDriver, phones: SimPhones, serial: str) -> None:
    own = keyboard_of(driver)
    phones.fault(serial, "ime_denied")
    with pytest.raises(DeviceError) as caught:
        driver.type_text("é")
    assert "Security settings" in str(caught.value.fix)
    phones.fault(serial, "ime_denied", 0)
    assert keyboard_of(driver) == own


def test_the_keyboard_comes_back_when_the_phone_does(driver: AndroidDriver, phones: SimPhones, serial: str) -> None:
    own = keyboard_of(driver)
    driver.shell(f"ime enable {KEYBOARD} && ime set {KEYBOARD}")  # as an earlier run left it that was killed
    driver.type_text("é")
    assert own.split()[0] in keyboard_of(driver).splitlines()[0]


def test_two_phones_are_driven_side_by_side(server: PrivateServer, phones: SimPhones, serial: str) -> None:
    found: dict[str, object] = {}

    def drive(which: str) -> None:
        driver = AndroidDriver.connect(which, AndroidOptions(server.address))
        for _ in range(3):
            driver.open_app("Settings")
            driver.screenshot()
            driver.press_button("home")
        found[which] = driver.current().package
        driver.close()

    threads = [threading.Thread(target=drive, args=(which,)) for which in phones.serials]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == set(phones.serials)
    assert "com.android.settings" not in found.values()
    phones.run(phones.serials[1], "simphone reset")


def test_a_closed_driver_is_lost(driver: AndroidDriver) -> None:
    driver.close()
    driver.close()
    for work in (driver.screenshot, driver.current, driver.wake):
        with pytest.raises(DeviceLost):
            work()


@pytest.mark.parametrize("direction", ["up", "down", "left", "right"])
@pytest.mark.parametrize("amount", [1, 300, 5000])
@pytest.mark.parametrize("point", [Point(0, 0), Point(50, 60), Point(99, 199)])
def test_scrolling_moves_the_finger_the_other_way_within_the_screen(direction: str, amount: int, point: Point) -> None:
    size = Size(100, 200)
    found = strokes(size, point, direction, amount)  # type: ignore[arg-type]
    assert all(start.inside(size) and end.inside(size) for start, end in found)
    moved = [(end.x - start.x, end.y - start.y) for start, end in found]
    expected = {"up": (0, amount), "down": (0, -amount), "left": (amount, 0), "right": (-amount, 0)}[direction]
    assert (sum(x for x, _ in moved), sum(y for _, y in moved)) == expected
