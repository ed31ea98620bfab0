"""Text and keys as commands for the phone's shell. Nothing here talks to a phone.

`input text` (frameworks/base/cmds/input) types what the virtual keyboard has keys for, which is ASCII, and makes a space of `%s`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handeye.tools.android.transport import quoted

ENTER, TAB, DELETE, MOVE_END, CTRL, LETTER_A = 66, 61, 67, 123, 113, 29
"""Key codes (android.view.KeyEvent)."""
PIECE = 100
"""Characters to one `input text`: on many phones longer ones arrive incomplete or in another order."""
LINE = 3_500
"""Bytes of one shell line at most: adbd takes 4096 in its oldest protocol."""
BROADCAST = 1_800
"""UTF-8 bytes of text in one broadcast, so that its base64 fits a line of the shell."""
CLEARED = 300
"""Characters that are deleted where everything cannot be selected at once."""


@dataclass(frozen=True)
class Keyboard:
    """A keyboard that types whatever text a broadcast brings it in base64."""

    id: str
    """As `ime list -s` prints it."""
    action: str
    extra: str
    clear: str
    """The action that empties the field."""
    answers: bool
    """Whether its receiver tells that it heard the broadcast (`result=-1`)."""


UIAUTOMATOR2 = Keyboard("com.github.uiautomator/.AdbKeyboard", "ADB_KEYBOARD_INPUT_TEXT", "text", "ADB_KEYBOARD_CLEAR_TEXT", answers=True)
"""The one in uiautomator2's package (openatx/uiautomator2: uiautomator2/_input.py)."""
ADBKEYBOARD = Keyboard("com.android.adbkeyboard/.AdbIME", "ADB_INPUT_B64", "msg", "ADB_CLEAR_TEXT", answers=False)
"""senzhk/ADBKeyBoard (its README)."""
KEYBOARDS = (UIAUTOMATOR2, ADBKEYBOARD)


def plain(text: str) -> bool:
    """Whether `input text` and key codes can type it: printable ASCII, newlines and tabs."""
    return all(" " <= letter <= "~" or letter in "\n\t" for letter in text)


def normal(text: str) -> str:
    """The text with every kind of line end as one newline."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def plain_commands(text: str) -> Iterator[str]:
    """The commands that type plain text, in order."""
    for run in re.findall(r"\n+|\t+|[^\n\t]+", text):
        if run[0] in "\n\t":
            code = ENTER if run[0] == "\n" else TAB
            for start in range(0, len(run), PIECE):
                yield key_command([code] * len(run[start : start + PIECE]))
            continue
        # `%s` would arrive as a space: its two characters go in two commands.
        for part in re.split(r"(?<=%)(?=s)", run):
            for start in range(0, len(part), PIECE):
                yield quoted(["input", "text", part[start : start + PIECE]])


def broadcast_commands(text: str, keyboard: Keyboard) -> Iterator[str]:
    """The commands that have `keyboard` type any text, in order: broadcasts for the text, key codes for newlines and tabs."""
    for run in re.findall(r"\n+|\t+|[^\n\t]+", text):
        if run[0] in "\n\t":
            yield from plain_commands(run)
            continue
        for part in _pieces(run, BROADCAST):
            yield quoted(["am", "broadcast", "-a", keyboard.action, "--es", keyboard.extra, base64.b64encode(part.encode()).decode()])


def key_command(codes: Sequence[int]) -> str:
    """The command that presses keys one after the other."""
    return f"input keyevent {' '.join(str(code) for code in codes)}"


def chord_command(codes: Sequence[int]) -> str:
    """The command that presses keys together (Android 12 and newer)."""
    return f"input keycombination {' '.join(str(code) for code in codes)}"


def select_and_delete_command() -> str:
    """The command that empties the field that has the focus by selecting everything (Android 12 and newer)."""
    return f"{chord_command([CTRL, LETTER_A])} && {key_command([DELETE])}"


def delete_command() -> str:
    """The command that empties the field that has the focus letter by letter; of a longer text the beginning stays."""
    return key_command([MOVE_END] + [DELETE] * CLEARED)


def joined(commands: Sequence[str]) -> Iterator[str]:
    """The commands in as few shell lines as fit, each stopping at the first that fails."""
    line = ""
    for command in commands:
        longer = f"{line} && {command}" if line else command
        if line and len(longer.encode()) > LINE:
            yield line
            longer = command
        line = longer
    if line:
        yield line


def _pieces(text: str, limit: int) -> Iterator[str]:
    """The text in pieces of `limit` UTF-8 bytes at most."""
    piece: list[str] = []
    size = 0
    for letter in text:
        length = len(letter.encode("utf-8", "replace"))
        if size + length > limit:
            yield "".join(piece)
            piece, size = [], 0
        piece.append(letter)
        size += length
    if piece:
        yield "".join(piece)
