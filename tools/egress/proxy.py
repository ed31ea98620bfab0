"""The forward proxy: a browser's one way out, as whoever starts the browser sees it.

asyncio and h11 rather than a whole proxy library: mitmproxy opens TLS and brings some forty packages, proxy.py parses HTTP leniently,
aiohttp is no proxy; what would be left to write is what is here, the verdicts and whom they bind.

It is a process of its own because the caller's is busy while a page loads: Playwright reads an event for each request there, and a thread
of the same interpreter that has to take turns with it adds half to the time that a page takes (measured, `handeye bench speed safety`).

It asks for no password. Chromium answers a proxy's challenge only when Playwright intercepts every request over CDP, which costs more
than the whole proxy does and would stand in the way of other interception. What another program on this machine gains from the port is
what it has already: connections, to fewer hosts than it can reach by itself.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from handeye.tools.egress.child import allowed_as_json
from handeye.tools.egress.hosts import Allowed
from handeye.tools.egress.refusals import Refusal
from handeye.tools.errors import DeviceError, InvalidAction, SetupError

HOST = "127.0.0.1"
MAX_REFUSALS = 1000
"""How many are kept: the latest."""
START_S = 30.0
END_S = 5.0

OnRefusal: TypeAlias = Callable[[Refusal], None]


class EgressProxy:
    """A forward proxy in a process of its own, on loopback only. Made by `start`; usable as a context manager."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, on_refusal: OnRefusal | None) -> None:
        self._process = process
        self._port = port
        self._on_refusal = on_refusal
        self._refusals: deque[Refusal] = deque(maxlen=MAX_REFUSALS)
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="egress refusals", daemon=True)
        self._thread.start()

    @classmethod
    def start(cls, allowed: Allowed, port: int = 0, on_refusal: OnRefusal | None = None) -> EgressProxy:
        """A proxy that lets through what `allowed` allows, on `port` of 127.0.0.1 (0: any that is free).

        `on_refusal` is called with each `Refusal`, on a thread of the proxy's. Raises `SetupError` when the port is taken or may not be
        opened, `DeviceError` when the process does not start.
        """
        if not 0 <= port < 65536:
            raise InvalidAction(f"a port is a number from 0 to 65535, not {port}")
        try:
            listening = socket.create_server((HOST, port), backlog=256)
        except OSError as error:
            why = f"The proxy cannot listen on port {port} of {HOST}: {error.strerror}."
            raise SetupError(why, fix="name a port that is free, or none") from error
        with listening:
            # -P: no module from the folder that the user happens to be in. A session of its own: Ctrl+C is for the caller, which closes.
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "handeye.tools.egress.child", str(listening.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=(listening.fileno(),),
                start_new_session=True,
            )
            proxy = cls(process, int(listening.getsockname()[1]), on_refusal)
        proxy._begin(allowed)
        return proxy

    @property
    def address(self) -> str:
        """What a browser is told: `http://127.0.0.1:PORT`. Chromium also needs `--proxy-bypass-list=<-loopback>`, or it goes around the
        proxy for addresses of this machine."""
        return f"http://{HOST}:{self._port}"

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """The latest thousand, oldest first: all that a client has heard of by now."""
        self._catch_up()
        with self._lock:
            return tuple(self._refusals)

    @property
    def alive(self) -> bool:
        """Whether it carries anything. When it does not, a browser behind it reaches nothing."""
        return self._process.poll() is None

    def close(self) -> None:
        """Hang up on everybody and end the process. A second call does nothing."""
        assert self._process.stdin is not None
        with suppress(OSError):  # what was not written yet goes nowhere when the process has ended
            self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if threading.current_thread() is not self._thread:
            self._thread.join(END_S)

    def __enter__(self) -> EgressProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, allowed: Allowed) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(allowed_as_json(allowed).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:  # it has ended: the wait below says so
            self._up.wait(END_S)
        if not self._up.wait(START_S) or not self.alive:
            self.close()
            raise DeviceError("The proxy's process did not start; what it wrote is above.")

    def _catch_up(self) -> None:
        """Have the process say that it is there: what it told before has then been read. It tells of a refusal before it answers."""
        assert self._process.stdin is not None
        if threading.current_thread() is self._thread:
            return
        with self._asking:
            self._up.clear()
            try:
                self._process.stdin.write(b"\n")
                self._process.stdin.flush()
            except (OSError, ValueError):  # it has ended, or was closed
                return
            self._up.wait(END_S)

    def _listen(self) -> None:
        """Read what the process tells, until it ends."""
        assert self._process.stdout is not None
        try:
            with self._process.stdout as told:
                for line in told:
                    if line == b"\n":
                        self._up.set()
                    else:
                        self._note(Refusal(**json.loads(line)))
        finally:
            self._up.set()

    def _note(self, refusal: Refusal) -> None:
        with self._lock:
            self._refusals.append(refusal)
        if self._on_refusal is None:
            return
        try:
            self._on_refusal(refusal)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong there must not cost the refusals that follow
            threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, self._thread)))
