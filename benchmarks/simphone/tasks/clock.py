"""Alarms, timers, the stopwatch."""

from __future__ import annotations

import random
from abc import ABC
from typing import Any, ClassVar

from handeye.benchmarks.simphone import pickers
from handeye.benchmarks.simphone.answers import names
from handeye.benchmarks.simphone.people import alarm
from handeye.benchmarks.simphone.phone import Phone
from handeye.benchmarks.simphone.stores import Changes, fill
from handeye.benchmarks.simphone.task import Difficulty, Steps, Task
from handeye.benchmarks.simphone.ui import Ui, open_app

_LABELS = ("Gym", "Medicine", "School run", "Early shift", "Water plants", "Bins", "Language course", "Call home")


class _ClockTask(Task, ABC):
    apps = ("Clock",)
    kind = "clock"
    difficulty: ClassVar[Difficulty] = "easy"

    @classmethod
    def times(cls, rng: random.Random, count: int) -> list[tuple[int, int]]:
        """Times of day that differ in the hour."""
        return [(hour, 5 * rng.randrange(12)) for hour in sorted(rng.sample(range(5, 23), count))]


class ClockAddAlarm(_ClockTask):
    """One more alarm."""

    template = "Set an alarm for {hour:02d}:{minute:02d}. The other alarms stay as they are."

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        (hour, minute), *others = rng.sample(cls.times(rng, 3), 3)
        return {"hour": hour, "minute": minute, "others": others}

    def prepare(self, phone: Phone) -> None:
        fill(phone, "alarms", [alarm(hour, minute, enabled=False) for hour, minute in self.params["others"]])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("alarms", hour=self.params["hour"], minutes=self.params["minute"], enabled=1, daysofweek=0)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Clock")
        yield from ui.tap("Alarm", "Add alarm")
        yield from pickers.pick_time(ui, self.params["hour"], self.params["minute"])


class ClockWeeklyAlarm(_ClockTask):
    """An alarm on some days of the week, with a label."""

    template = 'Set an alarm for {hour:02d}:{minute:02d} that repeats on {first} and {second}, and label it "{label}".'
    difficulty = "hard"
    complexity = 2.0

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        (hour, minute), *others = rng.sample(cls.times(rng, 2), 2)
        first, second = (pickers.WEEKDAYS[day] for day in sorted(rng.sample(range(7), 2)))
        return {"hour": hour, "minute": minute, "others": others, "first": first, "second": second, "label": rng.choice(_LABELS)}

    def prepare(self, phone: Phone) -> None:
        fill(phone, "alarms", [alarm(hour, minute, days=96) for hour, minute in self.params["others"]])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        hour, minute, label = (self.params[name] for name in ("hour", "minute", "label"))
        days = sum(1 << pickers.WEEKDAYS.index(self.params[name]) for name in ("first", "second"))
        return changes.added("alarms", hour=hour, minutes=minute, enabled=1, daysofweek=days, label=label)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Clock")
        yield from ui.tap("Alarm", "Add alarm")
        yield from pickers.pick_time(ui, self.params["hour"], self.params["minute"])
        yield from ui.tap(self.params["first"], self.params["second"], "Add label")
        yield from pickers.enter(ui, self.params["label"])


class ClockTurnOffAlarm(_ClockTask):
    """One of several alarms goes off no more, and stays in the list."""

    template = "Turn off the alarm at {hour:02d}:{minute:02d}, but keep it in the list."

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        (hour, minute), *others = rng.sample(cls.times(rng, 3), 3)
        return {"hour": hour, "minute": minute, "others": others}

    def prepare(self, phone: Phone) -> None:
        fill(phone, "alarms", [alarm(*time) for time in sorted([(self.params["hour"], self.params["minute"]), *self.params["others"]])])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        before = {"hour": self.params["hour"], "minutes": self.params["minute"], "enabled": 1}
        return changes.edited("alarms", before, enabled=0)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Clock")
        yield from ui.tap("Alarm", "Alarm at {hour:02d}:{minute:02d}".format(**self.params))


class ClockDeleteAlarm(_ClockTask):
    """One of two alarms with the same time goes."""

    template = 'Delete the alarm labelled "{label}".'
    difficulty = "medium"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        hour, minute = cls.times(rng, 1)[0]
        label, other = rng.sample(_LABELS, 2)
        return {"hour": hour, "minute": minute, "label": label, "other": other}

    def prepare(self, phone: Phone) -> None:
        hour, minute = self.params["hour"], self.params["minute"]
        fill(phone, "alarms", [alarm(hour, minute, self.params["other"]), alarm(hour, minute, self.params["label"])])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.removed("alarms", label=self.params["label"])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Clock")
        yield from ui.tap("Alarm")
        yield ui.touch((yield from ui.beside(self.params["label"], lambda node: node.description == "Expand alarm")))
        yield from ui.tap("Delete")


class ClockAddTimer(_ClockTask):
    """A timer that runs."""

    template = "Start a timer of {hours} hours, {minutes} minutes and {seconds} seconds."

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {"hours": rng.randint(1, 9), "minutes": rng.randint(2, 59), "seconds": rng.randint(2, 59)}

    def prepare(self, phone: Phone) -> None:
        fill(phone, "timers", [])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        length_s = (self.params["hours"] * 60 + self.params["minutes"]) * 60 + self.params["seconds"]
        return changes.added("timers", length_ms=length_s * 1000, state="running")

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Clock")
        yield from ui.tap("Timer")
        yield from ui.tap(*"{hours}{minutes:02d}{seconds:02d}".format(**self.params))
        yield from ui.tap("Start")


class ClockStopwatch(_ClockTask):
    """The stopwatch runs."""

    template = "Start the stopwatch and leave it running."

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {}

    def prepare(self, phone: Phone) -> None:
        fill(phone, "timers", [])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.edited("stopwatch", {"state": "reset"}, state="running")

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Clock")
        yield from ui.tap("Stopwatch", "Start")


class ClockEarliestAlarm(_ClockTask):
    """A question about the alarms that are on; the earliest of all is off."""

    template = "Which label has the earliest alarm that is turned on? Answer with the label alone."
    question = True
    difficulty = "medium"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {"times": cls.times(rng, 4), "labels": rng.sample(_LABELS, 4), "off": rng.randint(1, 2)}

    def prepare(self, phone: Phone) -> None:
        times, labels, off = (self.params[name] for name in ("times", "labels", "off"))
        rows = [alarm(hour, minute, label, place >= off) for place, ((hour, minute), label) in enumerate(zip(times, labels, strict=True))]
        random.Random(labels[0]).shuffle(rows)
        fill(phone, "alarms", rows)

    @property
    def label(self) -> str:
        """The answer."""
        return str(self.params["labels"][self.params["off"]])

    def answered(self, answer: str) -> bool:
        return names(answer, self.label, self.params["labels"])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Clock")
        yield from ui.tap("Alarm")
        yield from ui.find(self.label)
        yield pickers.answer(self.label)
