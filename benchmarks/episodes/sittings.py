"""Who started a run of episodes, when, with which command, code and machine: OUT/sittings.jsonl, one line for each start.

The configuration of a run holds all that can change a score; this holds what it was made with. Keys and passwords are taken out.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handeye.agent.provenance import now
from handeye.benchmarks.samples.hiding import hidden_in_command, secrets_of
from handeye.benchmarks.samples.machine import checkout, machine

NAME = "sittings.jsonl"
NAMED = 8
"""Missing shards that a sentence names."""


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
    episodes: int = 0
    """How many were asked for, those that were there already included; 0 where it was not recorded."""

    @property
    def shard(self) -> tuple[int, int]:
        """(i, n), as in `How`; (1, 1) where it was not recorded."""
        match self.how.get("shard"):
            case [int(part), int(parts)]:
                return part, parts
        return 1, 1


def write_sitting(out: Path, how: Mapping[str, Any], episodes: int) -> None:
    """Add a line for this process. A file that cannot be written is told by the results beside it, which are written next."""
    words = [Path(sys.argv[0]).name, *sys.argv[1:]]
    command = shlex.join(hidden_in_command(words, secrets_of(os.environ))).encode("utf-8", "replace").decode()
    sitting = Sitting(started=now(), command=command, code=checkout(Path(__file__)), machine=machine(), how=how, episodes=episodes)
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


def unfinished(sittings: Sequence[Sitting], episodes: int) -> list[str]:
    """What is missing of a run with `episodes` that came to an end, in sentences: shards, and what was asked for and never came.

    What the last command asked for counts, of each shard; nothing where that was not recorded.
    """
    if not sittings:
        return []
    parts = sittings[-1].shard[1]
    asked = {one.shard: one.episodes for one in sittings if one.shard[1] == parts}
    found = []
    # A folder of one shard is a part that is meant; of several, they were joined.
    if len(asked) > 1 and (absent := [f"{part}/{parts}" for part in range(1, parts + 1) if (part, parts) not in asked]):
        found.append(f"Not whole: shard {', '.join(absent[:NAMED])}{', ...' if len(absent) > NAMED else ''} is not in it.")
    if (missing := sum(asked.values()) - episodes) > 0 and all(asked.values()):
        found.append(f"Not finished: {missing:,} of the {sum(asked.values()):,} episodes that were asked for are missing.")
    return [f"{sentence} The numbers are of the other episodes." for sentence in found]
