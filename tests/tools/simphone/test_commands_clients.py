"""What real clients make of the phone's answers: adbutils, the adb program, and the keyboard that uiautomator2 ships."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from handeye.tools.android.serials import connect
from handeye.tools.android.server import PrivateServer
from handeye.tools.simphone.launcher import SimPhones

adbutils = pytest.importorskip("adbutils")


@pytest.fixture(scope="module")
def attached() -> Iterator[tuple[SimPhones, Any]]:
    with SimPhones(1) as phones, PrivateServer() as server:
        serial = connect(server.address, phones.serials[0])
        yield phones, adbutils.AdbClient(host="127.0.0.1", port=server.address.port).device(serial)


@pytest.fixture
def device(attached: tuple[SimPhones, Any]) -> Any:
    phones, found = attached
    phones.run(phones.serials[0], "simphone reset")
    return found


def test_adbutils_reads_the_phone(device: Any) -> None:
    assert device.window_size() == (1080, 2400)
    assert device.rotation() == 0
    assert device.is_screen_on()
    assert device.battery().level == 100
    assert "com.android.settings" in device.list_packages()
    assert device.prop.model
    assert re.fullmatch(r"[\d.]+", device.wlan_ip())
    device.app_start("com.android.settings")
    assert device.app_current().package == "com.android.settings"
    device.app_stop("com.android.settings")
    device.app_start("com.android.settings", ".Settings")
    assert device.app_current().package == "com.android.settings"
    info = device.app_info("com.android.settings")
    assert info.version_name
    assert info.first_install_time.year == 2023
    assert device.screenshot(error_ok=False).size == (1080, 2400)
    assert device.dump_hierarchy().startswith("<?xml")


def test_adbutils_turns_and_brightens_the_phone(device: Any) -> None:
    device.shell("settings put system accelerometer_rotation 0; settings put system user_rotation 1")
    assert device.rotation() == 1
    assert device.window_size() == (2400, 1080)
    device.brightness_value = 200
    assert device.brightness_value == 200
    device.switch_wifi(False)
    assert device.shell("settings get global wifi_on") == "0"


def keyboard() -> Path | None:
    """The APK in uiautomator2's package, if that is installed."""
    try:
        files = metadata.files("uiautomator2") or []
    except metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.name == "app-uiautomator.apk"), None)


@pytest.mark.skipif(keyboard() is None, reason="uiautomator2 is not installed")
def test_the_keyboard_of_uiautomator2_types_any_text(device: Any) -> None:
    name, text = "com.github.uiautomator/.AdbKeyboard", "grüße 你好 ‏שלום"
    device.install(str(keyboard()), nolaunch=True, silent=True)
    device.shell(["ime", "enable", name])
    device.shell(["ime", "set", name])
    device.shell("am start -a android.intent.action.SENDTO -d smsto:5551234567")
    tree = device.dump_hierarchy()
    field = re.search(r'class="android.widget.EditText"[^>]*bounds="\[(\d+),(\d+)\]\[(\d+),(\d+)\]"', tree)
    assert field is not None
    left, top, right, bottom = map(int, field.groups())
    device.click((left + right) // 2, (top + bottom) // 2)
    coded = base64.b64encode(text.encode()).decode()
    assert "result=-1" in device.shell(["am", "broadcast", "-a", "ADB_KEYBOARD_INPUT_TEXT", "--es", "text", coded])
    assert text in device.dump_hierarchy()
    assert "result=-1" in device.shell(["am", "broadcast", "-a", "ADB_KEYBOARD_CLEAR_TEXT"])
    assert text not in device.dump_hierarchy()


def test_reboot_breaks_the_connection_and_keeps_what_is_stored(attached: tuple[SimPhones, Any], device: Any) -> None:
    phones, _ = attached
    device.shell("settings put system kept yes; am start -n com.android.settings/.Settings")
    phones.run(phones.serials[0], "reboot")
    left = phones.run(phones.serials[0], "settings get system kept; am stack list").stdout.decode()
    assert left.startswith("yes\n")
    assert "com.android.settings/" not in left
