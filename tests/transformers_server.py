"""A real `transformers serve` on loopback, for tests of what speaks to servers."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

START_S = 180.0
"""How long it may take to be up: 13 s on a free core, of which most is importing."""
_PROGRAM = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from transformers.cli.transformers import main
main()
"""
"""The program `transformers`, which ends with whoever started it, a pytest that was killed included: its input ends then."""

ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""For processes that run a tiny model beside others: on a busy machine a token took 0.56 s with two threads, 0.015 s with one."""


def missing() -> str:
    """Why there can be no server here; empty if there can."""
    packages = ("torch", "transformers", "fastapi", "uvicorn", "openai")
    absent = [name for name in packages if importlib.util.find_spec(name) is None]
    return f"the extras local and serving are not installed ({', '.join(absent)} missing)" if absent else ""


@contextmanager
def served(folder: Path, log: Path) -> Iterator[str]:
    """Serve the checkpoint in `folder` while the context lasts; gives the address up to and with `/v1`.

    The name of the model is the folder as given. In float32, as the local backend runs on a CPU, so that both say the same.
    """
    port = _free_port()
    options = ("--device", "cpu", "--dtype", "float32", "--host", "127.0.0.1", "--port", str(port))
    environment = {**os.environ, **ONE_THREAD, "HF_HUB_OFFLINE": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, "serve", str(folder), *options],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    with process:
        try:
            _until_healthy(process, f"http://127.0.0.1:{port}/health", log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


def _until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(round(START_S / 0.5)):
        try:
            process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            try:
                if httpx.get(url, timeout=2.0).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                continue
        else:
            raise RuntimeError(f"transformers serve ended with {process.returncode}: {log.read_text(errors='replace')[-2000:]}")
    raise RuntimeError(f"transformers serve was not up after {START_S:.0f} s: {log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
