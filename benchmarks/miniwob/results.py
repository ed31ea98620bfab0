"""What a run leaves behind: one JSON row for each episode, and what is counted from the rows.

OUT/config.json     how the episodes are run; a restart with another configuration is refused
OUT/results.jsonl   one row an episode, appended and flushed the moment it ends
OUT/episodes/       the trajectory of each episode
OUT/index.html      the report
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from handeye.benchmarks.miniwob.tasks import CLASSES
from handeye.tools.errors import SetupError, TrajectoryError

BENCHMARK = "miniwob"


class Configuration(BaseModel):
    """All that can change a score. Tasks and seeds are not here: a finished run may be extended by more of both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    """A model's name, or `oracle` or `noop`."""
    dialect: str
    protocol: str = "distinct"
    max_steps: int = 10
    scale: float = 4.0
    viewport: tuple[int, int] = (332, 214)
    pages: str = ""
    """Version of the `miniwob` package."""


class EpisodeRow(BaseModel):
    """One episode."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    task: str
    kind: str
    index: int
    """Which of the task's seeds, from 0."""
    seed: int
    goal: str = ""
    raw: float = 0.0
    """The page's reward without its discount for time; 0 when the page did not end the episode."""
    decayed: float = 0.0
    """The page's reward with its discount, as the raised time limit gives it."""
    reason: str = ""
    done: bool = False
    """The page ended the episode."""
    outcome: str = ""
    """How the loop ended (`handeye.agent.trajectory.Outcome`), or `world_error`."""
    message: str = ""
    error: str = ""
    """A failure of the world (browser, model, disk), not of the policy; counted as not solved."""
    steps: int = 0
    seconds: float = 0.0
    model_s: tuple[float, ...] = ()
    """Seconds of the model in each step, reading its reply included."""
    env_s: tuple[float, ...] = ()
    """Seconds of the environment (act, settle, capture) in each step."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    run: str = ""
    """The trajectory's folder, relative to the results."""
    last_screen: str = ""
    """The last screenshot, relative to the trajectory's folder."""

    @property
    def key(self) -> tuple[str, int]:
        """What makes an episode this one."""
        return self.task, self.index

    @property
    def success(self) -> bool:
        """The rule of the published scores: any reward above 0."""
        return self.raw > 0

    @property
    def strict(self) -> bool:
        """Full reward only."""
        return self.raw == 1.0


def score(row: EpisodeRow) -> str:
    """The raw reward for people; what falls short of 1 is never shown as 1."""
    return f"{row.raw:.2f}" if row.raw == 1.0 or row.raw < 0.995 else f"{min(row.raw, 0.9999):.4f}"


class Results:
    """The rows in a folder. One process at a time may write them."""

    def __init__(self, out: Path, configuration: Configuration, retry_errors: bool = False) -> None:
        """Open the folder, or make it. With `retry_errors`, rows that hold a failure of the world are taken out.

        Raises `SetupError` when the folder holds results of another configuration, `TrajectoryError` when a row in it is damaged
        or it cannot be written.
        """
        self.path = out / "results.jsonl"
        try:
            out.mkdir(parents=True, exist_ok=True)
            rows, length = read_rows(self.path)
            _check_configuration(out, configuration, bool(rows))
            if retry_errors and any(row.error for row in rows):
                rows = [row for row in rows if not row.error]
                length = _rewrite(self.path, rows)
            self.rows = rows
            self._file = self.path.open("ab")
            self._file.truncate(length)
        except OSError as error:
            raise TrajectoryError(f"{out} cannot be written ({error}).") from error

    def append(self, row: EpisodeRow) -> None:
        """Add a row; it is on its way to the disk when this returns."""
        self.rows.append(row)
        self._file.write(row.model_dump_json(exclude_defaults=True).encode() + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        self._file.close()


def read_rows(path: Path) -> tuple[list[EpisodeRow], int]:
    """The complete rows of a `results.jsonl` and how many bytes they take; a last line that was cut off is left out.

    Raises `TrajectoryError` for a damaged row.
    """
    if not path.is_file():
        return [], 0
    whole, newline, _ = path.read_bytes().rpartition(b"\n")
    rows = []
    for number, line in enumerate(whole.split(b"\n") if newline else (), 1):
        try:
            rows.append(EpisodeRow.model_validate_json(line))
        except ValidationError as error:
            raise TrajectoryError(f"{path}, line {number} is damaged.", fix="remove that line, or give another --out") from error
    return rows, len(whole) + len(newline)


def summary(configuration: Configuration, rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    """The numbers of a run, JSON values only: rates by `raw > 0` and by `raw == 1`, in all and by class."""
    ordered = sorted(rows, key=lambda row: row.key)
    classes = {kind: [row for row in ordered if row.kind == kind] for kind in CLASSES}
    return {
        "benchmark": BENCHMARK,
        **configuration.model_dump(mode="json"),
        "tasks": len({row.task for row in ordered}),
        **_rates(ordered),
        "classes": {kind: {"tasks": len({row.task for row in of}), **_rates(of)} for kind, of in classes.items() if of},
        "median_step_model_s": _median(second for row in ordered for second in row.model_s),
        "median_step_env_s": _median(second for row in ordered for second in row.env_s),
        "rows": [{**row.model_dump(mode="json"), "success": row.success, "strict": row.strict} for row in ordered],
    }


def _rates(rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    count = len(rows)
    return {
        "episodes": count,
        "success_rate": sum(row.success for row in rows) / count if count else 0.0,
        "success_rate_strict": sum(row.strict for row in rows) / count if count else 0.0,
        "errors": sum(bool(row.error) for row in rows),
    }


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(median(found), 4) if found else None


def _check_configuration(out: Path, configuration: Configuration, has_rows: bool) -> None:
    path, wanted = out / "config.json", configuration.model_dump(mode="json")
    if not has_rows:
        _write_whole(path, json.dumps(wanted, indent=1).encode())
        return
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SetupError(f"{out} holds results, but what they were run with cannot be read ({error}).", fix="give another --out") from error
    if found != wanted:
        names = [name for name in wanted if not isinstance(found, dict) or found.get(name) != wanted[name]]
        told = ", ".join(f"{name} {found.get(name) if isinstance(found, dict) else '?'!s} there, {wanted[name]} now" for name in names)
        raise SetupError(f"{out} holds results of another configuration ({told}).", fix="give another --out, or the same options as before")


def _rewrite(path: Path, rows: Sequence[EpisodeRow]) -> int:
    data = b"".join(row.model_dump_json(exclude_defaults=True).encode() + b"\n" for row in rows)
    _write_whole(path, data)
    return len(data)


def _write_whole(path: Path, data: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    os.replace(partial, path)
