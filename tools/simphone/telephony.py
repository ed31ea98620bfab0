"""Calls and text messages: the state of the line, the log of calls and the table of messages."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from handeye.tools.simphone import tasks
from handeye.tools.simphone.state import DeviceState, Notification

CALL_LOG: Final = "/data/data/com.android.providers.contacts/databases/calllog.db"
CONTACTS: Final = "/data/data/com.android.providers.contacts/databases/contacts2.db"
MESSAGES: Final = "/data/data/com.android.providers.telephony/databases/mmssms.db"
DIALER: Final = "com.google.android.dialer"
MESSENGER: Final = "com.simplemobiletools.smsmessenger"
IN_CALL: Final = "com.android.incallui.InCallActivity"
"""The dialer's activity of a call that rings or goes on."""
INCOMING, OUTGOING, MISSED, REJECTED = 1, 2, 3, 5
"""Kinds of calls (android.provider.CallLog.Calls.TYPE)."""
INBOX, SENT = 1, 2
"""Boxes of messages (android.provider.Telephony.TextBasedSmsColumns.TYPE)."""
CALL_STATES: Final = {"": 0, "ringing": 1, "dialing": 2, "active": 2}
"""`mCallState` of `dumpsys telephony.registry` for `Facts.call`."""


def number_in(address: str) -> str:
    """The number in `tel:…`, `sms:…` or `smsto:…`."""
    return unquote(address.partition(":")[2].removeprefix("//").partition("?")[0]).strip()


def digits(number: str) -> str:
    """A number without what people put between its digits."""
    return "".join(letter for letter in number if letter.isdigit() or letter == "+")


def name_of(state: DeviceState, number: str) -> str:
    """The name of the contact with a number; empty when there is none."""
    if state.files.get(CONTACTS) is None:
        return ""
    rows = state.databases.run(CONTACTS, "SELECT display_name, number FROM contacts WHERE number IS NOT NULL AND number != ''")
    wanted = digits(number).lstrip("+")
    same = [row for row in rows if wanted and _same_line(digits(row["number"]).lstrip("+"), wanted)]
    return str(same[0]["display_name"]) if same else ""


def _same_line(one: str, other: str) -> bool:
    """Whether two numbers are one line, with the country's code or without: the last ten digits decide."""
    return one == other or (len(one) >= 7 and len(other) >= 7 and one[-10:] == other[-10:])


def place_call(state: DeviceState, number: str) -> None:
    """Call a number. It is answered at once."""
    if state.facts.call or not number:
        return
    state.facts.call = {"state": "active", "number": number, "direction": "out", "since": str(state.clock.now_ms)}
    state.changed("call", number)


def ring(state: DeviceState, number: str) -> None:
    """Somebody calls: the dialer comes to the front. While a call goes on, it is missed."""
    if state.facts.call:
        _write_call(state, number, MISSED, 0, state.clock.now_ms)
        return
    front = state.front
    over = front is None or front.package != DIALER
    now = str(state.clock.now_ms)
    state.facts.call = {"state": "ringing", "number": number, "direction": "in", "since": now, "over": "1" if over else ""}
    state.facts.awake = True
    if over:
        tasks.open_package(state, DIALER, IN_CALL, caller=front.id if front else 0)
    state.changed("call", number)


def answer(state: DeviceState) -> bool:
    """Take the call that rings; whether one did."""
    if state.facts.call.get("state") != "ringing":
        return False
    state.facts.call = {**state.facts.call, "state": "active", "since": str(state.clock.now_ms)}
    state.changed("call", state.facts.call["number"])
    return True


def end_call(state: DeviceState, refused: bool = False) -> bool:
    """Hang up; whether there was a call. One that rings is missed, or rejected if it is `refused`."""
    call = state.facts.call
    if not call:
        return False
    state.facts.call = {}
    since = int(call.get("since") or state.clock.now_ms)
    if call["state"] == "ringing":
        _write_call(state, call["number"], REJECTED if refused else MISSED, 0, since)
    else:
        seconds = max(0, (state.clock.now_ms - since) // 1000)
        _write_call(state, call["number"], INCOMING if call.get("direction") == "in" else OUTGOING, seconds, since)
    state.changed("call", "")
    return True


def _write_call(state: DeviceState, number: str, kind: int, seconds: int, began_ms: int) -> None:
    if state.files.get(CALL_LOG) is None:
        return
    state.databases.run(
        CALL_LOG,
        "INSERT INTO calls (number, name, date, duration, type, new) VALUES (?, ?, ?, ?, ?, ?)",
        [number, name_of(state, number) or None, began_ms, seconds, kind, 1 if kind == MISSED else 0],
    )
    if kind == MISSED:
        notify(state, DIALER, "Missed call", name_of(state, number) or number)
    state.changed("sql", CALL_LOG)


def receive_sms(state: DeviceState, number: str, text: str) -> None:
    """A message comes in, with its notification."""
    _write_sms(state, number, text, INBOX)
    notify(state, MESSENGER, name_of(state, number) or number, text)


def send_sms(state: DeviceState, number: str, text: str) -> None:
    """Send a message."""
    _write_sms(state, number, text, SENT)


def _write_sms(state: DeviceState, number: str, text: str, box: int) -> None:
    now = state.clock.now_ms
    state.databases.run(
        MESSAGES,
        "INSERT INTO sms (thread_id, address, date, date_sent, protocol, read, status, type, reply_path_present, body, locked,"
        " error_code, seen, creator) VALUES (?, ?, ?, ?, ?, ?, -1, ?, ?, ?, 0, -1, ?, ?)",
        [
            thread_of(state, number), number, now, now if box == INBOX else 0, 0 if box == INBOX else None, int(box == SENT), box,
            0 if box == INBOX else None, text, int(box == SENT), MESSENGER,
        ],
    )  # fmt: skip
    state.changed("sql", MESSAGES)


def thread_of(state: DeviceState, number: str) -> int:
    """The thread of the messages to and from a number: the one there is, or the next."""
    rows = state.databases.run(MESSAGES, "SELECT DISTINCT thread_id, address FROM sms WHERE thread_id IS NOT NULL")
    wanted = digits(number).lstrip("+")
    for row in rows:
        if row["address"] == number or _same_line(digits(str(row["address"])).lstrip("+"), wanted):
            return int(row["thread_id"])
    return max((int(row["thread_id"]) for row in rows), default=0) + 1


def notify(state: DeviceState, package: str, title: str, text: str) -> None:
    """Put a line into the notification shade."""
    number = max((entry.id for entry in state.facts.notifications), default=0) + 1
    state.facts.notifications.append(Notification(number, package, title, text, state.clock.now_ms))
    state.changed("notifications", package)
