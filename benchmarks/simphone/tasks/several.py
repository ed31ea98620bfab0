"""Tasks that lead through several apps."""

from __future__ import annotations

import random
from abc import ABC
from datetime import datetime, timedelta
from typing import Any, ClassVar

from handeye.benchmarks.simphone import pickers
from handeye.benchmarks.simphone.people import ERRANDS, PLACES, Person, day, day_name, event, sms
from handeye.benchmarks.simphone.phone import STORAGE, Phone
from handeye.benchmarks.simphone.stores import Changes, dialled, fill
from handeye.benchmarks.simphone.task import Difficulty, Steps, Task
from handeye.benchmarks.simphone.tasks.contacts import OUTGOING
from handeye.benchmarks.simphone.tasks.files import NoteTask, draw_notes
from handeye.benchmarks.simphone.tasks.media import CAMERA
from handeye.benchmarks.simphone.tasks.messages import SENT, MessageTask
from handeye.benchmarks.simphone.tasks.shop import PLAIN, ShopTask
from handeye.benchmarks.simphone.ui import Ui, open_app

_KIND = "several apps"


class _TellTask(MessageTask, ABC):
    """Something is to be found out and sent to the first of the other people."""

    kind = _KIND
    difficulty: ClassVar[Difficulty] = "medium"
    complexity = 1.6

    @property
    def receiver(self) -> Person:
        """Who gets the message."""
        found: Person = self.params["others"][0]
        return found

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        found = super().sample(rng)
        return {**found, "receiver": found["others"][0].name}

    def sent(self, changes: Changes, body: Any) -> bool:
        """One message came to the receiver."""
        return changes.added("sms", address=dialled(self.receiver.number), body=body, type=SENT)


class TextNumber(_TellTask):
    """A contact's number for somebody else; somebody has almost the same name."""

    template = "Send the phone number of {person.name} to {receiver} in a text message. The message is the number alone."
    apps = ("Contacts", "Messages")

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return self.sent(changes, dialled(self.person.number))

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Contacts")
        yield from ui.tap(self.person.name)
        number = ui.said(dialled(self.person.number))
        yield open_app("Messages")
        yield from pickers.send_sms(ui, self.receiver.name, number)


class NoteToMessage(_TellTask):
    """A note's text for somebody."""

    template = 'Send what the note "{note}" says to {receiver} in a text message, word for word.'
    apps = ("Notes", "Messages")

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        note = draw_notes(rng)
        return {**super().sample(rng), "note": note["name"], "says": note["text"], "notes": note["others"]}

    def prepare(self, phone: Phone) -> None:
        super().prepare(phone)
        phone.write_notes({**self.params["notes"], self.params["note"]: self.params["says"]})

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return self.sent(changes, self.params["says"])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Notes")
        yield from ui.tap(self.params["note"])
        text = ui.said(lambda said: said.strip() == self.params["says"])
        yield open_app("Messages")
        yield from pickers.send_sms(ui, self.receiver.name, text.strip())


class PriceToMessage(_TellTask):
    """A price for somebody."""

    template = 'Look up in the shop what "{goods}" costs, and send the price to {receiver} in a text message, as in 12.50.'
    apps = ("Shop", "Messages")

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        goods, _, price = PLAIN[rng.choice(list(PLAIN))]
        return {**super().sample(rng), "goods": goods, "price": f"{price:.2f}"}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        price = self.params["price"]
        return self.sent(changes, lambda body: "".join(letter for letter in body if letter.isdigit() or letter == ".").strip(".") == price)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Shop")
        yield from pickers.open_product(ui, self.params["goods"])
        yield from ui.find("~" + self.params["price"])
        yield open_app("Messages")
        yield from pickers.send_sms(ui, self.receiver.name, self.params["price"])


class EventFromMessage(MessageTask):
    """A message proposes an event; one that is older says another time."""

    template = "{person.name} proposed a new time for an event in a text message. Add the event to the calendar, one hour long."
    apps = ("Messages", "Calendar")
    kind = _KIND
    difficulty = "hard"
    complexity = 2.4

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        start = day(rng.randint(2, 14), rng.randint(9, 18), 15 * rng.randrange(4))
        return {**super().sample(rng), "title": rng.choice(ERRANDS), "start": start, "place": rng.choice(PLACES)}

    @property
    def start(self) -> datetime:
        """When it begins."""
        found: datetime = self.params["start"]
        return found

    def news(self) -> list[dict[str, object]]:
        title, old = self.params["title"], self.start + timedelta(days=1, hours=1)
        return [
            sms(self.person, f"{title} on {day_name(old)} at {old:%H:%M}?", 60),
            sms(self.person, f"Sorry, that does not work. {title} on {day_name(self.start)} at {self.start:%H:%M} instead, please.", 20),
            sms(self.params["others"][-1], f"{title} on {day_name(old)} at 07:00?", 5),
        ]

    def prepare(self, phone: Phone) -> None:
        super().prepare(phone)
        fill(phone, "events", [event("Lunch", day(1, 12))])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        starts = round(self.start.timestamp())
        return changes.added("events", title=self.params["title"], start_ts=starts, end_ts=starts + 3600, repeat_interval=0)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Messages")
        yield from ui.tap(self.person.name)
        yield from ui.find("~instead, please")
        yield open_app("Calendar")
        yield from pickers.add_event(ui, self.params["title"], self.start, self.start + timedelta(hours=1))


class ContactFromMessage(MessageTask):
    """A message from an unknown number says whose it is."""

    template = "Somebody wrote a text message from a number that is not in the contacts, and gave a name. Add that person as a contact."
    apps = ("Messages", "Contacts")
    kind = _KIND
    difficulty = "hard"
    complexity = 1.6

    def news(self) -> list[dict[str, object]]:
        return [sms(self.person, f"Hello, this is {self.person.name}, your new neighbour. Here is my number!", 15)]

    def prepare(self, phone: Phone) -> None:
        super().prepare(phone)
        fill(phone, "contacts", [person.contact() for person in self.params["others"]])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("contacts", display_name=self.person.name, number=dialled(self.person.number))

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Messages")
        yield from ui.tap(self.person.number)
        yield from ui.find(f"~this is {self.person.name}")
        yield open_app("Contacts")
        yield from pickers.add_contact(ui, self.person)


class CallSender(MessageTask):
    """Who wrote about something is called."""

    template = "Call the person who asks in a text message to be called about the {thing}. As soon as the phone dials you are done."
    apps = ("Messages", "Phone")
    kind = _KIND
    difficulty = "medium"
    complexity = 1.2

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        thing, other = rng.sample(["piano", "boat", "sofa", "greenhouse", "bicycle"], 2)
        return {**super().sample(rng), "thing": thing, "other": other}

    def news(self) -> list[dict[str, object]]:
        rows = [sms(self.person, f"Please call me about the {self.params['thing']}.", 30)]
        return [*rows, sms(self.params["others"][-1], f"Please call me about the {self.params['other']}.", 10)]

    def conclude(self, phone: Phone) -> None:
        phone.hang_up()

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("calls", number=dialled(self.person.number), type=OUTGOING)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Messages")
        yield from ui.tap(self.person.name, "Dial number")
        yield from ui.tap("Dial")


class SumToNote(NoteTask):
    """The calculator's result in a note."""

    template = 'Use the calculator to add {numbers}, and put the total alone into a new note named "{name}".'
    apps = ("Calculator", "Notes")
    kind = _KIND
    difficulty = "hard"
    complexity = 3.0

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        amounts = rng.sample(range(101, 999), 3)
        return {**super().sample(rng), "amounts": amounts, "numbers": "{}, {} and {}".format(*amounts)}

    @property
    def own(self) -> dict[str, str]:
        return {}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.file_came(self.path) and phone.read(self.path).strip() == str(sum(self.params["amounts"])).encode()

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Calculator")
        yield from pickers.calculate(ui, "+".join(map(str, self.params["amounts"])))
        total = ui.said(lambda text: text.replace(",", "") == str(sum(self.params["amounts"])))
        yield open_app("Notes")
        yield from pickers.add_note(ui, self.params["name"], total.replace(",", ""))


class CartFromNote(ShopTask):
    """What a note lists goes into the cart."""

    template = 'Put what the note "order.md" lists into the cart of the shop, one of each. Do not order.'
    apps = ("Notes", "Shop")
    kind = _KIND
    difficulty = "hard"
    complexity = 2.0

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {"ids": rng.sample(list(PLAIN), 2)}

    def prepare(self, phone: Phone) -> None:
        super().prepare(phone)
        lines = [f"- {PLAIN[key][0]}" for key in self.params["ids"]]
        phone.write_notes({"order.md": "\n".join(lines), "order_old.md": "- Stoneware Vase\n- Felt Hat"})

    def reached(self, phone: Phone, changes: Changes) -> bool:
        found = [changes.added("cart", product_id=key, quantity=1) for key in self.params["ids"]]
        return all(found)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Notes")
        yield from ui.tap("order.md")
        for key in self.params["ids"]:
            yield open_app("Shop")
            yield from pickers.open_product(ui, PLAIN[key][0])
            yield from pickers.add_to_cart(ui, 1)


class AlarmBeforeEvent(Task):
    """An alarm for what is in the calendar."""

    template = 'Set an alarm for tomorrow, {lead} minutes before "{title}" starts.'
    apps = ("Calendar", "Clock")
    kind = _KIND
    difficulty = "hard"
    complexity = 1.6

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        title, other = rng.sample(ERRANDS, 2)
        start = day(1, rng.randint(8, 13), 15 * rng.randrange(4))
        return {"title": title, "other": other, "start": start, "lead": rng.choice([15, 30, 45, 60])}

    @property
    def due(self) -> datetime:
        """When the alarm rings."""
        found: datetime = self.params["start"] - timedelta(minutes=self.params["lead"])
        return found

    def prepare(self, phone: Phone) -> None:
        start, title = self.params["start"], self.params["title"]
        fill(phone, "events", [event(self.params["other"], start - timedelta(hours=2)), event(title, start), event("Tea", day(2, 16))])
        fill(phone, "alarms", [])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("alarms", hour=self.due.hour, minutes=self.due.minute, enabled=1)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Calendar")
        yield from pickers.search(ui, self.params["title"])
        yield from ui.find("~" + self.params["title"])
        yield open_app("Clock")
        yield from ui.tap("Alarm", "Add alarm")
        yield from pickers.pick_time(ui, self.due.hour, self.due.minute)


class PhotoToFolder(Task):
    """A new photo lies somewhere else."""

    template = "Take a photo, and then move it to the folder Documents."
    apps = ("Camera", "Files")
    kind = _KIND
    difficulty = "hard"
    complexity = 1.6

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {}

    def prepare(self, phone: Phone) -> None:
        phone.clear_folder(CAMERA)

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.any_file_came(f"{STORAGE}/Documents", ".jpg")

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Camera")
        yield from ui.tap("Take photo")
        yield from pickers.open_folder(ui, "DCIM", "Camera")
        yield from ui.hold("~.jpg")
        yield from pickers.move_chosen(ui, "Documents")


class PartyPlan(MessageTask):
    """Three apps: a note says what to plan, the calendar gets it, somebody is told."""

    template = (
        'The note "plan.md" says what to do and when. Add it to the calendar, two hours long, and send {person.name} a text message with '
        "its start time alone, as in 09:15."
    )
    apps = ("Notes", "Calendar", "Messages")
    kind = _KIND
    difficulty = "hard"
    complexity = 3.0

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        start = day(rng.randint(2, 14), rng.randint(9, 18), 15 * rng.randrange(4))
        return {**super().sample(rng), "title": rng.choice(("Picnic", "Game night", "Barbecue", "Film night")), "start": start}

    def prepare(self, phone: Phone) -> None:
        super().prepare(phone)
        start = self.params["start"]
        text = f"{self.params['title']}\n{day_name(start)}, {start:%H:%M}\nBring something to drink!"
        phone.write_notes({"plan.md": text, "plan_b.md": f"Bowling\n{day_name(start)}, 20:00"})
        fill(phone, "events", [event("Lunch", day(1, 12))])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        start: datetime = self.params["start"]
        begins = round(start.timestamp())
        planned = changes.added("events", title=self.params["title"], start_ts=begins, end_ts=begins + 7200)
        return changes.added("sms", address=dialled(self.person.number), body=f"{start:%H:%M}", type=SENT) and planned

    def solve(self, ui: Ui) -> Steps:
        start: datetime = self.params["start"]
        yield open_app("Notes")
        yield from ui.tap("plan.md")
        yield from ui.find(f"~{self.params['title']}")
        yield open_app("Calendar")
        yield from pickers.add_event(ui, self.params["title"], start, start + timedelta(hours=2))
        yield open_app("Messages")
        yield from pickers.send_sms(ui, self.person.name, f"{start:%H:%M}")
