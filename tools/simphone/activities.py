"""Opening and closing apps: what `am`, the launcher and the system do with tasks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from zlib import crc32

from handeye.tools.simphone import tasks, telephony
from handeye.tools.simphone.intents import MAIN, VIEW, Intent, component_of, front_task, launcher_of, resolve, short
from handeye.tools.simphone.logbook import log
from handeye.tools.simphone.state import HOME, DeviceState, Task

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

Outcome: TypeAlias = Literal["started", "to front", "delivered"]
"""A new activity; a task that was behind came to the front; the activity in front got the intent."""
CALL: str = "android.intent.action.CALL"


class NoActivity(Exception):
    """Nobody opens an intent; the message is what `am` says after `Error: `."""


@dataclass(frozen=True)
class Started:
    """What came of a start."""

    component: str
    """The activity in front, whole."""
    outcome: Outcome
    cold: bool
    """Whether the app did not run before."""
    milliseconds: int


def pid_of(package: str) -> int:
    """The process id of a package: the same one in every run of the phone."""
    return 2000 + crc32(package.encode()) % 28000


async def start(phone: Phone, intent: Intent, stop: bool = False) -> Started:
    """Open what an intent asks for and wait until it is drawn; `stop` ends the app before. Raises `NoActivity`."""
    begun = time.monotonic()
    component = resolve(phone.state, intent)
    if component is None:
        raise NoActivity(_why_not(phone.state, intent))
    package = component.partition("/")[0]
    if stop and package != HOME:
        await force_stop(phone, package)
    cold = package != HOME and package not in phone.screen.running
    outcome = _bring(phone.state, intent, component)
    if intent.action == CALL and intent.data.startswith("tel:"):
        telephony.place_call(phone.state, telephony.number_in(intent.data))
    await phone.screen.sync()
    await log(phone, "I", "ActivityTaskManager", f"START u0 {{{str(intent)[9:-2]} cmp={short(component)}}} from uid 2000")
    took = max(1, round((time.monotonic() - begun) * 1000))
    return Started(component_of(front_task(phone.state)), outcome, cold, took)


def _bring(state: DeviceState, intent: Intent, component: str) -> Outcome:
    package, _, activity = component.partition("/")
    before = state.front
    if package == HOME:
        tasks.go_home(state)
        return "delivered" if before is None else "to front"
    task = next((each for each in state.facts.tasks if each.package == package), None)
    plain = intent.action in (MAIN, "") and not intent.data and not intent.extras
    named = "" if plain and not (task and _other_entry(state, task, activity)) else activity
    tasks.open_package(state, package, named or (activity if task is None else ""), {} if plain else extras_of(intent))
    return "started" if task is None else "delivered" if before is task else "to front"


def extras_of(intent: Intent) -> dict[str, Any]:
    """An intent as a task keeps it: its extras, with `action`, `data` and `mime` beside them."""
    named = {"action": intent.action or VIEW, "data": intent.data, "mime": intent.mime}
    return {**intent.extras, **{name: value for name, value in named.items() if value}}


def _other_entry(state: DeviceState, task: Task, activity: str) -> bool:
    """Whether a start names another activity than the icon's: the icon's only brings the task to the front."""
    found = state.facts.packages.get(task.package)
    return activity != task.activity and not (found and found.manifest and found.manifest.activity == activity)


def _why_not(state: DeviceState, intent: Intent) -> str:
    if intent.component:
        return f"Activity class {{{short(intent.component)}}} does not exist."
    return f"Activity not started, unable to resolve {intent}"


def open_for_app(state: DeviceState, intent: Mapping[str, Any], caller: Task | None) -> bool:
    """Open what an app asks for: `{package, activity, action, data, mime, extras}`; whether somebody answers. BACK leads to `caller`."""
    named = {key: str(intent.get(key) or "") for key in ("package", "action", "data", "mime")}
    component = f"{named['package']}/{intent['activity']}" if intent.get("activity") and named["package"] else ""
    wanted = Intent(named["action"], named["data"], named["mime"], component=component, package=named["package"])
    # An app may name a package without saying what it wants of it.
    found = resolve(state, wanted) or launcher_of(state, named["package"])
    if found is None:
        return False
    package, _, activity = found.partition("/")
    if package == HOME:
        tasks.go_home(state)
        return True
    if named["action"] == CALL:
        telephony.place_call(state, telephony.number_in(named["data"]))
    extras = {**(intent.get("extras") or {}), **{key: named[key] for key in ("action", "data", "mime") if named[key]}}
    back_to = caller.id if caller is not None and state.front is caller else 0
    return tasks.open_package(state, package, activity if extras or component else "", extras, back_to) is not None


async def force_stop(phone: Phone, package: str) -> None:
    """End an app: its tasks, its process and its notifications go; what it stored stays."""
    facts = phone.state.facts
    for task in [each for each in facts.tasks if each.package == package]:
        tasks.close_task(phone.state, task.id)
    kept = [entry for entry in facts.notifications if entry.package != package]
    if len(kept) != len(facts.notifications):
        facts.notifications = kept
        phone.state.changed("notifications", package)
    await phone.screen.stop_app(package)


async def remove_task(phone: Phone, number: int) -> bool:
    """Take a task away, as swiping it off the recent apps does; whether there was one."""
    task = next((each for each in phone.state.facts.tasks if each.id == number), None)
    if task is None:
        return False
    tasks.close_task(phone.state, number)
    await phone.screen.stop_app(task.package)
    return True


async def crash(phone: Phone, package: str = "") -> bool:
    """Let an app, or the one in front, crash, with the system's dialog; whether there was one to crash."""
    front = phone.state.front
    package = package or (front.package if front else "")
    if not any(task.package == package for task in phone.state.facts.tasks):
        return False
    await log(phone, "E", "AndroidRuntime", f"FATAL EXCEPTION: main Process: {package}, PID: {pid_of(package)}", pid_of(package))
    for task in [each for each in phone.state.facts.tasks if each.package == package]:
        tasks.close_task(phone.state, task.id)
    await phone.screen.crash(package)
    return True
