"""`python -m handeye.tools.simphone`: phones that live until standard input ends or a signal comes.

Standard output carries lines of JSON. The first one says `{"phones": [{"serial", "port"}, ...], "pid"}` once all have booted, or
`{"error", "fix", "kind"}`. Then a line `{"serial", "run"}` on standard input runs a script on a phone, past adb, and is answered by
`{"code", "out", "err"}`, texts in base64.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handeye.tools.errors import HandeyeError, InvalidAction
from handeye.tools.geometry import Size
from handeye.tools.simphone.host import Host, run_script
from handeye.tools.simphone.options import PhoneOptions

MOST_PHONES = 64
LONGEST_SCRIPT_S = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run phones; gives the exit code."""
    given = _parser().parse_args(arguments)
    try:
        options = _options(given)
        return asyncio.run(_live(options, given.json))
    except HandeyeError as error:
        if given.json:
            _say({"error": error.args[0] if error.args else str(error), "fix": error.fix, "kind": type(error).__name__})
        else:
            sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m handeye.tools.simphone", description="Simulated Android phones that adb can connect to."
    )
    default = PhoneOptions()
    parser.add_argument("--count", type=int, default=1, help="how many phones")
    parser.add_argument("--size", default=f"{default.size.width}x{default.size.height}", help="pixels of the screen, as 1080x2400")
    parser.add_argument("--density", type=int, default=default.density, help="dots per inch")
    parser.add_argument("--seed", type=int, default=0, help="which people, messages and files are there")
    parser.add_argument("--clock", choices=("running", "steps"), default="running", help="steps: only inputs take time")
    parser.add_argument("--start", default=default.start, help="where the clock begins")
    parser.add_argument("--animations", action="store_true", help="let apps animate")
    parser.add_argument("--port", type=int, default=0, help="port of the first phone, the others follow; 0: any")
    parser.add_argument("--name", default=default.name, help="what ro.product.model says")
    parser.add_argument("--sdk", type=int, default=default.sdk, help="Android's API level")
    parser.add_argument("--allow-host", action="append", default=[], metavar="PATTERN", help="a host that its browser may open; none: all")
    parser.add_argument("--load-host", action="append", default=[], metavar="PATTERN", help="a host that pages may load from beside those")
    parser.add_argument("--json", action="store_true", help="talk in lines of JSON")
    return parser


def _options(given: argparse.Namespace) -> list[PhoneOptions]:
    """Raises `InvalidAction`."""
    size = re.fullmatch(r"(\d{2,5})x(\d{2,5})", given.size)
    if size is None:
        raise InvalidAction(f"a size is as in 1080x2400, not {given.size!r}")
    if not 1 <= given.count <= MOST_PHONES:
        raise InvalidAction(f"from 1 to {MOST_PHONES} phones can be had, not {given.count}")
    if given.port and not 1 <= given.port <= 65536 - given.count:
        raise InvalidAction(f"ports {given.port} to {given.port + given.count - 1} are not all from 1 to 65535")
    first = PhoneOptions(
        size=Size(int(size[1]), int(size[2])),
        density=given.density,
        seed=given.seed,
        clock=given.clock,
        start=given.start,
        animations=given.animations,
        port=given.port,
        name=given.name,
        sdk=given.sdk,
        allow_hosts=tuple(given.allow_host),
        load_hosts=tuple(given.load_host),
    )
    return [replace(first, port=first.port + index if first.port else 0) for index in range(given.count)]


async def _live(options: list[PhoneOptions], as_json: bool) -> int:
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, over.set)
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    threading.Thread(target=_read_lines, args=(loop, lines, over), daemon=True).start()
    host = Host()
    booting = asyncio.create_task(host.start(options))
    stopped = asyncio.create_task(over.wait())
    try:
        await asyncio.wait({booting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not booting.done():
            booting.cancel()
            await asyncio.gather(booting, return_exceptions=True)
            return 1
        phones = booting.result()
        if as_json:
            _say({"phones": [{"serial": each.serial, "port": each.adbd.port} for each in phones], "pid": os.getpid()})
        else:
            sys.stdout.write("".join(f"adb connect {each.serial}\n" for each in phones))
            sys.stdout.flush()
        answering = asyncio.create_task(_answer(host, lines))
        await stopped
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
    finally:
        stopped.cancel()
        await host.close()
    return 0


def _read_lines(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[bytes], over: asyncio.Event) -> None:
    """On a thread of its own: standard input may be anything, also what no event loop can wait for."""
    with contextlib.suppress(RuntimeError, OSError, ValueError):
        while line := sys.stdin.buffer.readline():
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(over.set)


async def _answer(host: Host, lines: asyncio.Queue[bytes]) -> None:
    while True:
        line = await lines.get()
        try:
            request = json.loads(line)
            serial, script = str(request["serial"]), str(request["run"])
            phone = next(each.phone for each in host.phones if each.serial == serial)
        except (ValueError, KeyError, TypeError, StopIteration):
            _say({"error": 'a request is {"serial": ..., "run": ...} with the serial of a phone'})
            continue
        try:
            async with asyncio.timeout(LONGEST_SCRIPT_S):
                result = await run_script(phone, script)
        except TimeoutError:
            _say({"error": f"the script took longer than {LONGEST_SCRIPT_S:.0f} s"})
            continue
        _say({"code": result.code, "out": base64.b64encode(result.out).decode(), "err": base64.b64encode(result.err).decode()})


def _say(message: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
