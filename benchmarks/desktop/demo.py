"""The desktop part of `handeye demo`: tasks whose instructions say every step."""

from __future__ import annotations

from handeye.benchmarks.desktop.catalogue import guided
from handeye.benchmarks.episodes.rows import Job


def desktop_jobs() -> list[Job]:
    """The episodes."""
    return [Job(name, 0, 0) for name in guided()]


def why_no_desktop() -> str:
    """What is missing for a virtual desktop with the programs of the tasks, and how to get it; empty when nothing is."""
    import importlib.util
    import shutil
    import sys

    from handeye.benchmarks.osworld.programs import find
    from handeye.tools.desktop.virtual import WINDOW_MANAGERS

    if sys.platform != "linux":
        return "A virtual desktop needs Linux."
    for package in ("Xlib", "mss"):
        if importlib.util.find_spec(package) is None:
            return f"The desktop needs the package {package}. Fix: pip install 'handeye[desktop]'"
    if shutil.which("Xvfb") is None:
        return "A virtual desktop needs Xvfb. Fix: apt-get install -y xvfb openbox"
    if not any(map(shutil.which, WINDOW_MANAGERS)):
        return "A virtual desktop needs a window manager. Fix: apt-get install -y openbox"
    launches = [step for entry in guided().values() for step in entry.task.config if step.type == "launch"]
    missing = [name for name in dict.fromkeys(str(step.parameters["command"][0]) for step in launches) if not find(name)]
    return f"The desktop's tasks need {', '.join(missing)}. Fix: apt-get install -y {' '.join(missing)}" if missing else ""
