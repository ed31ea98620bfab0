"""Ends what a worker started: browsers, phones, adb servers, whoever's children they have become meanwhile.

Every process that a worker starts inherits a mark in its environment, so that it is found again when its parent is long dead.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import psutil

MARK = "HANDEYE_EPISODES"
ROUNDS = 20
"""A family that goes on having children while it is ended is looked for this often."""
GONE_S = 5.0


def mark_of(out: Path, number: int | None = None) -> str:
    """The mark of worker `number` of the run in `out`; the beginning of all its workers' if none is given."""
    run = f"{hashlib.sha256(str(out.absolute()).encode('utf-8', 'surrogateescape')).hexdigest()[:20]}/"
    return run if number is None else f"{run}{number}/"


def end_family(mark: str) -> int:
    """Kill every process whose mark begins with `mark`, and all their children, but never this process. Gives how many there were."""
    ended = 0
    for _ in range(ROUNDS):
        found = list(_marked(mark).values())
        if not found:
            break
        for process in found:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(found, timeout=GONE_S)
        ended += len(found)
    return ended


def members(mark: str) -> list[int]:
    """Ids of the processes whose mark begins with `mark` and whose parent has another or none: with their children they are all."""
    found = _marked(mark)
    tops = []
    for pid, process in found.items():
        try:
            if process.ppid() not in found:
                tops.append(pid)
        except psutil.NoSuchProcess:
            continue
    return tops


def _marked(mark: str) -> dict[int, psutil.Process]:
    everyone: dict[int, tuple[psutil.Process, int]] = {}
    family = set()
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            everyone[process.pid] = process, process.ppid()
            if process.environ().get(MARK, "").startswith(mark):
                family.add(process.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            continue
    # Some programs write their title over their environment, and are known by their parents alone.
    while more := {pid for pid, (_, parent) in everyone.items() if parent in family} - family:
        family |= more
    return {pid: everyone[pid][0] for pid in family if pid in everyone and pid != os.getpid()}
