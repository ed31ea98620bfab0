"""AndroidWorld's tasks as a guest: its own code runs in its own Python, and talks to a phone through adb."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from handeye.tools.errors import DeviceError, DeviceTimeout, SetupError

GUEST: Final = Path(__file__).with_name("guest.py")
NEEDED: Final = ("android_world/registry.py", "android_world/env/interface.py", "android_world/task_evals/task_eval.py")
"""Files by which a checkout is known."""
PACKAGES: Final = (
    "absl-py==2.1.0 android_env==1.2.3 dm_env==1.6 fuzzywuzzy==0.18.0 grpcio-tools==1.71.0 protobuf==5.29.5 immutabledict==2.0.0 "
    "jsonschema==4.17.3 numpy==1.26.3 pandas==2.1.4 python-Levenshtein requests tenacity termcolor pydub pillow "
    "opencv-python-headless setuptools==75.8.0"
)
"""What the guest's Python needs, with the pins of AndroidWorld's requirements.txt; its agents' packages are not among them."""
START_S: Final = 120.0
"""Time for the guest to import AndroidWorld."""
REQUEST_S: Final = 300.0
"""Time for a task to begin or to be scored: some of them sleep for half a minute."""
SETUP_S: Final = 900.0
"""Time for an app of the first-time setup: the largest APK has over 100 MB, and some are clicked through."""


@dataclass(frozen=True)
class Begun:
    """A task that was prepared on the phone."""

    task: str
    goal: str
    params: dict[str, Any] = field(default_factory=dict)
    """Parameters that are plain data."""


class GuestFailed(DeviceError):
    """AndroidWorld's code raised; the message holds the exception and its text."""


def check_checkout(checkout: Path) -> None:
    """Raises `SetupError` for a folder that is no checkout of google-research/android_world."""
    missing = [name for name in NEEDED if not (checkout / name).is_file()]
    if missing:
        raise SetupError(
            f"{checkout} is no checkout of google-research/android_world: {missing[0]} is not there.",
            fix="git clone https://github.com/google-research/android_world, and name that folder",
        )


class AndroidWorldGuest:
    """A child process with AndroidWorld's code. Requests are answered one at a time; `close` ends it."""

    def __init__(self, checkout: Path | str, python: Path | str, serial: str, adb_port: int, adb: str) -> None:
        """Start it. `python` is an interpreter with the packages of `PACKAGES`, `adb_port` the port of the adb server that knows `serial`.

        Raises `SetupError` for a folder that is no checkout and for a Python that lacks a package.
        """
        check_checkout(Path(checkout))
        command = [str(python), str(GUEST), "--android-world", str(checkout), "--adb", adb, "--port", str(adb_port), "--serial", serial]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
                env={**os.environ, "ADB_LIBUSB": "0", "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553", "PYTHONDONTWRITEBYTECODE": "1"},
            )  # fmt: skip
        except OSError as error:
            raise SetupError(f"{python} is no Python that can be started ({error}).", fix="name one with --python") from error
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._said: deque[str] = deque(maxlen=40)
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._listen, daemon=True).start()
        reply = self._reply(START_S)
        if "error" in reply:
            self.close()
            raise SetupError(
                f"AndroidWorld's code cannot be imported by {python}: {reply['error']}.",
                fix=f"uv venv --python 3.11 aw && uv pip install --python aw/bin/python {PACKAGES}, then --python aw/bin/python",
            )

    def tasks(self) -> dict[str, int]:
        """Every task's name, with the number of steps AndroidWorld gives it."""
        found: dict[str, int] = self._ask("list")["tasks"]
        return found

    def begin(self, task: str, seed: int, params: dict[str, Any] | None = None) -> Begun:
        """Run the task's own `initialize_task`, its parameters drawn by `seed` unless they are given. Raises `GuestFailed`."""
        reply = self._ask("init", task=task, seed=seed, params=params)
        return Begun(task, reply["goal"], reply["params"])

    def answer(self, text: str) -> None:
        """Tell it what the agent answered: tasks that are questions score that. Raises `GuestFailed`."""
        self._ask("answer", text=text)

    def score(self) -> float:
        """What the task's own `is_successful` says now, 0 to 1. Raises `GuestFailed`."""
        return float(self._ask("score")["score"])

    def end(self) -> None:
        """Run the task's own `tear_down`. Raises `GuestFailed`."""
        self._ask("teardown")

    def shell(self, command: str) -> str:
        """Run a command on the phone through AndroidWorld's controller. Raises `GuestFailed`."""
        return str(self._ask("shell", command=command)["output"])

    def apps(self) -> list[str]:
        """Every app that AndroidWorld's first-time setup prepares. Raises `GuestFailed`."""
        found: list[str] = self._ask("apps")["apps"]
        return found

    def set_up(self, app: str) -> list[str]:
        """Install and prepare one of them, by AndroidWorld's own code, which downloads it from a public bucket.

        Gives what has to be done by hand, in its words. Raises `GuestFailed` when it cannot be downloaded or installed.
        """
        warnings: list[str] = self._ask("setup", SETUP_S, app=app)["warnings"]
        return warnings

    def close(self) -> None:
        """End the child process. A second call does nothing."""
        if self._process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                self._send({"do": "quit"})
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):
                    stream.close()

    def __enter__(self) -> AndroidWorldGuest:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def _ask(self, what: str, limit_s: float = REQUEST_S, **more: Any) -> dict[str, Any]:
        try:
            self._send({"do": what, **more})
        except (OSError, ValueError) as error:
            raise DeviceError(f"AndroidWorld's process ended: {self._last_words()}") from error
        reply = self._reply(limit_s)
        if "error" in reply:
            raise GuestFailed(f"AndroidWorld's code raised {reply['kind']} at {what}: {reply['error']}")
        return reply

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def _reply(self, limit_s: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=limit_s)
        except queue.Empty:
            self._process.kill()
            raise DeviceTimeout(f"AndroidWorld's code took more than {limit_s:.0f} s: {self._last_words()}") from None
        if not line:
            raise DeviceError(f"AndroidWorld's process ended: {self._last_words()}")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _last_words(self) -> str:
        return " | ".join(list(self._said)[-5:]) or "it said nothing"

    def _read(self) -> None:
        for line in self._stream(self._process.stdout):
            self._lines.put(line)
        self._lines.put("")

    def _listen(self) -> None:
        for line in self._stream(self._process.stderr):
            self._said.append(line.rstrip())

    @staticmethod
    def _stream(stream: Any) -> Iterator[str]:
        with contextlib.suppress(OSError, ValueError):
            yield from stream
