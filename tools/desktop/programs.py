"""The programs on an X display of this machine: which are connected, which windows are theirs, how much they work.

The display tells who its clients are (X-Resource 1.2), the kernel what they and their children use of the processor (/proc). Where
either tells nothing (another machine's display, another system than Linux), there is nothing to know, and no error.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handeye.tools.errors import DeviceLost

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_YOUNG_S = 1.0
"""A process that is younger may have been forked and not yet be the program that it will be."""
_FORGET_S = 3.0
"""How long a process is taken for a stranger: process ids are used again."""
_PID_MASK = 2
"""`LocalClientPIDMask` of X-Resource."""


@dataclass(frozen=True)
class Process:
    """One process at one moment."""

    parent: int
    cpu_s: float
    """Processor time used so far, that of its threads included."""
    runs: bool = False
    """It runs, waits for a processor, or for a disk, at this moment (its first thread; proc(5), states R and D)."""


@dataclass(frozen=True, eq=False)
class Programs:
    """What was at work at one moment."""

    at_s: float
    """By `time.monotonic`."""
    processes: Mapping[int, Process] = field(default_factory=dict)
    """Those that belong to the display, by process id."""
    clients: Mapping[int, int] = field(default_factory=dict)
    """Process ids by the first resource id of a client's connection."""
    mask: int = 0
    """The bits of a resource id that differ within one connection."""

    def owner(self, window: int) -> int:
        """The process whose window it is; 0 if that is not known."""
        return self.clients.get(window & ~self.mask, 0)

    def family(self, pid: int) -> frozenset[int]:
        """The process and its living descendants."""
        found = {pid}
        while more := {child for child, process in self.processes.items() if process.parent in found} - found:
            found |= more
        return frozenset(found)


class ProgramWatch:
    """Asks a display and the kernel again and again, over a connection of its own. Not safe to use from two threads at once."""

    def __init__(self, name: str) -> None:
        """Raises `DeviceLost` when the display cannot be joined."""
        from Xlib.display import Display
        from Xlib.error import DisplayError, XError

        self._name = name
        try:
            self._display: Any = Display(name)
        except (DisplayError, XError, OSError) as error:
            raise DeviceLost(f"The display {name} is gone ({error}).") from error
        self._local = name.startswith((":", "unix:"))
        self._asks = self._local and self._display.has_extension("X-Resource")
        self._number = _number(name)
        self._ours: set[int] = set()
        self._strangers: set[int] = set()
        """Processes that belong to the display, and those that do not, so that each is asked about once."""
        self._asked_s = time.monotonic()

    def take(self) -> Programs:
        """The programs as they are now; handeye's own process is left out. Raises `DeviceLost` once the display is gone."""
        clients = self._clients() if self._asks else {}
        processes = dict(self._processes(frozenset(clients.values()))) if self._local else {}
        return Programs(time.monotonic(), processes, clients, int(self._display.display.info.resource_id_mask))

    def close(self) -> None:
        """Let go of the display."""
        from Xlib.error import ConnectionClosedError

        try:
            self._display.close()
        except (ConnectionClosedError, OSError):
            return

    def _clients(self) -> dict[int, int]:
        from Xlib.error import ConnectionClosedError, XError

        own = os.getpid()
        try:
            told = self._display.res_query_client_ids([{"client": 0, "mask": _PID_MASK}]).ids
        except (ConnectionClosedError, OSError) as error:
            raise DeviceLost(f"The display {self._name} is gone.") from error
        except XError:
            return {}
        return {one.spec.client: int(one.value[0]) for one in told if one.spec.client and one.value and one.value[0] != own}

    def _processes(self, clients: frozenset[int]) -> Iterator[tuple[int, Process]]:
        try:
            pids = {int(entry) for entry in os.listdir(_PROC) if entry.isdigit()} - {os.getpid()}
        except OSError:
            return
        now = time.monotonic()
        if now - self._asked_s > _FORGET_S:
            self._strangers.clear()
            self._asked_s = now
        self._ours &= pids
        for pid in pids - self._strangers | clients & pids:
            told = _stat(pid)
            if told is None:
                continue
            if pid not in self._ours and pid not in clients:
                if not self._belongs(pid):
                    if time.clock_gettime(time.CLOCK_BOOTTIME) - told.started_s > _YOUNG_S:
                        self._strangers.add(pid)
                    continue
                self._ours.add(pid)
            yield pid, Process(told.parent, told.cpu_s, told.runs)

    def _belongs(self, pid: int) -> bool:
        try:
            environment = (_PROC / str(pid) / "environ").read_bytes()
        except OSError:
            return False
        display = next((entry[8:] for entry in environment.split(b"\0") if entry.startswith(b"DISPLAY=")), b"")
        return bool(display) and _number(display.decode("utf-8", "replace")) == self._number


def _number(display: str) -> str:
    """The number in the name of a display on this machine (":7.0" is 7)."""
    return display.rpartition(":")[2].partition(".")[0]


@dataclass(frozen=True)
class _Stat:
    parent: int
    cpu_s: float
    started_s: float
    runs: bool


def _stat(pid: int) -> _Stat | None:
    """What proc(5) tells in `stat` about a living process, times since the machine was started; None if there is none."""
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # The name in brackets may hold anything.
    fields = text[text.rfind(b")") + 2 :].split()
    if len(fields) < 20 or fields[0] in (b"Z", b"X"):
        return None
    cpu_s, started_s = (int(fields[11]) + int(fields[12])) / _TICKS, int(fields[19]) / _TICKS
    return _Stat(int(fields[1]), cpu_s, started_s, fields[0] in (b"R", b"D"))
