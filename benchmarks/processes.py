"""What processes cost, as Linux tells it in /proc: memory and processor time of one and all below it."""

from __future__ import annotations

import os
import re
from pathlib import Path

PROC = Path("/proc")


def parent_of(pid: int) -> int:
    """The process that started `pid`. Raises `OSError` when there is no such process."""
    return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])


def family_of(pid: int) -> set[int]:
    """`pid` and all processes below it."""
    parents = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = parent_of(int(folder.name))
            except OSError:  # it has ended meanwhile
                continue
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def weight_gb(pid: int) -> float:
    """Proportional set size of a process and all below it."""
    total = 0
    for member in family_of(pid):
        try:
            found = re.search(r"^Pss:\s+(\d+) kB", (PROC / str(member) / "smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue
        total += int(found.group(1)) if found else 0
    return total * 1024 / 1e9


def busy_s(pid: int) -> float:
    """Processor seconds that a process and all below it have taken so far."""
    ticks = 0
    for member in family_of(pid):
        try:
            fields = (PROC / str(member) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
