"""How AndroidWorld's tasks are done on the simulated phone's screen: touches and typing, found by what the screen says."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

from handeye.benchmarks.androidworld.hand import LOOKS, Element, Hand
from handeye.tools.errors import DeviceError

Params: TypeAlias = dict[str, Any]
Solution: TypeAlias = Callable[[Hand, Params], None]
"""Does a task with its parameters, from the home screen. Raises `DeviceError` where the screen is not as expected."""
APPS: Final = {"camera": "Camera", "clock": "Clock", "contacts": "Contacts", "settings": "Settings", "dialer": "Phone"}
"""Label of the icon for each app that OpenAppTaskEval names."""

PAGE_TOP: Final = 252
"""Pixels from the top at which a page in the browser begins: above are the bars, whose numbers are of other things."""


def nothing(hand: Hand, params: Params) -> None:
    """For tasks that are true as they begin."""


def switch(hand: Hand, pages: tuple[str, ...], label: str, on: bool) -> None:
    """Bring a switch in the settings to a state."""
    hand.open("Settings")
    while (up := hand.find("Navigate up")) is not None:
        hand.touch(up)
    for name in pages:
        hand.tap(name)
    there = hand.elements()
    row = next((each.box for each in there if label in each.labels), None)
    found = next(
        (each for each in there if row and each.kind == "Switch" and each.box.top < row.bottom and row.top < each.box.bottom), None
    )
    if found is None:
        raise DeviceError(f"there is no switch {label}")
    if found.checked != on:
        hand.touch(found)


def wifi(on: bool, hand: Hand, params: Params) -> None:
    """Switch Wi-Fi."""
    switch(hand, ("Network & internet", "Wi-Fi"), "Use Wi-Fi", on)


def bluetooth(on: bool, hand: Hand, params: Params) -> None:
    """Switch Bluetooth."""
    switch(hand, ("Connected devices", "Bluetooth"), "Use Bluetooth", on)


def brightness(hand: Hand, params: Params) -> None:
    """Slide the brightness to an end."""
    hand.open("Settings")
    hand.tap("Display")
    hand.tap("Brightness level")
    slider = next((each for each in hand.elements() if each.kind == "SeekBar"), None)
    if slider is None:
        raise DeviceError("there is no slider for the brightness")
    hand.slide(slider, 1.02 if params["max_or_min"] == "max" else -0.02)


def open_app(hand: Hand, params: Params) -> None:
    """Open the app that the goal names."""
    hand.open(APPS[params["app_name"]])


def wifi_then_app(hand: Hand, params: Params) -> None:
    """Wi-Fi on, then an app."""
    wifi(True, hand, params)
    open_app(hand, params)


def wifi_off_bluetooth_on(hand: Hand, params: Params) -> None:
    """Wi-Fi off, Bluetooth on."""
    wifi(False, hand, params)
    bluetooth(True, hand, params)


def timer(hand: Hand, params: Params) -> None:
    """Type a timer's length; it is not started."""
    hand.open("Clock")
    hand.tap("Timer")
    for digit in f"{params['hours']:02d}{params['minutes']:02d}{params['seconds']:02d}".lstrip("0"):
        key = next((each for each in hand.elements() if each.text == digit and each.kind == "Button"), None)
        if key is None:
            raise DeviceError(f"there is no key {digit}")
        hand.touch(key)


def stopwatch(run: bool, hand: Hand, params: Params) -> None:
    """Show the stopwatch; `run` starts it."""
    hand.open("Clock")
    hand.tap("Stopwatch", last=True)
    if run:
        hand.tap("Start")


def add_contact(hand: Hand, params: Params) -> None:
    """Create a contact."""
    hand.open("Contacts")
    hand.tap("Create contact")
    first, _, last = params["name"].partition(" ")
    hand.type(first, "First name")
    if last:
        hand.type(last, "Last name")
    hand.type(params["number"], "Phone")
    hand.tap("Save")


def draft_contact(hand: Hand, params: Params) -> None:
    """Fill the form of a new contact; it is not saved."""
    hand.open("Contacts")
    hand.tap("Create contact")
    hand.type(params["first"], "First name")
    hand.type(params["last"], "Last name")
    hand.type(params["phone"], "Phone")
    hand.tap("Mobile Phone", "Mobile")
    hand.tap(params["phone_label"])


def write_message(hand: Hand, number: str, text: str) -> None:
    """A new conversation with a number, and a message in it: the text, or what the clipboard holds if that is empty."""
    hand.open("Messages")
    hand.tap("Start conversation")
    hand.type(number, "Add Contact or Number…")
    hand.tap("Confirm selection")
    hand.type(text, "Type a message…")
    if not text:
        hand.key("PASTE")
    hand.tap("Send message", "SMS")


def send_message(hand: Hand, params: Params) -> None:
    """Send what the goal says to the number it says."""
    write_message(hand, params["number"], params["message"])


def reply_newest(hand: Hand, params: Params) -> None:
    """Answer the newest message, whose conversation stands first."""
    hand.open("Messages")
    hand.tap(params["number"])
    hand.type(params["message"], "Type a message…")
    hand.tap("Send message", "SMS")


def select(hand: Hand, folder: str, name: str) -> None:
    """In Files: open a folder and press long on a file."""
    hand.open("Files")
    hand.tap(folder)
    hand.tap(name, hold_ms=800)


def delete_file(hand: Hand, params: Params) -> None:
    """Delete a file in Files."""
    select(hand, params["subfolder"], params["file_name"])
    hand.tap("Delete")
    hand.tap("OK", "Delete", last=True)


def move_file(hand: Hand, params: Params) -> None:
    """Move a file in Files."""
    select(hand, params["source_folder"], params["file_name"])
    hand.tap("More options")
    hand.tap("Move to…", "Move to", "Move")
    hand.tap(params["destination_folder"])
    hand.tap("Move", "Move here", last=True)


def create_folder(hand: Hand, params: Params) -> None:
    """Create a folder in Notes."""
    hand.open("Notes")
    hand.tap("Create a new file or folder")
    hand.type(params["folder_name"], "Name")
    hand.tap("Folder")


def create_note(hand: Hand, params: Params, save: bool = True) -> None:
    """Create a note in Notes."""
    hand.open("Notes")
    hand.tap("Create a new file or folder")
    hand.type(params["file_name"], "Name")
    hand.tap("no ending")
    hand.tap("Create file")
    hand.type(params["text"])
    if save:
        hand.tap("Save")


def delete_note(hand: Hand, params: Params) -> None:
    """Delete a note in Notes."""
    hand.open("Notes")
    hand.tap(params["file_name"], hold_ms=800)
    hand.tap("Delete")
    hand.tap("OK", "Delete", last=True)


def open_note(hand: Hand, name: str) -> Element:
    """Open a note in Notes; its text's field."""
    hand.open("Notes")
    hand.tap(name)
    field = next((each for each in hand.elements() if each.kind == "EditText"), None)
    if field is None:
        raise DeviceError("the note has no field to write in")
    return field


def edit_note(hand: Hand, params: Params) -> None:
    """Write above the note, below it, or over it."""
    field = open_note(hand, params["file_name"])
    hand.touch(field)
    match params["edit_type"]:
        case "header":
            hand.run("input keycombination 113 122")  # Ctrl+Home
            hand.type(params["header"] + "\n")
        case "footer":
            hand.run("input keycombination 113 123")  # Ctrl+End
            hand.type(params["footer"] if field.text.endswith("\n") else "\n" + params["footer"])
        case _:
            hand.clear()
            hand.type(params["replace_text"])
    hand.tap("Save")


def move_note(hand: Hand, params: Params) -> None:
    """Move a note from one folder of Notes to another."""
    hand.open("Notes")
    hand.tap(params["source_folder"])
    hand.tap(params["file_name"], hold_ms=800)
    hand.tap("More options")
    hand.tap("Move")
    if not hand.sees(params["destination_folder"]):
        hand.tap("Navigate up", "Up", "..")
    hand.tap(params["destination_folder"])
    hand.tap("Move here", "Move", "OK", last=True)


def delete_all_notes(hand: Hand, params: Params) -> None:
    """Select every note, and delete them."""
    hand.open("Notes")
    first = next((each for each in hand.elements() if each.resource.endswith("title") and "." in each.text), None)
    if first is None:
        raise DeviceError("there is no note")
    hand.touch(first, hold_ms=800)
    hand.tap("More options")
    hand.tap("Select all")
    hand.tap("Delete")
    hand.tap("OK", "Delete", last=True)


def paste_note(hand: Hand, params: Params) -> None:
    """Create a note and paste into it."""
    create_note(hand, {**params, "text": ""}, save=False)
    hand.key("PASTE")
    hand.tap("Save")


def note_and_message(hand: Hand, params: Params) -> None:
    """Create a note, and send what is in it."""
    create_note(hand, params)
    write_message(hand, params["number"], params["text"])


def resend(hand: Hand, params: Params) -> None:
    """Send a message again, in the conversation that it was sent in."""
    hand.open("Messages")
    if not hand.sees("Type a message…"):
        hand.tap(params["name"])
    hand.type(params["message"], "Type a message…")
    hand.tap("Send message", "SMS")


def copy_text(hand: Hand, params: Params) -> None:
    """Type the text somewhere, select it and copy it."""
    hand.open("Contacts")
    hand.type(params["clipboard_content"], "Search contacts")
    hand.run("input keycombination 113 29 && input keycombination 113 31")  # Ctrl+A, Ctrl+C


def paste_message(hand: Hand, params: Params) -> None:
    """Send what the clipboard holds."""
    write_message(hand, params["number"], "")


def day(hand: Hand, params: Params) -> None:
    """Open a day in the calendar's month."""
    hand.open("Calendar")
    label = re.compile(rf"October {params['day']}(,.*)?")
    found = next((each for each in hand.elements() if any(label.fullmatch(said) for said in each.labels)), None)
    if found is None:
        raise DeviceError(f"the month has no day {params['day']}")
    hand.touch(found)


def add_event(hand: Hand, params: Params) -> None:
    """Fill the form of a new event on its day."""
    day(hand, params)
    hand.tap("New Event")
    hand.type(params["event_title"], "Title")
    hand.type(params["event_description"], "Description")
    begin = int(params["hour"]) * 60
    end = begin + int(params["duration_mins"])
    if end >= 24 * 60:
        raise DeviceError("the event ends on another day")
    for name, minutes in (("Start time", begin), ("End time", end)):
        set_time(hand, name, minutes)
    if "repeat_rule" in params:
        hand.tap("No repetition")
        hand.tap({"daily": "Daily", "weekly": "Weekly"}[params["repeat_rule"]])
    hand.tap("Save")


def set_time(hand: Hand, name: str, minutes: int) -> None:
    """Answer the question for a time of day."""
    found = next((each for each in hand.elements() if any(said.startswith(f"{name}, ") for said in each.labels)), None)
    if found is None:
        raise DeviceError(f"there is no {name.lower()}")
    hand.touch(found)
    for label, value in (("Hour", minutes // 60), ("Minute", minutes % 60)):
        hand.tap(label)
        hand.clear()
        hand.type(f"{value:02d}")
    hand.tap("OK")


def delete_events(hand: Hand, params: Params) -> None:
    """Delete every event of a day."""
    day(hand, params)
    for _ in range(8):
        times = [each for each in hand.elements() if re.fullmatch(r"\d\d:\d\d - \d\d:\d\d", each.text)]
        if not times:
            return
        hand.touch(times[0])
        hand.tap("Delete")
        hand.tap("OK", "Delete", "Yes", last=True)


def open_page(hand: Hand, label: str) -> None:
    """Open the task's page in the browser, from Files, and wait until it says `label`."""
    hand.open("Files")
    hand.tap("Download")
    hand.tap("task.html")
    hand.tap("Browser")
    for _ in range(LOOKS):
        if any(label in each.labels for each in hand.still()):
            return
    raise DeviceError(f"the page does not say {label}")


def multiply(hand: Hand, params: Params) -> None:
    """Note the numbers that the page shows one after the other, and type their product."""
    open_page(hand, "Click Me")
    product = 1
    for _ in range(5):
        shown = [each.text for each in hand.still() if each.text.isdigit() and each.box.top > PAGE_TOP]
        if not shown:
            raise DeviceError("the page shows no number")
        product *= int(shown[0])
        hand.tap("Click Me")
    hand.type(str(product), "Enter the product")
    hand.tap("Submit")


def maze(hand: Hand, params: Params) -> None:
    """Go where the way leads: every direction is tried from every cell, until the page says that the goal is reached."""
    open_page(hand, "Down")
    back = {"Up": "Down", "Down": "Up", "Left": "Right", "Right": "Left"}
    seen = set()

    def search() -> bool:
        here = hand.find("X")
        if here is None:
            return hand.sees("Success!")
        seen.add(here.box)
        for way, opposite in back.items():
            hand.tap(way)
            hand.still()
            there = hand.find("X")
            if there is None:
                return hand.sees("Success!")
            if there.box != here.box:
                if there.box not in seen and search():
                    return True
                hand.tap(opposite)
        return False

    if not search():
        raise DeviceError("the maze has no way to its goal")


EIGHTEEN: Final[dict[str, Solution]] = {
    "SystemWifiTurnOff": partial(wifi, False),
    "SystemWifiTurnOn": partial(wifi, True),
    "SystemWifiTurnOffVerify": nothing,
    "SystemWifiTurnOnVerify": nothing,
    "SystemBluetoothTurnOff": partial(bluetooth, False),
    "SystemBluetoothTurnOn": partial(bluetooth, True),
    "SystemBluetoothTurnOffVerify": nothing,
    "SystemBluetoothTurnOnVerify": nothing,
    "SystemBrightnessMax": brightness,
    "SystemBrightnessMin": brightness,
    "SystemBrightnessMaxVerify": nothing,
    "SystemBrightnessMinVerify": nothing,
    "OpenAppTaskEval": open_app,
    "TurnOnWifiAndOpenApp": wifi_then_app,
    "TurnOffWifiAndTurnOnBluetooth": wifi_off_bluetooth_on,
    "ClockTimerEntry": timer,
    "ClockStopWatchPausedVerify": partial(stopwatch, False),
    "ClockStopWatchRunning": partial(stopwatch, True),
}
"""The tasks that AndroidWorld scores by settings, the activity in front or the screen's elements."""
TRUE_AT_ONCE: Final = frozenset(name for name, solution in EIGHTEEN.items() if solution is nothing)
"""Tasks that are done when they begin (AndroidWorld's issue 315)."""
FURTHER: Final[dict[str, Solution]] = {
    "ContactsAddContact": add_contact,
    "ContactsNewContactDraft": draft_contact,
    "SimpleSmsSend": send_message,
    "SimpleSmsReply": reply_newest,
    "SimpleSmsReplyMostRecent": reply_newest,
    "FilesDeleteFile": delete_file,
    "FilesMoveFile": move_file,
    "MarkorCreateFolder": create_folder,
    "MarkorCreateNote": create_note,
    "MarkorDeleteNote": delete_note,
    "MarkorDeleteAllNotes": delete_all_notes,
    "MarkorEditNote": edit_note,
    "MarkorMoveNote": move_note,
    "MarkorCreateNoteFromClipboard": paste_note,
    "MarkorCreateNoteAndSms": note_and_message,
    "SimpleSmsSendClipboardContent": paste_message,
    "SimpleSmsSendReceivedAddress": send_message,
    "SimpleSmsResend": resend,
    "SystemCopyToClipboard": copy_text,
    "SimpleCalendarAddOneEvent": add_event,
    "SimpleCalendarAddOneEventTomorrow": add_event,
    "SimpleCalendarAddOneEventInTwoWeeks": add_event,
    "SimpleCalendarAddOneEventRelativeDay": add_event,
    "SimpleCalendarAddRepeatingEvent": add_event,
    "SimpleCalendarDeleteOneEvent": delete_events,
    "SimpleCalendarDeleteEvents": delete_events,
    "SimpleCalendarDeleteEventsOnRelativeDay": delete_events,
    "BrowserMaze": maze,
    "BrowserMultiply": multiply,
}
"""Tasks that are scored by contacts, messages, files, notes, events, the clipboard and pages."""
