"""The clock: alarms, world clock, timers and stopwatch, and their tables."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.tools.simphone.labels import BACK, HOME, Driver
from tests.tools.simphone.phone_shell import PhoneShell

CLOCK = "com.google.android.deskclock/com.android.deskclock.DeskClock"
ALARMS = "/data/user_de/0/com.google.android.deskclock/databases/alarms.db"
TIMERS = "/data/user_de/0/com.google.android.deskclock/databases/timers.db"


@pytest.fixture
def clock(sh: PhoneShell) -> Iterator[Driver]:
    driver = Driver(sh)
    driver.open(CLOCK)
    return driver


def test_an_alarm_is_made_changed_and_deleted(clock: Driver) -> None:
    clock.tap("Alarm", "Add alarm")
    clock.write("7", "Hour")
    clock.write("45", "Minute")
    clock.tap("OK", "Monday", "Sunday", "Add label")
    clock.write("Yoga \"früh\" 'x' 😀")
    clock.tap("OK", "Vibrate")
    newest = "SELECT * FROM alarm_templates ORDER BY _id DESC LIMIT 1"
    (made,) = clock.rows(ALARMS, newest)
    assert (made["hour"], made["minutes"], made["daysofweek"], made["enabled"], made["vibrate"]) == (7, 45, 65, 1, 0)
    assert made["label"] == "Yoga \"früh\" 'x' 😀"
    clock.tap("Alarm at 07:45")
    assert clock.rows(ALARMS, newest)[0]["enabled"] == 0
    clock.tap("07:45")
    clock.write("8", "Hour")
    clock.tap("OK")
    assert (clock.rows(ALARMS, newest)[0]["hour"], clock.rows(ALARMS, newest)[0]["enabled"]) == (8, 1)
    clock.tap("Delete")
    assert made["_id"] not in [row["_id"] for row in clock.rows(ALARMS, "SELECT _id FROM alarm_templates")]


def test_a_time_that_is_not_confirmed_sets_no_alarm(clock: Driver) -> None:
    before = clock.rows(ALARMS, "SELECT * FROM alarm_templates")
    clock.tap("Alarm", "Add alarm")
    clock.key(BACK)
    clock.gone("Select time")
    assert clock.rows(ALARMS, "SELECT * FROM alarm_templates") == before
    assert clock.front == CLOCK


def test_an_alarm_rings_is_snoozed_and_dismissed(clock: Driver) -> None:
    clock.tap("Alarm", "Alarm at 08:30")
    clock.key(HOME)
    clock.advance(17 * 3600)
    clock.open(CLOCK)
    assert clock.find("Dismiss")
    assert clock.sees("08:30")
    assert [note.title for note in clock.state.facts.notifications] == ["Alarm"]
    clock.tap("Snooze")
    clock.gone("Snooze")
    assert clock.rows(ALARMS, "SELECT state FROM alarm_instances") == [{"state": "snoozed"}]
    clock.advance(601)
    clock.tap("Dismiss")
    clock.gone("Dismiss")
    assert clock.rows(ALARMS, "SELECT * FROM alarm_instances") == []
    assert clock.rows(ALARMS, "SELECT enabled FROM alarm_templates WHERE hour = 8") == [{"enabled": 1}]


def test_the_keypad_shows_the_time_as_the_real_clock_does(clock: Driver) -> None:
    clock.tap("Timer")
    assert clock.sees("00h 00m 00s")
    assert not clock.sees("Start")
    clock.tap("1", "3", "0", "5", "9", "Backspace", "2")
    assert clock.find("01h 30m 52s").description == "1 hours, 30 minutes, 52 seconds"
    assert clock.rows(TIMERS, "SELECT * FROM timers") == []


def test_a_timer_runs_pauses_goes_on_in_the_background_and_rings(clock: Driver) -> None:
    clock.tap("Timer", "1", "3", "0", "Start")
    assert clock.rows(TIMERS, "SELECT length_ms, state FROM timers") == [{"length_ms": 90_000, "state": "running"}]
    clock.tap("Pause")
    (paused,) = clock.rows(TIMERS, "SELECT * FROM timers")
    assert paused["state"] == "paused"
    assert paused["remaining_ms"] == 89_000
    clock.advance(500)
    assert clock.sees("01:29")
    clock.tap("Start", "Add 1 minute", "Label 1m 30s timer")
    clock.write("Eggs")
    clock.tap("OK")
    clock.key(HOME)
    clock.advance(200)
    assert [(note.title, note.text) for note in clock.state.facts.notifications] == [("Time's up", "Eggs")]
    clock.open(CLOCK)
    assert clock.sees("Eggs")
    assert clock.rows(TIMERS, "SELECT state FROM timers") == [{"state": "expired"}]
    clock.tap("Stop")
    clock.gone("Time's up")
    assert clock.rows(TIMERS, "SELECT state, remaining_ms FROM timers") == [{"state": "reset", "remaining_ms": 90_000}]
    clock.tap("Delete timer")
    assert clock.rows(TIMERS, "SELECT * FROM timers") == []
    assert clock.find("00h 00m 00s")
    assert clock.state.facts.notifications == []


def test_the_stopwatch_counts_laps_and_survives_its_app(clock: Driver) -> None:
    clock.tap("Stopwatch")
    assert clock.texts().count("Stopwatch") >= 2
    assert clock.sees("Start")
    clock.tap("Start", "Lap", "Lap")
    assert clock.sees("Pause")
    assert clock.sees("Lap")
    (row,) = clock.rows(TIMERS, "SELECT * FROM stopwatch")
    assert (row["state"], json.loads(row["laps"])) == ("running", [1000, 2000])
    clock.shell.ok("am force-stop com.google.android.deskclock")
    clock.advance(3600)
    clock.open(CLOCK)
    clock.tap("Stopwatch", "Pause")
    assert clock.sees("Start")
    assert clock.sees("Reset")
    assert clock.find("1:00:0…")
    clock.tap("Reset")
    assert clock.rows(TIMERS, "SELECT state, accumulated_ms, laps FROM stopwatch") == [
        {"state": "reset", "accumulated_ms": 0, "laps": "[]"}
    ]


def test_cities_are_found_added_and_removed(clock: Driver) -> None:
    clock.tap("Add city")
    clock.write("sao")
    clock.tap("São Paulo")
    assert clock.sees("Today, 3 hours behind")
    assert clock.rows(TIMERS, "SELECT name, zone FROM cities") == [{"name": "São Paulo", "zone": "America/Sao_Paulo"}]
    clock.tap("Add city")
    clock.key(BACK)
    clock.tap("Remove São Paulo")
    assert clock.rows(TIMERS, "SELECT * FROM cities") == []
    clock.key(BACK)
    assert clock.front == ""


def test_intents_set_alarms_and_timers(clock: Driver) -> None:
    extra = "android.intent.extra.alarm"
    clock.intent(f"-a android.intent.action.SET_ALARM --ei {extra}.HOUR 6 --ei {extra}.MINUTES 5 --es {extra}.MESSAGE Run")
    assert clock.find("06:05")
    assert clock.sees("Run")
    clock.intent(f"-a android.intent.action.SET_TIMER --ei {extra}.LENGTH 300")
    assert clock.find("5m timer")
    assert clock.rows(TIMERS, "SELECT length_ms, state FROM timers") == [{"length_ms": 300_000, "state": "reset"}]


def test_cleared_data_begin_anew(clock: Driver) -> None:
    clock.tap("Timer", "5", "Start")
    clock.shell.ok("pm clear com.google.android.deskclock")
    assert clock.front == ""
    clock.open(CLOCK)
    clock.tap("Timer")
    assert clock.find("00h 00m 00s")
    clock.tap("Stopwatch", "Start")
    assert clock.find("Pause")
