"""Every task by its name, those that ship with handeye and those of an OSWorld checkout."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.osworld.task import Task, read_task, why_not
from handeye.tools.errors import InvalidAction

FOLDER = Path(__file__).resolve().parent
TASKS, ASSETS = FOLDER / "tasks", FOLDER / "assets"
DOMAINS = ("libreoffice_calc", "libreoffice_writer", "files", "terminal", "editor", "settings", "browser", "multi_apps")
"""Classes of our tasks, for the report."""
GUIDED = "guided"
"""The tasks of the demo."""
STEPS, MORE_STEPS = 15, 50
"""Steps for a task with one program and with several: two of the three limits that OSWorld's results are given for (15, 50, 100)."""
EXAMPLES = ("evaluation_examples/examples", "examples", ".")
"""Where an OSWorld checkout has its tasks, a folder for each domain."""


@dataclass(frozen=True)
class Entry:
    """A task and where it comes from."""

    task: Task
    domain: str
    assets: Path | None = ASSETS

    @property
    def max_steps(self) -> int:
        """How many actions the agent may take, where nothing else is said."""
        return STEPS if len(self.task.related_apps) < 2 else MORE_STEPS


@cache
def ours() -> Mapping[str, Entry]:
    """The tasks that ship with handeye, in the order of the report, without the demo's."""
    return {entry.task.id: entry for domain in DOMAINS for entry in _read(TASKS / domain, domain, ASSETS)}


@cache
def guided() -> Mapping[str, Entry]:
    """The tasks of the demo."""
    return {entry.task.id: entry for entry in _read(TASKS / GUIDED, GUIDED, ASSETS)}


@cache
def of_osworld(folder: Path) -> Mapping[str, Entry]:
    """The tasks of an OSWorld checkout, those that cannot run here too. Raises `InvalidAction` when it has none."""
    root = next((folder / place for place in EXAMPLES if any((folder / place).glob("*/*.json"))), None)
    if root is None:
        raise InvalidAction(f"{folder} holds no OSWorld tasks", fix="name a checkout of xlang-ai/OSWorld, or its folder of examples")
    domains = sorted(path for path in root.iterdir() if path.is_dir())
    return {f"{domain.name}/{entry.task.id}": entry for domain in domains for entry in _read(domain, domain.name, None)}


def entries(osworld: Path | None) -> Mapping[str, Entry]:
    """Ours, or those of an OSWorld checkout."""
    return ours() if osworld is None else of_osworld(osworld)


def find(name: str, osworld: Path | None = None) -> Entry:
    """The task of a name. Raises `InvalidAction` when there is none."""
    known = entries(osworld)
    if found := known.get(name) or (guided().get(name) if osworld is None else None):
        return found
    near = difflib.get_close_matches(name, known, 1)
    raise InvalidAction(f"no desktop task is called {name!r}" + (f"; did you mean {near[0]}?" if near else ""), fix="see --list")


def jobs(names: Sequence[str] = (), domains: Sequence[str] = (), osworld: Path | None = None, repeats: int = 1) -> list[Job]:
    """The episodes. None named: all tasks, of an OSWorld checkout those that can run here.

    Raises `InvalidAction` for a task or domain that is none, and for a named task that cannot run here.
    """
    known = entries(osworld)
    if wrong := [domain for domain in domains if domain not in {entry.domain for entry in known.values()}]:
        raise InvalidAction(f"there is no domain {wrong[0]!r}", fix=f"use {', '.join(dict.fromkeys(e.domain for e in known.values()))}")
    chosen = list(dict.fromkeys(names)) or [name for name, entry in known.items() if osworld is None or not why_not(entry.task)]
    found = {name: find(name, osworld) for name in chosen}
    for name in names:
        if reason := why_not(found[name].task):
            raise InvalidAction(f"the task {name} cannot run here: {reason}")
    wanted = [name for name, entry in found.items() if not domains or entry.domain in domains]
    return [Job(name, index, index) for index in range(repeats) for name in wanted]


def _read(folder: Path, domain: str, assets: Path | None) -> Iterator[Entry]:
    for path in sorted(folder.glob("*.json")):
        yield Entry(read_task(path), domain, assets)
