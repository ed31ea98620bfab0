"""What can go wrong with the phone on purpose, so that a client's answer to it can be tested."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from handeye.tools.errors import InvalidAction

VOCABULARY: Final[dict[str, str]] = {
    "slow": "every service waits so many seconds before it answers",
    "slow_screencap": "screencap waits so many seconds",
    "disconnect": "the TCP connection breaks in the middle of the next so many long outputs (screenshots, pulls)",
    "disconnect_bytes": "after how many bytes of an output `disconnect` strikes (100000 unless set)",
    "offline": "nothing is answered for so many seconds; on: until it is taken away from outside",
    "refuse": "the next so many services are refused (adb says: error: closed)",
    "unauthorized": "the dialog that asks whether to trust the computer is not answered for so many seconds; on: until taken away",
    "auth": "connections must show a key; any is trusted",
    "no_shell_v2": "the phone is too old for shell v2 (new connections see it)",
    "garbage": "screencap writes a warning to standard output before the image",
    "garbage_stderr": "screencap writes the warning about several displays to standard error",
    "truncated": "the next so many screenshots are cut short",
    "black": "the screen in front is secure (FLAG_SECURE): screenshots are black",
    "second_display": "a foldable: two displays, and the default one is off and black",
    "ime_denied": "the keyboard cannot be changed: SecurityException WRITE_SECURE_SETTINGS",
    "inject_denied": "input is refused: SecurityException INJECT_EVENTS",
    "lost_tap": "the next so many taps are swallowed",
    "tap_latency": "a tap shows its effect so many seconds late",
    "animated": "something on the screen moves for ever",
    "popup": "a system dialog appears at the next so many inputs",
    "crash": "the app in front crashes at the next so many inputs",
    "locked": "the lock screen is shown",
    "screen_off": "the screen is off",
    "rotate": "the screen is turned by so many quarter turns",
}
"""Every fault and what it does. `so many` is the fault's value; 1 for a fault that is just on."""
COUNTED: Final = frozenset({"disconnect", "refuse", "truncated", "lost_tap", "popup", "crash"})
"""Faults whose value is how often they still strike."""


class Faults:
    """The faults of one phone. `on_change(name)` hears of each that is set, used up or taken away."""

    def __init__(self) -> None:
        self._values: dict[str, float] = {}
        self.listeners: list[Callable[[str], None]] = []

    def set(self, name: str, value: float = 1) -> None:
        """Switch a fault on; 0 switches it off. Raises `InvalidAction` for a name or a value that cannot be."""
        if name not in VOCABULARY:
            raise InvalidAction(f"there is no fault {name!r}; faults are {', '.join(VOCABULARY)}")
        if not 0 <= value <= 1e9:
            raise InvalidAction(f"a fault's value is from 0 to 1000000000, not {value}")
        if name in COUNTED:
            value = math.ceil(value)
        if value:
            self._values[name] = value
        else:
            self._values.pop(name, None)
        self._tell(name)

    def active(self, name: str) -> bool:
        """Whether a fault is on."""
        return name in self._values

    def value(self, name: str, default: float = 0.0) -> float:
        """A fault's value; `default` when it is off."""
        return self._values.get(name, default)

    def take(self, name: str) -> bool:
        """Whether a counted fault strikes now; it strikes once less from then on."""
        left = self._values.get(name, 0)
        if not left:
            return False
        self.set(name, left - 1)
        return True

    def clear(self) -> None:
        """Switch all off."""
        for name in list(self._values):
            self.set(name, 0)

    def all(self) -> dict[str, float]:
        """Those that are on, with their values."""
        return dict(self._values)

    def _tell(self, name: str) -> None:
        for listener in list(self.listeners):
            listener(name)
