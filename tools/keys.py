"""One vocabulary of keys, and its tables for Playwright, X11, pyautogui and Android.

A key's canonical name is lower case: a named key below (`enter`, `page_up`, `f5`), or one printable character (`a`, `7`, `/`).
Sources of the tables: Playwright's keyboard (the `KeyboardEvent.key` names of the UI Events specification), keysym names of
X11's keysymdef.h, `pyautogui.KEYBOARD_KEYS`, and Android's `KeyEvent` constants.
"""

from __future__ import annotations

from dataclasses import dataclass

from handeye.tools.errors import InvalidAction

MODIFIERS = ("ctrl", "alt", "shift", "meta")
"""Keys that change what others do; `meta` is Command on a Mac and the Windows key elsewhere."""


@dataclass(frozen=True)
class _Key:
    playwright: str
    x11: str
    pyautogui: str | None
    android: int | None
    aliases: tuple[str, ...] = ()


def _sides(*names: str) -> tuple[str, ...]:
    # There is one key of each kind here: which side of the keyboard was meant makes no difference to what it does.
    return tuple(
        side for name in names for side in (f"{name}_l", f"{name}_r", f"{name}left", f"{name}right", f"left{name}", f"right{name}")
    )


_NAMED: dict[str, _Key] = {
    "enter": _Key("Enter", "Return", "enter", 66, ("return", "ret", "newline", "kp_enter", "numpadenter", "linefeed")),
    "tab": _Key("Tab", "Tab", "tab", 61, ()),
    "escape": _Key("Escape", "Escape", "escape", 111, ("esc",)),
    "backspace": _Key("Backspace", "BackSpace", "backspace", 67, ("back_space", "bksp")),
    "delete": _Key("Delete", "Delete", "delete", 112, ("del", "forward_del")),
    "insert": _Key("Insert", "Insert", "insert", 124, ("ins",)),
    "space": _Key("Space", "space", "space", 62, ("spacebar", "space_bar")),
    "up": _Key("ArrowUp", "Up", "up", 19, ("arrow_up", "up_arrow", "arrowup", "uparrow", "dpad_up")),
    "down": _Key("ArrowDown", "Down", "down", 20, ("arrow_down", "down_arrow", "arrowdown", "downarrow", "dpad_down")),
    "left": _Key("ArrowLeft", "Left", "left", 21, ("arrow_left", "left_arrow", "arrowleft", "leftarrow", "dpad_left")),
    "right": _Key("ArrowRight", "Right", "right", 22, ("arrow_right", "right_arrow", "arrowright", "rightarrow", "dpad_right")),
    "home": _Key("Home", "Home", "home", 122, ("move_home",)),
    "end": _Key("End", "End", "end", 123, ("move_end",)),
    "page_up": _Key("PageUp", "Page_Up", "pageup", 92, ("pageup", "pgup", "page up", "prior")),
    "page_down": _Key("PageDown", "Page_Down", "pagedown", 93, ("pagedown", "pgdn", "page down", "pgdown", "next")),
    "ctrl": _Key("Control", "Control_L", "ctrl", 113, ("control", "ctl", *_sides("control", "ctrl"))),
    "alt": _Key("Alt", "Alt_L", "alt", 57, ("option", "opt", "altgr", "alt_gr", *_sides("alt", "option"))),
    "shift": _Key("Shift", "Shift_L", "shift", 59, _sides("shift")),
    "meta": _Key(
        "Meta", "Super_L", "win", 117, ("cmd", "command", "win", "windows", "super", "os", *_sides("meta", "super", "win", "command"))
    ),
    "caps_lock": _Key("CapsLock", "Caps_Lock", "capslock", 115, ("capslock", "caps")),
    "num_lock": _Key("NumLock", "Num_Lock", "numlock", 143, ("numlock",)),
    "scroll_lock": _Key("ScrollLock", "Scroll_Lock", "scrolllock", 116, ("scrolllock",)),
    "print_screen": _Key("PrintScreen", "Print", "printscreen", 120, ("printscreen", "prtsc", "prtscr", "print", "sysrq")),
    "pause": _Key("Pause", "Pause", "pause", 121, ("break",)),
    "menu": _Key("ContextMenu", "Menu", "apps", 82, ("context_menu", "contextmenu", "apps")),
} | {f"f{n}": _Key(f"F{n}", f"F{n}", f"f{n}", 130 + n if n <= 12 else None) for n in range(1, 25)}

_ALIASES: dict[str, str] = {alias: name for name, key in _NAMED.items() for alias in key.aliases} | {
    "plus": "+", "minus": "-", "hyphen": "-", "equal": "=", "equals": "=", "comma": ",", "period": ".", "dot": ".",
    "slash": "/", "backslash": "\\", "semicolon": ";", "quote": "'", "apostrophe": "'", "backquote": "`", "grave": "`",
    "bracketleft": "[", "bracketright": "]", "leftbracket": "[", "rightbracket": "]", "asterisk": "*", "star": "*", "pound": "#",
    "multiply": "*", "add": "+", "subtract": "-", "divide": "/", "decimal": ".",
} | {f"{pad}{digit}": str(digit) for pad in ("numpad", "kp", "num") for digit in range(10)}  # fmt: skip
_ANDROID_NAMES = {"del": "backspace", "home": None, "back": None}
"""What `KEYCODE_...` means where Android's name is another key's name elsewhere; None: a button of the phone, not a key."""
_CONTROLS = {" ": "space", "\n": "enter", "\r": "enter", "\t": "tab"}

_X11_CHARACTERS = {
    " ": "space", "!": "exclam", '"': "quotedbl", "#": "numbersign", "$": "dollar", "%": "percent", "&": "ampersand",
    "'": "apostrophe", "(": "parenleft", ")": "parenright", "*": "asterisk", "+": "plus", ",": "comma", "-": "minus",
    ".": "period", "/": "slash", ":": "colon", ";": "semicolon", "<": "less", "=": "equal", ">": "greater",
    "?": "question", "@": "at", "[": "bracketleft", "\\": "backslash", "]": "bracketright", "^": "asciicircum",
    "_": "underscore", "`": "grave", "{": "braceleft", "|": "bar", "}": "braceright", "~": "asciitilde",
}  # fmt: skip

_ALIASES |= {name.lower(): character for character, name in _X11_CHARACTERS.items() if name not in _NAMED}

_ANDROID_CHARACTERS = (
    {str(digit): 7 + digit for digit in range(10)}
    | {chr(ord("a") + n): 29 + n for n in range(26)}
    | {"*": 17, "#": 18, ",": 55, ".": 56, "`": 68, "-": 69, "=": 70, "[": 71, "]": 72, "\\": 73, ";": 74, "'": 75, "/": 76}
    | {"@": 77, "+": 81}
)

KEY_NAMES = tuple(_NAMED)
"""Canonical names of the keys that are not a character."""


def canonical_key(name: str) -> str:
    """The canonical name of a key, from any spelling in use: `Return`, `ArrowUp`, `KEYCODE_ENTER`, `Control_L`, `pgdn`, `A`.

    A single printable character stands for itself, letters in lower case (hold `shift` for the upper one).
    Raises `InvalidAction` when nothing is known by that name.
    """
    if name in _CONTROLS:
        return _CONTROLS[name]
    bare = name.strip()
    if len(bare) == 1 and bare.isprintable():
        lower = bare.lower()
        return lower if len(lower) == 1 else bare
    folded = bare.lower().replace("-", "_").replace(" ", "_")
    if folded.startswith("keycode_"):
        folded = folded.removeprefix("keycode_")
        folded = _ANDROID_NAMES.get(folded, folded) or ""
    for spelling in (folded, folded.replace("_", ""), folded.removesuffix("_key")):
        if spelling in _NAMED:
            return spelling
        if spelling in _ALIASES:
            return _ALIASES[spelling]
    rest = folded.removeprefix("key").removeprefix("digit")
    if len(rest) == 1 and rest.isalnum():
        return rest
    raise InvalidAction(f"no key is called {name[:40]!r}; keys are single characters and {', '.join(KEY_NAMES[:25])}, f1 to f24")


def playwright_key(key: str) -> str:
    """Playwright's name of a canonical key, for `keyboard.down` and `keyboard.press`."""
    return _NAMED[key].playwright if key in _NAMED else _character(key)


def x11_keysym(key: str) -> str:
    """X11's keysym name of a canonical key, as `XStringToKeysym` takes it; `U20AC` for characters without a name."""
    if key in _NAMED:
        return _NAMED[key].x11
    character = _character(key)
    if character.isascii():
        return _X11_CHARACTERS.get(character, character)
    return f"U{ord(character):04X}"


def pyautogui_key(key: str) -> str:
    """pyautogui's name of a canonical key. Raises `InvalidAction` for a character that pyautogui cannot press (beyond ASCII)."""
    if key in _NAMED:
        name = _NAMED[key].pyautogui
        if name is not None:
            return name
    elif _character(key).isascii():
        return key
    raise InvalidAction(f"pyautogui cannot press {key!r}")


def android_keycode(key: str) -> int:
    """Android's `KeyEvent` code of a canonical key. Raises `InvalidAction` for a key that Android has none for."""
    code = _NAMED[key].android if key in _NAMED else _ANDROID_CHARACTERS.get(_character(key))
    if code is None:
        raise InvalidAction(f"Android has no key code for {key!r}")
    return code


def _character(key: str) -> str:
    if len(key) != 1 or not key.isprintable():
        raise InvalidAction(f"{key!r} is not the canonical name of a key")
    return key
