"""Events."""

from __future__ import annotations

import random
from abc import ABC
from datetime import datetime, timedelta
from typing import Any, ClassVar

from handeye.benchmarks.simphone import pickers
from handeye.benchmarks.simphone.answers import names, tells_time
from handeye.benchmarks.simphone.people import ERRANDS, PLACES, day, day_name, event
from handeye.benchmarks.simphone.phone import Phone
from handeye.benchmarks.simphone.stores import Changes, fill
from handeye.benchmarks.simphone.task import Difficulty, Steps, Task
from handeye.benchmarks.simphone.ui import Ui, open_app


class _CalendarTask(Task, ABC):
    apps = ("Calendar",)
    kind = "calendar"
    difficulty: ClassVar[Difficulty] = "medium"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        """An event on a day of the next two weeks, and others around it, one on the same day."""
        title, *others = rng.sample(ERRANDS, 6)
        days = rng.sample(range(2, 15), 5)
        start = day(days[0], rng.randint(8, 12), 30 * rng.randrange(2))
        place, *places = rng.sample(PLACES, 5)
        around = [event(others[0], start + timedelta(hours=4), location=places[0])]
        around += [event(other, day(on, 15), location=rng.choice(places[1:])) for other, on in zip(others[1:], days[1:], strict=True)]
        return {"title": title, "start": start, "date": day_name(start), "place": place, "around": around}

    @property
    def start(self) -> datetime:
        """When the event begins."""
        found: datetime = self.params["start"]
        return found

    @property
    def own(self) -> list[dict[str, object]]:
        """The events that the task is about and that are there."""
        return [event(self.params["title"], self.start, location=self.params["place"])]

    def prepare(self, phone: Phone) -> None:
        fill(phone, "events", [*self.params["around"], *self.own])

    def open_event(self, ui: Ui) -> Steps:
        """Find the event by its title and show it."""
        yield open_app("Calendar")
        yield from pickers.search(ui, self.params["title"])
        # The first of that name is the search field.
        yield from ui.tap(self.params["title"], which=1)


class CalendarAdd(_CalendarTask):
    """One more event."""

    template = 'Add an event "{title}" to the calendar on {date} from {start:%H:%M} to {end:%H:%M}.'
    difficulty = "hard"
    complexity = 2.0

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        found = super().sample(rng)
        return {**found, "end": found["start"] + timedelta(minutes=rng.choice((30, 90, 120)))}

    @property
    def own(self) -> list[dict[str, object]]:
        return []

    def reached(self, phone: Phone, changes: Changes) -> bool:
        starts, ends = (round(self.params[name].timestamp()) for name in ("start", "end"))
        return changes.added("events", title=self.params["title"], start_ts=starts, end_ts=ends, repeat_interval=0)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Calendar")
        yield from pickers.add_event(ui, self.params["title"], self.start, self.params["end"])


class CalendarDelete(_CalendarTask):
    """One of two events of a day goes."""

    template = 'Delete the event "{title}" on {date} from the calendar. The event of the same name a week later stays.'

    @property
    def own(self) -> list[dict[str, object]]:
        title, place = self.params["title"], self.params["place"]
        return [event(title, self.start + timedelta(days=7), location=place), event(title, self.start, location=place)]

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.removed("events", title=self.params["title"], start_ts=round(self.start.timestamp()))

    def solve(self, ui: Ui) -> Steps:
        yield from self.open_event(ui)
        yield from ui.tap("Delete")
        yield from pickers.confirm(ui, "Delete")


class CalendarMove(_CalendarTask):
    """An event begins later on the same day, and is as long as before."""

    template = 'Move the event "{title}" on {date} to {later:%H:%M}. It stays one hour long.'

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        found = super().sample(rng)
        return {**found, "later": found["start"] + timedelta(hours=rng.randint(2, 7))}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        later = round(self.params["later"].timestamp())
        return changes.edited("events", {"title": self.params["title"]}, start_ts=later, end_ts=later + 3600)

    def solve(self, ui: Ui) -> Steps:
        yield from self.open_event(ui)
        yield from ui.tap("#event_start_time")
        yield from pickers.pick_time(ui, self.params["later"].hour, self.params["later"].minute)
        yield from ui.tap("Save")


class CalendarWhen(_CalendarTask):
    """A question about when something begins."""

    template = 'At what time does "{title}" start, according to the calendar? Answer with the time alone, as in 09:15.'
    question = True
    difficulty = "easy"

    def answered(self, answer: str) -> bool:
        return tells_time(answer, self.start.hour, self.start.minute)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Calendar")
        yield from pickers.search(ui, self.params["title"])
        yield from ui.find("~" + self.params["title"])
        yield pickers.answer(f"{self.start:%H:%M}")


class CalendarWhere(_CalendarTask):
    """A question about what else is on a day."""

    template = (
        'There is another event on the day of "{title}" in the calendar. Where does that other one take place? Answer with the place.'
    )
    question = True

    @property
    def other(self) -> dict[str, object]:
        """The event that is asked about."""
        found: dict[str, object] = self.params["around"][0]
        return found

    def answered(self, answer: str) -> bool:
        place = str(self.other["location"])
        return names(answer, place, [other for other in PLACES if other != place])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Calendar")
        yield from pickers.search(ui, str(self.other["title"]))
        yield from ui.find("~" + str(self.other["location"]))
        yield pickers.answer(str(self.other["location"]))
