"""Every task by its name, and the seeds of its parameters."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence

from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.simphone.task import Task
from handeye.benchmarks.simphone.tasks import calendar, clock, contacts, files, guided, media, messages, settings, several, shop
from handeye.tools.errors import InvalidAction

_ALL: tuple[type[Task], ...] = (
    settings.SettingsWifi, settings.SettingsBluetooth, settings.SettingsBrightness, settings.SettingsFontSize,
    settings.SettingsScreenTimeout, settings.SettingsRadios,
    clock.ClockAddAlarm, clock.ClockWeeklyAlarm, clock.ClockTurnOffAlarm, clock.ClockDeleteAlarm, clock.ClockAddTimer, clock.ClockStopwatch,
    clock.ClockEarliestAlarm,
    contacts.ContactsAdd, contacts.ContactsChangeNumber, contacts.ContactsDelete, contacts.ContactsStar, contacts.ContactsCompany,
    contacts.PhoneCall, contacts.PhoneLastMissed,
    messages.MessagesSend, messages.MessagesReply, messages.MessagesDelete, messages.MessagesCode,
    calendar.CalendarAdd, calendar.CalendarDelete, calendar.CalendarMove, calendar.CalendarWhen, calendar.CalendarWhere,
    files.NotesAdd, files.NotesAppend, files.NotesDelete, files.NotesAmount, files.FilesDelete, files.FilesRename, files.FilesMove,
    files.FilesLargest,
    media.CameraPhoto, media.GalleryDelete, media.GalleryRename, media.CalculatorQuotient,
    shop.ShopAddToCart, shop.ShopRemoveFromCart, shop.ShopOrder, shop.ShopPrice, shop.BrowserBookmark, shop.BrowserFact,
    several.TextNumber, several.SumToNote, several.EventFromMessage, several.ContactFromMessage, several.CartFromNote,
    several.AlarmBeforeEvent, several.NoteToMessage, several.CallSender, several.PhotoToFolder, several.PriceToMessage,
    several.PartyPlan,
)  # fmt: skip
TASKS: dict[str, type[Task]] = {task.__name__: task for task in _ALL}
"""The tasks in the order of the report."""

GUIDED: dict[str, type[Task]] = {task.__name__: task for task in (guided.GuidedWifi, guided.GuidedMessage, guided.GuidedShop)}
"""The tasks of the demo."""

SEED_MAX = 1_000_000


def find_task(name: str) -> type[Task]:
    """The task of a name. Raises `InvalidAction` when there is none."""
    if found := TASKS.get(name) or GUIDED.get(name):
        return found
    near = difflib.get_close_matches(name, TASKS, 1)
    raise InvalidAction(f"no phone task is called {name!r}" + (f"; did you mean {near[0]}?" if near else ""), fix="see --list")


def task_seed(name: str, index: int) -> int:
    """The seed of a task's parameters: from its name and which one it is, so that it depends on no other task."""
    return int(hashlib.sha256(f"{name} {index}".encode()).hexdigest(), 16) % SEED_MAX


def jobs(names: Sequence[str], seeds: int) -> list[Job]:
    """Every episode, those of the first seed of every task first. Raises `InvalidAction` for a name that is none."""
    chosen = list(dict.fromkeys(find_task(name).__name__ for name in names)) if names else list(TASKS)
    return [Job(name, index, task_seed(name, index)) for index in range(seeds) for name in chosen]
