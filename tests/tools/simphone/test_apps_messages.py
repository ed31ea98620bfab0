"""Messages: threads, sending, unread marks, search, deletion, the clipboard, and the intent SENDTO."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handeye.tools.simphone import telephony
from tests.tools.simphone.labels import BACK, Driver
from tests.tools.simphone.phone_shell import PhoneShell

MESSAGES = "com.simplemobiletools.smsmessenger/com.simplemobiletools.smsmessenger.activities.MainActivity"
DATABASE = telephony.MESSAGES
NEWEST = "SELECT address, body, type, read FROM sms ORDER BY _id DESC LIMIT 1"
AWKWARD = 'it\'s "quoted" $(reboot) `x` %s <b>not bold</b> 😀 שלום עולם, مرحبا'


@pytest.fixture
def messenger(sh: PhoneShell) -> Iterator[Driver]:
    driver = Driver(sh)
    driver.open(MESSAGES)
    return driver


def receive(driver: Driver, number: str, text: str) -> None:
    async def come() -> None:
        telephony.receive_sms(driver.state, number, text)
        await driver.screen.sync()

    driver.shell.wait(come())


def test_a_message_goes_to_a_number_that_is_typed(messenger: Driver) -> None:
    messenger.tap("Start conversation")
    messenger.write("555-0177", "Add Contact or Number…")
    messenger.tap("Confirm selection")
    messenger.write(AWKWARD, "Type a message…")
    messenger.tap("Send message")
    assert messenger.find(AWKWARD)
    assert messenger.rows(DATABASE, NEWEST) == [{"address": "555-0177", "body": AWKWARD, "type": 2, "read": 1}]
    messenger.write("x" * 500)
    messenger.tap("Send message")
    messenger.key(BACK)
    assert messenger.find("555-0177")
    assert messenger.front == MESSAGES
    assert messenger.rows(DATABASE, "SELECT count(*) AS n, count(DISTINCT thread_id) AS t FROM sms WHERE address = '555-0177'") == [
        {"n": 2, "t": 1}
    ]
    assert messenger.rows(DATABASE, NEWEST)[0]["body"] == "x" * 500


def test_a_contact_is_chosen_and_no_number_is_refused(messenger: Driver) -> None:
    (someone,) = messenger.rows(telephony.CONTACTS, "SELECT * FROM contacts ORDER BY display_name DESC LIMIT 1")
    before = messenger.rows(DATABASE, "SELECT count(*) AS n FROM sms")
    messenger.tap("Start conversation")
    messenger.write("not a number", "Add Contact or Number…")
    messenger.tap("Confirm selection")
    assert messenger.sees("New conversation")
    messenger.write(someone["display_name"], "#new_conversation_address")
    messenger.tap(someone["number"])
    assert messenger.find(someone["display_name"])
    assert messenger.find("Type a message…")
    messenger.tap("Send message")
    assert messenger.rows(DATABASE, "SELECT count(*) AS n FROM sms") == before, "an empty message is not sent"
    messenger.write("Hi", "Type a message…")
    messenger.tap("Send message")
    messenger.find("Hi")
    assert messenger.rows(DATABASE, NEWEST)[0]["address"] == someone["number"]


def test_incoming_messages_appear_unread_until_they_are_seen(messenger: Driver) -> None:
    receive(messenger, "555-0143", "Are you there?")
    assert messenger.find("1 unread")
    assert messenger.sees("Are you there?")
    messenger.tap("555-0143")
    messenger.find("Type a message…")
    assert messenger.rows(DATABASE, NEWEST) == [{"address": "555-0143", "body": "Are you there?", "type": 1, "read": 1}]
    assert messenger.state.facts.notifications == []
    receive(messenger, "555-0143", "Hello?")
    assert messenger.find("Hello?")
    assert messenger.rows(DATABASE, NEWEST)[0]["read"] == 1
    messenger.shell.ok("input keyevent KEYCODE_HOME")
    receive(messenger, "555-0143", "Last call")
    assert messenger.rows(DATABASE, NEWEST)[0]["read"] == 0
    messenger.open(MESSAGES)
    messenger.find("Last call")
    assert messenger.rows(DATABASE, NEWEST)[0]["read"] == 1


def test_long_presses_copy_and_delete(messenger: Driver) -> None:
    receive(messenger, "555-0143", AWKWARD)
    receive(messenger, "555-0143", "second")
    messenger.tap("555-0143")
    messenger.hold(AWKWARD)
    messenger.tap("Copy to clipboard")
    assert messenger.state.facts.clipboard == AWKWARD
    messenger.hold("second")
    messenger.tap("Delete", "Delete")
    messenger.gone("second")
    assert messenger.rows(DATABASE, "SELECT body FROM sms WHERE address = '555-0143'") == [{"body": AWKWARD}]
    messenger.key(BACK)
    messenger.hold("555-0143")
    messenger.tap("Mark as unread")
    messenger.find("1 unread")
    messenger.hold("555-0143")
    messenger.tap("Delete", "Delete")
    messenger.gone("555-0143")
    assert messenger.rows(DATABASE, "SELECT * FROM sms WHERE address = '555-0143'") == []


def test_search_finds_texts(messenger: Driver) -> None:
    receive(messenger, "555-0143", "100% sure_thing")
    receive(messenger, "555-0144", "100 sure things")
    messenger.write("0% sure_", "Search")
    messenger.find("100% sure_thing")
    messenger.gone("100 sure things")
    messenger.tap("100% sure_thing")
    assert messenger.find("Type a message…")
    assert messenger.sees("555-0143")
    messenger.key(BACK, BACK)
    assert messenger.find("100 sure things")


def test_intents_begin_a_message(messenger: Driver) -> None:
    messenger.intent('-a android.intent.action.SENDTO -d smsto:555-0188 --es sms_body "On my way, don\'t wait"')
    assert messenger.find("#thread_type_message").text == "On my way, don't wait"
    messenger.tap("Send message")
    messenger.find("On my way, don't wait")
    assert messenger.rows(DATABASE, NEWEST) == [{"address": "555-0188", "body": "On my way, don't wait", "type": 2, "read": 1}]
    messenger.intent("-a android.intent.action.SENDTO -d 'sms:555-0189?body=Hi%20there'")
    assert messenger.find("#thread_type_message").text == "Hi there"
    assert messenger.sees("555-0189")
    messenger.key(BACK, BACK)
    assert messenger.front == ""


def test_nothing_is_sent_in_aeroplane_mode_and_emptied_tables_show(messenger: Driver) -> None:
    messenger.shell.ok("settings put global airplane_mode_on 1")
    messenger.intent("-a android.intent.action.SENDTO -d smsto:555-0190 --es sms_body Hello")
    messenger.tap("Send message")
    assert messenger.find("#thread_type_message").text == "Hello"
    assert messenger.rows(DATABASE, "SELECT * FROM sms WHERE address = '555-0190'") == []
    messenger.key(BACK)
    messenger.rows(DATABASE, "DELETE FROM sms")
    assert messenger.find("No conversations")
