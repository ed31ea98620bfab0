"""The dialer: keypad, calls out and in, the log, and the intents DIAL and CALL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handeye.tools.simphone import telephony
from tests.tools.simphone.labels import HOME, Driver
from tests.tools.simphone.phone_shell import PhoneShell

PHONE = "com.google.android.dialer/com.google.android.dialer.extensions.GoogleDialtactsActivity"
IN_CALL = "com.google.android.dialer/com.android.incallui.InCallActivity"
LOG = telephony.CALL_LOG
NEWEST = "SELECT number, duration, type FROM calls ORDER BY _id DESC LIMIT 1"


@pytest.fixture
def dialer(sh: PhoneShell) -> Iterator[Driver]:
    driver = Driver(sh)
    driver.open(PHONE)
    return driver


def ring(driver: Driver, number: str) -> None:
    async def come() -> None:
        telephony.ring(driver.state, number)
        await driver.screen.sync()

    driver.shell.wait(come())


def test_a_number_is_dialled_and_the_call_logged(dialer: Driver) -> None:
    dialer.tap("key pad", "5,JKL", "5,JKL", "5,JKL", "0,+", "1", "9,WXYZ", "9,WXYZ", "2,ABC", "Backspace")
    assert dialer.find("#digits").text == "5550199"
    dialer.tap("Dial")
    assert dialer.find("Hold")
    assert dialer.sees("5550199")
    assert dialer.front == IN_CALL
    dialer.tap("Mute", "Keypad", "4,GHI", "Hide keypad", "Hold")
    assert dialer.sees("On hold")
    assert dialer.find("Mute").checked
    dialer.tap("End call")
    dialer.find("Recents")
    (logged,) = dialer.rows(LOG, NEWEST)
    assert (logged["number"], logged["type"]) == ("5550199", telephony.OUTGOING)
    assert logged["duration"] >= 5
    assert dialer.front == PHONE
    assert dialer.sees("5550199, Outgoing call…")


def test_a_call_is_answered_over_another_app(dialer: Driver) -> None:
    dialer.open("com.google.android.deskclock/com.android.deskclock.DeskClock")
    (someone,) = dialer.rows(telephony.CONTACTS, "SELECT * FROM contacts LIMIT 1")
    ring(dialer, someone["number"])
    assert dialer.find("Incoming call")
    assert dialer.sees(someone["display_name"])
    assert dialer.sees(someone["number"])
    dialer.tap("Answer", "Speaker", "End call")
    dialer.find("Add city")
    assert dialer.front.startswith("com.google.android.deskclock/")
    assert dialer.rows(LOG, NEWEST)[0]["type"] == telephony.INCOMING


def test_calls_are_declined_and_missed(dialer: Driver) -> None:
    dialer.key(HOME)
    ring(dialer, "555-0133")
    dialer.tap("Decline")
    dialer.gone("Decline")
    assert dialer.front == ""
    assert dialer.rows(LOG, NEWEST)[0]["type"] == telephony.REJECTED
    ring(dialer, "555-0144")
    dialer.find("Decline")
    dialer.shell.ok("input keyevent KEYCODE_ENDCALL")
    assert dialer.rows(LOG, NEWEST) == [{"number": "555-0144", "duration": 0, "type": telephony.MISSED}]
    dialer.open(PHONE)
    dialer.tap("Missed")
    assert dialer.find("555-0144, Missed call…")
    assert not dialer.sees("555-0133, Declined call…")
    assert dialer.state.facts.notifications == []
    assert dialer.rows(LOG, "SELECT 1 FROM calls WHERE new = 1") == []


def test_the_log_is_shown_and_pruned(dialer: Driver) -> None:
    dialer.rows(LOG, "DELETE FROM calls")
    assert dialer.find("Your call history is empty")
    dialer.rows(
        LOG,
        "INSERT INTO calls (number, date, duration, type, new)"
        " VALUES ('555-0150', 1697380000000, 61, 1, 0), ('555-0151', 1697381000000, 0, 3, 1)",
    )
    dialer.tap("555-0150, Incoming call…", "History")
    assert dialer.find("1 min 1 s")
    assert dialer.sees("Call details")
    dialer.tap("Navigate up", "Delete")
    dialer.gone("555-0150, Incoming call…")
    assert dialer.rows(LOG, "SELECT number FROM calls") == [{"number": "555-0151"}]
    dialer.tap("More options", "Clear call history", "Clear")
    dialer.find("Your call history is empty")
    assert dialer.rows(LOG, "SELECT * FROM calls") == []


def test_intents_dial_and_call(dialer: Driver) -> None:
    dialer.intent("-a android.intent.action.DIAL -d tel:+15550166")
    assert dialer.find("#digits").text == "+15550166"
    assert dialer.state.facts.call == {}
    dialer.intent("-a android.intent.action.CALL -d tel:555-0167")
    assert dialer.find("End call")
    assert dialer.sees("555-0167")
    assert dialer.front == IN_CALL
    assert "mCallState=2" in dialer.shell.ok("dumpsys telephony.registry")
    dialer.tap("End call")
    dialer.find("Recents")


def test_favorites_and_contacts_call(dialer: Driver) -> None:
    (star,) = dialer.rows(telephony.CONTACTS, "SELECT * FROM contacts WHERE starred = 1 LIMIT 1")
    dialer.tap("Favorites", f"Call {star['display_name']}")
    assert dialer.find("End call")
    assert dialer.sees(star["number"])
    dialer.tap("End call", "Contacts", "Create new contact")
    assert dialer.find("First name")
