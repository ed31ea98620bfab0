"""A run's provenance: OUT/record.json, what was asked, of what, by which code, where, and in how many sittings.

Written at the start and at the end of each sitting, in one rename, so that a kill at any instant leaves it whole. A sitting that was
killed has no end; its rows are known from the next one's beginning, or from the rows that there are.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handeye.agent.messages import Message, Part, Picture
from handeye.agent.models.base import DescribedModel, Model
from handeye.agent.provenance import now, prompt_hash, versions
from handeye.benchmarks.results import refuse_newer, write_whole
from handeye.benchmarks.samples.hiding import HIDDEN, hidden_in_command, hidden_keys, hidden_within, secrets_of
from handeye.benchmarks.samples.machine import checkout, machine
from handeye.benchmarks.samples.question import Asked
from handeye.benchmarks.samples.suite import Suite
from handeye.tools.errors import TrajectoryError

FORMAT = 1
"""Raised when a field changes its meaning or goes away; a reader takes its own version and older ones."""
NAME = "record.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Prompt(_Part):
    """The first prompt of the run."""

    sha256: str = ""
    """Of its text, before anything was hidden (`handeye.agent.provenance.prompt_hash`)."""
    text: str = ""
    """Every turn in full, as `prompt_text` writes it."""
    image: tuple[int, int] = (0, 0)
    """Width and height of the stored picture."""
    shown: tuple[int, int] = (0, 0)
    """Width and height of the picture that the model sees."""


class Sitting(_Part):
    """One start of the run to its end, by one process."""

    started: str
    ended: str = ""
    """Empty while it runs, and for ever if it was killed."""
    how: str = ""
    """How it ended: `done`, `interrupted`, or an error in words; empty as `ended` is."""
    before: int = 0
    """Rows that were there when it began."""
    rows: int | None = None
    """Rows that it wrote; None where it was killed and nothing came after it."""
    options: Mapping[str, Any] = Field(default_factory=dict)
    """What of the run does not change a score: limit, shard, batch, ..."""
    command: str = ""
    model: Mapping[str, Any] = Field(default_factory=dict)
    """The model's own word about itself (`handeye.agent.models.base.DescribedModel`); empty where it has none."""
    versions: Mapping[str, str] = Field(default_factory=dict)
    code: Mapping[str, Any] = Field(default_factory=dict)
    """`commit`, `dirty` and, where dirty, `changes_sha256`; empty unless it ran from a checkout."""
    machine: Mapping[str, Any] = Field(default_factory=dict)


class Record(_Part):
    """Where the numbers of a run come from."""

    format: int = FORMAT
    title: str = ""
    prompt: Prompt = Prompt()
    notes: tuple[str, ...] = ()
    """What the loader counted and let pass."""
    sittings: tuple[Sitting, ...] = ()


def write_record(
    out: Path, suite: Suite, model: Model, first: Asked, options: Mapping[str, Any], *, how: str = "", command: Sequence[str] | None = None
) -> Record:
    """Begin a sitting in OUT/record.json or, with `how`, end the one that was begun last; gives what the file holds now.

    `first` is the first question of the suite as it is asked, `command` the command line (None: this process's). A model that describes
    itself is asked at the beginning only. Raises `TrajectoryError` for a record that is damaged, of a newer handeye, or cannot be written.
    """
    found = read_record(out)
    rows = _rows(out / "results.jsonl")
    if how and found and found.sittings:
        last = found.sittings[-1]
        done = last.model_copy(update={"ended": now(), "how": how, "rows": max(0, rows - last.before)})
        record = found.model_copy(update={"sittings": (*found.sittings[:-1], done)})
    else:
        known = tuple(_closed(one, rows) for one in (found.sittings if found else ()))
        record = Record(
            title=suite.title, prompt=_prompt(first), notes=suite.notes, sittings=(*known, _begun(rows, model, options, command))
        )
    _write(out / NAME, record)
    return record


def read_record(out: Path) -> Record | None:
    """The record of the run in `out`; None where it has none. Raises `TrajectoryError` for one that is damaged or of a newer handeye."""
    path = out / NAME
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise TrajectoryError(f"{path} cannot be read ({error}).", fix="move it away; the rows stay as they are") from error
    refuse_newer(path, data, FORMAT)
    try:
        return Record.model_validate(data)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise TrajectoryError(f"{path} is damaged ({where}).", fix="move it away; the rows stay as they are") from error


def prompt_text(messages: Sequence[Message]) -> str:
    """A prompt for people: a line `[role]` before each turn, and `[picture WIDTHxHEIGHT]` or `[video ...]` where one stands."""
    turns = []
    for index, message in enumerate(messages):
        begun = message.role == "assistant" and index == len(messages) - 1
        turns.append(f"[{message.role}{', begun for it' if begun else ''}]\n" + "".join(map(_part_text, message.parts)))
    return "\n\n".join(turns)


def _part_text(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Picture):
        return f"[picture {part.pixels.shape[1]}x{part.pixels.shape[0]}]"
    count, height, width, _ = part.frames.shape
    return f"[video {width}x{height}, {count} frames]"


def _prompt(first: Asked) -> Prompt:
    image, shown = (first.image.width, first.image.height), (first.shown.width, first.shown.height)
    return Prompt(sha256=prompt_hash(first.messages), text=prompt_text(first.messages), image=image, shown=shown)


def _begun(rows: int, model: Model, options: Mapping[str, Any], command: Sequence[str] | None) -> Sitting:
    # Where the program lies says nothing about a result, and differs from machine to machine.
    given = [Path(sys.argv[0]).name, *sys.argv[1:]] if command is None else command
    words = hidden_in_command(given, secrets_of(os.environ))
    return Sitting(
        started=now(),
        before=rows,
        options=options,
        command=shlex.join(words).replace(f"'{HIDDEN}'", HIDDEN),
        model=model.describe() if isinstance(model, DescribedModel) else {},
        versions=versions(),
        code=checkout(),
        machine=machine(),
    )


def _closed(sitting: Sitting, rows: int) -> Sitting:
    """An earlier sitting; if it was killed, its rows are those that have come since it began."""
    return sitting if sitting.rows is not None else sitting.model_copy(update={"rows": max(0, rows - sitting.before)})


def _rows(path: Path) -> int:
    """Whole lines: what was cut off in mid-line is no row."""
    try:
        return path.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def _write(path: Path, record: Record) -> None:
    secrets = secrets_of(os.environ)
    data = hidden_within(record.model_dump(mode="json"), secrets)
    data["prompt"]["text"] = hidden_keys(record.prompt.text, secrets)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(data, indent=1).encode())
    except OSError as error:
        raise TrajectoryError(f"{path} cannot be written ({error}).") from error
