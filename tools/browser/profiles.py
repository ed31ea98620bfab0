"""What a profile would do by itself as soon as a browser starts with it, before there is a gate: taken out of its folder.

History, cookies, log-ins and settings stay.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from handeye.tools.errors import SetupError

_TABS = ("*/Sessions/Session_*", "*/Sessions/Tabs_*", "*/Current Session", "*/Current Tabs", "*/Last Session", "*/Last Tabs")
_WORKERS = ("*/Service Worker/Database", "*/Service Worker/ScriptCache")


def forget_tabs(profile: Path) -> None:
    """Remove the tabs that were open, so that none comes back, and the pins of those that always do. Raises `SetupError`."""
    for pattern in _TABS:
        for file in profile.glob(pattern):
            file.unlink(missing_ok=True)
    for file in profile.glob("*/Preferences"):
        _unpin(file)


def forget_workers(profile: Path) -> None:
    """Remove the service workers that sites have put into it, which answer for a page and whose requests are not seen. The sites
    register them again when the profile is used without a gate."""
    for pattern in _WORKERS:
        for folder in profile.glob(pattern):
            shutil.rmtree(folder)


def _unpin(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if '"pinned_tabs"' not in text:
        return
    try:
        read = json.loads(text)
    except ValueError as error:
        raise SetupError(f"{file} cannot be read: tabs that are pinned there could come back.", fix="take another profile") from error
    if isinstance(read, dict) and read.pop("pinned_tabs", None):
        file.write_text(json.dumps(read), encoding="utf-8")
