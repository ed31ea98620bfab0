"""adb's file transfer: the service `sync:`."""

from __future__ import annotations

import stat
import struct
from collections.abc import Awaitable, Callable

from handeye.tools.simphone.files import DISK_LIMIT, FILE_LIMIT, Entry, FileFault, FileTree
from handeye.tools.simphone.packets import MalformedPacket
from handeye.tools.simphone.pipes import Input

REQUEST = struct.Struct("<4sI")
STAT = struct.Struct("<4sIII")
STAT_2 = struct.Struct("<4sIQQIIIIQqqq")
DENT_2 = struct.Struct("<4sIQQIIIIQqqqI")
DENT = struct.Struct("<4sIIII")
LONGEST_PATH = 1024
"""As adbd has it."""
PIECE = 64 << 10
"""Most bytes of one DATA."""
ENOENT = 2

Write = Callable[[bytes], Awaitable[None]]


async def serve_sync(files: FileTree, source: Input, write: Write) -> None:
    """Answer requests until QUIT or the end. Raises `MalformedPacket` for what is no request."""
    while True:
        raw = await source.read(REQUEST.size)
        if not raw:
            return
        if len(raw) < REQUEST.size:
            raise MalformedPacket("half a request")
        name, length = REQUEST.unpack(raw)
        if name == b"QUIT":
            return
        if length > LONGEST_PATH:
            raise MalformedPacket(f"a path of {length} bytes")
        path = (await source.read(length)).decode("utf-8", "surrogateescape")
        if name == b"STAT":
            entry = _entry(files, path)
            await write(STAT.pack(name, *_short(entry)))
        elif name in (b"STA2", b"LST2"):
            await write(STAT_2.pack(name, *_long(_entry(files, path), path)))
        elif name in (b"LIST", b"LIS2"):
            await write(listing(files, path, name == b"LIS2"))
        elif name == b"RECV":
            await _send_file(files, path, write)
        elif name == b"SEND":
            await _take_file(files, path, source, write)
        else:
            await _fail(write, f"unknown command {name.decode('ascii', 'replace')}")
            return


def listing(files: FileTree, path: str, version_2: bool) -> bytes:
    """The answer to LIST or LIS2; a folder that is not there has nothing in it."""
    out = bytearray()
    try:
        children = files.children(path)
    except FileFault:
        children = {}
    for name, entry in children.items():
        raw = name.encode("utf-8", "surrogateescape")
        head = DENT_2.pack(b"DNT2", *_long(entry, name), len(raw)) if version_2 else DENT.pack(b"DENT", *_short(entry), len(raw))
        out += head + raw
    end = DENT_2 if version_2 else DENT
    return bytes(out) + b"DONE" + bytes(end.size - 4)


def _entry(files: FileTree, path: str) -> Entry | None:
    try:
        return files.get(path)
    except FileFault:
        return None


def _short(entry: Entry | None) -> tuple[int, int, int]:
    return (entry.mode, entry.size & 0xFFFFFFFF, entry.mtime & 0xFFFFFFFF) if entry else (0, 0, 0)


def _long(entry: Entry | None, path: str) -> tuple[int, ...]:
    """Error, device, inode, mode, links, user, group, size and three times."""
    if entry is None:
        return (ENOENT, *(0,) * 10)
    inode = sum(path.encode("utf-8", "surrogateescape")) + 1
    return (0, 1, inode, entry.mode, 1, 0, 0, entry.size, entry.mtime, entry.mtime, entry.mtime)


async def _send_file(files: FileTree, path: str, write: Write) -> None:
    try:
        data = files.read(path)
    except FileFault as error:
        await _fail(write, f"open failed: {error}")
        return
    out = bytearray()
    for start in range(0, len(data), PIECE):
        piece = data[start : start + PIECE]
        out += REQUEST.pack(b"DATA", len(piece)) + piece
        if len(out) > 1 << 20:
            await write(bytes(out))
            out.clear()
    await write(bytes(out) + REQUEST.pack(b"DONE", 0))


async def _take_file(files: FileTree, request: str, source: Input, write: Write) -> None:
    """SEND: what comes is read to its end even when it cannot be kept, since the peer listens only then."""
    path, _, mode = request.rpartition(",")
    fault = "" if path and mode.isdecimal() and len(mode) < 12 else "missing path or mode"
    data = bytearray()
    try:
        while True:
            raw = await source.read(REQUEST.size)
            if len(raw) < REQUEST.size:
                raise MalformedPacket("a file that breaks off")
            name, length = REQUEST.unpack(raw)
            if name == b"DONE":
                break
            if name != b"DATA" or length > PIECE:
                raise MalformedPacket(f"{name!r} with {length} bytes in the middle of a file")
            piece = await source.read(length)
            if not fault and (len(data) + length > FILE_LIMIT or files.incoming + length > DISK_LIMIT):
                fault = "write failed: No space left on device"
                files.incoming -= len(data)
                data.clear()
            if not fault:
                data += piece
                files.incoming += len(piece)
    finally:
        files.incoming -= len(data)
    fault = fault or _keep(files, path, bytes(data), int(mode), length)
    if fault:
        await _fail(write, fault)
    else:
        await write(REQUEST.pack(b"OKAY", 0))


def _keep(files: FileTree, path: str, data: bytes, mode: int, mtime: int) -> str:
    """Make the file, and the folders above it, as adbd does; gives what is wrong with that."""
    try:
        parent = files.real(path).rpartition("/")[0]
        if parent and files.get(parent) is None:
            files.mkdir(parent, parents=True)
        files.write(path, data, stat.S_IMODE(mode), mtime)
    except FileFault as error:
        return f"couldn't create file: {error}"
    return ""


async def _fail(write: Write, text: str) -> None:
    raw = text.encode("utf-8", "surrogateescape")
    await write(REQUEST.pack(b"FAIL", len(raw)) + raw)
