"""Opens a `DesktopEnv` from the JSON options that a trajectory records."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from handeye.envs.desktop import Desk, DesktopEnv
from handeye.envs.desktop_network import Network, network
from handeye.envs.desktop_targets import ReadText
from handeye.envs.desktop_work import DesktopWork
from handeye.envs.sizes import read_size
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.atspi import ACCESSIBLE, Tree
from handeye.tools.desktop.choose import open_driver
from handeye.tools.desktop.programs import ProgramWatch
from handeye.tools.desktop.virtual import VirtualDesktop, network_refusal
from handeye.tools.errors import SetupError


def open_desktop(options: Mapping[str, Any], *, read_text: ReadText | None = None) -> DesktopEnv:
    """The person's own desktop, or with `virtual` one that is started here and ends with the environment.

    - `driver`: auto, x11 or pyautogui; `display`: X display, DISPLAY if not given; `monitor`: one only, from 0; `cursor`: draw the
      pointer; `typing`: keys or paste
    - `virtual`, with `size` (WIDTHxHEIGHT), `program` (command lines that are started on it, each until it shows a window; not waited for
      where the line ends in " &") and `home` (the folder that programs take for HOME; a fresh one that goes with the desktop if not given)
    - `guard`: `targets` will be asked, so programs are told to say what they show; on a person's own desktop those that do not do so by
      themselves (Qt, LibreOffice), and all where the session has no accessibility bus, tell nothing, and a click on them is not known
    - `allow_apps`: programs that may be touched (file name of the program, or a part of WM_CLASS)
    - `allow_hosts`: hosts that the programs of a virtual desktop can reach (`handeye.tools.egress`); they run in a network of their own
      whose only door is a proxy. `weak_network`: where the kernel allows no such network, only tell programs of the proxy, which those
      that mean well obey, and no others

    `reset` gives a virtual desktop anew, except with pyautogui, which stays with its first display. `read_text`: see `DesktopEnv`.

    On a desktop that is not virtual the person can stop a run with the pointer (`handeye.tools.desktop.stop`).

    Raises `SetupError` when a piece is missing or a list cannot be made to hold, `DeviceError` when the desktop does not start.
    """
    lists = {name: _words(options.get(name), name) for name in ("allow_apps", "allow_hosts")}
    if lists["allow_hosts"] and not options.get("virtual"):
        raise SetupError(
            "A list of hosts cannot be made to hold on your own desktop: every program on it has the network of the whole machine.",
            fix="use a virtual desktop (--virtual), or leave --allow-host out",
        )

    def desk() -> Desk:
        return _open(options, lists["allow_hosts"])

    first = desk()
    try:
        # pyautogui stays with the display that it joined first, for as long as the process lives.
        renew = desk if options.get("virtual") and isinstance(first.driver, X11Driver) else None
        return DesktopEnv(
            first.driver,
            owned=first.owned,
            work=first.work,
            fresh=first.fresh,
            virtual=first.virtual,
            tree=first.tree,
            network=first.network,
            allow_apps=lists["allow_apps"],
            read_text=read_text,
            renew=renew,
        )
    except BaseException:
        first.owned.close()
        raise


def _open(options: Mapping[str, Any], hosts: Sequence[str]) -> Desk:
    home = Path(options["home"]) if options.get("home") else None
    guard, virtual = bool(options.get("guard")), bool(options.get("virtual"))
    desktop: VirtualDesktop | None = None
    tree: Tree | None = None
    net = Network()
    with ExitStack() as stack:
        display = options.get("display") or None
        if virtual:
            net = stack.enter_context(network(hosts)) if hosts else net
            env = {**net.variables, **(ACCESSIBLE if guard else {})}
            size = read_size(options.get("size") or "1280x800")
            if options.get("weak_network") and net.door and network_refusal():
                net = replace(net, weak=True)
            # Windows that come up under the pointer must not get a click that was meant for another.
            held = guard or bool(options.get("allow_apps"))
            desktop = stack.enter_context(
                VirtualDesktop.start(size, home=home, door=None if net.weak else net.door, env=env, click_focus=not held)
            )
            net.furnish(desktop.home)
            tree = Tree.open(desktop.session_bus, switch_on=True) if guard else None
            start_programs(desktop, options.get("program") or ())
            display = desktop.display
        driver = open_driver(
            options.get("driver") or "auto",
            display=display,
            monitor=options.get("monitor"),
            cursor=bool(options.get("cursor", False)),
            typing=options.get("typing") or "keys",
            own=not virtual,
        )
        stack.callback(driver.close)
        if guard and not virtual and isinstance(driver, X11Driver):
            # Without one nothing that programs show is known, and nobody takes it for harmless.
            with suppress(SetupError):
                tree = Tree.open(None)
        work = DesktopWork(ProgramWatch(driver.name)) if isinstance(driver, X11Driver) else None
        return Desk(driver, work=work, fresh=bool(options.get("program")), virtual=desktop, tree=tree, network=net, owned=stack.pop_all())


def _words(value: Any, name: str) -> tuple[str, ...]:
    """A list of names. Raises `SetupError` for anything else, and for an empty one: that would allow everything, or nothing."""
    if value is None:
        return ()
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(one, str) and one.strip() for one in value):
        raise SetupError(f"{name} is a list of names, not {value!r:.80}.", fix='give them as ["NAME", ...]')
    if not value:
        raise SetupError(f"{name} is empty: it would be no list at all.", fix="name what may be used, or leave it out")
    return tuple(one.strip() for one in value)


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
