"""Joins the folders of one run that several machines shared, of episodes or of single replies."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.benchmarks.episodes.cards import inside
from handeye.benchmarks.episodes.rows import EpisodeRow, RunConfiguration
from handeye.benchmarks.episodes.sittings import NAME as SITTINGS
from handeye.benchmarks.results import differences, refuse_newer, write_whole
from handeye.tools.errors import InvalidAction, SetupError, TrajectoryError

KEYS = (("task", "index", "attempt"), ("id", "repeat"))
"""What makes a row one of its own: of episodes, of single replies. A field that is left out is 0."""


@dataclass(frozen=True)
class Merged:
    """What came of it."""

    rows: int
    folders: int
    alike: int
    """Rows that several folders had to the letter."""
    configuration: dict[str, Any]


def merge(out: Path, parts: Sequence[Path]) -> Merged:
    """Write the rows and trajectories of `parts` to the new folder `out`. Files are linked where the file system can do that.

    Raises `InvalidAction` for fewer than two parts and an `out` that holds something, `SetupError` for parts of other configurations and
    rows that contradict each other, `TrajectoryError` for what is no folder of a run.
    """
    if len(parts) < 2:
        raise InvalidAction("at least two folders are needed to be joined")
    if out.exists() and any(out.iterdir()):
        raise InvalidAction(f"{out} is there already and is not empty", fix="name a new folder first")
    first = _configuration(parts[0])
    for part in parts[1:]:
        if told := [f"{name}: {here!r} and {there!r}" for name, here, there in differences(first, _configuration(part))]:
            raise SetupError(f"{parts[0]} and {part} are no parts of one run ({'; '.join(told)}).", fix="merge shards of the same command")
    rows, alike = _joined(parts)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for part, line in rows.values():
            _link(part, out, json.loads(line).get("run"))
        if sittings := b"".join((part / SITTINGS).read_bytes() for part in parts if (part / SITTINGS).is_file()):
            write_whole(out / SITTINGS, sittings)
        write_whole(out / "config.json", json.dumps(first, indent=1).encode())
        write_whole(out / "results.jsonl", b"".join(line + b"\n" for _, line in rows.values()))
    except OSError as error:
        # It was empty before: half of a run must not be taken for a whole one, and the same command has to work again.
        shutil.rmtree(out, ignore_errors=True)
        # A tree's copy says it of each file.
        why = error.args[0][0][2] if isinstance(error, shutil.Error) else error
        raise TrajectoryError(f"{out} cannot be written ({why}).", fix="make room there, and the same command again") from error
    return Merged(len(rows), len(parts), alike, first)


def _joined(parts: Sequence[Path]) -> tuple[dict[tuple[Any, ...], tuple[Path, bytes]], int]:
    """Each row with the folder that it is from, and how many were in several."""
    rows: dict[tuple[Any, ...], tuple[Path, bytes]] = {}
    alike = 0
    for part in parts:
        for number, line in enumerate(_lines(part), 1):
            key = _key(part, number, line)
            if key not in rows:
                rows[key] = part, line
            elif rows[key][1] == line:
                alike += 1
            else:
                raise SetupError(
                    f"{rows[key][0]} and {part} have different rows of {' '.join(map(str, key))}.", fix="leave one of them out"
                )
    return rows, alike


def _configuration(part: Path) -> dict[str, Any]:
    try:
        found = json.loads((part / "config.json").read_bytes())
    except (OSError, ValueError) as error:
        raise TrajectoryError(f"{part} is no folder of a run ({error}).", fix="name the --out of a run") from error
    if not isinstance(found, dict):
        raise TrajectoryError(f"{part} is no folder of a run: its config.json holds no object.", fix="name the --out of a run")
    # Single replies (`samples.rows`) have the same number.
    refuse_newer(part / "config.json", found, RunConfiguration.model_fields["format"].default)
    return found


def _lines(part: Path) -> list[bytes]:
    try:
        whole, newline, rest = (part / "results.jsonl").read_bytes().rpartition(b"\n")
    except OSError as error:
        raise TrajectoryError(f"{part} has no results ({error}).", fix="run it, or leave it out") from error
    lines = whole.split(b"\n") if newline else []
    # A row that lacks nothing but the end of its line is whole; any other such row was cut off.
    return [*lines, rest] if _object(rest) is not None else lines


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _key(part: Path, number: int, line: bytes) -> tuple[Any, ...]:
    row = _object(line)
    names = next((names for names in KEYS if row is not None and names[0] in row), None)
    try:
        if row is None or names is None:
            raise ValueError("neither an episode nor a single reply")
        if names is KEYS[0]:
            EpisodeRow.model_validate_json(line)
        key = tuple(row.get(name, 0) for name in names)
        hash(key)
    except (ValueError, TypeError) as error:  # pydantic's is a ValueError
        path = part / "results.jsonl"
        raise TrajectoryError(f"{path}, line {number} is damaged.", fix="remove that line, or leave the folder out") from error
    return key


def _link(part: Path, out: Path, run: Any) -> None:
    """An episode's trajectory. Only those of rows: what a killed run left of another part's episode must not take that one's place."""

    def copy(one: str, other: str) -> None:
        try:
            os.link(one, other)
        except OSError:
            shutil.copy2(one, other)

    if isinstance(run, str) and run and inside(part, run) and inside(out, run) and (part / run).is_dir() and not (out / run).exists():
        shutil.copytree(part / run, out / run, copy_function=copy)
