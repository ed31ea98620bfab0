"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that `extra` needs. `fix` is the command or the step that mends it, None where nothing is to be done."""

    extra: str
    name: str
    ok: bool
    detail: str
    fix: str | None = None
