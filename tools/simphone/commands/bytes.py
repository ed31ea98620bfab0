"""Programs over bytes: check sums, base64, hexadecimal dumps."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib

from handeye.tools.simphone.commands.arguments import read_options
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.commands.reading import each_input, lines_of
from handeye.tools.simphone.files import FileFault


async def checksum(call: Call) -> int:
    """md5sum and its kin; `-c` checks a list of them, `-b` prints the sum alone."""
    name = call.argv[0].rpartition("/")[2]
    kind = name.removesuffix("sum")
    options = read_options(call.arguments)
    found = 0
    code = 0
    async for file, data in each_input(call, options.rest):
        found += 1
        if "c" in options:
            for line in lines_of(data):
                wanted, _, path = line.decode("utf-8", "surrogateescape").partition("  ")
                try:
                    right = hashlib.new(kind, call.phone.state.files.read(call.path(path))).hexdigest() == wanted
                except FileFault:
                    right = False
                call.say(f"{path}: {'OK' if right else 'FAILED'}")
                code |= not right
        else:
            value = hashlib.new(kind, data, usedforsecurity=False).hexdigest()
            call.say(value if "b" in options else f"{value}  {file}")
    return code or int(found < len(options.rest))


async def cksum(call: Call) -> int:
    """crc32: the sum of ZIP."""
    async for name, data in each_input(call, read_options(call.arguments).rest):
        call.say(f"{zlib.crc32(data):08x}" + ("" if name == "-" else f"  {name}"))
    return 0


async def base_64(call: Call) -> int:
    """base64, and with -d back."""
    options = read_options(call.arguments, valued="w")
    width = options.number("w", 76)
    async for _, data in each_input(call, options.rest):
        if "d" in options:
            try:
                call.out += base64.b64decode(data.translate(None, b" \t\r\n"), validate="i" not in options)
            except (binascii.Error, ValueError):
                return call.complain("base64: bad input")
            continue
        text = base64.b64encode(data)
        if width <= 0:
            call.out += text
        else:
            call.out += b"".join(text[at : at + width] + b"\n" for at in range(0, len(text), width))
    return 0


async def xxd(call: Call) -> int:
    """A dump in hexadecimal: `xxd`, `xxd -p`, `xxd -r -p`, `hexdump -C`."""
    options = read_options(call.arguments, valued="lscgn")
    canonical = call.argv[0].endswith("hexdump") or call.argv[0].endswith("hd")
    async for _, data in each_input(call, options.rest):
        limit = options.number("n" if canonical else "l", len(data))
        part = data[options.number("s", 0) :][:limit]
        if "r" in options:
            try:
                call.out += bytes.fromhex(part.decode("ascii", "replace"))
            except ValueError:
                return call.complain("xxd: bad input")
        elif "p" in options:
            text = part.hex()
            call.out += b"".join(text[at : at + 60].encode() + b"\n" for at in range(0, len(text), 60))
        else:
            for at in range(0, len(part), 16):
                _row(call, at, part[at : at + 16], canonical)
            if canonical:
                call.say(f"{len(part):08x}")
    return 0


def _row(call: Call, at: int, row: bytes, canonical: bool) -> None:
    shown = "".join(chr(code) if 32 <= code < 127 else "." for code in row)
    if canonical:
        halves = [" ".join(f"{code:02x}" for code in half) for half in (row[:8], row[8:])]
        call.say(f"{at:08x}  {halves[0]:<23}  {halves[1]:<23}  |{shown}|")
    else:
        pairs = " ".join(row[pair : pair + 2].hex() for pair in range(0, len(row), 2))
        call.say(f"{at:08x}: {pairs:<39}  {shown}")


COMMANDS: dict[str, Command] = {
    "base64": base_64,
    "cksum": cksum,
    "crc32": cksum,
    "hd": xxd,
    "hexdump": xxd,
    "md5": checksum,
    "md5sum": checksum,
    "sha1sum": checksum,
    "sha224sum": checksum,
    "sha256sum": checksum,
    "sha512sum": checksum,
    "xxd": xxd,
}
