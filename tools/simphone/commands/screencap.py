"""`screencap`: the frame, as PNG or raw, and what goes wrong with it on purpose."""

from __future__ import annotations

import asyncio
import struct
import zlib
from functools import lru_cache
from typing import Final

from handeye.tools.geometry import Size
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.commands.dump_window import DISPLAY, INNER_DISPLAY
from handeye.tools.simphone.files import FileFault

RGBA_8888: Final = 1
"""android.graphics.PixelFormat.RGBA_8888."""
SRGB: Final = 1
"""The colour space in the raw header, there since Android 9 (AOSP: cmds/screencap/screencap.cpp)."""
USAGE: Final = """usage: screencap [-hp] [-d display-id] [FILENAME]
   -h: this message
   -p: save the file as a png.
   -d: specify the display ID to capture (If the id is not given, it defaults to 4619827259835644672)
      see "dumpsys SurfaceFlinger --display-id" for valid display IDs.
If FILENAME ends with .png it will be saved as a png.
If FILENAME is not given, the results will be printed to stdout."""
SEVERAL: Final = """[Warning] Multiple displays were found, but no display id was specified! Defaulting to the first display found, however this default is not guaranteed to be consistent across captures. A display id should be specified.
A display ID can be specified with the [-d display-id] option.
See "dumpsys SurfaceFlinger --display-id" for valid display IDs."""  # noqa: E501
CUT: Final = 0.6
"""How much of a picture the fault `truncated` leaves."""


async def screencap(call: Call) -> int:
    """Take a picture of the screen."""
    as_png, display, name = False, "", ""
    words = list(call.arguments)
    while words:
        word = words.pop(0)
        if word == "-p":
            as_png = True
        elif word.startswith("-d"):
            display = word[2:] or (words.pop(0) if words else "")
        elif word.startswith("-"):
            call.complain(USAGE)
            return 0 if word == "-h" else 1
        else:
            name = word
    faults = call.phone.faults
    two = faults.active("second_display")
    known = {str(DISPLAY), str(INNER_DISPLAY)} if two else {str(DISPLAY)}
    if display and display not in known:
        call.complain(
            f"Display Id '{display}' is not valid." if display.isdigit() else "Please provide a valid physical display id\n" + USAGE
        )
        return 1
    if two and not display and not faults.active("garbage"):
        call.complain(SEVERAL)
    await pause(faults.value("slow_screencap"))
    data = await _picture(call, as_png or name.endswith(".png"), off=two and display != str(INNER_DISPLAY))
    if faults.active("garbage_stderr"):
        call.complain(SEVERAL)
    if name:
        try:
            call.phone.state.files.write(call.path(name), data)
        except FileFault as fault:
            call.complain(f"Error opening file: {name} ({fault})")
            return 1
        return 0
    if faults.active("garbage"):
        call.say(SEVERAL)
    call.out += data
    return 0


async def _picture(call: Call, as_png: bool, off: bool) -> bytes:
    phone = call.phone
    size = phone.state.size
    black = off or not phone.state.facts.awake or phone.faults.active("black")
    if as_png:
        data = black_png(size) if black else await phone.screen.png()
    else:
        pixels = bytes(4 * size.width * size.height) if black else await phone.screen.rgba()
        data = struct.pack("<4I", size.width, size.height, RGBA_8888, SRGB) + pixels
    return data[: int(len(data) * CUT)] if phone.faults.take("truncated") else data


async def pause(seconds: float) -> None:
    """Wait so long, as a slow phone does."""
    if seconds > 0:
        done = asyncio.get_running_loop().create_future()
        timer = asyncio.get_running_loop().call_later(seconds, done.set_result, None)
        try:
            await done
        finally:
            timer.cancel()


@lru_cache(maxsize=4)
def black_png(size: Size) -> bytes:
    """A black picture: what a secure screen or one that is off gives."""
    rows = (b"\0" + bytes(3 * size.width)) * size.height
    header = struct.pack(">IIBBBBB", size.width, size.height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


COMMANDS: Final[dict[str, Command]] = {"screencap": screencap}
