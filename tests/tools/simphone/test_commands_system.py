"""Settings, radios, the screen's size, dumps, keyboards: what adb clients ask of the system."""

from __future__ import annotations

import re
import struct
from io import BytesIO

import pytest
from PIL import Image

from tests.tools.simphone.phone_shell import PhoneShell


def test_settings_get_put_delete_list(sh: PhoneShell) -> None:
    assert sh.ok("settings get system nothing_of_that_name") == "null\n"
    assert sh.ok("settings put system my_key 'a b=c'") == ""
    assert sh.ok("settings get --user 0 system my_key") == "a b=c\n"
    assert "my_key=a b=c" in sh.ok("settings list system").splitlines()
    assert sh.ok("settings delete system my_key") == "Deleted 1 rows\n"
    assert sh.ok("settings delete system my_key") == "Deleted 0 rows\n"
    for namespace in ("system", "secure", "global"):
        assert all("=" in line for line in sh.ok(f"settings list {namespace}").splitlines())
    assert any("zen_duration=" in sh.ok(f"settings list {namespace}") for namespace in ("system", "secure", "global"))


@pytest.mark.parametrize(
    "arguments",
    ["get", "get nowhere key", "put system key", "put system screen_brightness bright", "put system font_scale 50", "frob system"],
)
def test_bad_settings_are_refused(sh: PhoneShell, arguments: str) -> None:
    assert sh(f"settings {arguments}").code == 255


def test_radios_follow_svc_cmd_and_aeroplane_mode(sh: PhoneShell) -> None:
    sh.ok("svc wifi disable && svc bluetooth enable")
    assert sh.ok("settings get global wifi_on; settings get global bluetooth_on").split() == ["0", "1"]
    sh.ok("cmd wifi set-wifi-enabled enabled")
    assert "Wifi is enabled" in sh.ok("cmd wifi status")
    sh.ok("cmd connectivity airplane-mode enable")
    assert sh.ok("settings get global wifi_on").strip() == "3"
    assert "enabled: false" in sh.ok("dumpsys bluetooth_manager")
    sh.ok("svc wifi enable")
    assert sh.ok("settings get global wifi_on").strip() == "2"
    sh.ok("settings put global airplane_mode_on 0")
    assert sh.ok("settings get global wifi_on; settings get global bluetooth_on").split() == ["1", "1"]


def test_the_screen_turns(sh: PhoneShell) -> None:
    sh.ok("settings put system accelerometer_rotation 0; settings put system user_rotation 1")
    assert "mCurrentRotation=ROTATION_90" in sh.ok("dumpsys window | grep mCurrentRotation")
    assert re.search(r"orientation=(\d)", sh.ok("dumpsys display"))[1] == "1"  # type: ignore[index]
    assert "logicalFrame=[0, 0, 2400, 1080]" in sh.ok("dumpsys input | grep logicalFrame")
    assert re.search(r"^\s+SurfaceOrientation: 1$", sh.ok("dumpsys input"), re.M)
    picture = Image.open(BytesIO(sh("screencap -p").raw))
    assert picture.size == (2400, 1080)
    assert sh.ok("wm size") == "Physical size: 1080x2400\n"


def test_size_and_density_are_overridden_and_reset(sh: PhoneShell) -> None:
    assert sh.ok("wm density") == "Physical density: 480\n"
    sh.ok("wm size 720x1600 && wm density 320")
    assert sh.ok("wm size").splitlines() == ["Physical size: 1080x2400", "Override size: 720x1600"]
    assert sh.ok("wm density").splitlines()[1] == "Override density: 320"
    assert Image.open(BytesIO(sh("screencap -p").raw)).size == (720, 1600)
    sh.ok("wm size reset; wm density reset")
    assert sh.ok("wm size") == "Physical size: 1080x2400\n"
    assert sh("wm size 1x1").code == 255
    assert sh("wm density 10").code == 255


def test_raw_screenshots_have_the_header_of_android_9(sh: PhoneShell) -> None:
    raw = sh("screencap").raw
    assert struct.unpack_from("<4I", raw) == (1080, 2400, 1, 1)
    assert len(raw) == 16 + 4 * 1080 * 2400
    png = Image.open(BytesIO(sh("screencap -p").raw)).convert("RGBA")
    assert png.tobytes() == raw[16:]
    sh.ok("screencap /sdcard/shot.png")
    assert sh("cat /sdcard/shot.png").raw.startswith(b"\x89PNG")


def test_faults_of_screenshots(sh: PhoneShell) -> None:
    sh.fault("black")
    assert Image.open(BytesIO(sh("screencap -p").raw)).convert("L").getextrema() == (0, 0)
    assert "SECURE" in sh.ok("dumpsys window windows")
    sh.fault("black", 0)
    sh.fault("garbage")
    raw = sh("screencap -p").raw
    assert raw.startswith(b"[Warning]")
    assert b"\x89PNG" in raw
    sh.fault("garbage", 0)
    sh.fault("truncated", 1)
    assert not sh("screencap -p").raw.endswith(b"IEND\xaeB`\x82")
    assert sh("screencap -p").raw.endswith(b"IEND\xaeB`\x82")


def test_a_foldable_has_two_displays(sh: PhoneShell) -> None:
    sh.fault("second_display")
    ids = re.findall(r"Display (\d+) ", sh.ok("dumpsys SurfaceFlinger --display-id"))
    assert len(ids) == 2
    off, on = (Image.open(BytesIO(sh(f"screencap -p -d {number}").raw)).convert("L") for number in ids)
    assert off.getextrema() == (0, 0)
    assert on.getextrema() != (0, 0)
    active = re.findall(r"isActive=(\w+), displayId=0, uniqueId='local:(\d+)'", sh.ok("dumpsys display"))
    assert active == [("false", ids[0]), ("true", ids[1])]
    assert "Multiple displays" in sh("screencap -p").err
    assert sh("screencap -p -d 7").code == 1


def test_current_focus_is_read_by_adbutils(sh: PhoneShell) -> None:
    sh("am start -n com.android.settings/.Settings")
    focus = re.search(r"mCurrentFocus=Window{.*\s+(?P<package>[^\s]+)/(?P<activity>[^\s]+)\}", sh.ok("dumpsys window windows"))
    assert focus is not None
    assert focus["package"] == "com.android.settings"
    resumed = re.search(r"mResumedActivity: ActivityRecord\{.*?\s+([^\s]+)/([^\s]+)\s.*?\}", sh.ok("dumpsys activity activities"))
    assert resumed is not None
    assert resumed[1] == "com.android.settings"
    tops = re.findall(r"ACTIVITY ([^\s]+)/([^/\s]+) \w+ pid=(\d+)", sh.ok("dumpsys activity top"))
    assert tops[-1][0] == "com.android.settings"


def test_power_and_the_lock(sh: PhoneShell) -> None:
    assert "mHoldingDisplaySuspendBlocker=true" in sh.ok("dumpsys power")
    sh.ok("input keyevent 26")
    assert "mWakefulness=Asleep" in sh.ok("dumpsys power | grep mWakefulness")
    assert Image.open(BytesIO(sh("screencap -p").raw)).convert("L").getextrema() == (0, 0)
    sh.ok("input keyevent WAKEUP; wm dismiss-keyguard")
    assert "mWakefulness=Awake" in sh.ok("dumpsys power")
    assert "showing=false" in sh.ok("dumpsys window policy")


def test_battery_is_set_and_reset(sh: PhoneShell) -> None:
    sh.ok("dumpsys battery set level 17 && dumpsys battery unplug")
    shown = sh.ok("dumpsys battery")
    assert "  level: 17" in shown
    assert "  AC powered: false" in shown
    sh.ok("dumpsys battery reset")
    assert "  level: 100" in sh.ok("dumpsys battery")


def test_keyboards(sh: PhoneShell) -> None:
    assert sh.ok("ime list -s").split() == ["com.android.inputmethod.latin/.LatinIME"]
    assert sh("ime set com.nobody/.Keyboard").code == 255
    assert "already enabled for user #0" in sh.ok("ime enable com.android.inputmethod.latin/.LatinIME")
    assert "mCurMethodId=com.android.inputmethod.latin/.LatinIME" in sh.ok("dumpsys input_method")
    sh.fault("ime_denied")
    ran = sh("ime set com.android.inputmethod.latin/.LatinIME")
    assert ran.code == 255
    assert "SecurityException" in ran.err
    assert "WRITE_SECURE_SETTINGS" in ran.err


def test_properties_log_and_services(sh: PhoneShell) -> None:
    assert sh.ok("getprop ro.build.version.sdk") == "33\n"
    assert re.search(r"^\[ro\.product\.model\]: \[.+\]$", sh.ok("getprop"), re.M)
    sh.ok("setprop debug.x 1")
    assert sh.ok("getprop debug.x") == "1\n"
    assert sh("setprop ro.build.version.sdk 40").code == 1
    sh.ok("am start -n com.android.settings/.Settings")
    assert "ActivityTaskManager" in sh.ok("logcat -d")
    sh.ok("logcat -c")
    assert "ActivityTaskManager" not in sh.ok("logcat -d")
    assert "Service alarm: found" in sh.ok("service check alarm")
    assert sh.ok("service call alarm 3 s16 Europe/Paris").startswith("Result: Parcel(")
    assert sh.ok("getprop persist.sys.timezone") == "Europe/Paris\n"
    assert "CES" in sh.ok("date") or "CET" in sh.ok("date")
    assert "Can't find service: nothing" in sh("dumpsys nothing").err
    assert "activity" in sh.ok("dumpsys -l").split()


def test_every_dump_says_something_and_none_fails(sh: PhoneShell) -> None:
    everything = sh.ok("dumpsys")
    assert "DUMP OF SERVICE window:" in everything
    assert "internal error" not in everything


def test_input_reaches_the_screen(sh: PhoneShell) -> None:
    home = sh("screencap").raw
    sh.ok("am start -n com.google.android.documentsui/com.android.documentsui.files.FilesActivity")
    before = sh("screencap").raw
    sh.ok("input swipe 540 1800 540 600 200")
    assert sh("screencap").raw not in (before, home)
    sh.ok("input keyevent KEYCODE_HOME")
    assert sh("screencap").raw == home


@pytest.mark.parametrize("arguments", ["", "tap 1", "tap a b", "swipe 1 2 3", "frob", "tap nan 1", "motionevent DOWN", "keycombination 29"])
def test_bad_input_is_refused(sh: PhoneShell, arguments: str) -> None:
    ran = sh(f"input {arguments}")
    assert ran.code == 255
    assert ran.err


def test_text_is_ascii_only_and_input_can_be_denied(sh: PhoneShell) -> None:
    ran = sh("input text 'grüße'")
    assert ran.code == 255
    assert "java.lang.NullPointerException" in ran.err
    assert sh("input text plain%stext").code == 0
    sh.fault("inject_denied")
    assert "INJECT_EVENTS" in sh("input tap 1 1").err


def test_the_tree_is_dumped(sh: PhoneShell) -> None:
    sh("am start -n com.android.settings/.Settings")
    assert sh.ok("uiautomator dump /sdcard/window_dump.xml") == "UI hierchary dumped to: /sdcard/window_dump.xml\n"
    tree = sh.ok("cat /sdcard/window_dump.xml")
    assert tree.startswith("<?xml")
    assert re.search(r'bounds="\[\d+,\d+\]\[\d+,\d+\]"', tree)
    assert sh.ok("uiautomator dump /dev/tty").startswith("<?xml")
    assert "ERROR" in sh("uiautomator dump /nowhere/x.xml").err


def test_calls_are_seen_and_ended(sh: PhoneShell) -> None:
    sh.ok("pm clear com.android.providers.contacts")
    sh.ok("am start -a android.intent.action.CALL -d tel:5550001111")
    assert "mCallState=2" in sh.ok("dumpsys telephony.registry")
    sh.ok("input keyevent KEYCODE_ENDCALL")
    assert "mCallState=0" in sh.ok("dumpsys telephony.registry")
    assert "number=5550001111" in sh.ok("content query --uri content://call_log/calls")


def test_the_shade_is_opened_and_closed(sh: PhoneShell) -> None:
    sh.ok("cmd notification post -t Parcel tag 'It has arrived'")
    assert "It has arrived" in sh.ok("dumpsys notification --noredact")
    sh.ok("cmd statusbar expand-notifications")
    assert "It has arrived" in sh.ok("uiautomator dump /dev/tty")
    sh.ok("cmd statusbar collapse")
    assert "It has arrived" not in sh.ok("uiautomator dump /dev/tty")


def test_a_crash_shows_its_dialog(sh: PhoneShell) -> None:
    sh("am start -n com.android.settings/.Settings")
    sh.fault("crash", 1)
    sh.ok("input tap 540 1200")
    assert "keeps stopping" in sh.ok("uiautomator dump /dev/tty")
    assert "FATAL EXCEPTION" in sh.ok("logcat -d")
    assert "com.android.settings/" not in sh.ok("am stack list")


def test_the_keyboard_is_seen(sh: PhoneShell) -> None:
    sh.ok("am start -a android.intent.action.SENDTO -d smsto:5551234567")
    found = re.search(r'EditText"[^>]*bounds="\[(\d+),(\d+)\]\[(\d+),(\d+)\]"', sh.ok("uiautomator dump /dev/tty"))
    assert found is not None
    left, top, right, bottom = map(int, found.groups())
    sh.ok(f"input tap {(left + right) // 2} {(top + bottom) // 2}")
    assert "mInputShown=true" in sh.ok("dumpsys input_method")
    sh.ok("input keyevent BACK")
    assert "mInputShown=false" in sh.ok("dumpsys input_method")
