"""Ways through the phone's screens that several solutions share."""

from __future__ import annotations

from datetime import datetime

from handeye.benchmarks.episodes.policies import OracleError
from handeye.benchmarks.simphone.people import NOW, Person
from handeye.benchmarks.simphone.ui import Acts, Ui, tap_at
from handeye.envs.actions import Action, Answer, PressButton, TypeText

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def answer(text: str) -> Action:
    """The answer to a question, which ends the episode."""
    return Answer(text=text)


def confirm(ui: Ui, word: str) -> Acts:
    """Tap on the button with this word in the dialog in front: it is drawn last."""
    found = ui.all(word)
    if not found:
        yield from ui.tap(word)
        return
    yield tap_at(max(found, key=lambda node: node.bounds.top))


def enter(ui: Ui, text: str) -> Acts:
    """Type into the field of a dialog and close it with OK."""
    field = [node for node in ui.nodes() if node.class_name.endswith("EditText")]
    if not field:
        raise OracleError("no dialog asks for text")
    yield tap_at(field[-1])
    yield PressButton(button="clear")
    yield TypeText(text=text)
    yield from ui.tap("OK")


def pick_time(ui: Ui, hour: int, minute: int) -> Acts:
    """Set the hour and the minute in the picker, and close it."""
    yield from ui.fill("#input_hour", f"{hour:02d}", clear=True)
    yield from ui.fill("#input_minute", f"{minute:02d}", clear=True)
    yield from ui.tap("OK")


def pick_date(ui: Ui, date: datetime) -> Acts:
    """Choose a day in the picker, which shows the month of the date that it was opened with, and close it."""
    yield from ui.tap(f"{date:%d %B %Y}", "OK")


def add_contact(ui: Ui, person: Person) -> Acts:
    """Fill in the form of a new contact."""
    yield from ui.tap("Create contact")
    yield from ui.fill("#first_name", person.first)
    yield from ui.fill("#last_name", person.last)
    yield from ui.fill("#number", person.number)
    yield from ui.tap("Save")


def compose(ui: Ui, text: str) -> Acts:
    """Send a text in the conversation that is open."""
    yield from ui.fill("#thread_type_message", text)
    yield from ui.tap("#thread_send_message")


def send_sms(ui: Ui, to: str, text: str) -> Acts:
    """Begin a conversation with a name or a number, and send a text."""
    yield from ui.tap("Start conversation")
    yield from ui.fill("#new_conversation_address", to)
    yield from ui.tap("#new_conversation_confirm")
    yield from compose(ui, text)


def add_event(ui: Ui, title: str, start: datetime, end: datetime) -> Acts:
    """Fill in the form of a new event."""
    yield from ui.tap("New Event")
    yield from ui.fill("#event_title", title)
    if start.date() != NOW.date():
        yield from ui.tap("#event_start_date")
        yield from pick_date(ui, start)
    yield from ui.tap("#event_start_time")
    yield from pick_time(ui, start.hour, start.minute)
    yield from ui.tap("#event_end_time")
    yield from pick_time(ui, end.hour, end.minute)
    yield from ui.tap("Save")
