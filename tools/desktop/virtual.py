"""A desktop of its own: Xvfb with a light window manager and the programs that are wanted, apart from the person's screen."""

from __future__ import annotations

import json
import select
import shutil
import subprocess
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction, SetupError
from handeye.tools.geometry import Size

WINDOW_MANAGERS = ("openbox", "matchbox-window-manager", "icewm", "xfwm4", "metacity", "twm")
"""In order of preference: light, and they tell which window is active."""
DEFAULT_SIZE = Size(1280, 800)
LIMIT_S = 30.0


class VirtualDesktop:
    """A display that was started here; make it with `start`. Everything on it ends with `close`, with this object, and with this process,
    even when it is killed."""

    def __init__(self, guard: subprocess.Popen[str], display: str, size: Size) -> None:
        self.display = display
        self.size = size
        self._guard = guard
        self._end = weakref.finalize(self, _shut, guard)

    @classmethod
    def start(cls, size: Size = DEFAULT_SIZE, window_manager: str | None = "", dpi: int = 96) -> VirtualDesktop:
        """Start an empty desktop. `window_manager`: a program; empty: the first of `WINDOW_MANAGERS` that is there; None: none.

        Raises `SetupError` when Xvfb or a window manager is not installed, `DeviceError` when it does not start.
        """
        if not (160 <= size.width <= 16384 and 120 <= size.height <= 16384):
            raise InvalidAction(f"a virtual desktop is from 160x120 to 16384x16384 pixels, not {size}")
        if shutil.which("Xvfb") is None:
            raise SetupError("A virtual desktop needs Xvfb.", fix="apt-get install -y xvfb openbox")
        manager = window_manager if window_manager != "" else next((name for name in WINDOW_MANAGERS if shutil.which(name)), "")
        if manager == "" or (manager and shutil.which(manager) is None):
            raise SetupError(
                f"A virtual desktop needs a window manager{f' ({manager})' if manager else ''}.", fix="apt-get install -y openbox"
            )
        guard = subprocess.Popen(
            [sys.executable, "-m", "handeye.tools.desktop.guard", str(size.width), str(size.height), str(dpi)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        try:
            desktop = cls(guard, str(_heard(guard)["display"]), size)
        except BaseException:
            _shut(guard)
            raise
        if manager:
            try:
                desktop.run([manager])
                _await_manager(desktop.display)
            except BaseException:
                desktop.close()
                raise
        return desktop

    def run(self, command: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> int:
        """Start a program on this desktop and give its process id. Its output goes nowhere.

        Raises `SetupError` when there is no such program, `DeviceLost` when the desktop is gone.
        """
        if self._guard.poll() is not None or self._guard.stdin is None or self._guard.stdin.closed:
            raise DeviceLost("The virtual desktop is gone.")
        if not command or (shutil.which(command[0]) is None and not Path(command[0]).is_file()):
            raise SetupError(f"There is no program {command[0] if command else ''!r} on this machine.", fix="install it, or check its name")
        asked = {"run": list(command), "cwd": str(cwd) if cwd else None, "env": dict(env or {})}
        try:
            self._guard.stdin.write(json.dumps(asked) + "\n")
            self._guard.stdin.flush()
        except OSError as error:
            raise DeviceLost("The virtual desktop is gone.") from error
        return int(_heard(self._guard)["pid"])

    def close(self) -> None:
        """End all programs and the display. A second call does nothing."""
        self._end()

    def __enter__(self) -> VirtualDesktop:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _heard(guard: subprocess.Popen[str]) -> dict[str, Any]:
    """The guard's next answer. Raises `DeviceError` when it is a complaint, `DeviceTimeout` when there is none."""
    assert guard.stdout is not None
    if not select.select([guard.stdout], [], [], LIMIT_S)[0]:
        raise DeviceTimeout(f"The virtual desktop did not answer within {LIMIT_S:.0f} s.")
    line = guard.stdout.readline()
    if not line:
        raise DeviceLost("The virtual desktop ended by itself.")
    said: dict[str, Any] = json.loads(line)
    if "error" in said:
        raise DeviceError(f"The virtual desktop did not start it: {said['error']}")
    return said


def _await_manager(name: str) -> None:
    """Wait until a window manager has taken the display. Raises `DeviceTimeout`."""
    from Xlib import X
    from Xlib.display import Display

    display = Display(name)
    try:
        root = display.screen().root
        root.change_attributes(event_mask=X.PropertyChangeMask)
        taken, end = display.intern_atom("_NET_SUPPORTING_WM_CHECK"), time.monotonic() + LIMIT_S
        while root.get_full_property(taken, 0) is None:
            left = end - time.monotonic()
            if left <= 0:
                raise DeviceTimeout("The window manager did not start.")
            if not display.pending_events():
                select.select([display.fileno()], [], [], min(left, 1.0))
            while display.pending_events():
                display.next_event()
    finally:
        display.close()


def _shut(guard: subprocess.Popen[str]) -> None:
    """Let the guard's input end, which ends all; it is killed if it does not get there."""
    if guard.stdin is not None and not guard.stdin.closed:
        try:
            guard.stdin.close()
        except OSError:
            guard.terminate()
    try:
        guard.wait(10)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()
    if guard.stdout is not None:
        guard.stdout.close()
