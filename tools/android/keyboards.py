"""Typing on a phone: ASCII through `input`, all else through a keyboard that takes broadcasts; the user's own keyboard comes back."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from handeye.tools.android.deadline import Deadline
from handeye.tools.android.faults import command_fault, first_line
from handeye.tools.android.transport import DeviceLink, ShellResult, quoted
from handeye.tools.android.typing import (
    KEYBOARDS,
    UIAUTOMATOR2,
    Keyboard,
    broadcast_commands,
    delete_command,
    joined,
    normal,
    plain,
    plain_commands,
    select_and_delete_command,
)
from handeye.tools.errors import DeviceError, HandeyeError, InvalidAction, SetupError
from handeye.tools.private import PrivateText

LINE_LIMIT_S = 10.0
INSTALL_LIMIT_S = 60.0
SWITCH_LIMIT_S = 6.0
"""A keyboard that was just installed is known to Android after some hundred milliseconds, and its process starts after that."""
LOOK_S = 0.1
NO_KEYBOARD = "pip install 'handeye[android-unicode]' (its keyboard is put on the phone when needed), or install ADBKeyBoard on the phone"


class Typist:
    """Types on one phone. `install`: whether a keyboard may be put on the phone when it has none that takes broadcasts."""

    def __init__(self, link: DeviceLink, install: bool = True) -> None:
        self._link = link
        self._install = install
        self._owed = ""
        """The command that brings the user's keyboard back, while that has not been done."""

    def type(self, text: str) -> None:
        """Type any text into what has the focus; a newline presses Enter, a tab presses Tab.

        A `PrivateText` goes through a keyboard that takes broadcasts, whatever is in it: `input text` has it among the arguments of
        processes, and old Androids write its keys to the log.

        Raises `InvalidAction` for text that is no Unicode, `SetupError` when it needs such a keyboard and none is there, and
        `DeviceError` with the vendor's switch when the phone does not let adb type.
        """
        private = isinstance(text, PrivateText)
        text = normal(text)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InvalidAction(
                f"the text holds half of a character (U+{ord(text[error.start]):04X}), which no keyboard can type"
            ) from error
        self.settle_debts()
        if plain(text) and not private:
            for line in joined(list(plain_commands(text))):
                self._run(line, "typing")
        else:
            with_keyboard = self._keyboard("A secret needs a keyboard that takes broadcasts" if private else "This text is not ASCII")
            self._with(with_keyboard, lambda: self._broadcast(text, with_keyboard, private))

    def clear(self) -> None:
        """Empty the field that has the focus. Where Android has no chords (before 12), 300 characters before its end are deleted."""
        self.settle_debts()
        done = self._link.shell(select_and_delete_command(), LINE_LIMIT_S, "clearing the field")
        if fault := command_fault(done.all_text, "clearing the field"):
            raise fault
        if done.code != 0 or done.all_text.strip():
            self._run(delete_command(), "clearing the field", 30.0)

    def keyboards(self) -> tuple[str, ...]:
        """The ids of the keyboards that are on the phone, enabled or not."""
        return tuple(self._link.shell("ime list -s -a", doing="listing keyboards").text.split())

    def settle_debts(self) -> None:
        """Bring the user's keyboard back if an earlier call could not, because the phone went away."""
        if self._owed:
            self._link.shell(self._owed, LINE_LIMIT_S, "bringing the keyboard back")
            self._owed = ""

    def _keyboard(self, needed: str) -> Keyboard:
        there = self.keyboards()
        for keyboard in KEYBOARDS:
            if keyboard.id in there:
                return keyboard
        apk = keyboard_apk()
        if apk is None or not self._install:
            raise SetupError(f"{needed}, and the phone has no keyboard that can type it.", fix=NO_KEYBOARD)
        install(self._link, apk)
        deadline = Deadline(SWITCH_LIMIT_S, "putting a keyboard on it")
        while UIAUTOMATOR2.id not in self.keyboards():
            if deadline.passed:
                raise DeviceError("The keyboard was installed, but the phone does not list it.", fix="restart the phone")
            self._link.closed.wait(LOOK_S)
        return UIAUTOMATOR2

    def _with(self, keyboard: Keyboard, work: Callable[[], None]) -> None:
        before = self._link.shell("settings get secure default_input_method; ime list -s", doing="asking for the keyboard")
        lines = before.text.split()
        own, enabled = (lines[0] if lines else ""), lines[1:]
        others = [name for name in enabled if name not in {one.id for one in KEYBOARDS}]
        if "/" not in own or (own == keyboard.id and others):  # an earlier run was killed before it could bring it back
            own = others[0] if others else ""
        back = quoted(["ime", "set", own]) if own else "ime reset"
        if own != keyboard.id and keyboard.id not in enabled:
            back += f"; {quoted(['ime', 'disable', keyboard.id])}"
        self._owed = back
        try:
            self._switch_to(keyboard)
            work()
        except BaseException:
            self._pay_quietly()
            raise
        self.settle_debts()

    def _pay_quietly(self) -> None:
        """Bring the keyboard back; a failure is not to hide the one that led here. What is owed stays noted then."""
        with suppress(HandeyeError):
            self.settle_debts()

    def _switch_to(self, keyboard: Keyboard) -> None:
        name = shlex.quote(keyboard.id)
        self._run(f"ime enable {name} && ime set {name}", "switching keyboards")
        deadline = Deadline(SWITCH_LIMIT_S, "switching keyboards")
        while not self._is_ready(keyboard):
            if deadline.passed:
                raise DeviceError(f"The phone did not switch to the keyboard {keyboard.id}.", fix="enable it in the phone's settings")
            self._link.closed.wait(LOOK_S)

    def _is_ready(self, keyboard: Keyboard) -> bool:
        """Whether the keyboard was chosen and, where Android tells, its process is bound: one that never answers would miss the text."""
        look = "settings get secure default_input_method; dumpsys input_method | grep -E 'mBoundToMethod|mCurId'"
        chosen, _, dump = self._link.shell(look, doing="switching keyboards").text.partition("\n")
        if chosen.strip() != keyboard.id:
            return False
        return keyboard.answers or ("mBoundToMethod=false" not in dump and (keyboard.id in dump or "mCurId=" not in dump))

    def _broadcast(self, text: str, keyboard: Keyboard, private: bool) -> None:
        for command in broadcast_commands(text, keyboard):
            deadline = Deadline(SWITCH_LIMIT_S, "waiting for the keyboard")
            while True:
                done = self._run_unseen(command) if private else self._run(command, "typing")
                heard = re.search(r"result=(-?\d+)", done.text)
                if not command.startswith("am ") or not keyboard.answers or (heard and heard.group(1) == "-1"):
                    break
                refused = heard is None or heard.group(1) != "0" or 'data="' in done.text
                if refused or deadline.passed:
                    raise DeviceError(
                        f"The keyboard did not take the text: {first_line(done.all_text, 'result')}",
                        fix="put the cursor into a field first",
                    )
                self._link.closed.wait(LOOK_S)  # nobody heard it: the keyboard's process has not started yet

    def _run_unseen(self, command: str) -> ShellResult:
        """Run a command with its last word on the shell's standard input: the line that adbd starts, and that `ps` shows, is without it."""
        line, _, word = command.rpartition(" ")
        if not command.startswith("am "):
            return self._run(command, "typing")
        said = self._link.exec(f'read -r word; {line} "$word" 2>&1; echo " code=$?"', LINE_LIMIT_S, "typing", stdin=f"{word}\n".encode())
        text, _, code = said.decode("utf-8", "replace").rpartition(" code=")
        done = ShellResult(text.encode(), b"", int(code) if code.strip().isdigit() else 1)
        return _checked(done, "typing")

    def _run(self, line: str, doing: str, limit_s: float = LINE_LIMIT_S) -> ShellResult:
        return _checked(self._link.shell(line, limit_s, doing), doing)


def _checked(done: ShellResult, doing: str) -> ShellResult:
    if fault := command_fault(done.all_text, doing):
        raise fault
    if done.code != 0:
        raise DeviceError(f"The phone refused while {doing} (exit code {done.code}): {first_line(done.all_text)}")
    return done


def keyboard_apk() -> Path | None:
    """Where uiautomator2's package keeps its keyboard, without importing it; None when it is not installed."""
    spec = importlib.util.find_spec("uiautomator2")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        if (path := Path(folder) / "assets" / "app-uiautomator.apk").is_file():
            return path
    return None


def install(link: DeviceLink, apk: Path, limit_s: float = INSTALL_LIMIT_S) -> None:
    """Install a package file. Raises `DeviceError` with Android's reason when it does not."""
    data = apk.read_bytes()
    said = link.exec(f"cmd package 'install' -r -t -S {len(data)}", limit_s, f"installing {apk.name}", stdin=data).decode(
        "utf-8", "replace"
    )
    if "Success" not in said:
        fix = "allow 'Install via USB' in the developer options and accept what the phone asks" if "USER_RESTRICTED" in said else None
        raise DeviceError(f"The phone did not install {apk.name}: {first_line(said, 'Failure')}", fix=fix)
