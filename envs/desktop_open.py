"""Opens a `DesktopEnv` from the JSON options that a trajectory records."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from handeye.envs.desktop import Desk, DesktopEnv
from handeye.envs.desktop_work import DesktopWork
from handeye.envs.sizes import read_size
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.programs import ProgramWatch
from handeye.tools.desktop.virtual import VirtualDesktop


def open_desktop(options: Mapping[str, Any]) -> DesktopEnv:
    """The person's own desktop, or with `virtual` one that is started here and ends with the environment.

    `display`: X display, DISPLAY if not given; `monitor`: one only, from 0; `cursor`: draw the pointer; `virtual`, with `size`
    (WIDTHxHEIGHT) and `program` (command lines that are started on it).

    Raises `SetupError` when a piece is missing, `DeviceError` when the desktop does not start.
    """

    def desk() -> Desk:
        return _open(options)

    first = desk()
    renew = desk if options.get("virtual") else None
    return DesktopEnv(first.driver, owned=first.owned, work=first.work, started=first.started, renew=renew)


def _open(options: Mapping[str, Any]) -> Desk:
    with ExitStack() as stack:
        display, started = options.get("display") or None, dict[int, str]()
        if options.get("virtual"):
            desktop = stack.enter_context(VirtualDesktop.start(read_size(options.get("size") or "1280x800")))
            for line in options.get("program") or ():
                started[desktop.run(shlex.split(line))] = line
            display = desktop.display
        driver = X11Driver.open(display, monitor=options.get("monitor"), cursor=bool(options.get("cursor", False)))
        stack.callback(driver.close)
        return Desk(driver, work=DesktopWork(ProgramWatch(driver.name)), started=started, owned=stack.pop_all())
