"""What the phone's pages ask of the phone: settings, files, SQL, other apps. Calls come as a name and a list of JSON values."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from handeye.tools.simphone import effects, tasks, telephony
from handeye.tools.simphone.databases import DatabaseFault
from handeye.tools.simphone.files import FileFault
from handeye.tools.simphone.state import Notification, Task

if TYPE_CHECKING:
    from handeye.tools.simphone.screen import Screen

Answer: TypeAlias = Any


class Bridge:
    """Answers the calls of one phone's pages."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._state = screen.state
        self._methods: dict[str, Callable[..., Answer | Awaitable[Answer]]] = {
            "settings.put": self._put_setting,
            "settings.delete": lambda app, space, key: effects.delete_setting(self._state, space, key),
            "sql": self._sql,
            "files.list": self._list,
            "files.stat": self._stat,
            "files.text": lambda app, path: self._state.files.read(path).decode("utf-8", "replace"),
            "files.bytes": lambda app, path: base64.b64encode(self._state.files.read(path)).decode(),
            "files.write": lambda app, path, text: self._state.files.write(path, text.encode("utf-8", "surrogatepass")),
            "files.writeBytes": lambda app, path, data: self._state.files.write(path, base64.b64decode(data)),
            "files.remove": lambda app, path: self._state.files.remove(path),
            "files.move": lambda app, old, new: self._state.files.move(old, new),
            "files.copy": self._copy,
            "files.mkdir": lambda app, path: self._state.files.mkdir(path, parents=True),
            "files.exists": lambda app, path: self._state.files.get(path) is not None,
            "clipboard.set": self._copy_text,
            "notify": self._notify,
            "dismiss": self._dismiss,
            "start": self._start,
            "activity": self._activity,
            "finish": lambda app: self._leave(app, close=True),
            "leave": lambda app: self._leave(app, close=False),
            "home": lambda app: tasks.go_home(self._state),
            "close": lambda app, task: tasks.close_task(self._state, task),
            "front": self._front,
            "stop": self._stop,
            "clear": self._clear,
            "permission": self._permission,
            "call": self._call,
            "sms": self._sms,
            "power": self._power,
            "rotate": self._rotate,
            "zone": self._zone,
            "time": self._time,
            "ime.enter": lambda app: self._screen.editor_action(),
            "window": self._window,
            "dialog": lambda app, number, button: self._screen.answer_dialog(number, button),
        }

    async def call(self, package: str, method: str, arguments: str) -> str:
        """The answer to a call as JSON: `{"value": ...}`, or `{"error": "..."}` for what the phone refuses."""
        work = self._methods.get(method)
        if work is None:
            return json.dumps({"error": f"the phone has no method {method}"})
        try:
            value = work(package, *json.loads(arguments))
            if isinstance(value, Awaitable):
                value = await value
        except (FileFault, DatabaseFault) as error:
            return json.dumps({"error": str(error)})
        except (TypeError, ValueError, KeyError, binascii.Error) as error:
            return json.dumps({"error": f"{method}: {error}"})
        return json.dumps({"value": value})

    def _sql(self, app: str, path: str, statement: str, values: list[Any]) -> Answer:
        return [_plain(row) for row in self._state.databases.run(path, statement, [_value(each) for each in values])]

    def _put_setting(self, app: str, space: Any, key: str, value: str) -> None:
        effects.put_setting(self._state, space, key, str(value))

    def _list(self, app: str, path: str) -> Answer:
        return [_listed(name, entry) for name, entry in self._state.files.children(path).items()]

    def _stat(self, app: str, path: str) -> Answer:
        entry = self._state.files.need(path)
        return _listed(path.rpartition("/")[2], entry)

    def _copy(self, app: str, old: str, new: str) -> None:
        files = self._state.files
        if not files.need(old).is_folder:
            files.write(new, files.read(old))
            return
        source = files.real(old)
        if files.real(new).startswith(source + "/"):
            raise FileFault("Invalid argument")
        files.mkdir(new, parents=True)
        for name in files.children(source):
            self._copy(app, f"{source}/{name}", f"{new}/{name}")

    def _copy_text(self, app: str, text: str) -> None:
        self._state.facts.clipboard = text
        self._state.changed("clipboard")

    def _notify(self, app: str, title: str, text: str) -> int:
        self._screen.notify(app, title, text)
        return self._state.facts.notifications[-1].id

    def _dismiss(self, app: str, number: int | None) -> None:
        """Take a notification away; None: all that can be."""
        kept = self._state.facts.notifications
        kept[:] = [] if number is None else [each for each in kept if each.id != number]
        self._state.changed("notifications")

    def _start(self, app: str, intent: dict[str, Any]) -> bool:
        return self._screen.start(intent, self._task(app))

    def _activity(self, app: str, name: str) -> None:
        task = self._task(app)
        if task is not None and task.activity != name:
            task.activity = name
            self._state.changed("activity", app)

    def _leave(self, app: str, close: bool) -> None:
        task = self._task(app)
        if task is None:
            return
        tasks.leave(self._state, task.id)
        if close:
            tasks.close_task(self._state, task.id)

    def _front(self, app: str, task_id: int) -> bool:
        task = next((each for each in self._state.facts.tasks if each.id == task_id), None)
        return task is not None and tasks.open_package(self._state, task.package, caller=task.caller) is not None

    async def _stop(self, app: str, package: str) -> None:
        await self._screen.stop_app(package)

    async def _clear(self, app: str, package: str) -> None:
        await self._screen.stop_app(package)
        self._screen.clear_app(package)

    def _permission(self, app: str, package: str, name: str, granted: bool) -> None:
        held = self._state.facts.packages[package].permissions
        (held.add if granted else held.discard)(name)
        self._state.changed("packages", package)

    def _call(self, app: str, call: dict[str, str]) -> None:
        """The line: `dialing` and `ringing` begin a call with `number`, `active` answers, nothing ends it."""
        number = str(call.get("number", ""))
        match call.get("state", ""):
            case "dialing":
                telephony.place_call(self._state, number)
            case "ringing":
                telephony.ring(self._state, number)
            case "active":
                telephony.answer(self._state)
            case _:
                telephony.end_call(self._state, refused=True)

    def _sms(self, app: str, number: str, text: str) -> None:
        telephony.send_sms(self._state, number, text)

    def _power(self, app: str, awake: bool, locked: bool) -> None:
        self._state.facts.awake, self._state.facts.locked = awake, locked
        self._state.changed("power")

    def _window(self, app: str, name: str) -> None:
        self._screen.window = name

    def _rotate(self, app: str, turns: int) -> None:
        self._state.facts.rotation = turns % 4
        self._state.changed("display")

    def _zone(self, app: str, name: str) -> None:
        self._state.clock.zone = name
        self._state.facts.props["persist.sys.timezone"] = name
        self._state.changed("clock")

    def _time(self, app: str, now_ms: int) -> None:
        self._state.clock.set(int(now_ms))
        self._state.changed("clock")

    def _task(self, app: str) -> Task | None:
        return next((each for each in reversed(self._state.facts.tasks) if each.package == app), None)


def add_notification(screen: Screen, package: str, title: str, text: str) -> Notification:
    """Put a line into the notification shade."""
    facts = screen.state.facts
    number = max((each.id for each in facts.notifications), default=0) + 1
    note = Notification(number, package, title, text, screen.state.clock.now_ms)
    facts.notifications.append(note)
    screen.state.changed("notifications", package)
    return note


def _listed(name: str, entry: Any) -> dict[str, Any]:
    return {"name": name, "folder": entry.is_folder, "size": entry.size, "mtime": entry.mtime}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: base64.b64encode(value).decode() if isinstance(value, bytes) else value for key, value in row.items()}


def _value(given: Any) -> Any:
    return json.dumps(given) if isinstance(given, list | dict) else given
