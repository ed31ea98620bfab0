"""What a run of episodes rests on: its configuration, and what its trajectories recorded of versions, sampling, limits and prompts."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handeye.benchmarks.episodes.rows import EpisodeRow, RunConfiguration
from handeye.benchmarks.episodes.sittings import Sitting, read_sittings
from handeye.benchmarks.samples.basis import Facts

_LARGEST = 1_000_000
"""Bytes of an `episode.json`; no loop of ours writes a larger one."""


@dataclass(frozen=True)
class Recorded:
    """What the trajectories of a run say."""

    read: int = 0
    """Trajectories that could be read."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of packages; where trajectories differ, all values with a bar between."""
    sampling: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    """Without the number of steps, which is each task's own."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Of the dialect."""
    prompts: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """By (task, index): the hash of the first prompt's text."""

    @property
    def prompt_digest(self) -> str:
        """One SHA-256 over the hashes of all first prompts: the same for two runs that asked the same. Empty where none is known."""
        if not self.prompts:
            return ""
        lines = (f"{task}\0{index}\0{digest}\n" for (task, index), digest in sorted(self.prompts.items()))
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def recorded(out: Path, rows: Iterable[EpisodeRow]) -> Recorded:
    """What `episode.json` of each row's trajectory holds; one that is not there or is damaged says nothing."""
    found = [(row, known) for row in rows if row.run and (known := _episode(out, row.run))]
    return Recorded(
        read=len(found),
        versions=_joined(known.get("versions") for _, known in found),
        sampling=_joined(known.get("sampling") for _, known in found),
        limits=_joined(_without_steps(known.get("limits")) for _, known in found),
        options=_joined(known.get("dialect_options") for _, known in found),
        prompts={row.key: str(known["prompt_hash"]) for row, known in found if known.get("prompt_hash")},
    )


def _episode(out: Path, run: str) -> dict[str, Any]:
    path = out / run / "episode.json"
    try:
        # A row is a text of a file: it must not lead out of the run's folder.
        if not path.resolve().is_relative_to(out.resolve()) or path.stat().st_size > _LARGEST:
            return {}
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _without_steps(limits: Any) -> Any:
    return {name: value for name, value in limits.items() if name != "steps"} if isinstance(limits, dict) else limits


def _joined(settings: Iterable[Any]) -> dict[str, str]:
    """Each name with its value, or with all its values, the most frequent first."""
    found: dict[str, Counter[str]] = {}
    for one in settings:
        for name, value in one.items() if isinstance(one, dict) else ():
            found.setdefault(str(name), Counter())[_shown(value)] += 1
    return {name: " | ".join(value for value, _ in values.most_common(4)) for name, values in found.items()}


def basis(out: Path, numbers: Mapping[str, Any], known: Recorded) -> list[Facts]:
    """Everything that must be known to compare the numbers with others', under headings."""
    sittings = read_sittings(out)
    found = [
        Facts("Configuration", tuple(_settings({name: numbers[name] for name in _configured(numbers)}))),
        Facts("Prompts", _prompts(known)),
        Facts("Sampling and limits", (*_settings(known.sampling), *_settings(known.limits), *_settings(known.options))),
        Facts("Versions", tuple(_settings(known.versions))),
        Facts("Sittings", tuple(_told(sittings))),
    ]
    return [facts for facts in found if facts.lines]


def _configured(numbers: Mapping[str, Any]) -> list[str]:
    """The names that stand in every summary before its first count."""
    names = list(numbers)
    end = names.index("tasks") if "tasks" in names else len(names)
    own = names[:end] or list(RunConfiguration.model_fields)
    return [name for name in own if name in numbers]


def _prompts(known: Recorded) -> tuple[tuple[str, str], ...]:
    if not known.prompts:
        return ()
    different = len(set(known.prompts.values()))
    return (
        ("first prompts", f"{len(known.prompts)} recorded, {different} different (the goal is in them)"),
        ("SHA-256 of their hashes", known.prompt_digest),
    )


def _told(sittings: Sequence[Sitting]) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(sittings[-6:], max(1, len(sittings) - 5)):
        code = one.code.get("commit", "")
        dirty = " with changes that no commit holds" if one.code.get("dirty") else ""
        where = ", ".join(filter(None, (str(one.machine.get("processor", "")), ", ".join(map(str, one.machine.get("gpus") or ())))))
        yield f"{number}", "\n".join(filter(None, (one.started, one.command, f"handeye {code}{dirty}" if code else "", where)))


def _settings(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        yield name, _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else "none"
    return "none" if value is None or value == "" else str(value)
