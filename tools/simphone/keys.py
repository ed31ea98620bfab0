"""Android's key codes as keys of Chromium's keyboard (android.view.KeyEvent; names: Playwright's)."""

from __future__ import annotations

from typing import Final

HOME, CALL, ENTER, POWER, SLEEP, WAKEUP, SOFT_SLEEP = 3, 5, 66, 26, 223, 224, 276
CLEAR, CUT, COPY, PASTE, EXPLORER, CAMERA = 28, 277, 278, 279, 64, 27
CALCULATOR, CALENDAR, CONTACTS, SETTINGS, ENVELOPE = 210, 208, 207, 176, 65
OPENS: Final = {
    EXPLORER: "com.android.chrome",
    CAMERA: "com.android.camera2",
    CALCULATOR: "com.google.android.calculator",
    CALENDAR: "com.simplemobiletools.calendar.pro",
    CONTACTS: "com.google.android.contacts",
    SETTINGS: "com.android.settings",
    CALL: "com.google.android.dialer",
    ENVELOPE: "com.simplemobiletools.smsmessenger",
}
"""Keys that open an app."""
_NAMED: Final = {
    19: "ArrowUp", 20: "ArrowDown", 21: "ArrowLeft", 22: "ArrowRight", 23: "Enter", 17: "*", 18: "#", 55: ",", 56: ".", 57: "AltLeft",
    58: "AltRight", 59: "ShiftLeft", 60: "ShiftRight", 61: "Tab", 62: "Space", 66: "Enter", 67: "Backspace", 68: "Backquote", 69: "Minus",
    70: "Equal", 71: "BracketLeft", 72: "BracketRight", 73: "Backslash", 74: "Semicolon", 75: "Quote", 76: "Slash", 77: "@", 81: "+",
    92: "PageUp", 93: "PageDown", 111: "Escape", 112: "Delete", 113: "ControlLeft", 114: "ControlRight", 115: "CapsLock", 117: "MetaLeft",
    118: "MetaRight", 122: "Home", 123: "End", 124: "Insert", 154: "/", 155: "*", 156: "-", 157: "+", 158: ".", 159: ",", 160: "Enter",
    161: "=", 162: "(", 163: ")",
}  # fmt: skip
CHORDS: Final = {CUT: ("ControlLeft", "KeyX"), COPY: ("ControlLeft", "KeyC"), PASTE: ("ControlLeft", "KeyV")}
"""Keys that Chromium has as chords."""
MODIFIERS: Final = frozenset({57, 58, 59, 60, 113, 114, 117, 118})


def chromium_key(code: int) -> str | None:
    """The key that types or moves as the Android key does; None: there is none."""
    if 7 <= code <= 16:
        return f"Digit{code - 7}"
    if 29 <= code <= 54:
        return f"Key{chr(ord('A') + code - 29)}"
    if 131 <= code <= 142:
        return f"F{code - 130}"
    if 144 <= code <= 153:
        return f"Digit{code - 144}"
    return _NAMED.get(code)
