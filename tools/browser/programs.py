"""No other program is started, and no printer looked for, by a browser that is left alone.

Chromium on Linux hands `mailto:`, `news:` and `snews:` to the desktop's programs without a question (156, measured; its
`ExternalProtocolHandler` has them on a list), and other schemes where a person once said "always". It does so by `xdg-email` and
`xdg-open` on its search path; before those stand two of the same names that do nothing. `window.print()` has a browser with windows
connect to the print server that the system names, past its proxy; here it is told of one that is not there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from handeye.tools.errors import SetupError

STARTERS = ("xdg-open", "xdg-email")
"""Chromium's `platform_util_linux.cc` starts nothing else."""


class NoPrograms:
    """Stand-ins for what starts programs, while a browser runs. With `wanted` false, or not on Linux, there are none."""

    def __init__(self, wanted: bool) -> None:
        linux = sys.platform.startswith("linux")
        self._room = tempfile.TemporaryDirectory(prefix="handeye-programs-") if wanted and linux else None

    def launch_options(self) -> dict[str, Any]:
        """What to add to Playwright's options for a launch. Raises `SetupError` when there is nothing that does nothing."""
        if self._room is None:
            return {}
        nothing = shutil.which("true")
        if nothing is None:
            raise SetupError("The program `true` is missing, which stands in for those that a page could start.", fix="install coreutils")
        for name in STARTERS:
            # A link and no script: where nothing in the folder may be run, the search would go on to the next folder.
            Path(self._room.name, name).symlink_to(nothing)
        path = os.pathsep.join((self._room.name, os.environ.get("PATH", os.defpath)))
        # A path is the name of a socket (CUPS, cups-client.conf: ServerName).
        return {"env": {**os.environ, "PATH": path, "CUPS_SERVER": f"{self._room.name}/no-printers"}}

    def close(self) -> None:
        """Take them away. A second call does nothing."""
        if self._room is not None:
            with contextlib.suppress(OSError):
                self._room.cleanup()
