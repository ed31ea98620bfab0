"""The program `simphone`, on a whole phone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tools.simphone.phone_shell import PhoneShell


def state(sh: PhoneShell) -> Any:
    return json.loads(sh.ok("simphone state"))


def test_a_reset_brings_everything_back(sh: PhoneShell) -> None:
    before = state(sh)
    first = sh.ok("screencap -p | md5sum")
    sh.ok(
        "settings put system screen_brightness 7; am start -n com.android.settings/.Settings; echo x > /sdcard/x; simphone fault slow 0.01"
    )
    assert state(sh)["package"] == "com.android.settings"
    sh.ok("simphone reset")
    assert state(sh) == before
    assert sh.ok("screencap -p | md5sum") == first
    assert sh.ok("settings get system screen_brightness") == "102\n"
    assert sh("ls /sdcard/x").code == 1


def test_snapshots(sh: PhoneShell) -> None:
    sh.ok("echo one > /sdcard/n; simphone snapshot mine; echo two > /sdcard/n; simphone restore mine")
    assert sh.ok("cat /sdcard/n") == "one\n"
    assert "mine" in state(sh)["snapshots"]
    refused = sh("simphone restore nope; simphone snapshot boot; i=0; while [ $i -lt 20 ]; do i=$((i+1)); simphone snapshot s$i; done")
    assert "there is no snapshot nope" in refused.err
    assert "another name" in refused.err
    assert "at most" in refused.err
    sh.phone.snapshots = {"boot": sh.phone.snapshots["boot"]}


def test_what_comes_from_outside(sh: PhoneShell) -> None:
    sh.ok("simphone sms +15550100 'Are you coming?'; simphone notify com.android.settings Title 'and text'")
    titles = [note["text"] for note in state(sh)["notifications"]]
    assert "Are you coming?" in titles
    assert "and text" in titles
    assert "Are you coming?" in sh.ok("content query --uri content://sms/inbox")
    sh.ok("simphone call 5550123")
    assert state(sh)["call"]["state"] == "ringing"
    assert "mCallState=1" in sh.ok("dumpsys telephony.registry")
    sh.ok("input keyevent KEYCODE_ENDCALL; simphone dialog 'A title' 'A text'")
    assert "A title" in sh.ok("uiautomator dump /sdcard/t.xml > /dev/null; cat /sdcard/t.xml")


def test_an_app_crashes(sh: PhoneShell) -> None:
    assert "no such app is open" in sh("simphone crash").err
    sh.ok("am start -n com.android.settings/.Settings; simphone crash")
    assert state(sh)["at_home"]
    assert "keeps stopping" in sh.ok("uiautomator dump /sdcard/t.xml > /dev/null; cat /sdcard/t.xml")


def test_the_clock_goes_forward(sh: PhoneShell) -> None:
    before = int(sh.ok("date +%s"))
    sh.ok("simphone advance 3600.5")
    assert int(sh.ok("date +%s")) - before in (3600, 3601)
    for wrong in ("-1", "nan", "inf", "x", "1e99"):
        assert sh(f"simphone advance {wrong}").code == 1


def test_faults_that_are_states(sh: PhoneShell) -> None:
    sh.ok("simphone fault rotate 1")
    assert (state(sh)["rotation"], state(sh)["size"]) == (1, [2400, 1080])
    sh.ok("simphone fault rotate off; simphone fault locked; simphone fault screen_off")
    assert (state(sh)["rotation"], state(sh)["locked"], state(sh)["awake"]) == (0, True, False)
    sh.ok("simphone fault screen_off off; simphone fault locked off")
    assert (state(sh)["locked"], state(sh)["awake"]) == (False, True)


def test_a_screen_on_which_something_moves_and_a_secure_one(sh: PhoneShell) -> None:
    sh.ok("simphone fault animated")
    pictures = {sh.ok("screencap | md5sum") for _ in range(4)}
    assert len(pictures) > 1
    sh.ok("simphone fault animated off; simphone fault black")
    raw = sh("screencap").raw
    assert not any(raw[16::4])
    assert not any(raw[17::4])
    sh.ok("simphone fault black off")
    assert any(sh("screencap").raw[16::4])


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("fault nope", "there is no fault 'nope'"),
        ("fault slow -1", "from 0 to"),
        ("fault slow x", "a fault is on, off or a number"),
        ("fault slow nan", "from 0 to"),
        ("notify com.nope a b", "there is no package com.nope"),
        ("snapshot", "simphone snapshot NAME"),
        ("nonsense", "simphone reset"),
    ],
)
def test_requests_that_cannot_be(sh: PhoneShell, command: str, said: str) -> None:
    ran = sh(f"simphone {command}")
    assert ran.code == 1
    assert said in ran.err


def test_the_help_and_the_list_of_faults(sh: PhoneShell) -> None:
    assert "simphone advance SECONDS" in sh.ok("simphone")
    sh.ok("simphone fault lost_tap 3")
    assert "[now 3]" in sh.ok("simphone faults")
