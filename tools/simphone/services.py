"""What adb can ask of the phone: shells, files, reverse connections, restarts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from handeye.tools.simphone import packets
from handeye.tools.simphone.packets import ShellPackets, shell_packet
from handeye.tools.simphone.pipes import Input, Sink
from handeye.tools.simphone.power import reboot
from handeye.tools.simphone.shell.flow import ExitShell
from handeye.tools.simphone.shell.interpreter import Shell, Streams
from handeye.tools.simphone.sync import serve_sync
from handeye.tools.simphone.terminal import Terminal

if TYPE_CHECKING:
    from handeye.tools.simphone.adbd import Connection, Stream

MOST_REVERSES = 256


async def serve(connection: Connection, stream: Stream, name: str) -> None:
    """Do what the service `name` does, then return: the stream is closed. An unknown one is not accepted.

    Raises `Closed` or `OSError` when the peer has gone.
    """
    kind, _, rest = name.partition(":")
    faults = connection.phone.faults
    if faults.active("slow"):
        await _pass(faults.value("slow"))
    if kind == "shell" or kind.startswith("shell,"):
        await _shell(connection, stream, kind.split(",")[1:], rest)
    elif kind == "exec":
        await stream.accept()
        await _run(connection, rest, Streams(Input(more=stream.read), stream, stream))
    elif kind == "sync":
        await stream.accept()
        await serve_sync(connection.phone.state.files, Input(more=stream.read), stream.write)
    elif kind == "reverse":
        await stream.accept()
        await stream.write(_reverse(connection, rest))
    elif kind in ("root", "unroot", "remount", "tcpip", "usb", "reboot", "disable-verity", "enable-verity"):
        await stream.accept()
        await _device(connection, stream, kind, rest)


async def _pass(seconds: float) -> None:
    """Let time pass."""
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        return


async def _run(connection: Connection, script: str, io: Streams) -> int:
    """A script's exit code."""
    shell = Shell(connection.phone)
    try:
        return await shell.run(script, io)
    except ExitShell as jump:
        return jump.code


async def _shell(connection: Connection, stream: Stream, arguments: list[str], script: str) -> None:
    version_2 = "v2" in arguments
    if version_2 and connection.phone.faults.active("no_shell_v2"):
        return
    await stream.accept()
    terminal = "pty" in arguments or (not script.strip() and "raw" not in arguments)
    channel = _Channel(stream, version_2)
    out: Sink = _Output(channel, packets.STDOUT)
    errors = out if terminal or not version_2 else _Output(channel, packets.STDERR)
    io = Streams(Input(more=channel.read), out, errors)
    if script.strip():
        code = await _run(connection, script, io)
    else:
        code = await Terminal(connection.phone, io, terminal).run()
    await channel.exit(code)


class _Channel:
    """The bytes of a shell: as they are, or in packets of version 2."""

    def __init__(self, stream: Stream, version_2: bool) -> None:
        self._stream = stream
        self._version_2 = version_2
        self._cutter = ShellPackets()
        self._ended = False

    async def read(self) -> bytes:
        """Standard input, as it comes; empty at its end."""
        if not self._version_2:
            return await self._stream.read()
        while not self._ended:
            data = b""
            for kind, piece in self._cutter.feed(await self._stream.read()):
                if kind == packets.STDIN:
                    data += piece
                elif kind == packets.CLOSE_STDIN:
                    self._ended = True
            if data:
                return data
        return b""

    async def write(self, kind: int, data: bytes) -> None:
        """Standard output or error."""
        if not self._version_2:
            await self._stream.write(data)
            return
        size = self._stream.connection.max_data - packets.SHELL_HEADER.size
        for start in range(0, len(data), size):
            await self._stream.write(shell_packet(kind, data[start : start + size]))

    async def exit(self, code: int) -> None:
        """The exit code, where there is a place for it."""
        if self._version_2:
            await self._stream.write(shell_packet(packets.EXIT, bytes([code & 255])))


class _Output:
    def __init__(self, channel: _Channel, kind: int) -> None:
        self._channel = channel
        self._kind = kind

    async def write(self, data: bytes) -> None:
        """Send them."""
        await self._channel.write(self._kind, data)


def _reverse(connection: Connection, request: str) -> bytes:
    """The answer to `reverse:...`; connections are remembered and listed, nothing on the phone opens one."""
    verb, _, rest = request.partition(":")
    reverses = connection.reverses
    if verb == "forward":
        norebind = rest.startswith("norebind:")
        ours, _, theirs = rest.removeprefix("norebind:").partition(";")
        if not ours or not theirs or len(reverses) >= MOST_REVERSES or (norebind and ours in reverses):
            return _counted("cannot bind listener", b"FAIL")
        text = ""
        if ours == "tcp:0":
            text = str(next(port for port in range(40000, 65536) if f"tcp:{port}" not in reverses))
            ours = f"tcp:{text}"
        reverses[ours] = theirs
        return b"OKAY" + (_counted(text) if text else b"")
    if verb == "list-forward":
        return _counted("".join(f"host {ours} {theirs}\n" for ours, theirs in reverses.items()))
    if verb == "killforward":
        return b"OKAY" if reverses.pop(rest, None) else _counted(f"listener '{rest}' not found", b"FAIL")
    if verb == "killforward-all":
        reverses.clear()
        return b"OKAY"
    return _counted(f"unknown request {verb}", b"FAIL")


def _counted(text: str, before: bytes = b"") -> bytes:
    raw = text.encode("utf-8", "surrogateescape")[:0xFFFF]
    return before + f"{len(raw):04x}".encode() + raw


async def _device(connection: Connection, stream: Stream, kind: str, rest: str) -> None:
    facts = connection.phone.state.facts
    drops = False
    text = ""
    if kind in ("root", "unroot"):
        wanted = kind == "root"
        drops = facts.rooted != wanted
        facts.rooted = wanted
        texts = {
            (True, True): "restarting adbd as root",
            (True, False): "adbd is already running as root",
            (False, True): "restarting adbd as non root",
            (False, False): "adbd not running as root",
        }
        text = texts[wanted, drops]
    elif kind == "tcpip":
        text = f"restarting in TCP mode port: {rest}" if rest.isdecimal() else "invalid port"
    elif kind == "usb":
        text = "restarting in USB mode"
    elif kind == "remount":
        text = "Remount succeeded" if facts.rooted else 'Not running as root. Try "adb root" first.'
    elif kind != "reboot":
        text = "verity is already as wanted"
    if text:
        await stream.write(f"{text}\n".encode())
    if kind == "reboot":
        await reboot(connection.phone)
    if drops:
        connection.adbd.drop()
