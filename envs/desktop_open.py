"""Opens a `DesktopEnv` from the JSON options that a trajectory records."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from handeye.envs.desktop import Desk, DesktopEnv
from handeye.envs.desktop_work import DesktopWork
from handeye.envs.sizes import read_size
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.choose import open_driver
from handeye.tools.desktop.programs import ProgramWatch
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import SetupError


def open_desktop(options: Mapping[str, Any]) -> DesktopEnv:
    """The person's own desktop, or with `virtual` one that is started here and ends with the environment.

    - `driver`: auto, x11 or pyautogui; `display`: X display, DISPLAY if not given; `monitor`: one only, from 0; `cursor`: draw the
      pointer; `typing`: keys or paste
    - `virtual`, with `size` (WIDTHxHEIGHT), `program` (command lines that are started on it, each until it shows a window; not waited for
      where the line ends in " &") and `home` (the folder that programs take for HOME; a fresh one that goes with the desktop if not given)

    `reset` gives a virtual desktop anew, except with pyautogui, which stays with its first display.

    On a desktop that is not virtual the person can stop a run with the pointer (`handeye.tools.desktop.stop`).

    Raises `SetupError` when a piece is missing, `DeviceError` when the desktop does not start.
    """

    def desk() -> Desk:
        return _open(options)

    first = desk()
    # pyautogui stays with the display that it joined first, for as long as the process lives.
    renew = desk if options.get("virtual") and isinstance(first.driver, X11Driver) else None
    return DesktopEnv(first.driver, owned=first.owned, work=first.work, fresh=first.fresh, virtual=first.virtual, renew=renew)


def _open(options: Mapping[str, Any]) -> Desk:
    home = Path(options["home"]) if options.get("home") else None
    desktop: VirtualDesktop | None = None
    with ExitStack() as stack:
        display = options.get("display") or None
        if options.get("virtual"):
            desktop = stack.enter_context(VirtualDesktop.start(read_size(options.get("size") or "1280x800"), home=home))
            start_programs(desktop, options.get("program") or ())
            display = desktop.display
        driver = open_driver(
            options.get("driver") or "auto",
            display=display,
            monitor=options.get("monitor"),
            cursor=bool(options.get("cursor", False)),
            typing=options.get("typing") or "keys",
            own=not options.get("virtual"),
        )
        stack.callback(driver.close)
        work = DesktopWork(ProgramWatch(driver.name)) if isinstance(driver, X11Driver) else None
        return Desk(driver, work=work, fresh=bool(options.get("program")), virtual=desktop, owned=stack.pop_all())


def start_programs(desktop: VirtualDesktop, lines: Sequence[str]) -> None:
    """Start programs by their command lines, each until it shows a window; not waited for where the line ends in " &".

    Raises `SetupError` when a line cannot be read or names no program, `DeviceError` when one ends, or shows no window.
    """
    for line in lines:
        try:
            command = shlex.split(line.removesuffix("&"))
        except ValueError as error:
            raise SetupError(f"The command line {line!r} cannot be read ({error}).", fix="quote it as for a shell") from error
        desktop.run(command, window=not line.endswith("&"))
