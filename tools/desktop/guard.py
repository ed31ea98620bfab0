"""The process that owns a virtual desktop: X server, window manager and programs are its children, and end with it.

It reads one JSON object a line from standard input (`{"run": [...], "cwd": ..., "env": {...}}`), answers one a line, and when its
input ends, for whatever reason, it ends everything that descends from it, daemons included. Run as `python -m
handeye.tools.desktop.guard WIDTH HEIGHT DEPTH_DPI WM`; not meant for people.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

PR_SET_CHILD_SUBREAPER = 36
"""Linux: include/uapi/linux/prctl.h. What a program leaves behind becomes a child of this process, not of init."""
START_S = 20.0
GRACE_S = 2.0
"""How long programs may take to end by themselves."""


class Guard:
    """The X server and what was started on it."""

    def __init__(self, width: int, height: int, dpi: int) -> None:
        self.display = ""
        self._size, self._dpi = f"{width}x{height}x24", dpi

    def start_server(self) -> str:
        """Start Xvfb on a free display and give its name. Raises `RuntimeError` with its own words when it does not start."""
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", self._size, "-dpi", str(self._dpi), "-nolisten", "tcp", "-noreset"]
        server = subprocess.Popen(command, pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        os.close(writing)
        said = b""
        while not said.endswith(b"\n"):
            ready, _, _ = select.select([reading], [], [], START_S)
            part = os.read(reading, 32) if ready else b""
            if not part:
                server.kill()
                _, complaint = server.communicate()
                raise RuntimeError(complaint.decode("utf-8", "replace").strip()[-500:] or "Xvfb gave no display")
            said += part
        os.close(reading)
        assert server.stderr is not None
        server.stderr.close()
        self.display = f":{said.decode().strip()}"
        return self.display

    def run(self, command: list[str], cwd: str | None, env: dict[str, str]) -> int:
        """Start a program on the display and give its process id. Raises `OSError`."""
        environment = {**os.environ, "DISPLAY": self.display, **env}
        # Programs that could would go to the person's own Wayland screen.
        for name in ("WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS"):
            if name not in env:
                environment.pop(name, None)
        environment["XDG_SESSION_TYPE"] = "x11"
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=cwd, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True).pid

    def end(self) -> None:
        """End every descendant, politely at first."""
        for sign, limit_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, GRACE_S)):
            for pid in descendants(os.getpid()):
                _signal(pid, sign)
            _reap(limit_s)


def descendants(root: int) -> list[int]:
    """Ids of all processes below `root`, as /proc tells them."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(after_name[1])
    found, wave = [], {root}
    while wave:
        wave = {pid for pid, parent in parents.items() if parent in wave and pid not in found}
        found += sorted(wave)
    return found


def _signal(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return


def _reap(limit_s: float) -> None:
    """Wait until no child is left, `limit_s` at most."""
    signal.signal(signal.SIGALRM, _stop_waiting)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        while True:
            os.waitpid(-1, 0)
    except (ChildProcessError, _Enough):
        return
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class _Enough(Exception):
    """The time is up."""


def _stop_waiting(signum: int, frame: Any) -> None:
    raise _Enough


def main() -> int:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(0))
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    width, height, dpi = (int(word) for word in sys.argv[1:4])
    guard = Guard(width, height, dpi)
    try:
        try:
            _answer({"display": guard.start_server()})
        except (OSError, RuntimeError) as error:
            _answer({"error": str(error)})
            return 1
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                _answer({"pid": guard.run(asked["run"], asked.get("cwd"), asked.get("env") or {})})
            except OSError as error:
                _answer({"error": str(error)})
        return 0
    finally:
        guard.end()


def _answer(said: dict[str, Any]) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
