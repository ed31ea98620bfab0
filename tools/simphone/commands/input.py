"""`input`: fingers and keys."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias
from weakref import WeakKeyDictionary

from handeye.tools.simphone import activities, telephony
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.keycodes import CALL, DPAD_CENTER, ENDCALL, key_code

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

Sub: TypeAlias = Callable[[Call, list[str]], Awaitable[None]]
SOURCES: Final = frozenset(
    "keyboard mouse joystick touchnavigation touchpad trackball dpad stylus touchscreen gamepad rotaryencoder".split()
)
SWIPE_MS: Final = 300
"""How long a swipe takes that does not say so (AOSP: InputShellCommand, DEFAULT_SWIPE_DURATION)."""
LONGEST_MS: Final = 60_000
"""Longest gesture."""
USAGE: Final = """Usage: input [<source>] [-d DISPLAY_ID] <command> [<arg>...]

The sources are:
      touchnavigation, touchscreen, joystick, stylus, touchpad, gamepad, dpad, mouse, keyboard, trackball, rotaryencoder

The commands and default sources are:
      text <string> (Default: touchscreen)
      keyevent [--longpress|--doubletap|--async|--delay <duration between keycodes in ms>] <key code number or name> ... (Default: keyboard)
      tap <x> <y> (Default: touchscreen)
      swipe <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)
      draganddrop <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)
      press (Default: trackball)
      roll <dx> <dy> (Default: trackball)
      motionevent <DOWN|UP|MOVE|CANCEL> <x> <y> (Default: touchscreen)
      keycombination [-t duration(ms)] <key code 1> <key code 2> ... (Default: keyboard)"""
INJECT: Final = (
    "java.lang.SecurityException: Injecting input events requires the caller (or the source of the instrumentation, if any) "
    "to have the INJECT_EVENTS permission."
)
NOT_ASCII: Final = """
Exception occurred while executing 'text':
java.lang.NullPointerException: Attempt to get length of null array
\tat com.android.server.input.InputShellCommand.sendText(InputShellCommand.java:327)
\tat com.android.server.input.InputShellCommand.runText(InputShellCommand.java:307)
\tat com.android.server.input.InputShellCommand.handleTextEvent(InputShellCommand.java:291)
\tat com.android.server.input.InputShellCommand.onCommand(InputShellCommand.java:160)"""
"""What Android 12 and later print: the key map has no keys for such letters."""


class BadInput(Exception):
    """Arguments that are no input; the message is the exception's."""


_late: WeakKeyDictionary[Phone, set[asyncio.Future[None]]] = WeakKeyDictionary()
"""Touches that come late, kept so that they are not collected before they end."""


async def input_command(call: Call) -> int:
    """Run one command."""
    words = list(call.arguments)
    if words and words[0] in SOURCES:
        words.pop(0)
    if words[:1] == ["-d"]:
        del words[:2]
    if not words:
        call.complain(USAGE)
        return 255
    name, *rest = words
    run = SUBS.get(name)
    if run is None:
        call.complain(f"Error: Unknown command: {name}\n{USAGE}" if not name.startswith("-") else USAGE)
        return 255
    if call.phone.faults.active("inject_denied"):
        call.complain(f"\nException occurred while executing '{name}':\n{INJECT}")
        return 255
    try:
        await run(call, [word for word in rest if word])
    except BadInput as fault:
        call.complain(str(fault) if str(fault).startswith("\n") else f"\nException occurred while executing '{name}':\n{fault}")
        return 255
    await _strike(call.phone)
    return 0


async def _strike(phone: Phone) -> None:
    """The faults that come with an input."""
    if phone.faults.take("crash"):
        await activities.crash(phone)
    if phone.faults.take("popup"):
        await phone.screen.show_dialog("System update", "A new version of the system is ready to be installed.", ["Later", "Install"])


def _numbers(words: list[str], least: int, most: int) -> list[float]:
    if not least <= len(words) <= most:
        raise BadInput(f"java.lang.IllegalArgumentException: Invalid arguments for command: {' '.join(words)}")
    try:
        values = [float(word) for word in words]
    except ValueError as error:
        bad = next(word for word in words if not _is_number(word))
        raise BadInput(f'java.lang.NumberFormatException: For input string: "{bad}"') from error
    if not all(math.isfinite(value) and abs(value) < 1e7 for value in values):
        raise BadInput("java.lang.IllegalArgumentException: Coordinates are out of range")
    return values


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


async def _touch(phone: Phone, act: Callable[[], Awaitable[None]]) -> None:
    """Do a touch, unless a fault swallows it or has it come late."""
    if phone.faults.take("lost_tap"):
        return
    late = phone.faults.value("tap_latency")
    if not late:
        await act()
        return
    loop = asyncio.get_running_loop()
    pending = _late.setdefault(phone, set())

    def begin() -> None:
        if not phone.faults.active("tap_latency"):
            return  # a reset came first
        task = asyncio.ensure_future(act())
        pending.add(task)
        task.add_done_callback(pending.discard)

    loop.call_later(late, begin)


async def _tap(call: Call, words: list[str]) -> None:
    x, y = _numbers(words, 2, 2)
    await _touch(call.phone, lambda: call.phone.screen.tap(x, y))


async def _swipe(call: Call, words: list[str]) -> None:
    values = _numbers(words, 4, 5)
    duration = min(max(0, int(values[4])), LONGEST_MS) if len(values) > 4 else SWIPE_MS
    x1, y1, x2, y2 = values[:4]
    if math.hypot(x2 - x1, y2 - y1) < 1:
        await _touch(call.phone, lambda: call.phone.screen.tap(x1, y1, hold_ms=duration))
    else:
        await _touch(call.phone, lambda: call.phone.screen.swipe(x1, y1, x2, y2, duration))


async def _drag(call: Call, words: list[str]) -> None:
    values = _numbers(words, 4, 5)
    duration = min(max(0, int(values[4])), LONGEST_MS) if len(values) > 4 else SWIPE_MS
    x1, y1, x2, y2 = values[:4]
    await _touch(call.phone, lambda: call.phone.screen.drag(x1, y1, x2, y2, duration))


async def _text(call: Call, words: list[str]) -> None:
    if not words:
        raise BadInput('java.lang.IllegalArgumentException: Argument expected after "text"')
    text = words[0].replace("%s", " ")
    if not text.isascii():
        raise BadInput(NOT_ASCII)
    await call.phone.screen.text(text)


async def _keyevent(call: Call, words: list[str]) -> None:
    long = "--longpress" in words
    times = 2 if "--doubletap" in words else 1
    if "--delay" in words:
        at = words.index("--delay")
        del words[at : at + 2]
    names = [word for word in words if not word.startswith("--")]
    if not names:
        raise BadInput('java.lang.IllegalArgumentException: Argument expected after "keyevent"')
    codes = [code for name in names for code in [key_code(name)] * times if code]
    await _press(call.phone, codes, long)


async def _press(phone: Phone, codes: list[int], long: bool) -> None:
    """Keys in order. Those of a call are the system's; the rest go to the screen."""
    plain: list[int] = []
    for code in codes:
        if (code == ENDCALL and telephony.end_call(phone.state)) or (code == CALL and telephony.answer(phone.state)):
            await phone.screen.sync()
        else:
            plain.append(26 if code == ENDCALL else code)
    if plain:
        await phone.screen.keys(plain, long=long)


async def _combination(call: Call, words: list[str]) -> None:
    if words[:1] == ["-t"]:
        del words[:2]
    codes = [code for word in words if (code := key_code(word))]
    if len(words) < 2:
        raise BadInput("java.lang.IllegalArgumentException: keycombination requires at least 2 keycodes")
    await call.phone.screen.keys(codes, chord=True)


async def _motion(call: Call, words: list[str]) -> None:
    kind = words[0].upper() if words else ""
    if kind not in ("DOWN", "MOVE", "UP", "CANCEL"):
        raise BadInput(f"java.lang.IllegalArgumentException: Unknown action: {kind}")
    x, y = _numbers(words[1:], 2, 2)
    await call.phone.screen.touch("up" if kind == "CANCEL" else kind.lower(), x, y)


async def _trackball(call: Call, words: list[str]) -> None:
    await call.phone.screen.keys([DPAD_CENTER])


async def _roll(call: Call, words: list[str]) -> None:
    _numbers(words, 2, 2)


SUBS: Final[dict[str, Sub]] = {
    "tap": _tap, "swipe": _swipe, "draganddrop": _drag, "text": _text, "keyevent": _keyevent, "keycombination": _combination,
    "motionevent": _motion, "press": _trackball, "roll": _roll, "scroll": _roll,
}  # fmt: skip
COMMANDS: Final[dict[str, Command]] = {"input": input_command}
