"""Which app is in front: opening apps, going home, closing them."""

from __future__ import annotations

from typing import Any

from handeye.tools.simphone.state import DeviceState, Task


def open_package(
    state: DeviceState, package: str, activity: str = "", extras: dict[str, Any] | None = None, caller: int = 0
) -> Task | None:
    """Bring an app to the front, with an intent if there is one (an activity or extras); None when it has no screen or is disabled.

    `caller` is the id of the task that asked for it: BACK leads back there.
    """
    installed = state.facts.packages.get(package)
    if installed is None or installed.manifest is None or not installed.enabled:
        return None
    tasks = state.facts.tasks
    task = next((each for each in tasks if each.package == package), None)
    if task is None:
        task = Task(state.facts.next_task, package, activity or installed.manifest.activity, dict(extras or {}))
        state.facts.next_task += 1
    else:
        tasks.remove(task)
        if activity or extras:
            task.activity = activity or installed.manifest.activity
            task.extras = dict(extras or {})
            task.intents += 1
    task.caller = caller if caller != task.id else 0
    tasks.append(task)
    state.facts.at_home = False
    state.changed("tasks", package)
    return task


def go_home(state: DeviceState) -> None:
    """Show the home screen; apps keep running."""
    state.facts.at_home = True
    state.changed("tasks")


def leave(state: DeviceState, task_id: int) -> None:
    """The task goes to the back: the one that opened it comes to the front, or the home screen."""
    tasks = state.facts.tasks
    task = next((each for each in tasks if each.id == task_id), None)
    if task is None:
        return
    caller = next((each for each in tasks if each.id == task.caller), None)
    task.caller = 0
    if caller is None:
        state.facts.at_home = True
    else:
        tasks.remove(caller)
        tasks.append(caller)
    state.changed("tasks", task.package)


def close_task(state: DeviceState, task_id: int) -> None:
    """Take a task away, as a swipe in the list of recent apps does; home shows if it was in front."""
    tasks = state.facts.tasks
    if tasks and tasks[-1].id == task_id:
        state.facts.at_home = True
    tasks[:] = [each for each in tasks if each.id != task_id]
    state.changed("tasks")
