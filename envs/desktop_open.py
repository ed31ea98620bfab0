"""Opens a `DesktopEnv` from the JSON options that a trajectory records."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from handeye.envs.desktop import DesktopEnv
from handeye.envs.sizes import read_size
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.virtual import VirtualDesktop


def open_desktop(options: Mapping[str, Any]) -> DesktopEnv:
    """The person's own desktop, or with `virtual` one that is started here and ends with the environment.

    `display`: X display, DISPLAY if not given; `monitor`: one only, from 0; `cursor`: draw the pointer; `typing`: keys or paste;
    `virtual`, with `size` (WIDTHxHEIGHT) and `program` (command lines that are started on it).

    Raises `SetupError` when a piece is missing, `DeviceError` when the desktop does not start.
    """
    with ExitStack() as stack:
        display = options.get("display") or None
        if options.get("virtual"):
            desktop = stack.enter_context(VirtualDesktop.start(read_size(options.get("size") or "1280x800")))
            for line in options.get("program") or ():
                desktop.run(shlex.split(line))
            display = desktop.display
        driver = X11Driver.open(
            display, monitor=options.get("monitor"), cursor=bool(options.get("cursor", False)), typing=options.get("typing") or "keys"
        )
        return DesktopEnv(driver, owned=stack.pop_all())
