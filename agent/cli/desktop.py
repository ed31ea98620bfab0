"""`handeye desktop`: a virtual desktop to work on by hand or with `handeye run`, until Ctrl-C."""

from __future__ import annotations

import json
import sys
import webbrowser
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from handeye.agent.cli.run import new_run_folder
from handeye.envs.desktop_open import start_programs
from handeye.envs.sizes import read_size
from handeye.tools.desktop.saved import keep_saved
from handeye.tools.desktop.show import HERE, show
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceError, DeviceLost, SetupError


@dataclass(frozen=True)
class DesktopRequest:
    """What was asked for on the command line."""

    size: str = "1280x800"
    program: tuple[str, ...] = ()
    home: Path | None = None
    show: bool = False
    open_it: bool = False
    host: str = HERE
    port: int = 0
    as_json: bool = False


def desktop_command(request: DesktopRequest) -> int:
    """Keep a desktop until Ctrl-C; the exit code is 0. Raises `DeviceLost` when it ends by itself."""
    console = Console(stderr=request.as_json, highlight=False)
    if (request.port or request.host != HERE) and not request.show:
        raise SetupError("--host and --port say where --show listens.", fix="add --show")
    with suppress(KeyboardInterrupt), VirtualDesktop.start(read_size(request.size), home=request.home) as desktop:
        try:
            with console.status("Starting ..."):
                start_programs(desktop, request.program)
                address = show(desktop, request.host, request.port) if request.show else None
            _tell(request, desktop, address, console)
            if address is not None and request.open_it:
                webbrowser.open(address)
            desktop.wait()
            raise DeviceLost("The virtual desktop ended by itself.")
        finally:
            if request.home is None:
                _keep(desktop, console)
    return 0


def _keep(desktop: VirtualDesktop, console: Console) -> None:
    """What programs saved to a home that goes with the desktop is put where runs are."""
    run = new_run_folder()
    folder = run.with_name(f"{run.name}-home")
    try:
        if keep_saved(desktop.home, folder):
            console.print(f"Files that programs saved to their home: {escape(str(folder))}", soft_wrap=True)
    except DeviceError as error:
        console.print(f"[yellow]{escape(str(error))}[/]", soft_wrap=True)


def _tell(request: DesktopRequest, desktop: VirtualDesktop, address: str | None, console: Console) -> None:
    if request.as_json:
        said = {"display": desktop.display, "size": [*desktop.size], "home": str(desktop.home), "live": address}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        return
    lasts = "" if request.home else ", which goes with it; --home FOLDER keeps one"
    console.print(f"[bold green]●[/] [bold]DISPLAY={desktop.display}[/] [dim]{request.size}[/]")
    console.print(f"[dim]Its programs' home: {escape(str(desktop.home))}{lasts}[/]", soft_wrap=True)
    console.print("\nTry", end=" ")
    console.print(f"[cyan]DISPLAY={desktop.display} xterm[/]", soft_wrap=True)
    console.print(f'    [cyan]handeye run "Type echo hello and press Enter" --env desktop --display {desktop.display}[/]', soft_wrap=True)
    if address:
        console.print(f"\nLive: [link={address}]{address}[/link]", soft_wrap=True)
        console.print(f"[dim]Who has this address can work the desktop; {_reach(request.host)}.[/]", soft_wrap=True)
    console.print("\n[dim]Only this user's programs may connect to the display. Ctrl-C ends it and all that runs on it.[/]", soft_wrap=True)


def _reach(host: str) -> str:
    if host == HERE:
        return "it is served to this machine only"
    return f"it listens at {host}, and what is seen and typed is not encrypted"
