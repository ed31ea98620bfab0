"""The trajectory: a folder that is the whole truth of one episode.

    RUN/episode.json   goal, environment, model, dialect, sampling, versions, prompt hash; there before the first step
    RUN/steps.jsonl    one row a step, appended and flushed before the next step begins
    RUN/screens/       the screenshot of each row as PNG, complete before the row that names it is appended
    RUN/result.json    how it ended; written last, absent after a crash

The viewer, replay and every score are computed from it. A crash at any instant loses at most the step in flight: the folder
appears with its `episode.json` in one rename, and a last line of `steps.jsonl` that was cut short is left out on loading.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict, ValidationError, field_serializer
from pydantic_core import PydanticSerializationError

from handeye.envs.actions import Action
from handeye.tools.device import Pixels
from handeye.tools.errors import TrajectoryError
from handeye.tools.geometry import Size

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes away; a reader accepts its own version and older ones."""

Outcome: TypeAlias = Literal[
    "reached",
    "not_reached",
    "step_limit",
    "time_limit",
    "cost_limit",
    "denied",
    "repeating",
    "unreadable",
    "env_done",
    "device_error",
    "model_error",
    "interrupted",
]
"""`reached`/`not_reached`: the model ended the episode and said so. `env_done`: the environment ended it (see the last reward)."""


class _Record(BaseModel):
    """A row on disk. Unknown fields are kept out of the way, so that an older reader takes a newer row of the same schema version."""

    # As strings, which pydantic reads back as numbers: the default, null, could not be read back, and bare NaN is no JSON.
    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")


class Episode(_Record):
    """What was asked for and of whom. Written once, at the start."""

    schema_version: int = SCHEMA_VERSION
    goal: str
    env: str = ""
    env_options: dict[str, Any] = {}
    model: str = ""
    dialect: str = ""
    dialect_options: dict[str, Any] = {}
    notes: tuple[str, ...] = ()
    """What was doubtful about the set-up, in sentences: a model that speaks another dialect, for one."""
    sampling: dict[str, Any] = {}
    limits: dict[str, Any] = {}
    seed: int | None = None
    prompt_hash: str = ""
    """SHA-256 of the first prompt's text parts, so that two runs can be told apart by what the model was told."""
    versions: dict[str, str] = {}
    started_at: str = ""


class Attempt(_Record):
    """One call of the model."""

    text: str
    error: str = ""
    """Why the reply could not be read; empty if it could."""
    model_s: float = 0.0
    parse_s: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt, those that the backend did not compute again."""
    timings: dict[str, float] = {}
    """Seconds by phase, as far as the backend knows them."""
    details: dict[str, Any] = {}


class Timings(_Record):
    """Seconds of one step by phase."""

    capture_s: float = 0.0
    model_s: float = 0.0
    parse_s: float = 0.0
    act_s: float = 0.0
    settle_s: float = 0.0


class SettledRow(_Record):
    """What was waited for after the action; fields as in `handeye.envs.env.Settled`."""

    waited_s: float = 0.0
    waited_for: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    capped: bool = False


class DecisionRow(_Record):
    """Whether an action was to be carried out, who said so, and on which facts. That it was carried out is told by the row around it."""

    verdict: Literal["allow", "deny", "instead", "handed_over", "answered", "unanswered"]
    """`instead`: the model was told to do something else. `handed_over`: the person worked the screen. The last two: a question of the
    model's."""
    by: Literal["rule", "person", "nobody"]
    reason: str = ""
    rule: str = ""
    classes: tuple[str, ...] = ()
    facts: dict[str, Any] = {}
    """What the person is shown, by label."""
    targets: tuple[dict[str, Any], ...] = ()
    """What the action would touch, as the device said: `Target.facts`."""
    effects: bool = False
    """Whether changes on servers were allowed with it."""
    asked_s: float = 0.0
    voided: bool = False
    """It was allowed, and what it was allowed for was gone before it could be done."""


class StepRow(_Record):
    """One step: what the model saw, said and did, and what came of it."""

    index: int
    turn: int
    """Which turn of the model this action came from; a reply with several actions gives several rows with the same turn."""
    screen: str
    """Path, relative to the run, of the screenshot that the model saw."""
    size: Size
    url: str = ""
    title: str = ""
    app: str = ""
    dialog: str = ""
    seen: tuple[str, ...] = ()
    """Notes of the observation: what happened beside the picture."""
    told: tuple[str, ...] = ()
    """Notes of the loop to the model."""
    attempts: tuple[Attempt, ...] = ()
    """The model's calls of this turn, on its first row."""
    thought: str = ""
    action: Action | None = None
    """None: no reply of the turn could be read."""
    repairs: tuple[str, ...] = ()
    approval: str = ""
    """What the approver said, where it said more than yes."""
    decision: DecisionRow | None = None
    held: tuple[dict[str, Any], ...] = ()
    """Changes on servers that were held back; fields as in `handeye.envs.env.Effect`."""
    error: str = ""
    """Why the action was not carried out."""
    changed: bool | None = None
    """Whether the screen looked different afterwards."""
    settled: SettledRow = SettledRow()
    timings: Timings = Timings()
    reward: float | None = None

    @field_serializer("action")
    def _whole_action(self, action: Action | None) -> dict[str, Any] | None:
        # An action's `type` is a default of its class and yet what tells the classes apart: it must outlive `exclude_defaults`.
        return None if action is None else action.model_dump(mode="json")


class Result(_Record):
    """How the episode ended."""

    outcome: Outcome
    success: bool
    """The model, or the environment by a positive reward, says that the goal is reached."""
    message: str = ""
    """The model's last word, or the error."""
    answer: str | None = None
    unapproved: tuple[str, ...] = ()
    """Risky steps on the way to a success that no person approved, only a rule."""
    cost: float | None = None
    """What the model's calls cost, where that is known."""
    steps: int = 0
    seconds: float = 0.0
    reward: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    last_screen: str = ""
    """Path, relative to the run, of the screenshot after the last action; empty if there is none."""
    finished_at: str = ""


@dataclass(frozen=True)
class Trajectory:
    """A run, read from disk. `result` is None if the run was cut off."""

    path: Path
    episode: Episode
    steps: tuple[StepRow, ...]
    result: Result | None
    truncated: bool = False
    """The last line of `steps.jsonl` was cut short and is left out."""

    def screen_file(self, name: str) -> Path:
        """The file of the screenshot that a row names. Raises `TrajectoryError` if it lies outside of the run."""
        try:
            path = (self.path / name).resolve()
            inside = path.is_relative_to(self.path.resolve())
        except (OSError, ValueError, RuntimeError) as error:  # a zero byte is a ValueError, a loop of links a RuntimeError before 3.13
            raise TrajectoryError(f"{self.path}: a row names an impossible screenshot ({name!r}: {error}).") from error
        if not inside:
            raise TrajectoryError(f"{self.path}: a row names a screenshot outside of the run ({name!r}).")
        return path

    def screen(self, name: str) -> Pixels:
        """The screenshot that a row names, shape (height, width, 3), uint8 RGB. Raises `TrajectoryError` if it cannot be read."""
        path = self.screen_file(name)
        try:
            with Image.open(path) as image:
                return np.asarray(image.convert("RGB"))
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise TrajectoryError(f"{path}: this screenshot cannot be read ({error}).") from error


class TrajectoryWriter:
    """Writes a run. Screenshots are encoded on a thread of its own while the model thinks."""

    def __init__(self, path: Path, episode: Episode, redact: Callable[[str], str] | None = None) -> None:
        """Make the folder `path` with its `episode.json`. Raises `TrajectoryError` when it exists and is not empty, or cannot be made.

        `redact`: every text of every record goes through it before it is written.
        """
        self.path = path
        self._redact = redact
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="screens")
        self._pending: Future[None] | None = None
        self._last: tuple[Pixels, str] | None = None
        self._screens = 0
        _make_folder(path, _text(episode, redact, indent=1))
        self._steps = (path / "steps.jsonl").open("a", encoding="utf-8")

    def screen(self, pixels: Pixels) -> str:
        """Begin to save a screenshot and give its name for the row. An unchanged screen keeps its file."""
        if self._last is not None and np.array_equal(self._last[0], pixels):
            return self._last[1]
        self._wait_for_screen()
        name = f"screens/{self._screens:04d}.png"
        self._screens += 1
        if pixels.flags.writeable:
            pixels = pixels.copy()
        self._pending = self._pool.submit(_save_png, self.path / name, pixels)
        self._last = (pixels, name)
        return name

    def append(self, row: StepRow) -> None:
        """Append a row and flush it; the screenshot that it names is complete by then."""
        self._wait_for_screen()
        self._steps.write(_text(row, self._redact, exclude_defaults=True) + "\n")
        self._steps.flush()

    def finish(self, result: Result) -> None:
        """Write how it ended and close. May be called once."""
        self._wait_for_screen()
        _write_whole(self.path / "result.json", _text(result, self._redact, indent=1))
        self.close()

    def close(self) -> None:
        """Close without a result, as a crash would leave it. A second call does nothing."""
        self._pool.shutdown()
        self._steps.close()

    def _wait_for_screen(self) -> None:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            try:
                pending.result()
            except OSError as error:
                raise TrajectoryError(f"{self.path}: a screenshot cannot be written ({error}).") from error


class Unwritten:
    """Stands where a `TrajectoryWriter` would, for an episode that is not to be kept."""

    def screen(self, pixels: Pixels) -> str:
        """No name: nothing is saved."""
        return ""

    def append(self, row: StepRow) -> None:
        """Nothing."""

    def finish(self, result: Result) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def load_trajectory(path: Path) -> Trajectory:
    """Read the run in the folder `path`.

    A last row that was cut off is left out (`truncated`). Raises `TrajectoryError`, naming the file and line, when the folder is no
    run, a row is damaged, or a newer handeye wrote it.
    """
    if not (path / "episode.json").is_file():
        raise TrajectoryError(f"{path} is not a run: it has no episode.json.", fix="name the folder that `handeye run --out` printed")
    data = _read_json(path / "episode.json")
    version = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise TrajectoryError(
            f"{path} was written by a newer handeye (schema {version}, this one reads {SCHEMA_VERSION}).", fix="pip install -U handeye"
        )
    episode = _read(Episode, data, str(path / "episode.json"))
    steps, truncated = _read_steps(path / "steps.jsonl")
    finished = path / "result.json"
    result = _read(Result, _read_json(finished), str(finished)) if finished.is_file() else None
    return Trajectory(path, episode, steps, result, truncated)


def _read_steps(path: Path) -> tuple[tuple[StepRow, ...], bool]:
    if not path.is_file():
        return (), False
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise TrajectoryError(f"{path} cannot be read ({error}).") from error
    rows: list[StepRow] = []
    for number, line in enumerate(lines, 1):
        if number == len(lines):
            return tuple(rows), bool(line)
        try:
            rows.append(_read(StepRow, json.loads(line), f"{path}, line {number}"))
        except (ValueError, RecursionError) as error:
            raise TrajectoryError(f"{path}, line {number} is damaged ({error}).") from error
    return tuple(rows), False


_R = TypeVar("_R", bound=_Record)


def _read(cls: type[_R], data: Any, where: str) -> _R:
    try:
        return cls.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise TrajectoryError(f"{where} is damaged ({place}: {first['msg']}).") from error


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise TrajectoryError(f"{path} is damaged ({error}).") from error


def _text(record: _Record, redact: Callable[[str], str] | None = None, *, indent: int | None = None, exclude_defaults: bool = False) -> str:
    try:
        text = record.model_dump_json(indent=indent, exclude_defaults=exclude_defaults)
    except PydanticSerializationError:
        # Half of a surrogate pair, as a reply that was cut off may hold: it has no bytes in UTF-8, but JSON has an escape for it.
        text = json.dumps(record.model_dump(mode="json", exclude_defaults=exclude_defaults), indent=indent)
    return text if redact is None else json.dumps(_redacted(json.loads(text), redact), indent=indent)


def _redacted(data: Any, redact: Callable[[str], str]) -> Any:
    """`data`, as JSON has it, with every text in it, names of fields too, as `redact` gives it."""
    if isinstance(data, str):
        return redact(data)
    if isinstance(data, list):
        return [_redacted(item, redact) for item in data]
    if isinstance(data, dict):
        return {redact(name): _redacted(item, redact) for name, item in data.items()}
    return data


def _make_folder(path: Path, episode: str) -> None:
    """Make the folder in one rename, so that a run either exists with its `episode.json` or does not exist."""
    try:
        if path.is_dir() and any(path.iterdir()):
            raise TrajectoryError(f"{path} is not empty.", fix="give another folder with --out, or remove it")
        path.parent.mkdir(parents=True, exist_ok=True)
        staging = path.parent / f".{path.name}.{uuid.uuid4().hex[:8]}"
        (staging / "screens").mkdir(parents=True)
        try:
            (staging / "episode.json").write_text(episode, encoding="utf-8")
            if path.is_dir():
                path.rmdir()
            staging.rename(path)
        finally:
            if staging.exists():
                shutil.rmtree(staging)
    except OSError as error:
        raise TrajectoryError(f"{path} cannot be written ({error}).") from error


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise TrajectoryError(f"{path} cannot be written ({error}).") from error


def _save_png(path: Path, pixels: Pixels) -> None:
    # Level 1: the fastest that still compresses; screens of text come out about as small as with the default.
    Image.fromarray(pixels).save(path, format="PNG", compress_level=1)
