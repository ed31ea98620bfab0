"""Contacts and calls."""

from __future__ import annotations

import random
from abc import ABC
from datetime import timedelta
from typing import Any, ClassVar

from handeye.benchmarks.simphone import pickers
from handeye.benchmarks.simphone.answers import names
from handeye.benchmarks.simphone.people import NOW, Person, draw_people, milliseconds, namesake
from handeye.benchmarks.simphone.phone import Phone
from handeye.benchmarks.simphone.stores import Changes, dialled, fill
from handeye.benchmarks.simphone.task import Difficulty, Steps, Task
from handeye.benchmarks.simphone.ui import Ui, open_app

OUTGOING, MISSED, INCOMING = 2, 3, 1
"""Kinds of calls (android.provider.CallLog.Calls)."""


class _PeopleTask(Task, ABC):
    apps = ("Contacts",)
    kind = "people"
    difficulty: ClassVar[Difficulty] = "easy"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        """Somebody, somebody with almost the same name, and others."""
        person, *others = draw_people(rng, 7)
        return {"person": person, "others": [*others, namesake(rng, person)], "seed": rng.randrange(2**32)}

    @property
    def person(self) -> Person:
        """Who the task is about."""
        found: Person = self.params["person"]
        return found

    def prepare(self, phone: Phone) -> None:
        people = [self.person, *self.params["others"]]
        random.Random(self.params["seed"]).shuffle(people)
        fill(phone, "contacts", [person.contact() for person in people])

    def open_contact(self, ui: Ui) -> Steps:
        """Show the person's card."""
        yield open_app("Contacts")
        yield from ui.tap(self.person.name)


class ContactsAdd(_PeopleTask):
    """One more contact."""

    template = "Add a contact named {person.name} with the mobile number {person.number}."

    def prepare(self, phone: Phone) -> None:
        fill(phone, "contacts", [person.contact() for person in self.params["others"]])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("contacts", display_name=self.person.name, number=dialled(self.person.number), number_type="Mobile")

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Contacts")
        yield from pickers.add_contact(ui, self.person)


class ContactsChangeNumber(_PeopleTask):
    """A number changes; somebody has almost the same name."""

    template = "{person.name} has a new phone number: {number}. Change the contact."
    difficulty = "medium"
    complexity = 1.4

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {**super().sample(rng), "number": f"+1555{rng.randint(1_000_000, 9_999_999):07d}"}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.edited("contacts", {"display_name": self.person.name}, number=dialled(self.params["number"]))

    def solve(self, ui: Ui) -> Steps:
        yield from self.open_contact(ui)
        yield from ui.tap("Edit contact")
        yield from ui.fill("#number", self.params["number"], clear=True)
        yield from ui.tap("Save")


class ContactsDelete(_PeopleTask):
    """A contact goes; somebody has almost the same name."""

    template = "Delete the contact {person.name}."
    difficulty = "medium"

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.removed("contacts", display_name=self.person.name)

    def solve(self, ui: Ui) -> Steps:
        yield from self.open_contact(ui)
        yield from ui.tap("More options", "Delete")
        yield from pickers.confirm(ui, "Delete")


class ContactsStar(_PeopleTask):
    """A contact becomes a favourite."""

    template = "Make {person.name} one of the favorite contacts."

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.edited("contacts", {"display_name": self.person.name}, starred=1)

    def solve(self, ui: Ui) -> Steps:
        yield from self.open_contact(ui)
        yield from ui.tap("Add to favorites")


class ContactsCompany(_PeopleTask):
    """A question about a contact."""

    template = "Which company does {person.name} work for, according to the contacts? Answer with the company alone."
    question = True

    def answered(self, answer: str) -> bool:
        return names(answer, self.person.company, {other.company for other in self.params["others"]} - {self.person.company})

    def solve(self, ui: Ui) -> Steps:
        yield from self.open_contact(ui)
        yield from ui.find(self.person.company)
        yield pickers.answer(self.person.company)


class PhoneCall(_PeopleTask):
    """A call to a contact goes out."""

    template = "Call {person.name}. Do not wait for an answer: as soon as the phone dials you are done."
    apps = ("Phone",)

    def prepare(self, phone: Phone) -> None:
        super().prepare(phone)
        fill(phone, "calls", [call(other, INCOMING, 100 * number) for number, other in enumerate(self.params["others"], 1)])

    def conclude(self, phone: Phone) -> None:
        # A call is in the log when it is over.
        phone.hang_up()

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("calls", number=dialled(self.person.number), type=OUTGOING)

    def solve(self, ui: Ui) -> Steps:
        yield from self.open_contact(ui)
        yield from ui.tap("Call")


class PhoneLastMissed(_PeopleTask):
    """A question about the list of calls."""

    template = "Who called last and was missed? Answer with the full name."
    apps = ("Phone",)
    question = True
    difficulty = "medium"

    def prepare(self, phone: Phone) -> None:
        super().prepare(phone)
        first, second, third, *_ = self.params["others"]
        rows = [call(first, OUTGOING, 10), call(second, INCOMING, 25), call(self.person, MISSED, 45), call(third, MISSED, 200)]
        fill(phone, "calls", [*rows, call(self.person, INCOMING, 900)])

    def answered(self, answer: str) -> bool:
        return names(answer, self.person.name, [other.name for other in self.params["others"]])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Phone")
        yield from ui.tap("Recents")
        yield from ui.find("~" + self.person.name)
        yield pickers.answer(f"It was {self.person.name}.")


def call(person: Person, kind: int, minutes_ago: int) -> dict[str, object]:
    """A row of the list of calls."""
    at = milliseconds(NOW - timedelta(minutes=minutes_ago))
    return {
        "number": person.number,
        "name": person.name,
        "date": at,
        "duration": 0 if kind == MISSED else 61,
        "type": kind,
        "new": 0,
    }
