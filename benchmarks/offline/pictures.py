"""Where a step's stored picture comes from: a file, or the TFRecord that holds its episode."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from handeye.benchmarks.offline.fields import fault
from handeye.benchmarks.offline.loaders import android_control
from handeye.benchmarks.offline.loaders.tfrecord import records
from handeye.benchmarks.offline.step import OfflineStep, Source
from handeye.tools.errors import SetupError

MAX_BYTES = 256 << 20
"""Bytes of records that are kept, some eighty of AndroidControl's episodes: enough for questions that are prepared out of order."""


class RecordPictures:
    """Pictures in TFRecords, read again when they are asked for, since AndroidControl's are most of 50 GB.

    A GZIP stream can only be read forwards, so each file has one place up to which it was read, and the latest records are kept. Asked in
    the order of the file, each file is read once; asked for a record before the kept ones, it is read again from its beginning. Thread
    safe.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes, self._bytes = max_bytes, 0
        self._kept: OrderedDict[tuple[Path, int], tuple[Source, bytes]] = OrderedDict()
        self._streams: dict[Path, tuple[Iterator[tuple[Source, bytes]], int]] = {}
        self._lock = Lock()

    def picture(self, file: Path, record: int, index: int) -> bytes:
        """The screenshot (PNG) of step `index` of the episode in record `record` of a file, both from 0. Raises `SetupError`."""
        with self._lock:
            source, data = self._record(file, record)
        found = android_control.pictures(data, source)
        if index >= len(found):
            raise fault(source, f"holds {len(found)} screenshots, and number {index} was asked for", "leave the data as it was loaded")
        return found[index]

    def _record(self, file: Path, record: int) -> tuple[Source, bytes]:
        if (file, record) in self._kept:
            return self._kept[file, record]
        stream, following = self._streams.pop(file, (None, 0))
        if stream is None or record < following:
            stream, following = _opened(file), 0
        for source, data in stream:
            self._keep((file, following), (source, data))
            following += 1
            if following > record:
                self._streams[file] = stream, following
                return source, data
        raise fault(file, f"holds {following} records, and number {record} was asked for", "leave the data as it was loaded")

    def _keep(self, key: tuple[Path, int], value: tuple[Source, bytes]) -> None:
        if key not in self._kept:
            self._bytes += len(value[1])
        self._kept[key] = value
        while self._bytes > self._max_bytes and len(self._kept) > 1:
            self._bytes -= len(self._kept.popitem(last=False)[1][1])


def _opened(file: Path) -> Iterator[tuple[Source, bytes]]:
    try:
        yield from records(file)
    except OSError as error:
        raise fault(file, f"cannot be read: {error}", "fetch it again") from error


def stored_picture(step: OfflineStep, recorded: RecordPictures) -> bytes:
    """The stored picture (PNG, JPEG, ...) of a step. Raises `SetupError` that names the step whose picture is not there."""
    if step.picture:
        return step.picture
    if step.record is not None:
        return recorded.picture(step.source.file, step.record, step.number)
    if step.screenshot is None:
        raise fault(step.source, "its screenshot is not on this machine", "fetch the pictures too")
    try:
        return step.screenshot.read_bytes()
    except OSError as error:
        raise SetupError(f"{step.source}: the picture {step.screenshot} cannot be read: {error}.", fix="fetch it again") from error
