"""Numbers that others published for episode benchmarks, with their sources, and why they may not be compared with a measured one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Published:
    """One published number. Texts are empty where the source does not tell."""

    benchmark: str
    model: str
    """With the agent around it, where that has a name."""
    score: float
    """In hundredths, as printed."""
    who: str
    """Who measured it."""
    source: str
    """owner/repo:path or owner/repo#issue."""
    read: str = ""
    """Where in it the number was read by us, as `at COMMIT`; empty: taken over from notes, unverified."""
    sees: str = ""
    """What the agent looks at."""
    steps: str = ""
    """How many it has."""
    episodes: int = 0
    """The denominator; 0 where it is not told."""
    when: str = ""
    """Year and month in which the source was published: of AndroidWorld it tells which step budgets there were."""
    note: str = ""


WARNING = (
    "None of these numbers was measured here. A score depends on the tasks and their seeds, the step budget, what the agent sees, the "
    "prompt, whether errors count, and who says that an episode is over; where a source does not tell them, equal numbers prove nothing."
)
OF_ALL = {"androidworld": (116, "tasks"), "miniwob": (125, "tasks"), "osworld": (369, "tasks")}
"""How large each benchmark is (google-research/android_world at d9c569f; ServiceNow/BrowserGym: metadata/miniwob.csv; xlang-ai/OSWorld)."""


@cache
def _entries() -> tuple[Published, ...]:
    known = json.loads((files("handeye.benchmarks.episodes") / "published.json").read_text(encoding="utf-8"))
    return tuple(Published(**{**known["sources"][entry.pop("from")], **entry}) for entry in known["numbers"])


def name_of(numbers: Mapping[str, Any]) -> str:
    """Under which name others publish what this run measured: a desktop run of OSWorld's tasks is one of `osworld`."""
    return "osworld" if numbers["benchmark"] == "desktop" and numbers.get("osworld") else str(numbers["benchmark"])


def published(numbers: Mapping[str, Any]) -> tuple[Published, ...]:
    """What is known about the benchmark of a run, in the order of the file."""
    return tuple(entry for entry in _entries() if entry.benchmark == name_of(numbers))


def measured(numbers: Mapping[str, Any]) -> float:
    """The number of the run that published ones are like: AndroidWorld's task mean, OSWorld's mean score, else raw > 0."""
    own = {"androidworld": "task_mean", "osworld": "mean_score", "webgames": "published_rule_rate"}.get(name_of(numbers))
    found = numbers.get(own) if own else None
    return float(numbers["success_rate"] if found is None else found)


def doubts(entry: Published, numbers: Mapping[str, Any]) -> list[str]:
    """Why `entry` and the measured `numbers` may not be compared, beside what holds for the whole run; empty where nothing is known."""
    found = []
    if entry.sees and entry.sees != "screenshots":
        found.append(f"it sees {entry.sees}; here screenshots alone")
    missing = [
        name
        for name, told in (("what it sees", entry.sees), ("step budgets" if entry.benchmark == "androidworld" else "steps", entry.steps))
        if not told
    ]
    if missing:
        found.append(f"not told: {', '.join(missing)}")
    steps = int(numbers.get("max_steps") or 0)
    if entry.steps and steps and entry.steps != str(steps):
        found.append(f"{entry.steps} steps, here {steps}")
    if entry.episodes and entry.episodes != numbers["episodes"]:
        found.append(f"{entry.episodes} episodes, here {numbers['episodes']}")
    if not entry.read:
        found.append("unverified: its source was not read for this")
    return found


def of_the_run(numbers: Mapping[str, Any]) -> list[str]:
    """Sentences on why no published number may be compared with this run; empty where nothing is known."""
    found = []
    name = name_of(numbers)
    whole, what = OF_ALL.get(name, (0, ""))
    if numbers.get("model") in ("oracle", "noop"):
        found.append(f"This run is of {numbers['model']}, which is no model.")
    if numbers["tasks"] < whole:
        found.append(f"This run has {numbers['tasks']} of the benchmark's {whole} {what}: its number is no number of the benchmark.")
    if name == "androidworld":
        if numbers.get("device") == "sim":
            found.append("It was made on a simulated phone, which hosts a part of the tasks; published numbers are of emulators.")
        if numbers.get("budget") != "official" or numbers.get("max_steps"):
            limit = f"at most {numbers['max_steps']} steps" if numbers.get("max_steps") else f"{numbers.get('budget')} step budgets"
            found.append(f"It has {limit}, not the official ones.")
        found.append("Step budgets were about half of today's until 2024-11-18: older numbers, and those that do not tell, do not compare.")
    if name == "osworld":
        found.append("It ran on handeye's virtual desktop, without a virtual machine; published numbers are of OSWorld's machines.")
    if name == "miniwob" and numbers.get("protocol") != "browsergym":
        found.append("Its seeds are five distinct ones a task, not BrowserGym's (--protocol browsergym).")
    return found
