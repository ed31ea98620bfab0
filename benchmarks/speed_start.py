"""How long it takes until handeye is there: importing it, and its help."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from handeye.benchmarks.speed import SpeedReport, SpeedRow, compared

HEAVY = ("torch", "transformers", "playwright", "pyautogui", "adbutils", "cv2", "rapidocr", "onnxruntime", "numpy", "PIL", "pydantic")
"""Libraries that importing handeye may not draw in; the last three are its own by right, and still wait until they are needed."""
NAMES = "from handeye.agent import Agent, load_trajectory, open_dialect, open_model, run_episode"
HELP = "import sys; sys.argv = ['handeye', '--help']; from handeye.agent.cli import main; main()"


def measure(repeats: int = 7) -> SpeedReport:
    """Time imports and the help in fresh processes, beside a Python that does nothing."""
    empty, imported, used, helped = _medians(("pass", "import handeye.agent", NAMES, HELP), repeats)
    loaded = _python(f"import sys, handeye.agent; print(', '.join(name for name in {HEAVY!r} if name in sys.modules))").strip()
    return SpeedReport(
        "speed start",
        (
            SpeedRow("python -c pass", empty, "s"),
            compared("python -c 'import handeye.agent', to an empty Python", imported, "s", empty),
            compared("the same and every public name used, to an empty Python", used, "s", empty),
            compared("handeye --help, to an empty Python", helped, "s", empty),
        ),
        notes=(f"Heavy libraries that import handeye.agent loads: {loaded or 'none'}.",),
    )


def _medians(programs: Sequence[str], repeats: int) -> list[float]:
    """Median seconds of each program in a process of its own, taken by turns so that a busy machine slows all alike."""
    times: list[list[float]] = [[] for _ in programs]
    for turn in range(repeats + 1):
        for program, taken in zip(programs, times, strict=True):
            begun = time.perf_counter()
            _python(program)
            if turn:
                taken.append(time.perf_counter() - begun)
    return [statistics.median(taken) for taken in times]


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
