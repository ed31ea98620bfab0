"""Which tasks can run here, without OSWorld's virtual machine, and why others cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from handeye.benchmarks.osworld.getters import GETTERS
from handeye.benchmarks.osworld.metrics import METRICS
from handeye.benchmarks.osworld.programs import WINDOWED, find, has_office_part, opener
from handeye.benchmarks.osworld.steps import STEPS
from handeye.benchmarks.osworld.task import ConfigStep, Task

_APPS = {
    "chrome": "chromium",
    "gimp": "gimp",
    "libreoffice_calc": "calc",
    "libreoffice_impress": "impress",
    "libreoffice_writer": "writer",
    "thunderbird": "thunderbird",
    "vlc": "vlc",
    "vs_code": "code",
    "vscode": "code",
}
"""The program, or part of LibreOffice, behind each name in `related_apps`; `os`, `terminal` and others need none of their own."""
_OFFICE_PARTS = ("calc", "impress", "writer")
_WORDS = {
    "sudo": "needs administrator rights (sudo)",
    "gsettings": "is about GNOME's settings",
    "gnome-": "is about GNOME",
    "dbus": "is about GNOME",
    "timedatectl": "changes the machine's clock",
    "useradd": "changes the machine's users",
    "snap ": "installs software",
    "apt-get": "installs software",
    "apt install": "installs software",
    "pip install": "installs software",
}
"""What in a command asks for more than a desktop and a home folder."""


def obstacles(task: Task) -> Iterator[str]:
    """Everything that keeps a task from running here, the kind first (`getter x`, `metric x`, ...)."""
    steps = (*task.config, *task.evaluator.postconfig)
    for kind in dict.fromkeys(step.type for step in steps if step.type not in STEPS):
        yield f"config step {kind}"
    if not task.evaluator.infeasible:
        for name in task.evaluator.func:
            if name not in METRICS:
                yield f"metric {name}"
        if any(options.get("is_yaml") for options in task.evaluator.options):
            yield "metric check_json of YAML"
        for getter in (*task.evaluator.result, *task.evaluator.expected):
            if getter is not None and getter["type"] not in GETTERS:
                yield f"getter {getter['type']}"
    if task.proxy:
        yield "needs a proxy to live web sites"
    for program in dict.fromkeys(_programs(task)):
        if program in _OFFICE_PARTS:
            if not has_office_part(program):
                yield f"LibreOffice {program.title()} is not installed (apt-get install libreoffice-{program})"
        elif not find(program):
            yield f"program {program} is not installed"
    words = " ".join(_command(step) for step in steps)
    words += " ".join(str(getter.get("command", "")) for getter in (*task.evaluator.result, *task.evaluator.expected) if getter)
    yield from dict.fromkeys(reason for word, reason in _WORDS.items() if word in words)


def obstacle(task: Task) -> str:
    """All that `obstacles` found, in one line; empty for nothing."""
    return "; ".join(dict.fromkeys(obstacles(task)))


def counted(tasks: Iterable[Task]) -> list[tuple[str, int, int]]:
    """What keeps tasks from running here: each reason, how many tasks have it, and how many have it alone; the commonest first."""
    all_of, alone = Counter[str](), Counter[str]()
    for task in tasks:
        found = list(dict.fromkeys(obstacles(task)))
        all_of.update(found)
        alone.update(found[:1] if len(found) == 1 else ())
    return [(reason, count, alone[reason]) for reason, count in all_of.most_common()]


def _programs(task: Task) -> Iterator[str]:
    """Programs and parts of LibreOffice that a task needs: those that it names, launches, and opens files with."""
    yield from (_APPS[app] for app in task.related_apps if app in _APPS)
    for step in task.config:
        path = step.parameters.get("path")
        if step.type == "open" and isinstance(path, str):
            # A path here is one inside of the task's machine; only its ending counts.
            name, *words = opener(Path("/nowhere") / Path(path).name)
            yield words[0].removeprefix("--") if words else name
        words = _command(step).split()
        if step.type == "launch" and words and words[0].rpartition("/")[2] in WINDOWED:
            yield words[0].rpartition("/")[2]


def _command(step: ConfigStep) -> str:
    found = step.parameters.get("command", "")
    return " ".join(map(str, found)) if isinstance(found, list) else str(found)
