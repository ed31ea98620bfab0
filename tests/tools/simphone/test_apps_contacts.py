"""Contacts: create, edit, star, delete, search, and the intents that open the form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.simphone.labels import BACK, Driver
from tests.tools.simphone.phone_shell import PhoneShell

CONTACTS = "com.google.android.contacts/com.android.contacts.activities.PeopleActivity"
DATABASE = "/data/data/com.android.providers.contacts/databases/contacts2.db"
NEWEST = "SELECT * FROM contacts ORDER BY _id DESC LIMIT 1"
AWKWARD = 'O\'Neil "$(reboot)" <b>%s</b> שלום 😀'


@pytest.fixture
def contacts(sh: PhoneShell) -> Iterator[Driver]:
    driver = Driver(sh)
    driver.open(CONTACTS)
    return driver


def test_a_contact_is_created_edited_starred_and_deleted(contacts: Driver) -> None:
    contacts.tap("Create contact")
    contacts.write("Zoë", "First name")
    contacts.write(AWKWARD, "Last name")
    contacts.write("Blue Harbor", "Company")
    contacts.write("555-0142", "Phone")
    contacts.tap("Mobile Phone", "Work")
    contacts.write("zoe@example.com", "Email")
    contacts.write("first line", "Notes")
    assert contacts.sees("Work Phone")
    contacts.tap("Save")
    contacts.find("Edit contact")
    (made,) = contacts.rows(DATABASE, NEWEST)
    assert made["display_name"] == f"Zoë {AWKWARD}"
    assert made["last_name"] == AWKWARD
    assert made["first_name"] == "Zoë"
    assert [made[key] for key in ("number", "number_type", "email", "company", "note", "starred")] == [
        "555-0142", "Work", "zoe@example.com", "Blue Harbor", "first line", 0,
    ]  # fmt: skip
    assert contacts.sees(f"Zoë {AWKWARD}")
    assert contacts.sees("Blue Harbor")
    contacts.tap("Edit contact")
    contacts.write("+1 555 0199", "#number")
    contacts.tap("Save", "Add to favorites")
    contacts.find("Remove from favorites")
    (edited,) = contacts.rows(DATABASE, NEWEST)
    assert (edited["number"], edited["starred"], edited["email"]) == ("+1 555 0199", 1, "zoe@example.com")
    contacts.key(BACK)
    contacts.find("Favorites")
    contacts.tap(f"Zoë {AWKWARD}", "More options", "Delete", "Delete")
    contacts.find("Create contact")
    assert contacts.rows(DATABASE, f"SELECT 1 FROM contacts WHERE _id = {made['_id']}") == []


def test_a_draft_is_kept_until_it_is_given_up(contacts: Driver) -> None:
    before = contacts.rows(DATABASE, "SELECT count(*) AS n FROM contacts")
    contacts.tap("Create contact")
    contacts.write("Ada", "First name")
    contacts.key(BACK)
    contacts.tap("Cancel")
    assert contacts.find("#first_name").text == "Ada"
    contacts.key(BACK)
    contacts.tap("Discard")
    contacts.find("Search contacts")
    assert contacts.rows(DATABASE, "SELECT count(*) AS n FROM contacts") == before
    contacts.tap("Create contact", "Save")
    assert contacts.sees("Save"), "an empty form is not saved"


def test_search_finds_names_and_numbers(contacts: Driver) -> None:
    (someone, other) = contacts.rows(DATABASE, "SELECT * FROM contacts ORDER BY display_name LIMIT 2")
    contacts.write(someone["display_name"][:6].lower(), "Search contacts")
    assert contacts.sees(someone["display_name"])
    assert not contacts.sees(other["display_name"])
    contacts.write(other["number"][-6:], "#search_src_text")
    assert contacts.sees(other["display_name"])
    assert not contacts.sees(someone["display_name"])
    contacts.write("nobody is called so", "#search_src_text")
    assert contacts.sees("No contacts found")
    contacts.key(BACK)
    assert contacts.find(someone["display_name"])
    assert contacts.front == CONTACTS


def test_intents_open_a_filled_form(contacts: Driver) -> None:
    """As AndroidWorld adds its contacts (android_world/utils/contacts_utils.py: add_contact)."""
    contacts.intent(
        '-a android.intent.action.INSERT -t vnd.android.cursor.dir/contact -e name "Ada King" -e phone 5550100 -e email a@example.com'
    )
    assert contacts.find("#first_name").text == "Ada"
    assert contacts.find("#last_name").text == "King"
    assert contacts.find("#number").text == "5550100"
    assert contacts.find("#email").text == "a@example.com"
    contacts.tap("Save")
    contacts.find("Edit contact")
    assert contacts.rows(DATABASE, NEWEST)[0]["display_name"] == "Ada King"
    assert "display_name=Ada King, number=5550100" in contacts.shell.ok(
        "content query --uri content://contacts/phones/ --projection display_name:number"
    )


def test_contacts_that_come_from_outside_are_shown_at_once(contacts: Driver) -> None:
    name = "A" + "ä" * 499
    contacts.rows(DATABASE, f"INSERT INTO contacts (display_name, number) VALUES ('{name}', '555-0107')")
    contacts.tap(name)
    assert contacts.find("Call 555-0107")
    contacts.shell.ok("pm clear com.android.providers.contacts")
    contacts.open(CONTACTS)
    assert contacts.find("No contacts yet")
    contacts.tap("Create contact")
    contacts.write("Solo", "First name")
    contacts.tap("Save")
    contacts.find("Edit contact")
    assert contacts.rows(DATABASE, "SELECT display_name, number FROM contacts") == [{"display_name": "Solo", "number": ""}]


def test_a_contact_can_be_called_and_written_to(contacts: Driver) -> None:
    (someone,) = contacts.rows(DATABASE, "SELECT * FROM contacts ORDER BY starred DESC, display_name LIMIT 1")
    contacts.tap(someone["display_name"], "Message")
    assert contacts.find("Type a message…")
    assert contacts.front.startswith("com.simplemobiletools.smsmessenger/")
    contacts.key(BACK, BACK)
    contacts.tap("Call")
    assert contacts.find("End call")
    assert contacts.state.facts.call["number"] == someone["number"]
