"""Text messages."""

from __future__ import annotations

import random
from abc import ABC
from typing import Any, ClassVar

from handeye.benchmarks.simphone import pickers
from handeye.benchmarks.simphone.answers import tells_number
from handeye.benchmarks.simphone.people import Person, draw_people, namesake, small_talk, sms
from handeye.benchmarks.simphone.phone import Phone
from handeye.benchmarks.simphone.stores import Changes, dialled, fill
from handeye.benchmarks.simphone.task import Difficulty, Steps, Task
from handeye.benchmarks.simphone.ui import Ui, open_app

SENT = 2
"""Of `type` (android.provider.Telephony.Sms)."""
_TEXTS = (
    "I am ten minutes late, sorry!",
    "The meeting is in room 4.",
    "Yes, that works for me.",
    "Please bring the blue folder.",
    "Happy birthday, Sam!",
    "Dinner is at 8 & the keys are with Jo.",
)


class MessageTask(Task, ABC):
    """A task with contacts and old messages."""

    apps: ClassVar[tuple[str, ...]] = ("Messages",)
    kind: ClassVar[str] = "messages"
    difficulty: ClassVar[Difficulty] = "easy"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        """Somebody, others, and a text."""
        person, *others = draw_people(rng, 5)
        return {"person": person, "others": [*others, namesake(rng, person)], "text": rng.choice(_TEXTS), "seed": rng.randrange(2**32)}

    @property
    def person(self) -> Person:
        """Who the task is about."""
        found: Person = self.params["person"]
        return found

    def news(self) -> list[dict[str, object]]:
        """Messages beside small talk."""
        return []

    def prepare(self, phone: Phone) -> None:
        people = [self.person, *self.params["others"]]
        fill(phone, "contacts", [person.contact() for person in people])
        fill(phone, "sms", [*small_talk(random.Random(self.params["seed"]), people), *self.news()])


class MessagesSend(MessageTask):
    """A message to a number that is nobody's."""

    template = 'Send a text message to {number} that says "{text}"'

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {**super().sample(rng), "number": f"+1555{rng.randint(1_000_000, 9_999_999):07d}"}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("sms", address=dialled(self.params["number"]), body=self.params["text"], type=SENT)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Messages")
        yield from pickers.send_sms(ui, self.params["number"], self.params["text"])


class MessagesReply(MessageTask):
    """An answer in a conversation; somebody has almost the same name."""

    template = 'Reply to the last message from {person.name} with "{text}"'

    def news(self) -> list[dict[str, object]]:
        return [sms(self.person, "Are you coming?", 12), sms(self.params["others"][-1], "Are you coming?", 10)]

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("sms", address=dialled(self.person.number), body=self.params["text"], type=SENT)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Messages")
        yield from ui.tap(self.person.name)
        yield from pickers.compose(ui, self.params["text"])


class MessagesDelete(MessageTask):
    """A conversation goes."""

    template = "Delete the whole conversation with {person.name} in Messages."
    difficulty = "medium"

    def reached(self, phone: Phone, changes: Changes) -> bool:
        dials = dialled(self.person.number)
        before = len(changes.went["sms"])
        while changes.removed("sms", address=dials):
            pass
        return before - len(changes.went["sms"]) == 2

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Messages")
        yield from ui.hold(self.person.name)
        yield from ui.tap("Delete")
        yield from pickers.confirm(ui, "Delete")


class MessagesCode(MessageTask):
    """A question about what a message says; an older one says something else."""

    template = "What is the latest entry code that {person.name} sent in a text message? Answer with the digits alone."
    question = True

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        old, new, other = rng.sample(range(1_000, 9_999), 3)
        return {**super().sample(rng), "old": old, "new": new, "other": other}

    def news(self) -> list[dict[str, object]]:
        return [
            sms(self.person, f"The entry code is {self.params['old']}.", 50),
            sms(self.person, f"They changed the door. The entry code is {self.params['new']} now.", 20),
            sms(self.params["others"][-1], f"The entry code is {self.params['other']}.", 5),
        ]

    def answered(self, answer: str) -> bool:
        return tells_number(answer, self.params["new"])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Messages")
        yield from ui.tap(self.person.name)
        yield from ui.find(f"~{self.params['new']}")
        yield pickers.answer(str(self.params["new"]))
