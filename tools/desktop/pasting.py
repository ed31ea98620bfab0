"""How pyautogui's driver pastes what keys cannot give: which parts of a text those are, and the clipboards of the three systems.

(The X11 driver, which has a key for every character, pastes only when asked to, a text at once: `clipboard.py`. Both give the
text out by `offer.py`.)
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from handeye.tools.desktop.offer import Offer
from handeye.tools.errors import DeviceError, InvalidAction, SetupError

TAKEN_S = 2.0
"""Longest wait for a program to take what is offered to it; nothing does where nothing has the focus."""
LATE_S = 0.5
"""How long text stays on a clipboard that does not tell whether it was read (macOS, Windows) before the old one comes back."""
COMMAND_S = 5.0


@dataclass(frozen=True)
class Piece:
    """A part of a text: `keys` one by one (names of `handeye.tools.keys`, or characters), or `pasted` at once."""

    keys: tuple[str, ...] = ()
    pasted: str = ""


def pieces(text: str, direct: Container[str]) -> Iterator[Piece]:
    """`text` as keys where all characters of a line are among `direct`, else as a line to paste; newlines and tabs are always keys.

    Raises `InvalidAction` for what is no text: NUL, and halves of surrogate pairs.
    """
    if wrong := next((character for character in text if character == "\0" or "\ud800" <= character <= "\udfff"), None):
        raise InvalidAction(f"the character U+{ord(wrong):04X} cannot be typed")
    keys: list[str] = []
    line = ""
    for character in [*text.replace("\r\n", "\n").replace("\r", "\n"), ""]:
        if character and character not in "\n\t":
            line += character
            continue
        if all(part in direct for part in line):
            keys += line
        else:
            if keys:
                yield Piece(keys=tuple(keys))
            yield Piece(pasted=line)
            keys = []
        line = ""
        if character:
            keys.append("enter" if character == "\n" else "tab")
    if keys:
        yield Piece(keys=tuple(keys))


class Clipboard(Protocol):
    """Where a system keeps what is to be pasted. `paste` is for inside of `kept`."""

    def kept(self) -> AbstractContextManager[None]:
        """While this is open the clipboard may be used; text on it comes back at the end (a picture does not)."""

    def paste(self, text: str, press: Callable[[], None]) -> None:
        """Put `text` there, `press` the keys that paste it, and wait until it was taken."""


class X11Clipboard:
    """The clipboard of an X display. Text is offered by this process itself, which so sees when it is taken; xclip or xsel keep what was
    there before, if anything was, beyond the end of this process."""

    def __init__(self, display: str, primary: Callable[[], bool] = lambda: False) -> None:
        self._display = display
        self._primary = primary
        """Whether the text must be offered as the primary selection too."""

    @contextmanager
    def kept(self) -> Iterator[None]:
        """See `Clipboard`. Raises `SetupError` when something is to be kept and neither xclip nor xsel is installed."""
        from Xlib.display import Display

        before = None
        try:
            with Offer(Display(self._display)) as self._offer:
                before = self._read() if self._offer.owned("CLIPBOARD") else None
                yield
        finally:
            if before is not None:
                # They stay in the background with what was their standard output: a pipe would never end.
                quiet = subprocess.DEVNULL
                subprocess.run(self._programs()[1], input=before, stdout=quiet, stderr=quiet, timeout=COMMAND_S, check=False)

    def paste(self, text: str, press: Callable[[], None]) -> None:
        """See `Clipboard`."""
        self._offer.put(text, ("CLIPBOARD", "PRIMARY") if self._primary() else ("CLIPBOARD",))
        press()
        self._offer.taken(TAKEN_S)

    def _read(self) -> bytes | None:
        """What is on it, None if that is no text."""
        command = self._programs()[0]
        try:
            read = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise DeviceError("The program that holds the clipboard does not answer.") from error
        return read.stdout if read.returncode == 0 else None

    def _programs(self) -> tuple[list[str], list[str]]:
        if shutil.which("xclip"):
            command = ["xclip", "-display", self._display, "-selection", "clipboard"]
            return [*command, "-out", "-target", "UTF8_STRING"], [*command, "-in"]
        if shutil.which("xsel"):
            command = ["xsel", "--display", self._display, "--clipboard"]
            return [*command, "--output"], [*command, "--input"]
        raise SetupError("This text goes by way of the clipboard, and nothing here can keep what is on it.", fix="apt-get install -y xclip")


class SystemClipboard:
    """The clipboard of macOS or Windows, through pyperclip, which needs nothing more there. (Not run where handeye is developed.)"""

    @contextmanager
    def kept(self) -> Iterator[None]:
        """See `Clipboard`."""
        before = self._do("paste")
        try:
            yield
        finally:
            if before:
                self._do("copy", before)

    def paste(self, text: str, press: Callable[[], None]) -> None:
        """See `Clipboard`. Waits `LATE_S`: these systems do not tell when it is taken."""
        self._do("copy", text)
        press()
        threading.Event().wait(LATE_S)

    def _do(self, what: str, *text: str) -> str:
        try:
            import pyperclip
        except ImportError as error:
            raise SetupError(
                "This text goes by way of the clipboard, which needs the package pyperclip.", fix="pip install pyperclip"
            ) from error
        try:
            return str(getattr(pyperclip, what)(*text) or "")
        except pyperclip.PyperclipException as error:
            raise DeviceError(f"The clipboard cannot be used ({error}).") from error
