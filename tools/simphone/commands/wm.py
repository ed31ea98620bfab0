"""`wm`: the size, density and rotation of the screen."""

from __future__ import annotations

import re
from typing import Final

from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Size
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.effects import put_setting
from handeye.tools.simphone.options import PhoneOptions

LEAST_DENSITY: Final = 72
"""As AOSP's WindowManagerShellCommand has it."""


async def wm(call: Call) -> int:
    """Run one command of the window manager."""
    words = list(call.arguments)
    while "-d" in words[1:]:
        at = words.index("-d", 1)
        del words[at : at + 2]
    match words:
        case ["size", *rest]:
            code = _size(call, rest)
        case ["density", *rest]:
            code = _density(call, rest)
        case ["user-rotation" | "set-user-rotation" as verb, *rest]:
            code = _rotation(call, rest, reads=verb == "user-rotation")
        case ["dismiss-keyguard"]:
            code = _dismiss(call)
        case ["reset"]:
            code = _reset(call)
        case ["fixed-to-user-rotation" | "set-fix-to-user-rotation" | "set-ignore-orientation-request" | "scaling" | "folded-area"
              | "set-multi-window-config" | "set-letterbox-style" | "logging" | "shell" | "overscan", *_]:  # fmt: skip
            code = 0
        case [unknown, *_]:
            call.complain(f"Unknown command: {unknown}")
            return 255
        case _:
            call.say(
                "Window manager (window) commands:\n  size [reset|WxH|WdpxHdp]\n  density [reset|DENSITY]\n"
                "  user-rotation [free|lock] [rotation]\n  dismiss-keyguard"
            )
            return 255
    await call.phone.screen.sync()
    return code


def _size(call: Call, words: list[str]) -> int:
    state = call.phone.state
    physical, override = state.options.size, state.facts.size_override
    if not words:
        call.say(f"Physical size: {physical.width}x{physical.height}")
        if override is not None:
            call.say(f"Override size: {override.width}x{override.height}")
        return 0
    if words[0] == "reset":
        wanted = None
    else:
        found = re.fullmatch(r"(\d{1,6})(dp)?x(\d{1,6})(dp)?", words[0])
        if found is None:
            call.complain(f"Error: bad size {words[0]}")
            return 255
        width, height = (round(int(found[at]) * (state.density / 160 if found[at + 1] else 1)) for at in (1, 3))
        try:
            wanted = PhoneOptions(size=Size(width, height)).size
        except InvalidAction as fault:
            call.complain(f"Error: bad size {words[0]}: {fault}")
            return 255
    state.facts.size_override = None if wanted == physical else wanted
    state.changed("display", "size")
    return 0


def _density(call: Call, words: list[str]) -> int:
    state = call.phone.state
    if not words:
        call.say(f"Physical density: {state.options.density}")
        if state.facts.density_override is not None:
            call.say(f"Override density: {state.facts.density_override}")
        return 0
    if words[0] == "reset":
        state.facts.density_override = None
    elif words[0].isdigit() and LEAST_DENSITY <= int(words[0][:6]) <= 1600:
        state.facts.density_override = int(words[0])
    else:
        call.complain(f"Error: density must be >= {LEAST_DENSITY}" if words[0].lstrip("-").isdigit() else f"Error: bad number {words[0]}")
        return 255
    state.changed("display", "density")
    return 0


def _rotation(call: Call, words: list[str], reads: bool) -> int:
    state = call.phone.state
    if not words and reads:
        free = state.setting("system", "accelerometer_rotation", "0") == "1"
        call.say("free" if free else f"lock {state.setting('system', 'user_rotation', '0')}")
        return 0
    match words:
        case ["free"]:
            put_setting(state, "system", "accelerometer_rotation", "1")
        case ["lock"]:
            put_setting(state, "system", "accelerometer_rotation", "0")
        case ["lock" | "-d", turn] if turn in ("0", "1", "2", "3"):
            put_setting(state, "system", "accelerometer_rotation", "0")
            put_setting(state, "system", "user_rotation", turn)
        case ["lock", turn]:
            call.complain(f"Error: expecting rotation, got {turn}")
            return 255
        case _:
            call.complain("Error: argument needs to be either -d, free or lock.")
            return 255
    return 0


def _dismiss(call: Call) -> int:
    facts = call.phone.state.facts
    if facts.awake and facts.locked:
        facts.locked = False
        call.phone.state.changed("power", "unlocked")
    return 0


def _reset(call: Call) -> int:
    facts = call.phone.state.facts
    facts.size_override = facts.density_override = None
    put_setting(call.phone.state, "system", "user_rotation", "0")
    call.phone.state.changed("display")
    return 0


COMMANDS: Final[dict[str, Command]] = {"wm": wm}
