"""Settings: every switch is what adb reads, and what adb writes is shown."""

from __future__ import annotations

import pytest

from tests.tools.simphone.driving import Driven

SETTINGS = "com.android.settings"


def value(phone: Driven, key: str) -> str:
    namespace, _, name = key.partition("/")
    return phone.state.setting(namespace, name)


@pytest.mark.parametrize(
    ("path", "key", "wanted"),
    [
        (("Network & internet", "Wi-Fi", "Use Wi-Fi"), "global/wifi_on", "0"),
        (("Network & internet", "Mobile data"), "global/mobile_data", "0"),
        (("Network & internet", "Airplane mode"), "global/airplane_mode_on", "1"),
        (("Connected devices", "Bluetooth", "Use Bluetooth"), "global/bluetooth_on", "1"),
        (("Display", "Dark theme"), "secure/ui_night_mode", "2"),
        (("Display", "Font size", "Large"), "system/font_scale", "1.15"),
        (("Display", "Screen timeout", "5 minutes"), "system/screen_off_timeout", "300000"),
        (("Battery", "Battery Saver", "Use Battery Saver"), "global/low_power", "1"),
        (("Notifications", "Do Not Disturb", "Use Do Not Disturb"), "global/zen_mode", "1"),
    ],
)
def test_a_switch_is_the_setting_that_adb_reads(phone: Driven, path: tuple[str, ...], key: str, wanted: str) -> None:
    phone.start(SETTINGS)
    phone.tap(*path)
    phone.until(lambda: value(phone, key) == wanted)


@pytest.mark.parametrize(("side", "wanted"), [("left", "1"), ("right", "255")])
def test_the_ends_of_the_slider_are_the_ends_of_the_brightness(phone: Driven, side: str, wanted: str) -> None:
    phone.start(SETTINGS, action="android.settings.DISPLAY_SETTINGS")
    phone.tap("Brightness level")
    slider = phone.find("Display brightness")
    phone.swipe(slider.center, (slider.left + 2 if side == "left" else slider.right - 2, slider.center[1]))
    phone.until(lambda: value(phone, "system/screen_brightness") == wanted)


def test_what_adb_writes_is_shown_at_once(phone: Driven) -> None:
    phone.start(SETTINGS, action="android.settings.WIFI_SETTINGS")
    assert phone.find("Cafe Lumen")
    phone.shell.wait(_put(phone, "global", "wifi_on", "0"))
    phone.until(lambda: phone.sees("To see available networks, turn Wi-Fi on."))


async def _put(phone: Driven, namespace: str, key: str, text: str) -> None:
    phone.state.put_setting(namespace, key, text)
    await phone.screen.sync()


def test_a_network_is_joined_with_its_password_and_forgotten(phone: Driven) -> None:
    phone.start(SETTINGS, action="android.settings.WIFI_SETTINGS")
    phone.tap("Fernweg 12")
    phone.write("short", "Password")
    phone.tap("Connect")
    assert phone.find("Must have at least 8 characters")
    phone.write("longer than it was", "Password")
    phone.tap("Connect")
    phone.until(lambda: value(phone, "secure/wifi_ssid") == "Fernweg 12")
    phone.tap("Fernweg 12", "Forget")
    phone.until(lambda: "Fernweg" not in value(phone, "secure/wifi_saved") and value(phone, "secure/wifi_ssid") == "")


def test_the_search_finds_and_back_returns(phone: Driven) -> None:
    phone.start(SETTINGS)
    phone.tap("Search settings")
    phone.type("wifi")
    phone.tap("Wi-Fi")
    assert phone.find("Use Wi-Fi")
    phone.until(lambda: phone.front.endswith("wifi.WifiSettings"))
    phone.back()
    phone.back()
    assert phone.find("Network & internet")


def test_the_clock_is_set_by_hand(phone: Driven) -> None:
    phone.start(SETTINGS, action="android.settings.DATE_SETTINGS")
    phone.tap("Set time zone automatically", "Time zone", "Europe/Helsinki")
    phone.until(lambda: phone.state.clock.zone == "Europe/Helsinki")
    phone.tap("Set time automatically", "Date", "20 October 2023", "OK")
    phone.until(lambda: phone.state.clock.now.strftime("%Y-%m-%d") == "2023-10-20")
