"""How long it takes until handeye is there: importing it, and its help."""

from __future__ import annotations

import subprocess
import sys

from handeye.benchmarks.speed import SpeedReport, SpeedRow, SpeedTable, median_s

HEAVY = ("torch", "transformers", "playwright", "pyautogui", "adbutils", "cv2", "rapidocr", "onnxruntime", "numpy", "PIL", "pydantic")
"""Libraries that an import may not draw in; the last three are ours by right but still wait until they are needed."""
IMPORT_LIMIT_S = 0.3
HELP_LIMIT_S = 0.5


def measure(repeats: int = 7) -> SpeedReport:
    """Time `import handeye.agent` and `handeye --help` in fresh processes, beside a Python that does nothing."""
    nothing = median_s(lambda: _python("pass"), repeats)
    imported = median_s(lambda: _python("import handeye.agent"), repeats)
    helped = median_s(lambda: _python("import sys; sys.argv = ['handeye', '--help']; from handeye.agent.cli import main; main()"), repeats)
    loaded = _python(f"import sys, handeye.agent; print([name for name in {HEAVY!r} if name in sys.modules])").strip()
    return SpeedReport(
        "start",
        (
            SpeedRow("python -c pass", nothing, "s"),
            SpeedRow("import handeye.agent, without Python's own start", max(imported - nothing, 0.0), "s", limit=IMPORT_LIMIT_S),
            SpeedRow("handeye --help, whole process", helped, "s", limit=HELP_LIMIT_S),
        ),
        (SpeedTable("heavy libraries loaded by import handeye.agent", ("found",), ((loaded,),)),),
    )


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
