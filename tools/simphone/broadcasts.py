"""Broadcasts that somebody on the phone listens to: the clipboard's helper app, keyboards that take text, and the system."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from handeye.tools.simphone.intents import Intent
from handeye.tools.simphone.logbook import log

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

CLIPPER: Final = "ca.zgrs.clipper"
"""Package of the app that reads and sets the clipboard (majido/clipper)."""
ADB_KEYBOARD: Final = "com.android.adbkeyboard/.AdbIME"
"""senzhk/ADBKeyBoard: README.md."""
U2_KEYBOARD: Final = "com.github.uiautomator/.AdbKeyboard"
"""uiautomator2's wheel: assets/app-uiautomator.apk; what it answers is read in uiautomator2/_input.py."""
PROTECTED: Final = frozenset({
    "android.intent.action.BOOT_COMPLETED", "android.intent.action.LOCKED_BOOT_COMPLETED", "android.intent.action.SCREEN_ON",
    "android.intent.action.SCREEN_OFF", "android.intent.action.BATTERY_LOW", "android.intent.action.BATTERY_CHANGED",
    "android.intent.action.AIRPLANE_MODE", "android.intent.action.PACKAGE_ADDED", "android.intent.action.PACKAGE_REMOVED",
    "android.intent.action.TIME_SET", "android.intent.action.TIMEZONE_CHANGED", "android.intent.action.USER_PRESENT",
    "android.intent.action.NEW_OUTGOING_CALL", "android.intent.action.PHONE_STATE", "android.provider.Telephony.SMS_RECEIVED",
    "android.provider.Telephony.SMS_DELIVER", "android.intent.action.REBOOT", "android.intent.action.ACTION_SHUTDOWN",
})  # fmt: skip
"""What only the system may send (AOSP: core/res/AndroidManifest.xml, protected-broadcast); the root user may too."""
NEVER: Final = frozenset({"android.intent.action.MASTER_CLEAR", "android.intent.action.FACTORY_RESET"})
"""Would wipe the phone; refused to everybody here."""


class Forbidden(Exception):
    """A broadcast that this user may not send; the message is Android's."""


@dataclass(frozen=True)
class Answer:
    """What the last receiver left: Activity.RESULT_OK is -1, and 0 means that nobody answered."""

    result: int = 0
    data: str | None = None


Receiver: TypeAlias = Callable[["Phone", Intent], Awaitable[Answer]]


async def send(phone: Phone, intent: Intent) -> Answer:
    """Send a broadcast and wait for what comes back. Raises `Forbidden`."""
    if intent.action in NEVER or (intent.action in PROTECTED and not phone.state.facts.rooted):
        raise Forbidden(f"Permission Denial: not allowed to send broadcast {intent.action} from pid=4242, uid=2000")
    await log(phone, "V", "BroadcastQueue", f"Broadcast {intent}")
    receiver = RECEIVERS.get(intent.action)
    return await receiver(phone, intent) if receiver else Answer()


def _text(intent: Intent, *names: str) -> str:
    return next((str(intent.extras[name]) for name in names if intent.extras.get(name) is not None), "")


def _clipper_is_open(phone: Phone) -> bool:
    front = phone.state.front
    return front is not None and front.package == CLIPPER


async def _clipper_get(phone: Phone, intent: Intent) -> Answer:
    return Answer(-1, phone.state.facts.clipboard) if _clipper_is_open(phone) else Answer()


async def _clipper_set(phone: Phone, intent: Intent) -> Answer:
    if not _clipper_is_open(phone):
        return Answer()
    phone.state.facts.clipboard = _text(intent, "text")
    phone.state.changed("clipboard")
    return Answer(-1, "Text is copied into clipboard.")


def _keyboard_is(phone: Phone, wanted: str) -> bool:
    return phone.state.setting("secure", "default_input_method") == wanted


def _decoded(text: str) -> str | None:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


async def _adb_input(phone: Phone, intent: Intent) -> Answer:
    """ADBKeyBoard types; like the real one it never says whether it did."""
    if not _keyboard_is(phone, ADB_KEYBOARD):
        return Answer()
    match intent.action:
        case "ADB_INPUT_TEXT":
            await phone.screen.text(_text(intent, "msg"))
        case "ADB_INPUT_B64":
            await phone.screen.text(_decoded(_text(intent, "msg")) or "")
        case "ADB_INPUT_CHARS":
            codes = [int(code) for code in intent.extras.get("chars", []) if 0 < int(code) < 0x110000]
            await phone.screen.text("".join(map(chr, codes)))
        case "ADB_INPUT_CODE":
            code = _text(intent, "code")
            await phone.screen.keys([int(code)] if code.isdigit() else [])
        case "ADB_EDITOR_CODE":
            await phone.screen.editor_action()
        case "ADB_CLEAR_TEXT":
            await phone.screen.clear_text()
    return Answer()


async def _u2_input(phone: Phone, intent: Intent) -> Answer:
    """uiautomator2's keyboard types and answers with result -1."""
    if not _keyboard_is(phone, U2_KEYBOARD):
        return Answer()
    match intent.action:
        case "ADB_KEYBOARD_INPUT_TEXT":
            text = _decoded(_text(intent, "text"))
            if text is None:
                return Answer(0, "bad base64")
            done = await phone.screen.text(text)
            return Answer(-1, "success") if done else Answer(0, "no input connection")
        case "ADB_KEYBOARD_CLEAR_TEXT":
            done = await phone.screen.clear_text()
            return Answer(-1, "success") if done else Answer(0, "no input connection")
        case "ADB_KEYBOARD_SMART_ENTER" | "ADB_KEYBOARD_EDITOR_CODE":
            await phone.screen.editor_action()
    return Answer(-1, "success")


async def _scan(phone: Phone, intent: Intent) -> Answer:
    phone.state.changed("files", intent.data.removeprefix("file://"))
    return Answer()


RECEIVERS: Final[dict[str, Receiver]] = {
    "clipper.get": _clipper_get,
    "clipper.set": _clipper_set,
    **{f"ADB_{name}": _adb_input for name in ("INPUT_TEXT", "INPUT_B64", "INPUT_CHARS", "INPUT_CODE", "EDITOR_CODE", "CLEAR_TEXT")},
    **{f"ADB_KEYBOARD_{name}": _u2_input for name in ("INPUT_TEXT", "CLEAR_TEXT", "SMART_ENTER", "EDITOR_CODE", "HIDE")},
    "android.intent.action.MEDIA_SCANNER_SCAN_FILE": _scan,
    "android.intent.action.MEDIA_MOUNTED": _scan,
}
"""By action."""
