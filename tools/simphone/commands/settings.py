"""`settings`: read and write the three tables of settings."""

from __future__ import annotations

import re
from typing import Final

from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.effects import delete_setting, put_setting
from handeye.tools.simphone.state import Namespace

NAMESPACES: Final[dict[str, Namespace]] = {"system": "system", "secure": "secure", "global": "global"}
VALID: Final[dict[tuple[Namespace, str], str]] = {
    ("system", "screen_brightness"): r"\d{1,9}",
    ("system", "screen_brightness_mode"): "[01]",
    ("system", "screen_off_timeout"): r"\d{1,10}",
    ("system", "font_scale"): r"0?\.(2[5-9]|[3-9])\d*|[1-4](\.\d*)?|5(\.0*)?",
    ("system", "user_rotation"): "[0-3]",
    ("system", "accelerometer_rotation"): "[01]",
    ("system", "time_12_24"): "12|24|null",
}
"""What the system lets stand in settings of its own (android.provider.settings.validators.SystemSettingsValidators)."""
USAGE: Final = """Settings provider (settings) commands:
  help
      Print this help text.
  get [--user <USER_ID> | current] NAMESPACE KEY
      Retrieve the current value of KEY.
  put [--user <USER_ID> | current] NAMESPACE KEY VALUE [TAG] [default] [overridable]
      Change the contents of KEY to VALUE.
  delete [--user <USER_ID> | current] NAMESPACE KEY
      Delete the entry for KEY.
  reset [--user <USER_ID> | current] NAMESPACE {PACKAGE_NAME | RESET_MODE}
      Reset the global/secure table for a package with mode.
  list [--user <USER_ID> | current] NAMESPACE
      Print all defined keys.
      NAMESPACE is one of {system, secure, global}, case-insensitive"""
DENIED: Final = "java.lang.SecurityException: Permission denial: writing to settings requires:android.permission.WRITE_SECURE_SETTINGS"


async def settings(call: Call) -> int:
    """Run one command of the settings provider."""
    words = list(call.arguments)
    while "--user" in words:
        at = words.index("--user")
        del words[at : at + 2]
    if not words or words[0] in ("help", "-h"):
        call.say(USAGE)
        return 0 if words else 255
    verb, *rest = words
    if verb not in ("get", "put", "delete", "reset", "list"):
        call.complain(f"Invalid command: {verb}" if not rest else f"Unknown command: {verb}")
        return 255
    namespace = NAMESPACES.get(rest[0].lower()) if rest else None
    if namespace is None:
        call.complain(f"Invalid namespace '{rest[0]}'" if rest else "Bad arguments")
        return 255
    code = _run(call, verb, namespace, rest[1:])
    if verb in ("put", "delete", "reset"):
        await call.phone.screen.sync()
    return code


def _run(call: Call, verb: str, namespace: Namespace, rest: list[str]) -> int:
    state = call.phone.state
    match verb, rest:
        case "list", []:
            for key, value in sorted(state.facts.settings[namespace].items()):
                call.say(f"{key}={value}")
            return 0
        case "get", [key]:
            call.say(state.facts.settings[namespace].get(key, "null"))
            return 0
        case "put", [key, value, *tag] if len(tag) <= 3:
            return _put(call, namespace, key, value)
        case "delete", [key]:
            call.say(f"Deleted {int(delete_setting(state, namespace, key))} rows")
            return 0
        case "reset", [_]:
            return 0
    call.complain("Bad arguments")
    return 255


def _put(call: Call, namespace: Namespace, key: str, value: str) -> int:
    if namespace == "secure" and key in ("default_input_method", "enabled_input_methods") and call.phone.faults.active("ime_denied"):
        call.complain(f"\nException occurred while executing 'put':\n{DENIED}")
        return 255
    allowed = VALID.get((namespace, key))
    if allowed is not None and not re.fullmatch(allowed, value):
        call.complain(
            f"\nException occurred while executing 'put':\njava.lang.IllegalArgumentException: Invalid value: {value} for setting: {key}"
        )
        return 255
    put_setting(call.phone.state, namespace, key, value)
    return 0


COMMANDS: Final[dict[str, Command]] = {"settings": settings}
