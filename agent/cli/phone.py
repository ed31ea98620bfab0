"""`handeye phone`: simulated phones for adb, until Ctrl-C."""

from __future__ import annotations

import json
import sys
import threading
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace

from rich.console import Console
from rich.markup import escape

from handeye.envs.phone_open import phone_options, read_faults
from handeye.tools.android.serials import connect, disconnect
from handeye.tools.android.server import running_server
from handeye.tools.android.transport import ServerAddress
from handeye.tools.browser.loop import LoopThread
from handeye.tools.errors import HandeyeError, SetupError
from handeye.tools.simphone.host import Host, Hosted, run_script
from handeye.tools.simphone.live import LiveView, SimulatedPhone

BOOT_LIMIT_S = 60.0
"""How long one phone may take to begin on a busy machine."""
CLOSE_LIMIT_S = 20.0


@dataclass(frozen=True)
class PhoneRequest:
    """What was asked for on the command line."""

    count: int = 1
    size: str = "1080x2400"
    density: int = 480
    seed: int = 0
    clock: str = "running"
    animations: bool = False
    port: int = 0
    fault: tuple[str, ...] = ()
    show: bool = False
    open_it: bool = False
    as_json: bool = False


def phone_command(request: PhoneRequest, until: threading.Event | None = None) -> int:
    """Run phones until Ctrl-C, or until `until` is set; the exit code is 0."""
    console = Console(stderr=request.as_json, highlight=False)
    faults = read_faults(request.fault)
    with ExitStack() as stack:
        with console.status("Starting ..."):
            phones = stack.enter_context(_hosted(request, faults))
            server, why = _server()
            connected = [hosted.serial for hosted, _ in phones if server and stack.enter_context(_attached(server, hosted.serial))]
            view = LiveView([shown for _, shown in phones]) if request.show else None
        if view is not None:
            stack.callback(view.close)
        _tell(request, [hosted.serial for hosted, _ in phones], connected, server, why, view, console)
        if view is not None and request.open_it:
            webbrowser.open(view.address)
        with suppress(KeyboardInterrupt):
            (until or threading.Event()).wait()
        console.print("[dim]Ending the phones.[/]")
    return 0


@contextmanager
def _hosted(request: PhoneRequest, faults: dict[str, float]) -> Iterator[list[tuple[Hosted, SimulatedPhone]]]:
    """The phones, in this process: the live view needs no way through adb."""
    first = phone_options(
        {
            "size": request.size,
            "density": request.density,
            "phone_seed": request.seed,
            "clock": request.clock,
            "animations": request.animations,
            "port": request.port,
        }
    )
    if first.port and first.port + request.count > 65536:
        raise SetupError(f"{request.count} phones from port {first.port} on are more than there are ports.")
    options = [replace(first, seed=first.seed + n, port=first.port and first.port + n) for n in range(request.count)]
    loop, host = LoopThread("handeye phones"), Host()
    try:
        phones = loop.run(host.start(options), BOOT_LIMIT_S + 10 * request.count)
        for hosted in phones:
            for name, value in faults.items():
                loop.run(run_script(hosted.phone, f"simphone fault {name} {value:g}"), 10)
        yield [(hosted, SimulatedPhone(hosted.serial, hosted.phone, loop)) for hosted in phones]
    finally:
        with suppress(HandeyeError):
            loop.run(host.close(), CLOSE_LIMIT_S)
        loop.stop()


def _server() -> tuple[ServerAddress | None, str]:
    """The user's adb server, started if need be; None, and why, when there is none to be had: the phones are of use without."""
    try:
        return running_server(), ""
    except HandeyeError as error:
        return None, str(error)


@contextmanager
def _attached(server: ServerAddress, serial: str) -> Iterator[bool]:
    """The phone as a device of the adb server; False where the server does not take it (a fault may be why)."""
    try:
        connect(server, serial)
    except HandeyeError:
        yield False
        return
    try:
        yield True
    finally:
        with suppress(HandeyeError):
            disconnect(server, serial)


def _tell(
    request: PhoneRequest,
    serials: Sequence[str],
    connected: Sequence[str],
    server: ServerAddress | None,
    why: str,
    view: LiveView | None,
    console: Console,
) -> None:
    address = view.address if view else None
    if request.as_json:
        said = {"serials": list(serials), "connected": list(connected), "adb_server": str(server) if server else None, "live": address}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        return
    for serial in serials:
        state = "connected to adb" if serial in connected else "not connected to adb"
        console.print(f"[bold green]●[/] [bold]{serial}[/] [dim]{request.size}, {state}[/]")
    first = serials[0]
    if server is None:
        console.print(f"[yellow]No adb server takes it: {escape(why)}[/] Later: adb connect {first}")
    elif first not in connected:
        console.print(f"[yellow]The adb server at {server} did not connect to it.[/] Try: adb connect {first}")
    port = f"-P {server.port} " if server and server.port != 5037 else ""
    console.print("\nTry", end=" ")
    console.print(f"[cyan]adb {port}-s {first} shell getprop ro.product.model[/]", soft_wrap=True)
    console.print(f"    [cyan]adb {port}-s {first} exec-out screencap -p > screen.png[/]", soft_wrap=True)
    console.print(f'    [cyan]handeye run "Open the Settings app and turn Wi-Fi off" --env android --device {first}[/]', soft_wrap=True)
    if address:
        console.print(f"\nLive: [link={address}]{address}[/link]", soft_wrap=True)
        console.print("[dim]Who has this address can work the phone; it is served to this machine only.[/]")
    console.print("\n[dim]Ctrl-C ends it.[/]")
