"""Locks, latches and the group of an X keyboard: the three requests of the X Keyboard Extension that python-xlib lacks.

Layouts of the requests: The X Keyboard Extension, Protocol Specification (libX11, XKBproto.h).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EXTENSION = "XKEYBOARD"
CORE_KEYBOARD = 0x100
"""XkbUseCoreKbd: the keyboard that programs see."""
NUM = 0x10
"""The modifier bit of Mod2, which is Num Lock everywhere."""


@dataclass(frozen=True)
class Locks:
    """What is locked: modifier bits, and the group (which of several layouts) counted from 0."""

    modifiers: int
    group: int


def begin(display: Any) -> int | None:
    """The extension's request code on this connection, or None if the server lacks it."""
    found = display.query_extension(EXTENSION)
    if found is None or not found.present:
        return None
    code = int(found.major_opcode)
    _requests().use(display=display.display, opcode=code, major=1, minor=0)
    return code


def locks(display: Any, code: int) -> Locks:
    """What is locked now."""
    state = _requests().state(display=display.display, opcode=code, device=CORE_KEYBOARD)
    return Locks(state.locked_modifiers, state.locked_group)


def lock(display: Any, code: int, wanted: Locks) -> None:
    """Lock exactly `wanted`, and undo latches (sticky keys)."""
    _requests().lock(
        display=display.display,
        opcode=code,
        device=CORE_KEYBOARD,
        affect=0xFF,
        modifiers=wanted.modifiers,
        lock_group=1,
        group=wanted.group,
        affect_latches=0xFF,
        latches=0,
        latch_group=1,
        group_latch=0,
    )


@dataclass(frozen=True)
class _Requests:
    use: Any
    state: Any
    lock: Any


_made: list[_Requests] = []


def _requests() -> _Requests:
    # Made when first used: importing Xlib at the top would make it a part of every program.
    if not _made:
        _made.append(_make())
    return _made[0]


def _make() -> _Requests:
    from Xlib.protocol import rq

    class Use(rq.ReplyRequest):  # type: ignore[misc]
        _request = rq.Struct(rq.Card8("opcode"), rq.Opcode(0), rq.RequestLength(), rq.Card16("major"), rq.Card16("minor"))
        _reply = rq.Struct(
            rq.ReplyCode(), rq.Card8("supported"), rq.Card16("sequence_number"), rq.ReplyLength(), rq.Card16("major"),
            rq.Card16("minor"), rq.Pad(20),
        )  # fmt: skip

    class State(rq.ReplyRequest):  # type: ignore[misc]
        _request = rq.Struct(rq.Card8("opcode"), rq.Opcode(4), rq.RequestLength(), rq.Card16("device"), rq.Pad(2))
        _reply = rq.Struct(
            rq.ReplyCode(), rq.Card8("device"), rq.Card16("sequence_number"), rq.ReplyLength(), rq.Card8("modifiers"),
            rq.Card8("base_modifiers"), rq.Card8("latched_modifiers"), rq.Card8("locked_modifiers"), rq.Card8("group"),
            rq.Card8("locked_group"), rq.Pad(18),
        )  # fmt: skip

    class Lock(rq.Request):  # type: ignore[misc]
        _request = rq.Struct(
            rq.Card8("opcode"), rq.Opcode(5), rq.RequestLength(), rq.Card16("device"), rq.Card8("affect"), rq.Card8("modifiers"),
            rq.Card8("lock_group"), rq.Card8("group"), rq.Card8("affect_latches"), rq.Card8("latches"), rq.Pad(1),
            rq.Card8("latch_group"), rq.Int16("group_latch"),
        )  # fmt: skip

    return _Requests(Use, State, Lock)
