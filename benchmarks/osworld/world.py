"""The world of one task: a virtual desktop, a home folder of its own, and how programs are run in it."""

from __future__ import annotations

import os
import re
import select
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handeye.envs.settle import wait
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.guard import descendants
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceTimeout, InvalidAction
from handeye.tools.geometry import Size

HOME = "/home/user"
"""The home folder in OSWorld's virtual machine, which its tasks name."""
_HOME = re.compile(r"/home/user(?![\w.-])")
PASSWORD = "password"
"""Stands for `{CLIENT_PASSWORD}`. Nothing here needs it: there is no sudo."""
COMMAND_LIMIT_S = 120.0
"""What OSWorld's server gives a command (desktop_env/server/main.py)."""
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games"
QUIET_S = 0.15
MARK = "HANDEYE_WORLD"
"""Environment variable that every program of a world carries, so that it can be told from the person's own."""
# Background children keep the output files open, which hurts nobody; only the shell itself opens the pipe that tells the end.
_AND_TELL = 'out=$1 err=$2 end=$3; shift 3; "$@" >"$out" 2>"$err" </dev/null; echo $? >"$end"'


@dataclass(frozen=True)
class Ran:
    """What a command gave: its exit code and its output, with the home folder named as in OSWorld."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, eq=False)
class World:
    """Where a task happens. All of it is below `root`, a temporary folder."""

    desktop: VirtualDesktop
    driver: X11Driver
    root: Path
    assets: Path | None = None
    started: list[int] = field(default_factory=list)
    """Process ids of what was started here."""
    answers: list[str] = field(default_factory=list)
    """What the model answered; the last one counts."""

    @property
    def home(self) -> Path:
        """The home folder of the programs; `/home/user` to the task."""
        return self.root / "home"

    @property
    def cache(self) -> Path:
        """Where getters put the files that metrics compare."""
        return self.root / "cache"

    @property
    def shims(self) -> Path:
        """Small programs that come first on the search path."""
        return self.root / "bin"

    @property
    def size(self) -> Size:
        """Size of the screen in pixels."""
        return self.driver.size

    # Names

    def mapped(self, value: Any) -> Any:
        """The same with OSWorld's home folder, password and screen size replaced by those of this world, in every text inside."""
        if isinstance(value, str):
            value = _HOME.sub(lambda _: str(self.home), value)
            for name, meant in self._placeholders().items():
                value = value.replace("{" + name + "}", meant)
            return value
        if isinstance(value, list):
            return [self.mapped(one) for one in value]
        return {key: self.mapped(one) for key, one in value.items()} if isinstance(value, dict) else value

    def unmapped(self, text: str) -> str:
        """A program's output with this world's home folder named as OSWorld names it."""
        return text.replace(str(self.home), HOME)

    def path(self, name: str) -> Path:
        """The file here that a task names; what is relative is relative to the home folder. Raises `InvalidAction`."""
        if not isinstance(name, str) or not name or "\0" in name:
            raise InvalidAction(f"{name!r} is no path")
        mapped = str(self.mapped(name))
        if mapped == "~" or mapped.startswith("~/"):
            mapped = str(self.home) + mapped[1:]
        return self.home / mapped.removeprefix("file://")

    def _placeholders(self) -> dict[str, str]:
        width, height = self.size.width, self.size.height
        return {
            "CLIENT_PASSWORD": PASSWORD,
            "SCREEN_WIDTH_HALF": str(width // 2),
            "SCREEN_HEIGHT_HALF": str(height // 2),
            "SCREEN_WIDTH": str(width),
            "SCREEN_HEIGHT": str(height),
        }

    # Programs

    def environment(self) -> dict[str, str]:
        """All that programs get to see: none of the variables of the person's own session, which may hold keys."""
        home = self.home
        return {
            "HOME": str(home),
            "USER": "user",
            "LOGNAME": "user",
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "PATH": f"{self.shims}:{SYSTEM_PATH}",
            "DISPLAY": self.desktop.display,
            "XDG_SESSION_TYPE": "x11",
            # On a bus, a program may hand its file to one that runs elsewhere.
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_DATA_HOME": str(home / ".local/share"),
            "XDG_STATE_HOME": str(home / ".local/state"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_RUNTIME_DIR": str(self.root / "run"),
            "GSETTINGS_BACKEND": "keyfile",
            "NO_AT_BRIDGE": "1",
            "SAL_USE_VCLPLUGIN": "gtk3",
            "TZ": os.environ.get("TZ", ""),
            "TERM": "xterm-256color",
            MARK: str(self.root),
        }

    def argv(self, command: str | Sequence[str], shell: bool = False) -> list[str]:
        """The words of a command, names mapped. Raises `InvalidAction` when it is none."""
        words = self.mapped(list(command) if not isinstance(command, str) else command)
        if isinstance(words, str):
            try:
                words = [words] if shell else shlex.split(words)
            except ValueError as error:
                raise InvalidAction(f"the command {words!r} cannot be split into words: {error}") from error
        if not words or not all(isinstance(word, str) and "\0" not in word for word in words):
            raise InvalidAction(f"{command!r} is no command")
        home = str(self.home)
        return ["/bin/sh", "-c", *words] if shell else [home + word[1:] if word.startswith("~/") else word for word in words]

    def start(self, argv: Sequence[str], cwd: Path | None = None) -> int:
        """Start a program and give its process id. Raises `SetupError` when there is none of that name."""
        # Through env(1): the guard of the desktop would add the variables of this process.
        clean = ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in self.environment().items() if value or name != "TZ")]
        number = self.desktop.run([*clean, *argv], cwd=cwd or self.home)
        self.started.append(number)
        return number

    def run(self, argv: Sequence[str], limit_s: float = COMMAND_LIMIT_S) -> Ran:
        """Run a program to its end. What it leaves in the background goes on, and ends with the desktop.

        Raises `DeviceTimeout` when it takes longer than `limit_s`; it is ended then.
        """
        with tempfile.TemporaryDirectory(dir=self.root) as folder:
            out, err, end = (Path(folder) / name for name in ("out", "err", "end"))
            os.mkfifo(end)
            # Read and write: opening does not wait for the other side, and no end of file is seen between two writers.
            pipe = os.open(end, os.O_RDWR | os.O_NONBLOCK)
            try:
                number = self.start(["/bin/sh", "-c", _AND_TELL, "sh", str(out), str(err), str(end), *argv])
                if not select.select([pipe], [], [], limit_s)[0]:
                    _end_group(number)
                    raise DeviceTimeout(f"{shlex.join(argv)[:200]} took longer than {limit_s:.0f} s")
                code = int(os.read(pipe, 32).split()[0])
            finally:
                os.close(pipe)
            texts = [self.unmapped(path.read_bytes().decode("utf-8", "replace")) if path.exists() else "" for path in (out, err)]
        return Ran(code, *texts)

    def await_quiet(self, cap_s: float = 4.0) -> None:
        """Wait until the programs of this world do nothing any more (they use no processor time), `cap_s` seconds at most."""
        end, before = time.monotonic() + cap_s, -1
        while time.monotonic() < end:
            now = self._ticks()
            if before >= 0 and now - before <= 1:
                return
            before = now
            wait(QUIET_S)

    def _ticks(self) -> int:
        """Processor time that all programs started here have used, in clock ticks."""
        numbers = {number for root in self.started for number in (root, *descendants(root))}
        total = 0
        for number in numbers:
            try:
                words = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            total += int(words[11]) + int(words[12])
        return total


def _end_group(number: int) -> None:
    try:
        os.killpg(number, signal.SIGKILL)
    except ProcessLookupError:
        return


def python() -> str:
    """The Python that `python` means to a task: this one, which has the libraries that tasks' scripts use."""
    return sys.executable
