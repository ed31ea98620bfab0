"""A desktop of its own: Xvfb with a light window manager and the programs that are wanted, apart from the person's screen."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from handeye.tools.desktop import confine
from handeye.tools.desktop import guard as guard_program
from handeye.tools.desktop.first_start import furnish
from handeye.tools.desktop.first_window import WindowWatch
from handeye.tools.desktop.window_manager import WINDOW_MANAGERS, await_manager, chosen, command_of, lay_out
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction, SetupError
from handeye.tools.geometry import Size

__all__ = ["DEFAULT_SIZE", "WINDOW_MANAGERS", "VirtualDesktop"]

DEFAULT_SIZE = Size(1280, 800)
LIMIT_S = 30.0
"""How long the desktop may take to answer, and a window to show up, on a busy machine."""
HANDED_OVER_S = 3.0
"""How long a program may take that hands its work to one that runs already and ends."""


class VirtualDesktop:
    """A display that was started here; make it with `start`. Everything on it ends with `close`, with this object, and with this process,
    even when it is killed. Programs find a session bus of the desktop's own and, unless told otherwise, a home of its own. Only processes
    of this user may connect to it. Safe to use from any thread."""

    def __init__(
        self,
        guard: subprocess.Popen[bytes],
        display: str,
        size: Size,
        *,
        folder: Path,
        home: Path,
        env: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.display = display
        self.size = size
        self.folder = folder
        """Private to this user; it goes with the desktop."""
        self.home = home
        """What programs take for the person's home."""
        self._guard = guard
        self._env = dict(env)
        self._lock = threading.Lock()
        self._end = weakref.finalize(self, _shut, guard)

    @classmethod
    def start(
        cls,
        size: Size = DEFAULT_SIZE,
        window_manager: str | None = "",
        dpi: int = 96,
        *,
        home: Path | None = None,
        door: int | None = None,
        env: Mapping[str, str] = MappingProxyType({}),
        click_focus: bool = True,
    ) -> VirtualDesktop:
        """Start an empty desktop.

        `window_manager`: a program; empty: the first of `WINDOW_MANAGERS` that is there; None: none. `dpi`: what programs are told; text
        and, in steps of 96, all else grow with it. `home`: the folder that programs take for HOME, made if need be and kept; None: a
        fresh one that goes with the desktop, in which programs start with no questions (`first_start`). `door`: a port of 127.0.0.1, the
        only thing that programs can reach over the network (`confine`); None: they reach what this process does. `env`: variables that
        every program gets. `click_focus`: the window manager takes each click first and gives the window the focus; without it a click
        goes straight to the program, and `X11Driver.only_for` gives the focus beforehand.

        Raises `SetupError` when Xvfb or a window manager is not installed, or the network cannot be shut off, `DeviceError` when it does
        not start.
        """
        if not (160 <= size.width <= 16384 and 120 <= size.height <= 16384):
            raise InvalidAction(f"a virtual desktop is from 160x120 to 16384x16384 pixels, not {size}")
        if not 24 <= dpi <= 768:
            raise InvalidAction(f"a virtual desktop has from 24 to 768 dots per inch, not {dpi}")
        if not sys.platform.startswith("linux"):
            raise SetupError("A virtual desktop needs Linux.", fix="run handeye in a container: docker/README.md")
        if shutil.which("Xvfb") is None:
            raise SetupError("A virtual desktop needs Xvfb.", fix="apt-get install -y xvfb openbox")
        manager = chosen(window_manager)
        _require_packages()
        guard = _start_guard(size, dpi, home, door)
        try:
            hello = _heard(guard)
            desktop = cls(guard, str(hello["display"]), size, folder=Path(hello["folder"]), home=Path(hello["home"]), env=env)
        except BaseException:
            _shut(guard)
            raise
        try:
            if home is None:
                furnish(desktop.home)
            desktop._lay_out(manager, dpi, click_focus)
        except BaseException:
            desktop.close()
            raise
        return desktop

    def run(
        self,
        command: Sequence[str],
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        *,
        window: bool = False,
        limit_s: float = LIMIT_S,
    ) -> int:
        """Start a program on this desktop and give its process id; with `window`, once a new window is there.

        `cwd`: its working folder, this process's if None. `env`: variables to add.

        Raises `SetupError` when there is no such program, `DeviceError` with the program's last words when it ends without showing a
        window, `DeviceTimeout` when it shows none within `limit_s` seconds, `DeviceLost` when the desktop is gone.
        """
        if not command or _found(command[0], cwd, env) is None:
            raise SetupError(f"There is no program {command[0] if command else ''!r} on this machine.", fix="install it, or check its name")
        asked = {"run": list(command), "cwd": str(cwd or Path.cwd()), "env": self._env | dict(env or {})}
        if not window:
            return int(self._ask(asked)["pid"])
        with self._watch() as watch:
            others = set(guard_program.descendants(self._guard.pid))
            pid = int(self._ask(asked)["pid"])
            self._await_window(watch, command, pid, others, limit_s)
        return pid

    @property
    def session_bus(self) -> str:
        """Address of the desktop's own session bus; nobody is there where dbus-daemon is not installed."""
        return f"unix:path={self.folder / 'run' / 'bus'}"

    def status(self, pid: int) -> int | None:
        """Exit code of a program that `run` started, as `subprocess` gives it (minus the signal that killed it); None: it runs.

        Raises `DeviceError` for any other process.
        """
        code = self._ask({"status": pid})["status"]
        return None if code is None else int(code)

    def last_words(self, pid: int) -> str:
        """The end of what a program has written to standard output and error, 4,000 bytes at most. Raises `DeviceError`."""
        return str(self._ask({"status": pid})["words"])

    def wait(self, limit_s: float | None = None) -> bool:
        """Wait until the desktop has ended, `limit_s` seconds at most; whether it has."""
        try:
            self._guard.wait(limit_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        """End all programs and the display. A second call does nothing."""
        self._end()

    def __enter__(self) -> VirtualDesktop:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lay_out(self, manager: str | None, dpi: int, click_focus: bool) -> None:
        lay_out(self.display, dpi)
        if manager is None:
            return
        private = self.folder / "window-manager"
        private.mkdir()
        # Openbox reads the whole table of composed characters (40 ms) whenever a key is lent, and nothing happens on the screen meanwhile.
        composed = private / "Compose"
        composed.touch()
        env = {"HOME": str(private), "XDG_CONFIG_HOME": str(private), "XCOMPOSEFILE": str(composed)}
        pid = self.run(command_of(manager, private, click_focus), env=env)

        def check() -> None:
            if (code := self.status(pid)) is not None:
                raise DeviceError(f"The window manager {manager} {_ended(code)}{_quoted(self.last_words(pid))}")

        await_manager(self.display, check, LIMIT_S)

    def _watch(self) -> WindowWatch:
        from Xlib.error import ConnectionClosedError, DisplayError

        self._refuse_gone()
        try:
            return WindowWatch(self.display)
        except (ConnectionClosedError, DisplayError, OSError) as error:
            raise DeviceLost("The virtual desktop is gone.") from error

    def _await_window(self, watch: WindowWatch, command: Sequence[str], pid: int, others: set[int], limit_s: float) -> None:
        from Xlib.error import ConnectionClosedError

        done_at: list[float] = []

        def hopeless() -> bool:
            """It failed; or it ended well, left nothing that runs, and no program of before shows its window."""
            code = self.status(pid)
            if code is None or (code == 0 and set(guard_program.descendants(self._guard.pid)) - others):
                return False
            done_at.append(time.monotonic())
            return code != 0 or done_at[-1] - done_at[0] > HANDED_OVER_S

        name = command[0]
        try:
            if watch.wait(limit_s, hopeless):
                return
        except (ConnectionClosedError, OSError) as error:
            raise DeviceLost(f"The virtual desktop ended while {name} was starting.") from error
        code, words = self.status(pid), self.last_words(pid)
        if code is not None:
            raise DeviceError(f"{name} {_ended(code)} without showing a window{_quoted(words)}")
        raise DeviceTimeout(f"{name} runs but has shown no window for {limit_s:g} s{_quoted(words)}")

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._refuse_gone()
            assert self._guard.stdin is not None
            try:
                self._guard.stdin.write(json.dumps(asked).encode() + b"\n")
                self._guard.stdin.flush()
            except (OSError, ValueError) as error:
                raise DeviceLost("The virtual desktop is gone.") from error
            return _heard(self._guard)

    def _refuse_gone(self) -> None:
        if self._guard.poll() is not None or self._guard.stdin is None or self._guard.stdin.closed:
            raise DeviceLost("The virtual desktop is gone.")


def network_refusal() -> str | None:
    """Why programs cannot be kept from the network on this machine; None: they can."""
    command = [sys.executable, "-I", "-S", confine.__file__, "9", "true"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    return None if done.returncode == 0 else done.stderr.strip()[-300:] or f"status {done.returncode}"


def _require_packages() -> None:
    try:
        import Xlib.display  # noqa: F401
    except ImportError as error:
        raise SetupError(f"The desktop needs the package {error.name}.", fix="pip install 'handeye[desktop]'") from error


def _found(program: str, cwd: Path | None, env: Mapping[str, str] | None) -> str | None:
    if os.sep in program:
        return shutil.which(str((cwd or Path.cwd()) / program))
    return shutil.which(program, path=(env or {}).get("PATH"))


def _start_guard(size: Size, dpi: int, home: Path | None, door: int | None) -> subprocess.Popen[bytes]:
    # Isolated and without site: the guard needs neither this environment's packages nor the time that they take.
    own = "" if home is None else str(home.expanduser().absolute())
    options = [str(os.getpid()), f"{size.width}x{size.height}x24", str(dpi), own, str(door or 0)]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", guard_program.__file__, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _heard(guard: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The guard's next answer. Raises `DeviceError` when it is a complaint, `DeviceTimeout` when there is none."""
    assert guard.stdout is not None
    line, end = b"", time.monotonic() + LIMIT_S
    while not line.endswith(b"\n"):
        if not select.select([guard.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
            raise DeviceTimeout(f"The virtual desktop did not answer within {LIMIT_S:.0f} s.")
        part = os.read(guard.stdout.fileno(), 65536)
        if not part:
            raise DeviceLost("The virtual desktop ended by itself.")
        line += part
    said: dict[str, Any] = json.loads(line)
    if "unable" in said:
        raise SetupError(
            f"Programs cannot be kept from the network on this machine: the kernel refuses a network of its own ({said['unable']}).",
            fix="allow user namespaces (in docker: --security-opt seccomp=unconfined), or leave the list of hosts out",
        )
    if "error" in said:
        raise DeviceError(f"The virtual desktop refused: {said['error']}")
    return said


def _ended(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"


def _quoted(words: str) -> str:
    """A program's last lines, for the end of a message."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return f". It said: {' / '.join(lines[-4:])[-600:]}" if lines else "."


def _shut(guard: subprocess.Popen[bytes]) -> None:
    """Let the guard's input end, which ends all; it is killed if it does not get there."""
    if guard.stdin is not None and not guard.stdin.closed:
        try:
            guard.stdin.close()
        except OSError:
            guard.terminate()
    try:
        guard.wait(15)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()
    if guard.stdout is not None:
        guard.stdout.close()
