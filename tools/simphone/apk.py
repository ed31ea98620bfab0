"""What an APK says of itself: its manifest is a file of binary XML in a ZIP archive."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass, field
from typing import Final

STRING_POOL, START_ELEMENT = 0x0001, 0x0102
"""Types of chunks (AOSP: libs/androidfw/include/androidfw/ResourceTypes.h)."""
UTF8_FLAG: Final = 1 << 8
TYPE_STRING: Final = 0x03
MANIFEST_LIMIT: Final = 4 << 20
"""Most bytes of a manifest that are read."""
IME_PERMISSION: Final = "android.permission.BIND_INPUT_METHOD"
"""A service that only the system may bind with this permission is a keyboard."""


class BadApk(Exception):
    """Not an APK that can be installed; the message is what `pm install` says in its brackets."""


@dataclass
class ApkManifest:
    """What is read of a manifest."""

    package: str = ""
    version_name: str = ""
    version_code: int = 0
    permissions: list[str] = field(default_factory=list)
    keyboards: list[str] = field(default_factory=list)
    """Ids of its keyboards (`package/.Class`)."""


def read_apk(data: bytes) -> ApkManifest:
    """Read the manifest of an APK's bytes. Raises `BadApk`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            info = archive.getinfo("AndroidManifest.xml")
            if info.file_size > MANIFEST_LIMIT:
                raise BadApk("INSTALL_PARSE_FAILED_BAD_MANIFEST: AndroidManifest.xml is too large")
            manifest = _parse(archive.read(info))
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadApk("INSTALL_PARSE_FAILED_NOT_APK: Failed to parse base.apk: cannot open it as a ZIP archive with a manifest") from error
    except (struct.error, IndexError, UnicodeDecodeError, ValueError) as error:
        raise BadApk("INSTALL_PARSE_FAILED_BAD_MANIFEST: Corrupt XML binary file") from error
    if not manifest.package:
        raise BadApk("INSTALL_PARSE_FAILED_MANIFEST_MALFORMED: <manifest> has no package")
    return manifest


def _parse(data: bytes) -> ApkManifest:
    found, strings = ApkManifest(), [""]
    at = 8
    while at + 8 <= len(data):
        kind, header, size = struct.unpack_from("<HHI", data, at)
        if size < 8:
            raise ValueError("a chunk without a size")
        if kind == STRING_POOL:
            strings = _strings(data, at, header)
        elif kind == START_ELEMENT:
            name, attributes = _element(data, at + header, strings)
            _take(found, name, attributes)
        at += size
    return found


def _strings(data: bytes, at: int, header: int) -> list[str]:
    count, _, flags, start, _ = struct.unpack_from("<5I", data, at + 8)
    offsets = struct.unpack_from(f"<{min(count, len(data) // 4)}I", data, at + header)
    return [_string(data, at + start + offset, bool(flags & UTF8_FLAG)) for offset in offsets]


def _string(data: bytes, at: int, utf8: bool) -> str:
    if utf8:
        at += 2 if data[at] & 0x80 else 1
        length = data[at]
        if length & 0x80:
            length, at = (length & 0x7F) << 8 | data[at + 1], at + 1
        return data[at + 1 : at + 1 + length].decode("utf-8", "replace")
    (length,) = struct.unpack_from("<H", data, at)
    if length & 0x8000:
        length, at = (length & 0x7FFF) << 16 | struct.unpack_from("<H", data, at + 2)[0], at + 2
    return data[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")


def _element(data: bytes, at: int, strings: list[str]) -> tuple[str, dict[str, str | int]]:
    _, name, start, size, count = struct.unpack_from("<IIHHH", data, at)
    attributes: dict[str, str | int] = {}
    for index in range(count):
        _, key, raw, _, _, kind, value = struct.unpack_from("<IIIHBBI", data, at + start + index * size)
        attributes[strings[key]] = strings[raw] if kind == TYPE_STRING and raw < len(strings) else value
    return strings[name], attributes


def _take(found: ApkManifest, name: str, attributes: dict[str, str | int]) -> None:
    match name:
        case "manifest":
            found.package = str(attributes.get("package", ""))
            found.version_name = str(attributes.get("versionName", ""))
            code = attributes.get("versionCode", 0)
            found.version_code = code if isinstance(code, int) else 0
        case "uses-permission":
            found.permissions.append(str(attributes.get("name", "")))
        case "service" if attributes.get("permission") == IME_PERMISSION:
            service = str(attributes.get("name", ""))
            found.keyboards.append(f"{found.package}/{service.removeprefix(found.package)}")
