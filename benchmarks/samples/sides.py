"""What `handeye bench diff` compares, read from a run's folder or from what `handeye bench rescore --json` printed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from handeye.benchmarks.grounding.rules import CORRECT
from handeye.benchmarks.results import read_rows, refuse_newer
from handeye.benchmarks.samples.record import Record, read_record
from handeye.benchmarks.samples.rows import SampleConfiguration, SampleRow
from handeye.tools.errors import TrajectoryError

ROWS_FORMAT = 1
"""The newest `SampleConfiguration.format` that is read."""
HINT = "name a folder that a benchmark's --out made, or a file that `handeye bench rescore --json` printed"


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two."""

    path: str
    configuration: Mapping[str, Any]
    """`SampleConfiguration` as JSON values; of rescored outputs, as much as is known."""
    record: Record | None
    rows: Mapping[str, tuple[SampleRow, ...]]
    """By id, ordered by repeat."""
    notes: tuple[str, ...] = ()

    @property
    def repeats(self) -> int:
        """How often the most frequent sample was asked."""
        return max(map(len, self.rows.values()), default=0)

    def all_rows(self) -> Sequence[SampleRow]:
        """Every row."""
        return [row for rows in self.rows.values() for row in rows]


def read_side(path: Path) -> Side:
    """Read a run's folder or a file of rescored outputs.

    Raises `TrajectoryError`, naming file and line, for what is neither, is damaged, holds no row, or was written by a newer handeye.
    """
    if path.is_dir():
        return _run(path)
    if path.name in ("config.json", "results.jsonl", "summary.json", "record.json") and (path.parent / "config.json").is_file():
        return _run(path.parent)
    return _rescored(path)


def _run(folder: Path) -> Side:
    path = folder / "config.json"
    if not path.is_file():
        raise TrajectoryError(f"{folder} is not the folder of a run: it has no config.json.", fix=HINT)
    data = _json(path)
    refuse_newer(path, data, ROWS_FORMAT)
    try:
        configuration = SampleConfiguration.model_validate(data).model_dump(mode="json")
    except ValueError as error:
        raise TrajectoryError(f"{path} is not the configuration of a run of samples ({_where(error)}).", fix=HINT) from error
    rows, length = _rows(folder / "results.jsonl")
    notes = ["its last row was cut off and is left out"] if (folder / "results.jsonl").stat().st_size > length else []
    return Side(str(folder), configuration, read_record(folder), _by_id(rows, folder / "results.jsonl"), tuple(notes))


def _rows(path: Path) -> tuple[list[SampleRow], int]:
    try:
        rows, length = read_rows(path, SampleRow)
    except OSError as error:
        raise TrajectoryError(f"{path} cannot be read ({error}).", fix=HINT) from error
    if not rows:
        raise TrajectoryError(f"{path} holds no row.", fix="run the benchmark first, or wait for its first row")
    return rows, length


def _rescored(path: Path) -> Side:
    data = _json(path)
    if not isinstance(data, dict) or not isinstance(data.get("rows"), list) or "benchmark" not in data:
        raise TrajectoryError(f"{path} is not what `handeye bench rescore --json` prints: it has no benchmark or no rows.", fix=HINT)
    refuse_newer(path, data, ROWS_FORMAT)
    rows = [_rescored_row(row, f"{path}, row {number}") for number, row in enumerate(data["rows"], 1)]
    if not rows:
        raise TrajectoryError(f"{path} holds no row.", fix=HINT)
    known = {
        "benchmark": data["benchmark"],
        "protocol": {"dialect": data.get("dialect")},
        "rules": data.get("rules"),
        "data": {"convention": data.get("convention"), "samples": data.get("data_rows")},
        "outputs": data.get("outputs"),
    }
    return Side(str(path), known, None, _by_id(rows, path), ())


def _rescored_row(row: object, where: str) -> SampleRow:
    if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not isinstance(row.get("verdict"), str):
        raise TrajectoryError(f"{where} has no id or no verdict.", fix=HINT)
    said = {name: row[name] for name in ("point", "box", "why") if name in row}
    correct = row["correct"] if isinstance(row.get("correct"), bool) else row["verdict"] in CORRECT
    known = {name: row[name] for name in ("instruction", "image", "cells", "target", "reply", "size", "shown", "said") if name in row}
    texts = {name: _whole(text) for name, text in known.items() if isinstance(text, str)}
    try:
        found = SampleRow.model_validate({"said": said, **known, **texts, "id": row["id"], "verdict": row["verdict"], "correct": correct})
        # What is nested too deeply to be shown is found here.
        found.model_dump(mode="json")
    except ValueError as error:
        raise TrajectoryError(f"{where} is damaged ({_where(error)}).", fix=HINT) from error
    return found


def _whole(text: str) -> str:
    """`text` without halves of surrogate pairs, which a row cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _where(error: ValueError) -> str:
    """The field that does not fit, in as many words as there are."""
    if isinstance(error, ValidationError):
        return ".".join(map(str, error.errors()[0]["loc"])) or "the whole"
    return str(error)


def _by_id(rows: Sequence[SampleRow], path: Path) -> dict[str, tuple[SampleRow, ...]]:
    found = dict[str, dict[int, SampleRow]]()
    for row in rows:
        repeats = found.setdefault(row.id, {})
        if row.repeat in repeats:
            again = f", repeat {row.repeat}" if row.repeat else ""
            raise TrajectoryError(f"{path} has two rows of {row.id!r}{again}.", fix="take one of them out: it would count twice")
        repeats[row.repeat] = row
    return {key: tuple(repeats[repeat] for repeat in sorted(repeats)) for key, repeats in found.items()}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise TrajectoryError(f"there is no {path}.", fix=HINT) from error
    except (OSError, ValueError, RecursionError) as error:
        raise TrajectoryError(f"{path} cannot be read as JSON ({error}).", fix=HINT) from error
