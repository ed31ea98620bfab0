"""Ways through the phone's screens that several solutions share."""

from __future__ import annotations

from datetime import datetime

from handeye.benchmarks.episodes.policies import OracleError
from handeye.benchmarks.simphone.people import NOW, Person
from handeye.benchmarks.simphone.ui import Acts, Ui, open_app, tap_point
from handeye.envs.actions import Action, Answer, PressButton, PressKeys, Swipe, TypeText
from handeye.tools.geometry import Point

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
    yield ui.touch(max(found, key=lambda node: node.bounds.top))


def enter(ui: Ui, text: str) -> Acts:
    """Type into the field of a dialog and close it with OK."""
    field = [node for node in ui.nodes() if node.class_name.endswith("EditText")]
    if not field:
        raise OracleError("no dialog asks for text")
    yield ui.touch(field[-1])
    yield PressKeys(keys=("ctrl", "a"))
    yield TypeText(text=text)
    yield from ui.tap("OK")


def pick_time(ui: Ui, hour: int, minute: int) -> Acts:
    """Set the hour and the minute in the picker, and close it."""
    for field, number in (("#input_hour", hour), ("#input_minute", minute)):
        # A tap on one of the two fields marks all that it holds.
        if (yield from ui.find(field)).text != f"{number:02d}":
            yield from ui.fill(field, f"{number:02d}")
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


def search(ui: Ui, text: str) -> Acts:
    """Search in an app whose search field has the focus once it is shown."""
    yield from ui.tap("Search")
    yield TypeText(text=text)


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


def settings_page(ui: Ui, *names: str) -> Acts:
    """Show a page of the settings, by the names of those on the way."""
    yield open_app("Settings")
    yield from ui.tap(*names)


def to_settings_top(ui: Ui) -> Acts:
    """Back to the first page of the settings."""
    while ui.shows("Navigate up"):
        yield from ui.tap("Navigate up")


def slide(ui: Ui, up: bool) -> Acts:
    """Drag the slider that is shown to one of its ends."""
    sliders = [node for node in ui.nodes() if node.class_name.endswith("SeekBar")]
    if not sliders:
        raise OracleError("there is no slider")
    box = sliders[0].bounds
    end = box.right - 2 if up else box.left + 2
    yield Swipe(start=box.center, end=Point(end, box.center.y))
    yield tap_point(end, box.center.y)


def add_note(ui: Ui, name: str, text: str) -> Acts:
    """Make a new note in Notes."""
    yield from ui.tap("#fab_add_new_item")
    yield from ui.fill("Name", name)
    yield from ui.tap("Create file")
    yield from ui.fill("Note text", text)


def append(ui: Ui, line: str) -> Acts:
    """Add a line at the end of the note that is open."""
    yield from ui.tap("Note text")
    yield PressKeys(keys=("ctrl", "End"))
    yield TypeText(text=line)


def open_folder(ui: Ui, *names: str) -> Acts:
    """Show a folder in Files."""
    yield open_app("Files")
    yield from ui.tap(*names)


def rename(ui: Ui, name: str) -> Acts:
    """Answer the question for a new name."""
    fields = [node for node in ui.nodes() if node.class_name.endswith("EditText")]
    if not fields:
        raise OracleError("nothing asks for a name")
    yield ui.touch(fields[-1])
    yield PressKeys(keys=("ctrl", "a"))
    yield TypeText(text=name)
    yield from confirm(ui, "Rename")


def move_chosen(ui: Ui, folder: str) -> Acts:
    """Move the files that are chosen in Files to another folder."""
    yield from ui.tap("More options", "Move to", folder, "Move here")


def open_picture(ui: Ui, album: str, name: str) -> Acts:
    """Show a picture in Gallery."""
    yield open_app("Gallery")
    yield from ui.tap(f"~{album}, ", name)


def calculate(ui: Ui, sum_: str) -> Acts:
    """Tap a sum's keys, and the one that gives the result."""
    signs = {"+": "plus", "/": "divide"}
    yield from ui.tap(*(f"#key_{signs.get(each, each)}" for each in sum_), "#key_equals")


def open_product(ui: Ui, name: str) -> Acts:
    """Find goods in the shop and show them, whatever of it is in front."""
    while not ui.shows("#search") and ui.shows("Navigate up"):
        yield from ui.tap("Navigate up")
    yield from ui.tap("#search")
    yield TypeText(text=name)
    # The first of that name is the search field.
    yield from ui.tap(name, which=1)


def add_to_cart(ui: Ui, quantity: int) -> Acts:
    """Put the goods that are shown into the cart."""
    for _ in range(quantity - 1):
        yield from ui.tap("Increase quantity")
    yield from ui.tap("#add_to_cart")


def check_out(ui: Ui) -> Acts:
    """Order what is in the cart, paid on delivery or whatever comes first."""
    yield from ui.tap("~Cart", "#checkout", "~Invoice", "#place_order")


def visit(ui: Ui, url: str) -> Acts:
    """Open an address in Browser."""
    yield open_app("Browser")
    yield from ui.fill("Search or type web address", url)
    yield PressButton(button="enter")
