"""One process that holds a model for many workers: local weights are loaded once, however many episodes run.

Workers reach it over a socket of this machine, or of the cluster's network, with a key that is made for the run.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Sequence
from multiprocessing.connection import Client, Connection, Listener
from types import TracebackType
from typing import Any

from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Model, Sampling
from handeye.benchmarks.episodes.family import MARK
from handeye.tools.errors import HandeyeError, ModelError, SetupError

HEAVY = ("transformers:",)
"""Backends whose weights would else be loaded by each worker."""
KEY_VARIABLE = "HANDEYE_MODEL_KEY"


def is_heavy(model: str) -> bool:
    """Whether a model should be opened once for all workers."""
    return model.startswith(HEAVY)


class ModelHost:
    """Starts the process and ends it with the block. `address` is what `HostedModel` takes."""

    def __init__(self, model: str, host: str = "127.0.0.1") -> None:
        self._model, self._host = model, host
        self.address = ""

    def __enter__(self) -> ModelHost:
        key = secrets.token_hex(32)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "handeye.benchmarks.episodes.model_host", self._model, self._host],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, KEY_VARIABLE: key},
        )  # fmt: skip
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        kind, _, rest = said.partition(" ")
        if kind != "at":
            self._end()
            raise SetupError(f"The model {self._model} cannot be opened: {rest or 'its process died'}", fix="run the same with --workers 1")
        self.address = f"{self._host}:{rest}/{key}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class HostedModel:
    """The model in another process. Calls of several workers are answered one after the other."""

    def __init__(self, address: str) -> None:
        """Raises `ModelError` when nothing answers there."""
        where, _, key = address.partition("/")
        host, _, port = where.rpartition(":")
        try:
            self._connection = Client((host, int(port)), authkey=bytes.fromhex(key))
            self.name = str(self._connection.recv())
        except (OSError, EOFError) as error:
            raise ModelError(f"The process that holds the model does not answer ({error}).") from error

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """See `Model`. Raises `ModelError` when the process is gone."""
        try:
            self._connection.send((tuple(messages), sampling, constraint))
            said = self._connection.recv()
        except (OSError, EOFError) as error:
            raise ModelError(f"The process that holds the model is gone ({error or 'it ended'}).") from error
        if isinstance(said, HandeyeError):
            raise said
        assert isinstance(said, Completion)
        return said

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def serve(model: Model, listener: Listener) -> None:
    """Answer every connection in a thread of its own, one call of the model at a time."""
    lock = threading.Lock()
    while True:
        try:
            connection = listener.accept()
        except (OSError, EOFError):  # one that did not know the key, or hung up again
            continue
        threading.Thread(target=_answer, args=(model, lock, connection), daemon=True).start()


def _answer(model: Model, lock: threading.Lock, connection: Connection[Any, Any]) -> None:
    try:
        connection.send(model.name)
        while True:
            messages, sampling, constraint = connection.recv()
            try:
                with lock:
                    said: Completion | HandeyeError = model.generate(messages, sampling, constraint)
            except HandeyeError as error:
                said = type(error)(str(error.args[0] if error.args else error))
            connection.send(said)
    except (OSError, EOFError):
        connection.close()


def main() -> None:
    """Open the model that the first argument names, and serve it at the second until the input ends."""
    from handeye.agent.models.registry import open_model

    os.environ.pop(MARK, None)
    name, host = sys.argv[1:]
    sink = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        model = open_model(name)
    except HandeyeError as error:
        sink.write(f"no {' '.join(str(error).split())}\n")
        sink.flush()
        raise SystemExit(2) from error
    listener = Listener((host, 0), authkey=bytes.fromhex(os.environ.pop(KEY_VARIABLE)))
    sink.write(f"at {listener.address[1]}\n")
    sink.flush()
    threading.Thread(target=serve, args=(model, listener), daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
