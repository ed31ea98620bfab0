"""Rows on disk: what a benchmark leaves behind, so that a killed run goes on where it stopped.

OUT/config.json     how the episodes or questions are run; a restart with another configuration is refused
OUT/results.jsonl   one row each, appended and flushed the moment it is known
OUT/results.lock    held by the one process that writes
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticSerializationError

from handeye.benchmarks.locking import FolderLock
from handeye.tools.errors import HandeyeError, SetupError, TrajectoryError


class Row(BaseModel):
    """One episode or question; a benchmark's own row has more fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    error: str = ""
    """A failure of the world (browser, model, disk), not of the policy; counted as not solved."""


RowT = TypeVar("RowT", bound=Row)


class ResultsFolder(Generic[RowT]):
    """The rows in a folder, locked against other writers until `close`."""

    def __init__(
        self, out: Path, configuration: BaseModel, row_type: type[RowT], retry_errors: bool | Callable[[RowT], bool] = False
    ) -> None:
        """Open the folder, or make it. With `retry_errors`, rows that hold a failure of the world are taken out; a function says which.

        `configuration` is all that can change a score. Raises `SetupError` when another process writes the folder or it holds results of
        another configuration, `TrajectoryError` when a row in it is damaged or it cannot be written.
        """
        self._out, self.path = out, out / "results.jsonl"
        try:
            out.mkdir(parents=True, exist_ok=True)
            self._lock = FolderLock(out)
        except OSError as error:
            raise _cannot_write(out, error) from error
        try:
            self.rows, self._file = self._opened(configuration, row_type, retry_errors)
        except OSError as error:
            self._lock.release()
            raise _cannot_write(out, error) from error
        except HandeyeError:
            self._lock.release()
            raise

    def append(self, row: RowT) -> None:
        """Add a row; it is on its way to the disk when this returns. Raises `TrajectoryError` when it cannot be written."""
        self.write(row)
        self.rows.append(row)

    def write(self, row: RowT) -> None:
        """Add a row to the file and not to `rows`, for runs of more rows than should be held. Raises `TrajectoryError`."""
        line = memoryview(row_line(row))
        try:
            while line:
                line = line[self._file.write(line) :]
        except OSError as error:
            raise _cannot_write(self._out, error) from error

    def close(self) -> None:
        """Close the file and let others write. A second call does nothing."""
        self._file.close()
        self._lock.release()

    def _opened(
        self, configuration: BaseModel, row_type: type[RowT], retry_errors: bool | Callable[[RowT], bool]
    ) -> tuple[list[RowT], FileIO]:
        path = self._out / "config.json"
        if path.is_file():
            refuse_newer(path, _json(path), getattr(configuration, "format", 1))
        # Before the rows: those of another benchmark are no damaged ones.
        _check_configuration(self._out, configuration, _has_rows(self.path))
        rows, length = read_rows(self.path, row_type)
        again = retry_errors if callable(retry_errors) else lambda row: bool(retry_errors)
        kept = [row for row in rows if not (row.error and again(row))]
        if len(kept) < len(rows):
            rows, length = kept, _rewrite(self.path, kept)
        # Without a buffer nothing is left over that a later write or `close` would bring up again after a full disk.
        file = self.path.open("ab", buffering=0)
        try:
            file.truncate(length)
            if not _ends_a_line(self.path):
                file.write(b"\n")
        except OSError:
            file.close()
            raise
        return rows, file


def read_rows(path: Path, row_type: type[RowT]) -> tuple[list[RowT], int]:
    """The complete rows of a `results.jsonl` and how many bytes they take; a last line that was cut off is left out.

    A last row that only lacks the end of its line (editors take it away) is complete. Raises `TrajectoryError` for a damaged row.
    """
    if not path.is_file():
        return [], 0
    whole, newline, rest = path.read_bytes().rpartition(b"\n")
    rows = []
    for number, line in enumerate(whole.split(b"\n") if newline else (), 1):
        try:
            rows.append(row_type.model_validate_json(line))
        except ValidationError as error:
            raise TrajectoryError(f"{path}, line {number} is damaged.", fix="remove that line, or give another --out") from error
    length = len(whole) + len(newline)
    with suppress(ValidationError):
        rows.append(row_type.model_validate_json(rest))
        length += len(rest)
    return rows, length


def _ends_a_line(path: Path) -> bool:
    """Whether a row may be written behind what is there."""
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _has_rows(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline()
    if first.endswith(b"\n"):
        return True
    try:
        return bool(json.loads(first))
    except (ValueError, RecursionError):  # the beginning of a row that was cut off
        return False


def refuse_newer(path: Path, data: Any, known: int) -> None:
    """Raise `TrajectoryError` where `data`, read from `path`, says that it is of a format beyond `known`."""
    theirs = data.get("format") if isinstance(data, dict) else None
    if isinstance(theirs, int) and theirs > known:
        raise TrajectoryError(
            f"{path} was written by a newer handeye (format {theirs}, this one reads {known}).", fix="pip install -U handeye"
        )


def _json(path: Path) -> Any:
    """What is in a file of JSON; None where it cannot be read, which is told where it is needed."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _cannot_write(out: Path, error: OSError) -> TrajectoryError:
    return TrajectoryError(f"{out} cannot be written ({error}).", fix="make room there or give another --out; the rows so far are safe")


def _check_configuration(out: Path, configuration: BaseModel, has_rows: bool) -> None:
    path, wanted = out / "config.json", configuration.model_dump(mode="json")
    if not has_rows:
        write_whole(path, json.dumps(wanted, indent=1).encode())
        return
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SetupError(f"{out} holds results, but what they were run with cannot be read ({error}).", fix="give another --out") from error
    if found != wanted:
        told = ", ".join(f"{name} {there} there, {now} now" for name, there, now in differences(found, wanted))
        raise SetupError(f"{out} holds results of another configuration ({told}).", fix="give another --out, or the same options as before")


def differences(there: Any, now: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two JSON values differ: (dotted name, the first's value, the second's), None where there is none."""
    if isinstance(there, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*now, *there)):
            yield from differences(there.get(key), now.get(key), f"{name}.{key}" if name else str(key))
    elif there != now:
        yield name or "all", there, now


def row_line(row: Row) -> bytes:
    """A row as it stands in the file, its newline included."""
    try:
        return row.model_dump_json(exclude_defaults=True).encode() + b"\n"
    except PydanticSerializationError:
        # A reply may hold half of a surrogate pair, which is no text that a file can hold: a question mark stands for it.
        data = row.model_dump(mode="json", exclude_defaults=True)
        return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _rewrite(path: Path, rows: Sequence[Row]) -> int:
    data = b"".join(map(row_line, rows))
    write_whole(path, data)
    return len(data)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file in one rename, so that a kill leaves the old one or the new one. Raises `OSError`."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    os.replace(partial, path)
