"""The calendar: events in Simple Calendar Pro's columns, its views, repetitions and reminders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.tools.simphone.labels import BACK, HOME, Driver
from tests.tools.simphone.phone_shell import PhoneShell

CALENDAR = "com.simplemobiletools.calendar.pro/com.simplemobiletools.calendar.pro.activities.MainActivity"
DATABASE = "/data/data/com.simplemobiletools.calendar.pro/databases/events.db"
NEWEST = "SELECT * FROM events ORDER BY id DESC LIMIT 1"
COLUMNS = set(
    "id start_ts end_ts title location description repeat_interval repeat_rule reminder_1_minutes reminder_2_minutes reminder_3_minutes"
    " reminder_1_type reminder_2_type reminder_3_type repeat_limit repetition_exceptions attendees import_id time_zone flags event_type"
    " parent_id last_updated source availability color type".split()
)
"""What AndroidWorld reads (android_world/task_evals/utils/sqlite_schema_utils.py: CalendarEvent)."""
AWKWARD = "Café \"$(x)\" 'y' %s <i> שלום 😀"


@pytest.fixture
def calendar(sh: PhoneShell) -> Iterator[Driver]:
    driver = Driver(sh)
    driver.open(CALENDAR)
    return driver


def at(day: int, hour: int, minute: int = 0, month: int = 10) -> int:
    return int(datetime(2023, month, day, hour, minute, tzinfo=UTC).timestamp())


def make(calendar: Driver, title: str, hour: str = "") -> None:
    """An event on the day that is shown; its form is left open."""
    calendar.tap("New Event")
    calendar.write(title, "Title")
    if hour:
        calendar.tap("#event_start_time")
        calendar.write(hour, "Hour")
        calendar.write("0", "Minute")
        calendar.tap("OK")


def newest(calendar: Driver) -> dict[str, Any]:
    return calendar.rows(DATABASE, NEWEST)[0]


def test_an_event_is_made_as_androidworld_checks_it(calendar: Driver) -> None:
    before = calendar.rows(DATABASE, "SELECT * FROM events")
    assert set(before[0]) == COLUMNS
    calendar.tap("October 25…")
    make(calendar, AWKWARD, "14")
    calendar.write("Room 5", "Location")
    calendar.write("We will discuss it. Snacks will be provided.", "Description")
    calendar.tap("#event_end_time")
    calendar.write("14", "Hour")
    calendar.write("45", "Minute")
    calendar.tap("OK", "Save")
    assert calendar.find(AWKWARD)
    assert calendar.sees("14:00 - 14:45")
    made = newest(calendar)
    assert set(made) == COLUMNS
    assert (made["start_ts"], made["end_ts"]) == (at(25, 14), at(25, 14, 45))
    assert (made["title"], made["location"], made["description"]) == (AWKWARD, "Room 5", "We will discuss it. Snacks will be provided.")
    assert (made["repeat_interval"], made["repeat_rule"], made["reminder_1_minutes"], made["flags"]) == (0, 0, -1, 0)
    assert calendar.rows(DATABASE, f"SELECT * FROM events WHERE id != {made['id']}") == before


def test_an_event_is_edited_duplicated_and_deleted(calendar: Driver) -> None:
    calendar.tap("October 19…", "Car inspection", "#event_start_date", "20 October 2023", "OK", "All-day")
    calendar.write("Car wash", "#event_title")
    calendar.tap("Save")
    calendar.find("No events on this day")
    (moved,) = calendar.rows(DATABASE, "SELECT * FROM events WHERE title = 'Car wash'")
    assert (moved["start_ts"], moved["end_ts"], moved["flags"]) == (at(20, 0), at(20, 12), 1)
    calendar.tap("Next day", "Car wash", "Duplicate event", "Save")
    calendar.find("New Event")
    assert len(calendar.rows(DATABASE, "SELECT 1 FROM events WHERE title = 'Car wash'")) == 2
    calendar.tap("Car wash", "Delete", "Delete")
    calendar.find("New Event")
    assert len(calendar.rows(DATABASE, "SELECT 1 FROM events WHERE title = 'Car wash'")) == 1
    calendar.key(BACK)
    assert calendar.find("October 2023")
    calendar.key(BACK)
    assert calendar.front == ""


def test_an_event_needs_a_title_and_a_draft_is_asked_for(calendar: Driver) -> None:
    before = calendar.rows(DATABASE, "SELECT * FROM events")
    calendar.tap("New Event", "Save")
    assert calendar.sees("#event_title")
    calendar.write("Draft", "Title")
    calendar.key(BACK)
    if calendar.sees("#event_title"):
        calendar.key(BACK)
    calendar.tap("Discard")
    calendar.find("October 2023")
    assert calendar.rows(DATABASE, "SELECT * FROM events") == before


def test_repeated_events_change_one_by_one_or_all(calendar: Driver) -> None:
    calendar.tap("October 18…")
    make(calendar, "Choir", "20")
    calendar.tap("No repetition", "Weekly", "Repeat on: Wednesday", "Friday", "OK", "Save")
    calendar.find("Choir")
    series = newest(calendar)
    assert (series["repeat_interval"], series["repeat_rule"], series["repeat_limit"]) == (604800, 4 | 16, 0)
    calendar.tap("Next day", "Next day", "Choir", "Delete", "The selected occurrence only")
    calendar.gone("Choir")
    assert newest(calendar)["repetition_exceptions"] == '["20231020"]'
    calendar.tap(*["Next day"] * 5, "Choir")
    calendar.write("Choir, other hall", "#event_title")
    calendar.tap("Save", "The selected occurrence only")
    calendar.find("Choir, other hall")
    single = newest(calendar)
    assert (single["start_ts"], single["parent_id"], single["repeat_interval"]) == (at(25, 20), series["id"], 0)
    calendar.tap("Next day", "Next day", "Choir", "Delete", "This and all future occurrences")
    calendar.gone("Choir")
    (ended,) = calendar.rows(DATABASE, f"SELECT * FROM events WHERE id = {series['id']}")
    assert ended["repeat_limit"] == at(27, 20) - 1
    assert ended["repetition_exceptions"] == '["20231020","20231025"]'


def test_daily_repetition_ends_after_a_number_of_times(calendar: Driver) -> None:
    calendar.tap("October 29…")
    make(calendar, "Pills", "8")
    calendar.tap("No repetition", "Daily", "Repeat till: Forever", "A number of times")
    calendar.write("3", "How many times?")
    calendar.tap("OK", "Save")
    calendar.find("Pills")
    assert (newest(calendar)["repeat_interval"], newest(calendar)["repeat_limit"]) == (86400, -3)
    calendar.tap("Next day", "Next day")
    assert calendar.find("Pills")
    calendar.tap("Next day")
    assert calendar.find("No events on this day…") if not calendar.sees("Team stand-up") else not calendar.sees("Pills")


def test_views_show_the_same_events(calendar: Driver) -> None:
    assert calendar.find("October 19, 1 event")
    calendar.tap("Change view", "Weekly view")
    assert calendar.find("Oct 15 - 21")
    assert calendar.find("Car inspection, 08:15 - 10:15")
    calendar.tap("Change view", "Simple event list")
    assert calendar.find("Tomorrow, October 16")
    assert calendar.sees("Lunch at the harbour")
    calendar.tap("Change view", "Daily view")
    assert calendar.find("Call with Mum")
    calendar.tap("Change view", "Monthly view", "Next month")
    assert calendar.find("November 2023")
    calendar.tap("Go to today", "Search")
    calendar.write("ELM street", "Search events")
    calendar.tap("Dentist")
    assert calendar.find("#event_location").text == "Elm Street 12"
    calendar.key(BACK, BACK)
    assert calendar.find("October 2023")


def test_reminders_come_when_they_are_due(calendar: Driver) -> None:
    make(calendar, "Tea", "18")
    calendar.tap("Add reminder", "10 minutes before", "Add another reminder", "1 hour before", "Save")
    calendar.find("October 2023")
    assert [newest(calendar)[f"reminder_{number}_minutes"] for number in (1, 2, 3)] == [10, 60, -1]
    calendar.key(HOME)
    calendar.advance(90 * 60)
    assert [note.title for note in calendar.state.facts.notifications] == ["Tea"]
    calendar.advance(55 * 60)
    assert len([note for note in calendar.state.facts.notifications if note.title == "Tea"]) == 2


def test_events_from_outside_and_intents(calendar: Driver) -> None:
    calendar.rows(DATABASE, "DELETE FROM events")
    assert calendar.find("October 19")
    columns = ", ".join(sorted(COLUMNS - {"id"}))
    values = {
        "start_ts": at(19, 9),
        "end_ts": at(19, 9, 30),
        "title": "'Pushed'",
        "repetition_exceptions": "'[]'",
        "event_type": 1,
        "time_zone": "'UTC'",
    }
    texts = ("location", "description", "attendees", "import_id", "source")
    row = ", ".join(
        str(values.get(name, "''" if name in texts else -1 if name.endswith("_minutes") else 0)) for name in sorted(COLUMNS - {"id"})
    )
    calendar.rows(DATABASE, f"INSERT INTO events ({columns}) VALUES ({row})")
    assert calendar.find("October 19, 1 event")
    calendar.intent(
        f"-a android.intent.action.INSERT -t vnd.android.cursor.dir/event --es title Walk --es eventLocation Park"
        f" --el beginTime {at(21, 7)}000 --el endTime {at(21, 8)}000"
    )
    assert calendar.find("#event_title").text == "Walk"
    calendar.tap("Save")
    calendar.find("October 2023")
    assert (newest(calendar)["start_ts"], newest(calendar)["end_ts"], newest(calendar)["location"]) == (at(21, 7), at(21, 8), "Park")
    calendar.shell.ok("pm clear com.simplemobiletools.calendar.pro")
    calendar.open(CALENDAR)
    calendar.find("October 21")
    assert calendar.rows(DATABASE, "SELECT * FROM events") == []
