"""Whether the programs of a desktop are at work on what the last action set off: what a picture does not show yet."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from handeye.tools.desktop.programs import Programs, ProgramWatch

_BUSY = 0.3
"""Share of a processor that a program uses while it works on something; a clock, a caret or a small animation uses less than 0.1."""
_RESTLESS = 0.15
"""A program that used this much while nothing was asked of it is not at work on an action."""
_SPAN_S = (0.08, 1.0)
"""Over how long its use is taken: the kernel counts in hundredths of a second, and on a busy machine looks are far apart."""
_MOST_CROWD = 4.0
"""On a machine that is busier than that, programs are not waited for in proportion: a step would take seconds."""
_IDLE_S = 0.5
"""A program that is being loaded and has not used the processor for this long waits for something else than itself."""
_POLLS = (1.5, 0.1)
"""A program without a window that over so many seconds used no more than this share of a processor, and mostly did not want one either,
is loaded: it looks for something now and then. (What loads a program is its processor or, which counts as wanting, a disk.)"""


@dataclass(frozen=True)
class Work:
    """What goes on behind the picture."""

    busy: bool = False
    """A program is at work."""
    opening: bool = False
    """A program that was started since the action has joined the display, and shows no window yet."""
    fresh: bool = False
    """A program that was started since the action shows its window."""
    slow: float = 1.0
    """How many times as long as usual programs may take, for want of a processor."""


class DesktopWork:
    """Watches the programs from one action to the next."""

    def __init__(self, watch: ProgramWatch) -> None:
        self._watch = watch
        self._began = Programs(0.0)
        self._past: deque[Programs] = deque(maxlen=128)
        self._moved: dict[int, float] = {}
        """When each program last used the processor, or wanted to."""
        self._restless: frozenset[int] = frozenset()

    def begin(self, everything: bool = False) -> None:
        """An action is about to be done. `everything`: what runs already counts as set off by it too."""
        now = self._watch.take()
        if self._past and now.at_s - self._past[-1].at_s >= _SPAN_S[0]:
            self._restless = frozenset(pid for pid in now.processes if _share(self._past[-1], now, pid) >= _RESTLESS)
        self._began = Programs(now.at_s) if everything else now
        self._past.clear()
        self._past.append(now)

    def look(self, windows: Collection[int]) -> Work:
        """What goes on now; `windows`: ids of those that are shown."""
        now = self._watch.take()
        last = self._past[-1] if self._past else self._began
        for pid, process in now.processes.items():
            if pid not in last.processes or process.runs or process.cpu_s > last.processes[pid].cpu_s:
                self._moved[pid] = now.at_s
        self._past.append(now)
        young = set(now.clients.values()) - self._began.processes.keys() - self._restless
        shown = {now.owner(window) for window in windows}
        return Work(self._busy(now), any(self._loads(now, pid) for pid in young - shown), bool(young & shown), _crowd())

    def close(self) -> None:
        """Let go of the display."""
        self._watch.close()

    def _loads(self, now: Programs, pid: int) -> bool:
        """Whether a program that shows no window seems to be on its way to one."""
        if self._moved.get(pid, 0.0) <= now.at_s - _IDLE_S:
            return False
        span_s, share = _POLLS
        known = [past for past in self._past if pid in past.processes]
        begun = next((place for place in reversed(range(len(known))) if now.at_s - known[place].at_s >= span_s), None)
        if begun is None or _share(known[begun], now, pid) > share:
            return True
        wanting = sum(past.processes[pid].runs for past in known[begun:])
        return 2 * wanting > len(known) - begun

    def _busy(self, now: Programs) -> bool:
        spans = [past for past in self._past if _SPAN_S[0] <= now.at_s - past.at_s <= _SPAN_S[1]]
        others = now.processes.keys() - self._restless
        # On a machine with much to do a program gets little of a processor, however much it wants: then its state tells.
        wanting = any(now.processes[pid].runs and (pid not in self._began.processes or self._used(now, pid)) for pid in others)
        return wanting or any(spans and _share(spans[-1], now, pid) >= _BUSY for pid in others)

    def _used(self, now: Programs, pid: int) -> bool:
        """Whether a program has used the processor since the action for as long as can be told."""
        return now.processes[pid].cpu_s - self._began.processes[pid].cpu_s >= 0.01


def _crowd() -> float:
    """How many programs of the whole machine want each processor now, from 1 to `_MOST_CROWD` (proc(5), loadavg: the fourth field)."""
    try:
        runnable = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[0])
    except (OSError, IndexError, ValueError):
        return 1.0
    return min(max((runnable - 1) / (os.cpu_count() or 1), 1.0), _MOST_CROWD)


def _share(before: Programs, after: Programs, pid: int) -> float:
    """The share of a processor that a program used between two moments."""
    used = after.processes[pid].cpu_s - (before.processes[pid].cpu_s if pid in before.processes else 0.0)
    return used / max(after.at_s - before.at_s, 1e-3)
