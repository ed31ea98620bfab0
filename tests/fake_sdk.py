"""An Android SDK whose emulator is `tests/fake_emulator.py`, in a folder that a test gives."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

PROGRAM = Path(__file__).with_name("fake_emulator.py")
TOKEN = "a0B1c2D3"


class FakeSdk:
    """The folders, and what was asked of the programs in them."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        """Lay it out, and have the variables of this process, and of those that it starts, point to it."""
        self.root, self.home, self.avd_home, self.log = folder / "sdk", folder / "home", folder / "avd", folder / "log.jsonl"
        for path in (self.root / "emulator", self.root / "cmdline-tools/latest/bin", self.home, self.avd_home):
            path.mkdir(parents=True)
        program(self.root / "emulator/emulator", f'exec {shlex.quote(sys.executable)} -P {shlex.quote(str(PROGRAM))} "$@"')
        for name in ("avdmanager", "sdkmanager"):
            program(self.root / "cmdline-tools/latest/bin" / name, "exit 1")
        (self.home / ".emulator_console_auth_token").write_text(TOKEN)
        patch.setenv("FAKE_REAL_HOME", os.environ.get("HOME", ""))
        patch.setenv("FAKE_EMULATOR_LOG", str(self.log))
        patch.setenv("HOME", str(self.home))
        patch.setenv("ANDROID_HOME", str(self.root))
        patch.setenv("ANDROID_AVD_HOME", str(self.avd_home))
        for name in ("ANDROID_SDK_ROOT", "ANDROID_EMULATOR_HOME", "ANDROID_USER_HOME", "ANDROID_SDK_HOME"):
            patch.delenv(name, raising=False)

    def add(
        self, name: str, *traits: str, image: str = "system-images/android-33/google_apis/x86_64/", snapshots: tuple[str, ...] = ()
    ) -> Path:
        """A virtual device; gives its folder. `traits` are those of the fake: `slow` to boot, `silent` towards adb's server."""
        folder = self.avd_home / f"{name}.avd"
        folder.mkdir()
        (self.avd_home / f"{name}.ini").write_text(f"avd.ini.encoding=UTF-8\npath={folder}\npath.rel=avd/{name}.avd\ntarget=android-33\n")
        (folder / "config.ini").write_text(f"AvdId={name}\nhw.device.name = pixel_6\nimage.sysdir.1={image}\nhw.ramSize=2048\n")
        for trait in traits:
            (folder / trait).touch()
        for snapshot in snapshots:
            (folder / "snapshots" / snapshot).mkdir(parents=True)
            (folder / "snapshots" / snapshot / "snapshot.pb").touch()
        return folder

    def rows(self) -> list[dict[str, Any]]:
        """Everything that was recorded."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def started(self) -> list[dict[str, Any]]:
        """The emulators that were started, in order."""
        return [row for row in self.rows() if "-avd" in row.get("argv", ())]

    def told(self) -> list[str]:
        """What the consoles were told, in order."""
        return [row["console"] for row in self.rows() if "console" in row]

    def alive(self) -> list[int]:
        """Ids of the emulators that still run."""
        return [row["pid"] for row in self.started() if _runs(row["pid"])]

    def left(self, limit_s: float = 20.0) -> list[int]:
        """Ids of those that still run after a while: one that was killed is not gone in the same moment."""
        deadline = time.monotonic() + limit_s
        while self.alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.alive()


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def program(path: Path, script: str) -> None:
    """A shell script that can be run."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
