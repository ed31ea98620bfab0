"""Rows on disk: what an episode benchmark leaves behind, so that a killed run goes on where it stopped.

OUT/config.json     how the episodes are run; a restart with another configuration is refused
OUT/results.jsonl   one row an episode, appended and flushed the moment it ends
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from handeye.tools.errors import SetupError, TrajectoryError


class Row(BaseModel):
    """One episode; a benchmark's own row has more fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    error: str = ""
    """A failure of the world (browser, model, disk), not of the policy; counted as not solved."""


RowT = TypeVar("RowT", bound=Row)


class ResultsFolder(Generic[RowT]):
    """The rows in a folder. One process at a time may write them."""

    def __init__(self, out: Path, configuration: BaseModel, row_type: type[RowT], retry_errors: bool = False) -> None:
        """Open the folder, or make it. With `retry_errors`, rows that hold a failure of the world are taken out.

        `configuration` is all that can change a score. Raises `SetupError` when the folder holds results of another configuration,
        `TrajectoryError` when a row in it is damaged or it cannot be written.
        """
        self.path = out / "results.jsonl"
        try:
            out.mkdir(parents=True, exist_ok=True)
            rows, length = read_rows(self.path, row_type)
            _check_configuration(out, configuration, bool(rows))
            if retry_errors and any(row.error for row in rows):
                rows = [row for row in rows if not row.error]
                length = _rewrite(self.path, rows)
            self.rows = rows
            self._file = self.path.open("ab")
            self._file.truncate(length)
        except OSError as error:
            raise TrajectoryError(f"{out} cannot be written ({error}).") from error

    def append(self, row: RowT) -> None:
        """Add a row; it is on its way to the disk when this returns."""
        self.rows.append(row)
        self._file.write(_line(row))
        self._file.flush()

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        self._file.close()


def read_rows(path: Path, row_type: type[RowT]) -> tuple[list[RowT], int]:
    """The complete rows of a `results.jsonl` and how many bytes they take; a last line that was cut off is left out.

    Raises `TrajectoryError` for a damaged row.
    """
    if not path.is_file():
        return [], 0
    whole, newline, _ = path.read_bytes().rpartition(b"\n")
    rows = []
    for number, line in enumerate(whole.split(b"\n") if newline else (), 1):
        try:
            rows.append(row_type.model_validate_json(line))
        except ValidationError as error:
            raise TrajectoryError(f"{path}, line {number} is damaged.", fix="remove that line, or give another --out") from error
    return rows, len(whole) + len(newline)


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
        names = [name for name in wanted if not isinstance(found, dict) or found.get(name) != wanted[name]]
        told = ", ".join(f"{name} {found.get(name) if isinstance(found, dict) else '?'!s} there, {wanted[name]} now" for name in names)
        raise SetupError(f"{out} holds results of another configuration ({told}).", fix="give another --out, or the same options as before")


def _line(row: Row) -> bytes:
    return row.model_dump_json(exclude_defaults=True).encode() + b"\n"


def _rewrite(path: Path, rows: Sequence[Row]) -> int:
    data = b"".join(map(_line, rows))
    write_whole(path, data)
    return len(data)


def write_whole(path: Path, data: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    os.replace(partial, path)
