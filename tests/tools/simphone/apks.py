"""The smallest APKs: a ZIP archive with a manifest in binary XML."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO


def axml(package: str, keyboard: str = "") -> bytes:
    """The smallest binary manifest: a package, and perhaps a keyboard."""
    strings = ["manifest", "package", package, "service", "name", keyboard, "permission", "android.permission.BIND_INPUT_METHOD"]
    blobs = [struct.pack("<H", len(text)) + text.encode("utf-16-le") + b"\0\0" for text in strings]
    offsets = [sum(map(len, blobs[:index])) for index in range(len(blobs))]
    data = b"".join(blobs)
    data += b"\0" * (-len(data) % 4)
    start = 28 + 4 * len(strings)
    pool = struct.pack("<HHI5I", 1, 28, start + len(data), len(strings), 0, 0, start, 0) + struct.pack(f"<{len(strings)}I", *offsets) + data

    def element(name: int, attributes: list[tuple[int, int]]) -> bytes:
        body = b"".join(struct.pack("<IIIHBBI", 0xFFFFFFFF, key, value, 8, 0, 3, value) for key, value in attributes)
        head = struct.pack("<IIIIHHHHHH", 0, 0xFFFFFFFF, 0xFFFFFFFF, name, 20, 20, len(attributes), 0, 0, 0)
        return struct.pack("<HHI", 0x102, 16, 8 + len(head) + len(body)) + head + body

    body = pool + element(0, [(1, 2)]) + (element(3, [(4, 5), (6, 7)]) if keyboard else b"")
    return struct.pack("<HHI", 3, 8, 8 + len(body)) + body


def apk(package: str, keyboard: str = "") -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("AndroidManifest.xml", axml(package, keyboard))
    return held.getvalue()
