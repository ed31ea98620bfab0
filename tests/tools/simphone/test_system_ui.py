"""The system's own windows: shade, recent apps, drawer, lock screen, dialogs, toasts; worked by touch, checked by tree and state."""

from __future__ import annotations

import pytest

from tests.tools.simphone.driving import Driven
from tests.tools.simphone.labels import BACK, HOME

SETTINGS, CONTACTS, CAMERA = "com.android.settings", "com.google.android.contacts", "com.android.camera2"
MESSAGES = "com.simplemobiletools.smsmessenger"
RECENTS, SHADE_KEY, MENU, POWER, SLEEP, WAKE = 187, 83, 82, 26, 223, 224


def pull_down(phone: Driven) -> None:
    width, height = phone.state.size
    phone.swipe((width / 2, 4), (width / 2, height * 0.6))


def push_up(phone: Driven) -> None:
    width, height = phone.state.size
    phone.swipe((width / 2, height * 0.8), (width / 2, height * 0.3))


def fling(phone: Driven, label: str, dx: float = 0, dy: float = 0) -> None:
    """A swipe that begins on a label."""
    x, y = phone.find(label).center
    phone.swipe((x, y), (x + dx, y + dy))


def focus(phone: Driven) -> str:
    line = next(each for each in phone.shell.ok("dumpsys window").splitlines() if "mCurrentFocus" in each)
    return line.partition(" u0 ")[2].rstrip("}")


def setting(phone: Driven, key: str) -> str:
    return phone.shell.ok(f"settings get {key.replace('/', ' ')}").strip()


def card(phone: Driven, label: str) -> tuple[float, float]:
    """The middle of an app's picture among the recent apps."""
    return next(node for node in phone.nodes() if node.id == "snapshot" and node.description == label).center


def icons(phone: Driven) -> list[str]:
    return [node.description for node in phone.nodes() if node.id == "icon"]


def in_shell(phone: Driven, script: str) -> None:
    """Something in the page that no touch brings about: an app of the phone asks for it."""

    async def ask() -> None:
        await phone.screen.page.evaluate(script)
        await phone.screen.sync()

    phone.shell.wait(ask())


def test_the_shade_is_pulled_down_and_pushed_up(phone: Driven) -> None:
    pull_down(phone)
    phone.find("Internet")
    phone.find("No notifications")
    phone.gone("Dark theme")
    phone.gone("Clock")
    assert focus(phone) == "NotificationShade"
    fling(phone, "No notifications", dy=600)
    phone.find("Dark theme")
    phone.find("Display brightness")
    push_up(phone)
    phone.find("Clock")
    assert focus(phone).endswith("NexusLauncherActivity")


def test_the_shade_by_key_and_by_command(phone: Driven) -> None:
    phone.key(SHADE_KEY)
    phone.find("Internet")
    phone.key(BACK)
    phone.gone("Internet")
    phone.shell.ok("cmd statusbar expand-settings")
    phone.find("Dark theme")
    phone.shell.ok("cmd statusbar collapse; cmd statusbar expand-notifications")
    phone.find("Internet")
    phone.gone("Dark theme")
    phone.key(HOME)
    phone.find("Clock")


@pytest.mark.parametrize(
    ("tile", "key", "on", "off"),
    [
        ("Internet", "global/wifi_on", "1", "0"),
        ("Bluetooth", "global/bluetooth_on", "1", "0"),
        ("Do Not Disturb", "global/zen_mode", "1", "0"),
        ("Flashlight", "secure/flashlight_enabled", "1", "0"),
        ("Auto-rotate", "system/accelerometer_rotation", "1", "0"),
        ("Battery Saver", "global/low_power", "1", "0"),
        ("Airplane mode", "global/airplane_mode_on", "1", "0"),
        ("Dark theme", "secure/ui_night_mode", "2", "1"),
    ],
)
def test_a_tile_is_the_setting_that_adb_reads_and_writes(phone: Driven, tile: str, key: str, on: str, off: str) -> None:
    phone.shell.ok("cmd statusbar expand-settings")
    begun = phone.find(tile).checked
    phone.tap(tile)
    assert setting(phone, key) == (off if begun else on)
    assert phone.find(tile).checked != begun
    phone.shell.ok(f"settings put {key.replace('/', ' ')} {on if begun else off}")
    assert phone.find(tile).checked == begun


def test_the_ends_of_the_slider_are_1_and_255(phone: Driven) -> None:
    phone.shell.ok("cmd statusbar expand-settings")
    slider = phone.find("Display brightness")
    middle, y = slider.center
    for end, wanted in ((slider.left + 2, "1"), (slider.right - 2, "255")):
        phone.swipe((middle, y), (end, y))
        assert setting(phone, "system/screen_brightness") == wanted


def test_a_notification_opens_its_app_another_is_swiped_away_the_rest_cleared(phone: Driven) -> None:
    for package, words in ((MESSAGES, "Ada 'Are you coming?'"), (SETTINGS, "Update Ready"), (CAMERA, "Shot Kept")):
        phone.shell.ok(f"simphone notify {package} {words}")
    phone.find("Messages notification")
    pull_down(phone)
    texts = phone.texts()
    assert {"Messages", "Ada", "Are you coming?", "now"} <= set(texts)
    fling(phone, "Update", dx=500)
    phone.gone("Update")
    phone.tap("Ada")
    assert phone.front.startswith(MESSAGES)
    pull_down(phone)
    phone.gone("Ada")
    phone.tap("Clear all")
    assert phone.state.facts.notifications == [], phone.texts()
    phone.gone("Internet")


def test_recent_apps_are_opened_closed_and_cleared(phone: Driven) -> None:
    for package in (CAMERA, SETTINGS, CONTACTS):
        phone.start(package)
    phone.key(RECENTS)
    phone.find("Contacts")
    phone.gone("Search contacts")
    assert focus(phone).endswith("NexusLauncherActivity")
    phone.key(BACK)
    assert phone.front.startswith(CONTACTS)
    phone.find("Search contacts")
    phone.tap("Overview")
    x, y = card(phone, "Contacts")
    phone.swipe((x, y), (x, y - 900))
    phone.gone("Contacts")
    assert [task.package for task in phone.state.facts.tasks] == [CAMERA, SETTINGS]
    phone.shell.wait(phone.screen.tap(*card(phone, "Settings")))
    assert phone.front.startswith(SETTINGS)
    phone.find("Network & internet")
    phone.key(RECENTS, RECENTS)
    assert phone.front.startswith(CAMERA)
    phone.key(RECENTS)
    phone.tap("Clear all")
    assert phone.state.facts.tasks == []
    phone.find("Clock")
    phone.key(RECENTS)
    phone.find("No recent items")


def test_the_drawer_lists_filters_and_opens(phone: Driven) -> None:
    push_up(phone)
    labels = icons(phone)
    assert labels == sorted(labels, key=str.lower)
    assert len(labels) > 10
    phone.write("cal", "Search apps")
    assert icons(phone) == ["Calculator", "Calendar"]
    phone.tap("Calculator")
    assert phone.front.startswith("com.google.android.calculator")
    phone.key(HOME)
    phone.tap("Search apps")
    phone.back()
    phone.find("Search apps")
    assert not phone.state.facts.tasks[:-1]


def test_a_long_press_on_an_icon_leads_to_its_info(phone: Driven) -> None:
    phone.hold("Gallery")
    phone.key(BACK)
    phone.gone("App info")
    push_up(phone)
    phone.hold("Shop")
    phone.tap("App info")
    phone.find("Force stop")
    phone.find("Shop")


def test_the_lock_screen(phone: Driven) -> None:
    phone.start(SETTINGS)
    phone.shell.ok(f"simphone notify {MESSAGES} Ada Hello")
    phone.key(POWER)
    assert phone.nodes() == []
    assert not phone.state.facts.awake
    assert not any(phone.shell("screencap").raw[16::4])
    phone.key(POWER)
    phone.find("#lockscreen_clock_view")
    phone.find("Ada")
    phone.gone("Back")
    phone.key(BACK)
    assert phone.state.facts.locked
    assert focus(phone) == "NotificationShade"
    push_up(phone)
    assert not phone.state.facts.locked
    phone.find("Network & internet")
    phone.shell.ok("input keyevent 223; input keyevent 224")
    phone.find("#lockscreen_clock_view")
    phone.shell.ok("input keyevent 82")
    phone.find("Network & internet")
    phone.shell.ok("input keyevent 223; input keyevent 224; wm dismiss-keyguard")
    phone.find("Network & internet")
    phone.shell.ok("settings put secure lockscreen.disabled 1; input keyevent 26; input keyevent 26")
    phone.find("Network & internet")


def test_a_notification_on_the_lock_screen_unlocks_and_opens(phone: Driven) -> None:
    phone.shell.ok(f"simphone notify {SETTINGS} Update Ready")
    phone.key(SLEEP, WAKE)
    phone.tap("Update")
    assert not phone.state.facts.locked
    assert phone.front.startswith(SETTINGS)
    phone.find("Network & internet")


def test_an_app_that_crashed(phone: Driven) -> None:
    phone.start(SETTINGS)
    phone.shell.ok("simphone crash")
    assert focus(phone) == f"Application Error: {SETTINGS}"
    assert phone.texts()[:3] == ["Settings keeps stopping", "App info", "Close app"]
    phone.tap("Close app")
    phone.find("Clock")
    phone.start(CAMERA)
    phone.shell.ok("simphone fault crash; input tap 5 500")
    phone.tap("App info")
    assert phone.front.startswith(SETTINGS)
    phone.find("Force stop")


def test_a_dialog_of_the_system(phone: Driven) -> None:
    phone.shell.ok("simphone fault popup; input keyevent 0")
    assert focus(phone) == "System update"
    phone.find("Later")
    phone.find("Install")
    phone.gone("Clock")
    phone.tap("Later")
    phone.shell.ok("simphone dialog 'A title' 'A text'")
    phone.find("A text")
    phone.key(BACK)
    phone.find("Clock")


@pytest.mark.parametrize(
    ("button", "kept"), [("While using the app", True), ("Only this time", False), ("Don’t allow", False), ("", False)]
)
def test_a_permission_is_asked_for(phone: Driven, button: str, kept: bool) -> None:
    name = "android.permission.CAMERA"
    phone.shell.ok(f"pm revoke {CAMERA} {name}")
    phone.start(CAMERA)
    in_shell(phone, f"void device.ask(device.frontFrame(), '{name}').then((given) => {{ globalThis.answer = given; }})")
    phone.until(lambda: phone.sees("Allow Camera to take pictures and record video?"))
    assert focus(phone).endswith("GrantPermissionsActivity")
    phone.key(HOME)
    phone.find("Clock")
    phone.start(CAMERA)
    if button:
        phone.tap(button)
    else:
        phone.key(BACK)
    given = button in ("While using the app", "Only this time")
    held = phone.state.facts.packages[CAMERA].permissions
    phone.until(lambda: (name in held) == given)
    phone.shell.ok(f"am force-stop {CAMERA}")
    phone.until(lambda: (name in held) == kept)


def test_a_toast_goes_with_the_next_input(phone: Driven) -> None:
    in_shell(phone, "device.tell('toast', 'Network saved')")
    phone.find("Network saved")
    phone.key(0)
    phone.gone("Network saved")


def test_what_moves_for_ever_and_the_windows_of_a_phone_that_is_reset(phone: Driven) -> None:
    phone.shell.ok("simphone fault animated; simphone dialog A B; cmd statusbar expand-settings")
    assert len({phone.shell.ok("screencap -p | md5sum") for _ in range(4)}) > 1
    phone.shell.reset()
    phone.find("Clock")
    assert focus(phone).endswith("NexusLauncherActivity")
    assert len({phone.shell.ok("screencap -p | md5sum") for _ in range(3)}) == 1
