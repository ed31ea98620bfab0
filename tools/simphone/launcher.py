"""`SimPhones`: simulated phones in a process of their own, for code that wants to use them and not to be them."""

from __future__ import annotations

import base64
import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from types import TracebackType
from typing import IO, Any

from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, InvalidAction, SetupError
from handeye.tools.simphone.options import PhoneOptions

START_LIMIT_S = 60.0
"""How long the first phone may take on a busy machine; each further one may take `EACH_LIMIT_S` more."""
EACH_LIMIT_S = 10.0
ANSWER_LIMIT_S = 90.0
CLOSE_LIMIT_S = 15.0
ERRORS = {kind.__name__: kind for kind in (SetupError, InvalidAction, DeviceTimeout)}
"""Errors of the process that are raised here as what they were there."""
LAST_WORDS = 2000
"""Characters of the process's last messages that an error quotes."""


class SimPhones:
    """`count` phones with the same options; `with SimPhones(2) as phones: phones.serials`.

    The process ends when this one does, whatever way that is: its standard input ends then, and its Chromium's driver likewise.
    """

    def __init__(self, count: int = 1, options: PhoneOptions | None = None) -> None:
        self.count = count
        self.options = options or PhoneOptions()
        self.serials: list[str] = []
        """As adb calls them: `127.0.0.1:PORT`. They are there after `start`."""
        self.pid = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._asking = threading.Lock()

    def start(self) -> SimPhones:
        """Boot them; returns itself once they are drawn.

        Raises `SetupError` when Playwright or a Chromium is missing, `InvalidAction` for options that cannot be, `DeviceError` when
        they do not start, `DeviceTimeout` when that takes too long. Nothing is left running then.
        """
        if self._process is not None:
            return self
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        command = [sys.executable, "-P", "-m", "handeye.tools.simphone", "--json", *self._arguments()]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors)
        assert self._process.stdout is not None
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()
        try:
            first = self._line(START_LIMIT_S + self.count * EACH_LIMIT_S, "boot")
            if "error" in first:
                raise ERRORS.get(str(first.get("kind")), DeviceError)(str(first["error"]), fix=first.get("fix"))
            self.serials = [str(phone["serial"]) for phone in first["phones"]]
            self.pid = int(first["pid"])
        except BaseException:
            self.close()
            raise
        return self

    def run(self, serial: str, script: str) -> subprocess.CompletedProcess[bytes]:
        """Run a script on a phone past adb: its exit code and outputs.

        Raises `InvalidAction` for an unknown serial, `DeviceLost` when the phones are gone, `DeviceTimeout` when there is no answer.
        """
        if serial not in self.serials:
            raise InvalidAction(f"there is no phone {serial}; there are {', '.join(self.serials) or 'none'}")
        with self._asking:
            process = self._process
            if process is None or process.stdin is None:
                raise DeviceLost("The simulated phones are closed.")
            try:
                process.stdin.write(json.dumps({"serial": serial, "run": script}).encode() + b"\n")
                process.stdin.flush()
            except (OSError, ValueError) as error:
                raise DeviceLost(f"The simulated phones are gone. {self._last_words()}".strip()) from error
            answer = self._line(ANSWER_LIMIT_S, "answer")
        if "error" in answer:
            raise DeviceError(str(answer["error"]))
        out, err = (base64.b64decode(answer[name]) for name in ("out", "err"))
        return subprocess.CompletedProcess(script, int(answer["code"]), out, err)

    def fault(self, serial: str, name: str, value: float = 1) -> None:
        """Switch a fault of a phone on, or off with 0; also one in which it does not answer adb. Raises `InvalidAction`."""
        done = self.run(serial, f"simphone fault {json.dumps(name)} {value}")
        if done.returncode:
            raise InvalidAction(done.stderr.decode(errors="replace").strip())

    def close(self) -> None:
        """End them. A second call does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        for harder in (process.terminate, process.kill, lambda: None):
            try:
                process.wait(CLOSE_LIMIT_S)
                break
            except subprocess.TimeoutExpired:
                harder()
        if process.stdout is not None:
            process.stdout.close()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def __enter__(self) -> SimPhones:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _arguments(self) -> list[str]:
        options = self.options
        return [
            f"--count={self.count}",
            f"--size={options.size.width}x{options.size.height}",
            f"--density={options.density}",
            f"--seed={options.seed}",
            f"--clock={options.clock}",
            f"--start={options.start}",
            f"--port={options.port}",
            f"--name={options.name}",
            f"--sdk={options.sdk}",
            *(["--animations"] if options.animations else []),
            *(f"--allow-host={pattern}" for pattern in options.allow_hosts),
            *(f"--load-host={pattern}" for pattern in options.load_hosts),
        ]

    def _read(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in stream:
                self._lines.put(line)
        self._lines.put(b"")

    def _line(self, limit_s: float, verb: str) -> dict[str, Any]:
        """The next message of the process."""
        deadline = time.monotonic() + limit_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty as error:
                raise DeviceTimeout(f"The simulated phones did not {verb} within {limit_s:.0f} s. {self._last_words()}".strip()) from error
            if not line:
                raise DeviceLost(f"The simulated phones ended by themselves. {self._last_words()}".strip())
            with contextlib.suppress(ValueError):
                message = json.loads(line)
                if isinstance(message, dict):
                    return message

    def _last_words(self) -> str:
        if self._errors is None:
            return ""
        size = self._errors.seek(0, 2)
        self._errors.seek(max(0, size - LAST_WORDS))
        return self._errors.read().decode("utf-8", "replace").strip()
