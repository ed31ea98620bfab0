"""Which adb program there is, and its version."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from handeye.tools.errors import SetupError

VERSION_LIMIT_S = 10.0
INSTALL = "pip install 'handeye[android]' (its adbutils ships an adb), or install adb with the system's package manager"


@dataclass(frozen=True)
class AdbBinary:
    """An adb program: where it lies and why it was taken."""

    path: str
    source: str
    """The variable that names it, `PATH`, or `adbutils`."""

    def version(self) -> tuple[int, str]:
        """The number that has to be the server's too (41 for 1.0.41), and the release as printed (`36.0.0-13206524`).

        Raises `SetupError` when it does not run.
        """
        try:
            done = subprocess.run(
                [self.path, "version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=VERSION_LIMIT_S, check=False, text=True
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SetupError(f"The adb at {self.path} (from {self.source}) does not run: {error}", fix=INSTALL) from error
        protocol = re.search(r"version 1\.0\.(\d+)", done.stdout)
        if protocol is None:
            said = (done.stdout + done.stderr).strip()[:200]
            raise SetupError(f"The program at {self.path} (from {self.source}) is no adb: it printed {said!r}.", fix=INSTALL)
        release = re.search(r"^Version (\S+)", done.stdout, re.MULTILINE)
        return int(protocol.group(1)), release.group(1) if release else ""


def find_adb(environment: Mapping[str, str] = os.environ) -> AdbBinary:
    """The adb that HANDEYE_ADB or ADBUTILS_ADB_PATH names, else the one on PATH, else the one that adbutils' package ships.

    Raises `SetupError` when there is none, or when the one that was named cannot be run.
    """
    for name in ("HANDEYE_ADB", "ADBUTILS_ADB_PATH"):
        if path := environment.get(name):
            if not _runnable(path):
                raise SetupError(f"{name} names {path}, which is no program that can be run.", fix=f"set {name} to an adb, or unset it")
            return AdbBinary(path, name)
    if path := shutil.which("adb", path=environment.get("PATH", os.defpath)):
        return AdbBinary(path, "PATH")
    shipped = shipped_adb()
    if shipped is not None and _runnable(str(shipped)):
        return AdbBinary(str(shipped), "adbutils")
    raise SetupError("There is no adb: not on PATH, nor in adbutils.", fix=INSTALL)


def shipped_adb() -> Path | None:
    """Where adbutils' package keeps an adb of its own, without importing it; None without the package or where it has none."""
    spec = importlib.util.find_spec("adbutils")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        for name in ("adb", "adb.exe"):
            if (path := Path(folder) / "binaries" / name).is_file():
                return path
    return None


def _runnable(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)
