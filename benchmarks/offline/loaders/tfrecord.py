"""TFRecord files and the `tf.train.Example`s in them, without TensorFlow.

The readers on PyPI that need no TensorFlow do not check the checksums (tfrecord) or are no longer kept (tfrecord-slow, tfrecord_lite), so
the framing is read here, which is sixteen bytes around each record (tensorflow/tensorflow:tensorflow/core/lib/io/record_writer.h).
Checksums and messages are left to google-crc32c and protobuf.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from handeye.agent.install_commands import install_command
from handeye.benchmarks.offline.fields import fault
from handeye.benchmarks.offline.step import Source
from handeye.tools.errors import SetupError

LONGEST = 1 << 30
"""Bytes of a record at most; a damaged length would ask for all of the memory."""
_MASK = 0xA282EAD8


def records(path: Path) -> Iterator[tuple[Source, bytes]]:
    """The records of a file, plain or GZIP, each with its place. Raises `SetupError` for one that is cut off or damaged."""
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path, "rb") if zipped else path.open("rb") as stream:
            number = 0
            while (record := _next(stream.read, Source(path, f"record {number}"))) is not None:
                yield Source(path, f"record {number}"), record
                number += 1
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise fault(path, f"is cut off or damaged: {error}", "fetch the file again") from error


def _next(read: Callable[[int], bytes], source: Source) -> bytes | None:
    head = read(12)
    if not head:
        return None
    if len(head) < 12 or masked_crc(head[:8]) != struct.unpack("<I", head[8:])[0]:
        raise fault(source, "the record's length does not fit its checksum: this is no TFRecord, or it is damaged", "fetch the file again")
    (length,) = struct.unpack("<Q", head[:8])
    if length > LONGEST:
        raise fault(source, f"a record of {length} bytes is more than is read ({LONGEST})")
    record, tail = read(length), read(4)
    if len(record) < length or len(tail) < 4:
        raise fault(source, "the record is cut off", "fetch the file again")
    if masked_crc(record) != struct.unpack("<I", tail)[0]:
        raise fault(source, "the record does not fit its checksum", "fetch the file again")
    return record


def masked_crc(data: bytes) -> int:
    """CRC-32C of `data`, turned and shifted as TFRecords keep it (tensorflow/core/lib/hash/crc32c.h, Mask)."""
    try:
        import google_crc32c
    except ImportError as error:
        raise SetupError("Reading TFRecords needs google-crc32c.", fix=install_command("offline")) from error
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF


Fields = Mapping[str, tuple[int, str]]
"""Of a message: each field's number and type; `*` before a type for repeated ones. Fields that are not named are passed over."""

EXAMPLE: Mapping[str, Fields] = {
    "BytesList": {"value": (1, "*bytes")},
    "FloatList": {"value": (1, "*float")},
    "Int64List": {"value": (1, "*int64")},
    "Feature": {"bytes_list": (1, "BytesList"), "float_list": (2, "FloatList"), "int64_list": (3, "Int64List")},
    "Entry": {"key": (1, "string"), "value": (2, "Feature")},
    "Features": {"feature": (1, "*Entry")},
    "Example": {"features": (1, "Features")},
}
"""tf.train.Example (tensorflow/tensorflow:tensorflow/core/example/{example,feature}.proto); a map is a list of entries on the wire."""


@cache
def message_class(package: str, name: str) -> Any:
    """The protobuf class of message `name` of a package: `example`, or `forest` (`handeye.benchmarks.offline.loaders.forest`)."""
    try:
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    except ImportError as error:
        raise SetupError("Reading TFRecords needs protobuf.", fix=install_command("offline")) from error
    from handeye.benchmarks.offline.loaders.forest import FOREST

    space = f"handeye.offline.{package}"
    file = descriptor_pb2.FileDescriptorProto(name=f"handeye_offline_{package}.proto", package=space, syntax="proto3")
    kinds = {"bytes": 12, "string": 9, "int64": 3, "int32": 5, "float": 2, "bool": 8, "message": 11}
    for title, fields in (EXAMPLE if package == "example" else FOREST).items():
        message = file.message_type.add(name=title)
        for key, (number, kind) in fields.items():
            plain = kind.removeprefix("*")
            field = message.field.add(name=key, number=number, label=3 if kind.startswith("*") else 1)
            field.type = kinds.get(plain, kinds["message"])
            if plain not in kinds:
                field.type_name = f".{space}.{plain}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{space}.{name}"))


def read_message(package: str, name: str, data: bytes, source: Source) -> Any:
    """A message from its bytes. Raises `SetupError` for bytes that are none."""
    message = message_class(package, name)()
    from google.protobuf.message import DecodeError

    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise fault(source, f"holds no {name}: {error}") from error
    return message


def read_example(data: bytes, source: Source) -> dict[str, list[Any]]:
    """The features of a `tf.train.Example` by name: lists of bytes, floats or whole numbers. Raises `SetupError` if there are none."""
    found: dict[str, list[Any]] = {}
    for entry in read_message("example", "Example", data, source).features.feature:
        feature = entry.value
        found[entry.key] = [*feature.bytes_list.value, *feature.float_list.value, *feature.int64_list.value]
    return found
