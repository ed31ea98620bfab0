"""The program `simphone`: what a test, or somebody at a desk, does to the phone from outside."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from handeye.tools.errors import InvalidAction
from handeye.tools.simphone import activities, effects, telephony
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.cover import Cover
from handeye.tools.simphone.faults import COUNTED, VOCABULARY

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

MOST_SNAPSHOTS = 16
OVERLAYS = ("animated",)
"""Faults that are drawn over the screen."""
USAGE = """simphone reset                          be as at the start, in well under a second
simphone snapshot NAME | restore NAME   keep everything; be as it was then
simphone faults                         what can go wrong, and what does now
simphone fault NAME [on|off|VALUE]      let it go wrong
simphone advance SECONDS                put the clock forward
simphone notify PACKAGE TITLE TEXT      a notification
simphone sms NUMBER TEXT                a message comes in
simphone call NUMBER                    somebody calls
simphone crash [PACKAGE]                the app, or the one in front, crashes
simphone dialog TITLE TEXT              a dialog of the system
simphone ask PERMISSION [TEXT]          the app in front asks for a permission of its manifest, with words of its own
simphone clip TEXT                      what is on the clipboard
simphone overlay PACKAGE TOP BOTTOM TEXT [through]   a window of that app over the others, pixels TOP to BOTTOM; `through`: touches go
                                        to what lies below. Without words: take it away
simphone state                          everything that matters, as JSON"""


async def simphone(call: Call) -> int:
    """See `USAGE`."""
    name, *rest = call.arguments or ["help"]
    action, least, most = ACTIONS.get(name, (_help, 0, 99))
    if not least <= len(rest) <= most:
        return call.complain(USAGE)
    try:
        return await action(call, rest)
    except InvalidAction as error:
        return call.complain(f"simphone: {error}")


async def set_fault(phone: Phone, name: str, value: float) -> None:
    """Switch a fault on, or off with 0, with all that belongs to it. Raises `InvalidAction` for an unknown one."""
    phone.faults.set(name, value)
    facts = phone.state.facts
    if name in OVERLAYS:
        phone.screen.overlay[name] = bool(value)
    elif name == "locked":
        facts.locked = bool(value)
        phone.state.changed("power")
    elif name == "screen_off":
        facts.awake = not value
        phone.state.changed("power")
    elif name == "rotate":
        effects.put_setting(phone.state, "system", "accelerometer_rotation", "0")
        effects.put_setting(phone.state, "system", "user_rotation", str(int(value) % 4))
    else:
        return
    await phone.screen.sync()


async def _help(call: Call, rest: list[str]) -> int:
    known = not call.arguments or call.arguments[0] in ("help", "--help", "-h")
    if known:
        call.say(USAGE)
        return 0
    return call.complain(USAGE)


async def _reset(call: Call, rest: list[str]) -> int:
    await call.phone.restore()
    return 0


async def _snapshot(call: Call, rest: list[str]) -> int:
    kept = call.phone.snapshots
    if rest[0] == "boot":
        return call.complain("simphone: the snapshot boot is how the phone began; take another name")
    if rest[0] not in kept and len(kept) >= MOST_SNAPSHOTS:
        return call.complain(f"simphone: {MOST_SNAPSHOTS} snapshots are kept at most; give one of {', '.join(kept)} anew")
    kept[rest[0]] = call.phone.state.snapshot()
    return 0


async def _restore(call: Call, rest: list[str]) -> int:
    if rest[0] not in call.phone.snapshots:
        return call.complain(f"simphone: there is no snapshot {rest[0]}; there are {', '.join(call.phone.snapshots)}")
    await call.phone.restore(rest[0])
    return 0


async def _faults(call: Call, rest: list[str]) -> int:
    active = call.phone.faults.all()
    for name, about in VOCABULARY.items():
        call.say(f"{'*' if name in active else ' '} {name:<17} {about}" + (f" [now {active[name]:g}]" if name in active else ""))
    return 0


async def _fault(call: Call, rest: list[str]) -> int:
    word = rest[1] if len(rest) > 1 else "on"
    try:
        value = {"on": 1.0, "off": 0.0}[word] if word in ("on", "off") else float(word)
    except ValueError:
        return call.complain(f"simphone: a fault is on, off or a number{' (how often)' if rest[0] in COUNTED else ''}, not {word}")
    await set_fault(call.phone, rest[0], value)
    return 0


async def _advance(call: Call, rest: list[str]) -> int:
    try:
        milliseconds = round(float(rest[0]) * 1000)
    except (ValueError, OverflowError):
        return call.complain(f"simphone: {rest[0]} is no number of seconds")
    clock = call.phone.state.clock
    if not 0 <= milliseconds < 10**13:
        return call.complain("simphone: the clock goes forward only, and by less than 300 years")
    clock.set(clock.now_ms + milliseconds)
    call.phone.state.changed("clock")
    await call.phone.screen.sync()
    return 0


async def _notify(call: Call, rest: list[str]) -> int:
    if rest[0] not in call.phone.state.facts.packages:
        return call.complain(f"simphone: there is no package {rest[0]}")
    telephony.notify(call.phone.state, *rest)
    await call.phone.screen.sync()
    return 0


async def _sms(call: Call, rest: list[str]) -> int:
    telephony.receive_sms(call.phone.state, rest[0], " ".join(rest[1:]))
    await call.phone.screen.sync()
    return 0


async def _call(call: Call, rest: list[str]) -> int:
    telephony.ring(call.phone.state, rest[0])
    await call.phone.screen.sync()
    return 0


async def _crash(call: Call, rest: list[str]) -> int:
    if not await activities.crash(call.phone, rest[0] if rest else ""):
        return call.complain("simphone: no such app is open")
    return 0


async def _dialog(call: Call, rest: list[str]) -> int:
    await call.phone.screen.show_dialog(rest[0], rest[1] if len(rest) > 1 else "", ["OK"])
    return 0


async def _ask(call: Call, rest: list[str]) -> int:
    if not await call.phone.screen.ask_permission(rest[0], rest[1] if len(rest) > 1 else ""):
        return call.complain("simphone: no app is in front")
    return 0


async def _clip(call: Call, rest: list[str]) -> int:
    call.phone.state.facts.clipboard = rest[0]
    call.phone.state.changed("clipboard")
    await call.phone.screen.sync()
    return 0


async def _overlay(call: Call, rest: list[str]) -> int:
    screen = call.phone.screen
    if not rest:
        screen.cover = None
    else:
        if len(rest) < 4 or rest[0] not in call.phone.state.facts.packages or not (rest[1].isdecimal() and rest[2].isdecimal()):
            return call.complain("simphone: overlay takes a package that is there, two numbers of pixels, and a text")
        screen.cover = Cover(rest[0], int(rest[1]), int(rest[2]), rest[3], "through" in rest[4:])
    call.phone.state.changed("display")
    await screen.sync()
    return 0


async def _state(call: Call, rest: list[str]) -> int:
    state, facts = call.phone.state, call.phone.state.facts
    front = state.front
    described = {
        "package": front.package if front else "",
        "activity": front.activity if front else "",
        "at_home": front is None,
        "awake": facts.awake,
        "locked": facts.locked,
        "rotation": facts.rotation,
        "size": list(state.size),
        "density": state.density,
        "now": state.clock.now.isoformat(),
        "tasks": [{"id": task.id, "package": task.package, "activity": task.activity} for task in facts.tasks],
        "running": sorted(call.phone.screen.running),
        "notifications": [{"package": note.package, "title": note.title, "text": note.text} for note in facts.notifications],
        "clipboard": facts.clipboard,
        "call": facts.call,
        "faults": call.phone.faults.all(),
        "snapshots": list(call.phone.snapshots),
    }
    call.say(json.dumps(described, ensure_ascii=False))
    return 0


ACTIONS: dict[str, tuple[Callable[[Call, list[str]], Awaitable[int]], int, int]] = {
    "advance": (_advance, 1, 1),
    "ask": (_ask, 1, 2),
    "call": (_call, 1, 1),
    "clip": (_clip, 1, 1),
    "crash": (_crash, 0, 1),
    "dialog": (_dialog, 1, 2),
    "fault": (_fault, 1, 2),
    "faults": (_faults, 0, 0),
    "notify": (_notify, 3, 3),
    "overlay": (_overlay, 0, 5),
    "reset": (_reset, 0, 0),
    "restore": (_restore, 1, 1),
    "sms": (_sms, 2, 99),
    "snapshot": (_snapshot, 1, 1),
    "state": (_state, 0, 0),
}
"""What to do, and how many words may follow."""

COMMANDS: dict[str, Command] = {"simphone": simphone}
