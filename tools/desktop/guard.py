"""The process that owns a virtual desktop: X server, session bus, window manager and programs descend from it, and end with it.

It reads one JSON object a line from standard input (`{"run": [...], "cwd": ..., "env": {...}}` or `{"status": PID}`) and answers one a
line. When its input ends, the process that started it dies, the X server dies, or it is told to stop, it ends everything that descends
from it, daemons included, and removes its files. It is two processes that watch each other, so that no single kill leaves something
behind: the outer one only waits. Both are subreapers: what a program leaves behind becomes their child, not init's.

Run as a script, by `VirtualDesktop`; not meant for people. It imports the standard library alone, so that it starts in 30 ms.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
"""Linux: include/uapi/linux/prctl.h."""
START_S = 20.0
GRACE_S = 2.0
"""How long programs may take to end by themselves."""
KILL_S = 3.0
"""How long the kernel may take to end what was killed."""
LAST_WORDS = 4000
"""Bytes of a program's output that are kept."""
NOT_OURS = (
    *("WAYLAND_DISPLAY", "WAYLAND_SOCKET", "XAUTHORITY", "SESSION_MANAGER", "DESKTOP_STARTUP_ID", "XDG_ACTIVATION_TOKEN", "WINDOWID"),
    *("DBUS_STARTER_ADDRESS", "DBUS_STARTER_BUS_TYPE", "AT_SPI_BUS_ADDRESS", "XDG_SESSION_ID", "XDG_CURRENT_DESKTOP", "DESKTOP_SESSION"),
    *("GTK_IM_MODULE", "QT_IM_MODULE", "XMODIFIERS", "GTK_MODULES", "GTK_THEME", "QT_QPA_PLATFORMTHEME", "QT_STYLE_OVERRIDE"),
    *("GDK_SCALE", "GDK_DPI_SCALE", "QT_SCALE_FACTOR", "QT_SCREEN_SCALE_FACTORS", "QT_AUTO_SCREEN_SCALE_FACTOR", "QT_FONT_DPI"),
)
"""Variables that tie a program to the person's own session, its input methods and its looks."""
OPENCVS = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
"""Variables that opencv-python sets in its process when it is imported: with its Qt plugins no other Qt program begins."""
HOME_PARTS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
"""Where programs keep their settings, if not below HOME (XDG Base Directory Specification)."""


class Unable(Exception):
    """This machine does not let its programs be kept from the network."""


@dataclass
class Program:
    """Something that was started, and the end of what it said."""

    process: subprocess.Popen[bytes]
    output: int
    words: bytes = b""


def _is_opencvs(name: str, value: str) -> bool:
    return name in OPENCVS and "cv2" in Path(value).parts


class Guard:
    """The X server and what was started on it."""

    def __init__(self, folder: Path, size: str, dpi: int, home: str, door: int = 0) -> None:
        self.folder = folder
        self._door = door
        self.display = ""
        self.home = home or str(folder / "home")
        self._size, self._dpi = size, dpi
        self._server: subprocess.Popen[bytes] | None = None
        self._bus = "disabled:"
        self._last: list[int] = []
        """What ends after the programs."""
        self._programs: dict[int, Program] = {}
        self._outputs: dict[int, Program] = {}

    # Beginning

    def start(self) -> None:
        """Start Xvfb on a free display, open to this user alone, and a session bus; with a door, leave the machine's network first.

        Raises `RuntimeError` with their words, `Unable` when the network cannot be left."""
        for name in ("home", "run", "cache"):
            (self.folder / name).mkdir(mode=0o700)
        Path(self.home).mkdir(parents=True, exist_ok=True)
        cookie, admission = os.urandom(16), beside("admission")
        with open(self.folder / "xauthority", "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(admission.authority(cookie))
        self._start_server()
        admission.admit_this_user(self.display[1:], cookie)
        if self._door:
            # Not before the X server: displays are told apart by sockets of the machine's own network.
            leave_network(self._door)
        self._start_bus()

    def _start_server(self) -> None:
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", self._size, "-dpi", str(self._dpi)]
        command += ["-auth", str(self.folder / "xauthority"), "-nolisten", "tcp", "-noreset"]
        complaints = self.folder / "xvfb.log"
        with complaints.open("wb") as log:
            server = subprocess.Popen(command, pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(writing)
        said = _line(reading, START_S)
        os.close(reading)
        if not said:
            server.kill()
            raise RuntimeError(complaints.read_text("utf-8", "replace").strip()[-500:] or "Xvfb gave no display")
        self.display, self._server = f":{said}", server
        self._last.append(server.pid)
        with suppress(OSError):
            # Whoever cleans up after a kill can tell the socket from that of a later X server of the same number.
            found = _socket_of(said).stat()
            (self.folder / "socket").write_text(f"{said} {found.st_ino} {found.st_ctime_ns}")

    def _start_bus(self) -> None:
        """A bus of the desktop's own: on the person's, a second mousepad would open its file in the window on their screen."""
        program = shutil.which("dbus-daemon")
        if program is None:
            return
        address = f"unix:path={self.folder / 'run' / 'bus'}"
        reading, writing = os.pipe()
        command = [program, "--session", "--nofork", "--nopidfile", "--nosyslog", f"--address={address}", f"--print-address={writing}"]
        self._bus = address
        quiet = subprocess.DEVNULL
        bus = subprocess.Popen(command, pass_fds=[writing], env=self._environment({}), stdin=quiet, stdout=quiet, stderr=quiet)
        os.close(writing)
        if _line(reading, START_S):
            self._last.append(bus.pid)
        else:
            bus.kill()
            self._bus = "disabled:"
        os.close(reading)

    # Programs

    def run(self, command: list[str], cwd: str | None, env: dict[str, str]) -> int:
        """Start a program on the display and give its process id. Raises `OSError`."""
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=self._environment(env),
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                start_new_session=True,
            )
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        os.set_blocking(reading, False)
        self._programs[process.pid] = self._outputs[reading] = Program(process, reading)
        return process.pid

    def status(self, pid: int) -> dict[str, Any]:
        """How a program ended (as `subprocess` puts it; None: it runs), and its last words."""
        self.reap()
        program = self._programs.get(pid)
        if program is None:
            return {"error": f"no program {pid} was started here"}
        self.listen(program.output)
        return {"status": program.process.returncode, "words": program.words.decode("utf-8", "replace")}

    def _environment(self, asked: dict[str, str]) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS and not _is_opencvs(name, value)}
        if self.home != environment.get("HOME"):
            environment = {name: value for name, value in environment.items() if name not in HOME_PARTS}
            environment |= {"HOME": self.home, "XDG_CACHE_HOME": str(self.folder / "cache")}
        environment |= {"DISPLAY": self.display, "XDG_SESSION_TYPE": "x11", "GDK_BACKEND": "x11", "QT_QPA_PLATFORM": "xcb"}
        # The person's own holds their session bus and their Wayland socket, which programs try without being told.
        environment |= {"XDG_RUNTIME_DIR": str(self.folder / "run"), "DBUS_SESSION_BUS_ADDRESS": self._bus}
        return environment | asked

    # Serving

    def serve(self, owner: int, told: Telling) -> None:
        """Answer until the input or the process `owner` ends, the X server dies, or `told` says to stop."""
        poll, pending = select.poll(), b""
        alive = _pidfd(owner)
        for fd in (0, told.fd, *([alive] if alive is not None else [])):
            poll.register(fd, select.POLLIN)
        while not told.stop and self._server is not None and self._server.returncode is None:
            watched = list(self._outputs)
            for fd in watched:
                poll.register(fd, select.POLLIN)
            ready = {fd for fd, _ in poll.poll()}
            for fd in watched:
                poll.unregister(fd)
                if fd in ready:
                    self.listen(fd)
            if told.fd in ready:
                told.clear()
                self.reap()
            if alive in ready:
                return
            if 0 in ready:
                part = os.read(0, 65536)
                if not part:
                    return
                *lines, pending = (pending + part).split(b"\n")
                for line in lines:
                    _answer(self._do(json.loads(line)))

    def _do(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "status" in asked:
            return self.status(asked["status"])
        try:
            return {"pid": self.run(asked["run"], asked.get("cwd"), asked.get("env") or {})}
        except (OSError, ValueError) as error:
            return {"error": str(error)}

    def listen(self, fd: int) -> None:
        """Take in what a program has said."""
        program = self._outputs.get(fd)
        while program is not None:
            try:
                part = os.read(fd, 65536)
            except BlockingIOError:
                return
            if not part:
                os.close(fd)
                del self._outputs[fd]
                return
            program.words = (program.words + part)[-LAST_WORDS:]

    def reap(self) -> None:
        """Take note of every child that has ended."""
        for pid, code in reaped():
            if pid in self._programs:
                self._programs[pid].process.returncode = code
            elif self._server is not None and pid == self._server.pid:
                self._server.returncode = code

    def end(self) -> None:
        """End every descendant, politely at first; the X server and the bus after those that use them."""
        sweep(self._last)


class Telling:
    """Signals, as bytes on a file descriptor: `stop` is set by those that ask for the end."""

    def __init__(self) -> None:
        self.stop = False
        self.fd, writing = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for sign in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._stop)
        # Not SIG_IGN: programs would inherit that, and Ctrl-C would do nothing in a terminal.
        for sign in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(sign, lambda signum, frame: None)

    def clear(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self.fd, 4096):
                pass

    def _stop(self, signum: int, frame: Any) -> None:
        self.stop = True


def _line(fd: int, limit_s: float) -> str:
    """One line from a pipe; empty when it ends or the time is up."""
    said, end = b"", time.monotonic() + limit_s
    while not said.endswith(b"\n"):
        ready, _, _ = select.select([fd], [], [], max(0.0, end - time.monotonic()))
        part = os.read(fd, 512) if ready else b""
        if not part:
            return ""
        said += part
    return said.decode().strip()


def _pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except OSError:
        # An old kernel, or the process is gone, which the end of the input tells too.
        return None


def _answer(said: dict[str, Any]) -> None:
    with suppress(OSError):
        os.write(1, json.dumps(said).encode() + b"\n")


def beside(name: str) -> Any:
    """A module that lies beside this file; nothing else of its folder is to be found by an import here."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def leave_network(door: int) -> None:
    """See `confine.enter`. Raises `Unable`."""
    try:
        beside("confine").enter(door)
    except OSError as error:
        raise Unable(str(error)) from error
    # The kernel takes this off a process whose rights have changed.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


# Ending


def descendants(root: int) -> list[int]:
    """Ids of all processes below `root`, as /proc tells them; those that have ended and wait for their parent too."""
    parents: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                after_name = Path("/proc", entry, "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry)] = int(after_name[1])
    found: list[int] = []
    wave = {root}
    while wave:
        wave = {pid for pid, parent in parents.items() if parent in wave} - set(found)
        found += sorted(wave)
    return found


def reaped() -> list[tuple[int, int]]:
    """Children that have ended since, with their exit codes."""
    found = []
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            found.append((pid, os.waitstatus_to_exitcode(status)))
    return found


def sweep(last: list[int]) -> None:
    """End all that descends from this process, and `last` after the others."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    for spared in (last, []):
        for sign, limit_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, KILL_S)):
            _end(spared, sign, limit_s)


def _end(spared: list[int], sign: signal.Signals, limit_s: float) -> None:
    told: set[int] = set()
    end = time.monotonic() + limit_s
    while True:
        reaped()
        left = set(descendants(os.getpid())) - set(spared)
        if not left or time.monotonic() > end:
            return
        # Killed again at each look: a process may have been born between two.
        for pid in left if sign == signal.SIGKILL else left - told:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sign)
        told |= left
        signal.sigtimedwait({signal.SIGCHLD}, 0.02)


def clean(folder: Path) -> None:
    """Remove the files, and the X server's socket where it was killed before it could. With `-displayfd` it has no lock file."""
    with suppress(OSError, ValueError):
        number, *known = (folder / "socket").read_text().split()
        found = _socket_of(number).stat()
        if [found.st_ino, found.st_ctime_ns] == [int(word) for word in known]:
            _socket_of(number).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _socket_of(number: str) -> Path:
    return Path("/tmp/.X11-unix", f"X{number}")


def main() -> int:
    """Serve until the end: OWNER_PID WIDTHxHEIGHTxDEPTH DPI HOME DOOR."""
    owner, size, dpi, home, door = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    folder = Path(tempfile.mkdtemp(prefix="handeye-desktop-"))
    outer = os.getpid()
    inner = os.fork()
    if inner == 0:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        return _serve(Guard(folder, size, dpi, home, door), owner, outer)
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda signum, frame: os.kill(inner, signal.SIGTERM))
    signal.signal(signal.SIGINT, lambda signum, frame: None)
    while os.waitpid(-1, 0)[0] != inner:
        pass
    sweep([])
    clean(folder)
    return 0


def _serve(guard: Guard, owner: int, outer: int) -> int:
    told = Telling()
    try:
        try:
            guard.start()
        except Unable as error:
            _answer({"unable": str(error)})
            return 1
        except (OSError, RuntimeError) as error:
            _answer({"error": str(error)})
            return 1
        _answer({"display": guard.display, "folder": str(guard.folder), "home": guard.home})
        if os.getppid() == outer:
            guard.serve(owner, told)
        return 0
    finally:
        guard.end()
        if os.getppid() != outer:
            clean(guard.folder)


if __name__ == "__main__":
    sys.exit(main())
