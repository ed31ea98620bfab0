"""`ime`: which keyboards are there, are enabled, is used."""

from __future__ import annotations

from typing import Final

from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.effects import put_setting
from handeye.tools.simphone.packages import enabled_keyboards
from handeye.tools.simphone.state import DeviceState

LATIN: Final = "com.android.inputmethod.latin/.LatinIME"
"""The keyboard that every phone has."""
DENIED: Final = (
    "java.lang.SecurityException: Permission Denial: ime from pid=4242, uid=2000 requires android.permission.WRITE_SECURE_SETTINGS"
)


async def ime(call: Call) -> int:
    """Run one command of the input methods."""
    words = list(call.arguments)
    while "--user" in words:
        at = words.index("--user")
        del words[at : at + 2]
    match words:
        case ["list", *options]:
            return _list(call, options)
        case ["enable" | "disable" | "set" | "reset", *_] if call.phone.faults.active("ime_denied"):
            call.complain(f"\nException occurred while executing '{words[0]}':\n{DENIED}")
            return 255
        case ["enable" | "disable" as verb, name]:
            code = _enable(call, name, verb == "enable")
        case ["set", name]:
            code = _set(call, name)
        case ["reset"]:
            code = _reset(call)
        case ["enable" | "disable" | "set" as verb]:
            call.complain(
                f"\nException occurred while executing '{verb}':\njava.lang.IllegalArgumentException: Argument expected after \"{verb}\""
            )
            return 255
        case _:
            call.complain(
                "ime <command>:\n  list [-a] [-s]\n  enable [--user <USER_ID>] <ID>\n  disable [--user <USER_ID>] <ID>\n"
                "  set [--user <USER_ID>] <ID>\n  reset"
            )
            return 255
    await call.phone.screen.sync()
    return code


def _list(call: Call, options: list[str]) -> int:
    state = call.phone.state
    letters = "".join(option.lstrip("-") for option in options)
    for name in state.facts.keyboards if "a" in letters else enabled_keyboards(state):
        if "s" in letters:
            call.say(name)
            continue
        package = name.partition("/")[0]
        call.say(f"{name}:\n  mId={name} mSettingsActivityName=null mIsVrOnly=false mSupportsSwitchingToNextInputMethod=true")
        call.say(f"  mIsDefaultResId=0x0\n  Service:\n    packageName={package}")
    return 0


def _enable(call: Call, name: str, enable: bool) -> int:
    state = call.phone.state
    word = "enabled" if enable else "disabled"
    if name not in state.facts.keyboards:
        call.complain(f"Unknown input method {name} cannot be {word} for user #0")
        return 255
    before = enabled_keyboards(state)
    changed = enable != (name in before)
    if changed:
        put_setting(
            state, "secure", "enabled_input_methods", ":".join([*before, name] if enable else [each for each in before if each != name])
        )
    if not enable and state.setting("secure", "default_input_method") == name:
        _choose_other(state)
    call.say(f"Input method {name}: {'now' if changed else 'already'} {word} for user #0")
    return 0


def _set(call: Call, name: str) -> int:
    if name not in enabled_keyboards(call.phone.state) or name not in call.phone.state.facts.keyboards:
        call.complain(f"Unknown input method {name} cannot be selected for user #0")
        return 255
    put_setting(call.phone.state, "secure", "default_input_method", name)
    call.say(f"Input method {name} selected for user #0")
    return 0


def _reset(call: Call) -> int:
    state = call.phone.state
    first = LATIN if LATIN in state.facts.keyboards else next(iter(state.facts.keyboards), "")
    put_setting(state, "secure", "enabled_input_methods", first)
    put_setting(state, "secure", "default_input_method", first)
    call.say(f"Reset current and enabled IMEs for user #0\n  Newly selected IME: {first}\n  Newly enabled IMEs:\n    {first}")
    return 0


def _choose_other(state: DeviceState) -> None:
    put_setting(state, "secure", "default_input_method", next(iter(enabled_keyboards(state)), ""))


COMMANDS: Final[dict[str, Command]] = {"ime": ime}
