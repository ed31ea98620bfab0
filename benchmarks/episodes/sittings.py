"""Who started a run of episodes, when, with which command, code and machine: OUT/sittings.jsonl, one line for each start.

The configuration of a run holds all that can change a score; this holds what it was made with. Keys and passwords are taken out.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handeye.agent.provenance import now
from handeye.benchmarks.samples.hiding import hidden_in_command, secrets_of
from handeye.benchmarks.samples.machine import checkout, machine

NAME = "sittings.jsonl"


class Sitting(BaseModel):
    """One start of a run."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    started: str = ""
    command: str = ""
    code: Mapping[str, Any] = Field(default_factory=dict)
    """`commit`, `dirty` and, where dirty, `changes_sha256` of handeye's own checkout; empty unless it ran from one."""
    machine: Mapping[str, Any] = Field(default_factory=dict)
    how: Mapping[str, Any] = Field(default_factory=dict)
    """Workers, deadline, retries, shard, ..."""


def write_sitting(out: Path, how: Mapping[str, Any]) -> None:
    """Add a line for this process. A file that cannot be written is told by the results beside it, which are written next."""
    words = [Path(sys.argv[0]).name, *sys.argv[1:]]
    command = shlex.join(hidden_in_command(words, secrets_of(os.environ))).encode("utf-8", "replace").decode()
    sitting = Sitting(started=now(), command=command, code=checkout(Path(__file__)), machine=machine(), how=how)
    try:
        with (out / NAME).open("ab") as file:
            file.write(sitting.model_dump_json().encode() + b"\n")
    except OSError:
        return


def read_sittings(out: Path) -> list[Sitting]:
    """The sittings of the run in `out`, the oldest first; lines that are damaged are left out."""
    try:
        lines = (out / NAME).read_bytes().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(Sitting.model_validate_json(line))
        except ValidationError:
            continue
    return found
