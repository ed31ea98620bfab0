"""`am`, `pm`, `monkey` and `cmd package`, as the clients that parse their output see them."""

from __future__ import annotations

import re

import pytest

from tests.tools.simphone.apks import apk
from tests.tools.simphone.phone_shell import PhoneShell

SETTINGS = "com.android.settings"
DIALER = "com.google.android.dialer"


def front(sh: PhoneShell) -> str:
    """The package in front, as android_env reads it (adb_call_parser.py)."""
    line = sh.ok("am stack list | grep -E visible=true")
    found = re.search(r".*\{(.*)\}", line)
    assert found is not None
    return found[1].partition("/")[0]


def test_start_waits_and_says_so(sh: PhoneShell) -> None:
    lines = sh("am start -W -n com.android.settings/.Settings").lines
    assert lines[0] == "Starting: Intent { cmp=com.android.settings/.Settings }"
    assert lines[1:4] == ["Status: ok", "LaunchState: COLD", "Activity: com.android.settings/.Settings"]
    assert re.fullmatch(r"TotalTime: \d+", lines[4])
    assert lines[-1] == "Complete"
    assert front(sh) == SETTINGS


def test_a_double_space_before_an_option_is_fine(sh: PhoneShell) -> None:
    assert "Status: ok" in sh.ok("am start  -W -n com.android.settings/com.android.settings.Settings")


def test_starting_what_is_in_front_warns(sh: PhoneShell) -> None:
    sh("am start -n com.android.settings/.Settings")
    assert "delivered to currently running top-most instance" in sh("am start -n com.android.settings/.Settings").err
    sh("input keyevent HOME")
    assert "brought to the front" in sh("am start -n com.android.settings/.Settings").err


@pytest.mark.parametrize("arguments", ["-n com.android.settings/.Nothing", "-n com.nobody/.Main", "-W -n com.nobody/com.nobody.Main"])
def test_an_activity_that_is_not_there_is_an_error(sh: PhoneShell, arguments: str) -> None:
    ran = sh(f"am start {arguments}")
    assert "Error: Activity class" in ran.out + ran.err
    assert "does not exist." in ran.out + ran.err


def test_nobody_answers_geo(sh: PhoneShell) -> None:
    assert "Error: Activity not started, unable to resolve Intent" in sh("am start -a android.intent.action.VIEW -d geo:0,0").err


@pytest.mark.parametrize(
    ("arguments", "package"),
    [
        ("-a android.intent.action.DIAL -d tel:5551234567", DIALER),
        ("-a android.settings.WIFI_SETTINGS", SETTINGS),
        ("-a android.intent.action.VIEW -d https://example.com", "com.android.chrome"),
        ("-a android.intent.action.SENDTO -d smsto:5551234567 --es sms_body hello", "com.simplemobiletools.smsmessenger"),
        (
            "-a android.intent.action.INSERT -t vnd.android.cursor.dir/contact -e name 'A B' -e phone 5551234567",
            "com.google.android.contacts",
        ),
        ("-a android.intent.action.VIEW -d content://contacts/people/", "com.google.android.contacts"),
        ("-a android.intent.action.VIEW -d content://com.android.calendar", "com.simplemobiletools.calendar.pro"),
        ("-a android.intent.action.VIEW -d content://media/external/images/media/", "com.simplemobiletools.gallery.pro"),
        ("-a android.intent.action.SET_TIMER --ei android.intent.extra.alarm.LENGTH 60", "com.google.android.deskclock"),
        ("-a android.media.action.STILL_IMAGE_CAMERA", "com.android.camera2"),
        ("-a android.intent.action.MAIN -c android.intent.category.APP_CALCULATOR", "com.google.android.calculator"),
        ("-a android.intent.action.MAIN -c android.intent.category.HOME", "com.google.android.apps.nexuslauncher"),
        ("com.android.settings/.Settings", SETTINGS),
        ("https://example.com/a", "com.android.chrome"),
    ],
)
def test_intents_find_their_app(sh: PhoneShell, arguments: str, package: str) -> None:
    if package != "com.google.android.apps.nexuslauncher" and package not in sh.phone.state.facts.packages:
        pytest.skip(f"{package} is not on this phone")
    sh.ok(f"am start {arguments}")
    assert front(sh) == package


def test_extras_keep_their_types(sh: PhoneShell) -> None:
    sh.ok(
        "am start -n com.android.settings/.Settings -a x.y --es text 'two words' --ez yes true"
        " --ei count 0x10 --ef part 0.5 --esa names a,b"
    )
    extras = sh.phone.state.front
    assert extras is not None
    assert {
        "text": "two words",
        "yes": True,
        "count": 16,
        "part": 0.5,
        "names": ["a", "b"],
        "action": "x.y",
    }.items() <= extras.extras.items()


@pytest.mark.parametrize("arguments", ["", "--ei count many -n a/b", "-n", "--what -n a/b", "-f zero -n a/b", "-n nothing"])
def test_bad_arguments_are_refused(sh: PhoneShell, arguments: str) -> None:
    ran = sh(f"am start {arguments}")
    assert ran.code == 255
    assert "java.lang.IllegalArgumentException" in ran.err


def test_force_stop_and_recents(sh: PhoneShell) -> None:
    sh("am start -n com.android.settings/.Settings")
    number = re.findall(r"id=(\d+)", sh.ok("dumpsys activity recents"))
    assert number
    sh.ok("am force-stop com.android.settings")
    assert front(sh) == "com.google.android.apps.nexuslauncher"
    assert re.findall(r"id=(\d+)", sh.ok("dumpsys activity recents")) == []
    assert sh("am force-stop com.nobody").code == 0


def test_stack_remove_takes_the_task(sh: PhoneShell) -> None:
    sh("am start -n com.android.settings/.Settings")
    task = sh.phone.state.front
    assert task is not None
    sh.ok(f"am stack remove {task.id}")
    assert sh.phone.state.facts.tasks == []


def test_broadcasts_answer_as_adb_clients_expect(sh: PhoneShell) -> None:
    assert sh.ok("am broadcast -a nobody.listens").splitlines() == [
        "Broadcasting: Intent { act=nobody.listens flg=0x400000 }",
        "Broadcast completed: result=0",
    ]
    assert sh.ok("am broadcast -a clipper.get").splitlines()[-1] == "Broadcast completed: result=0"
    sh.ok("am start -W -n ca.zgrs.clipper/ca.zgrs.clipper.Main")
    assert "result=-1" in sh.ok("am broadcast -a clipper.set -e text Jane\\'s\\ shop")
    assert sh.ok("am broadcast -a clipper.get").splitlines()[-1] == 'Broadcast completed: result=-1, data="Jane\'s shop"'


def test_the_phone_is_never_wiped(sh: PhoneShell) -> None:
    assert "SecurityException" in sh("am broadcast -a android.intent.action.MASTER_CLEAR").err


def test_packages_are_listed_with_filters(sh: PhoneShell) -> None:
    everything = sh.ok("pm list packages").split()
    assert f"package:{SETTINGS}" in everything
    assert sh.ok("pm list packages com.android.settings").split() == [f"package:{SETTINGS}"]
    assert set(sh.ok("pm list packages -3").split()) | set(sh.ok("pm list packages -s").split()) == set(everything)
    assert re.fullmatch(rf"package:/\S+\.apk={SETTINGS}\n", sh.ok(f"pm list packages -f {SETTINGS}"))
    sh.ok(f"pm disable-user --user 0 {SETTINGS}")
    assert sh.ok("pm list packages -d").split() == [f"package:{SETTINGS}"]
    assert f"package:{SETTINGS}" not in sh.ok("cmd package list packages -e").split()


def test_resolve_activity_brief_is_two_lines(sh: PhoneShell) -> None:
    lines = sh("cmd package resolve-activity --brief -c android.intent.category.LAUNCHER com.android.settings").lines
    assert len(lines) == 2
    assert lines[1] == "com.android.settings/.Settings"
    assert sh.ok("cmd package resolve-activity --brief com.nobody") == "No activity found\n"


def test_monkey_opens_an_app(sh: PhoneShell) -> None:
    assert "Events injected: 1" in sh.ok("monkey -p com.android.settings -c android.intent.category.LAUNCHER 1")
    assert front(sh) == SETTINGS
    ran = sh("monkey -p com.nobody 1")
    assert "No activities found to run, monkey aborted." in ran.out
    assert ran.code == 252


def test_clear_empties_what_an_app_stored(sh: PhoneShell) -> None:
    assert "No result" not in sh.ok("content query --uri content://contacts/phones/")
    assert sh.ok("pm clear com.android.providers.contacts") == "Success\n"
    assert sh.ok("content query --uri content://contacts/phones/") == "No result found.\n"
    assert sh.ok("content query --uri content://call_log/calls") == "No result found.\n"
    sh.ok("content insert --uri content://call_log/calls --bind number:s:5551234567")
    assert sh("pm clear com.nobody").out == "Failed\n"


def test_permissions(sh: PhoneShell) -> None:
    assert sh.ok("pm grant com.android.settings android.permission.CAMERA") == ""
    assert "android.permission.CAMERA: granted=true" in sh.ok("dumpsys package com.android.settings")
    sh.ok("pm revoke com.android.settings android.permission.CAMERA")
    assert "android.permission.CAMERA" not in sh.ok("dumpsys package com.android.settings")
    assert sh("pm grant com.nobody android.permission.CAMERA").code == 255


def test_an_apk_is_installed_used_and_taken_off(sh: PhoneShell) -> None:
    data = apk("com.github.uiautomator", "com.github.uiautomator.AdbKeyboard")
    assert sh.ok(f"cmd package install -S {len(data)}", data) == "Success\n"
    assert sh.ok("pm list packages -3 com.github").strip() == "package:com.github.uiautomator"
    assert "com.github.uiautomator/.AdbKeyboard" in sh.ok("ime list -s -a").split()
    assert "com.github.uiautomator/.AdbKeyboard" not in sh.ok("ime list -s").split()
    sh.ok("ime enable com.github.uiautomator/.AdbKeyboard && ime set com.github.uiautomator/.AdbKeyboard")
    assert sh.ok("settings get secure default_input_method").strip() == "com.github.uiautomator/.AdbKeyboard"
    assert sh.ok("pm uninstall com.github.uiautomator") == "Success\n"
    assert sh.ok("settings get secure default_input_method").strip() == "com.android.inputmethod.latin/.LatinIME"


def test_install_from_a_file_and_of_rubbish(sh: PhoneShell) -> None:
    sh.wait(write(sh, "/data/local/tmp/a.apk", apk("org.example.app")))
    assert "Success" in sh.ok("pm install -r -t /data/local/tmp/a.apk")
    assert sh.ok("pm path org.example.app").startswith("package:/data/app/")
    sh.wait(write(sh, "/data/local/tmp/b.apk", b"no apk at all"))
    ran = sh("pm install /data/local/tmp/b.apk")
    assert ran.code == 1
    assert ran.out.startswith("Failure [INSTALL_PARSE_FAILED_NOT_APK")
    assert sh("pm install /data/local/tmp/none.apk").code == 1


async def write(sh: PhoneShell, path: str, data: bytes) -> None:
    sh.phone.state.files.write(path, data)
