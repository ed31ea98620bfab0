"""Where a Chromium is on this machine."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from handeye.tools.errors import SetupError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
"""Names under which distributions and vendors install a Chromium."""

MAC_PROGRAMS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium(bundled: str | os.PathLike[str] | None = None) -> Path:
    """The browser to start: the one that the environment variable `HANDEYE_CHROMIUM` names, else Playwright's own download
    (`bundled`, the path at which Playwright expects it), else one on the search path.

    Raises `SetupError` with the command that installs one when there is none.
    """
    named = os.environ.get("HANDEYE_CHROMIUM")
    if named:
        found = shutil.which(named)
        if found is None:
            raise SetupError(f"HANDEYE_CHROMIUM names {named}, which is no program.", fix="set it to the path of a Chromium, or unset it")
        return Path(found)
    if bundled is not None and Path(bundled).is_file():
        return Path(bundled)
    candidates = (*PROGRAMS, *(MAC_PROGRAMS if sys.platform == "darwin" else ()))
    for program in candidates:
        found = shutil.which(program)
        if found is not None:
            return Path(found)
    raise SetupError("No Chromium or Chrome was found on this machine.", fix=install_command())


def install_command() -> str:
    """The command that installs a Chromium on this machine."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and shutil.which("apt-get"):
        return "apt-get install -y chromium"
    return "playwright install chromium"
