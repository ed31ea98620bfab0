"""What `pkill` and `killall` are to a task: they end programs of its own desktop and no others.

Run as a script by the shims of those names; it imports the standard library alone. Programs are told by their descent from the process
that owns the desktop: Chromium, for one, overwrites its environment and command line.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

_OTHER_NAMES = {"chrome": "chromium", "gnome-terminal": "xterm", "nautilus": "pcmanfm", "gedit": "mousepad"}
_OWNER = "desktop/guard", "desktop.guard"
"""What the command line of the process that owns a desktop has in it (`handeye.tools.desktop.guard`)."""


GRACE_S = 10.0


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return ""


def _parents() -> dict[int, int]:
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            words = _read(int(entry.name), "stat").rpartition(")")[2].split()
            if len(words) > 1:
                found[int(entry.name)] = int(words[1])
    return found


def _is_owner(pid: int) -> bool:
    return any(mark in _read(pid, "cmdline") for mark in _OWNER)


def programs_beside(pid: int) -> Iterator[int]:
    """The processes of the desktop that process `pid` is on, itself and those above it left out; none if it is on none."""
    parents = _parents()
    line = [pid]
    while parents.get(line[-1], 0) > 1:
        line.append(parents[line[-1]])
    owners = [one for one in line if _is_owner(one)]
    if not owners:
        return
    for one in parents:
        above, seen = one, set()
        while above in parents and above not in seen and above not in owners:
            seen.add(above)
            above = parents[above]
        if above in owners and one not in line and not _is_owner(one):
            yield one


def main(words: Sequence[str]) -> int:
    """End what `words` name, as pkill and killall do: 0 if there was any, 1 if not."""
    number = signal.SIGKILL if {"-9", "-KILL", "-SIGKILL"} & set(words) else signal.SIGTERM
    names = [word for word in words if not word.startswith("-")]
    wanted = {*names, *(other for name in names for known, other in _OTHER_NAMES.items() if known in name)}
    ended: list[int] = []
    for pid in programs_beside(os.getpid()):
        if any(name in _read(pid, "comm") for name in wanted):
            try:
                handle = os.pidfd_open(pid)
                os.kill(pid, number)
            except OSError:
                continue
            ended.append(handle)
    _await_ends(ended)
    return int(not ended)


def _await_ends(handles: list[int]) -> None:
    """Wait for the ends of processes, `GRACE_S` seconds at most: a browser that is started while the old one still ends joins it."""
    left, end = set(handles), time.monotonic() + GRACE_S
    while left and (rest := end - time.monotonic()) > 0:
        # A handle of a process can be read from when the process has ended.
        left -= set(select.select([*left], [], [], rest)[0])
    for handle in handles:
        os.close(handle)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
