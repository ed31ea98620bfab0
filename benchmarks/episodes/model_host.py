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
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from types import TracebackType
from typing import Any

from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Model, Sampling, SharedModel
from handeye.benchmarks.episodes.family import MARK
from handeye.tools.errors import HandeyeError, ModelError, SetupError

HEAVY = ("transformers:",)
"""Backends whose weights would else be loaded by each worker."""
KEY_VARIABLE = "HANDEYE_MODEL_KEY"
_FIX = "see what its process said above"


def is_heavy(model: str) -> bool:
    """Whether a model should be opened once for all workers."""
    return model.startswith(HEAVY)


class ModelHost:
    """Starts the process and ends it with the block. `address` is what `HostedModel` takes."""

    def __init__(self, model: str, host: str = "127.0.0.1", callers: int = 1) -> None:
        """`callers`: how many workers there are, each with a conversation of its own."""
        self._model, self._host, self._callers = model, host, callers
        self.address = ""

    def __enter__(self) -> ModelHost:
        key = secrets.token_hex(32)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "handeye.benchmarks.episodes.model_host", self._model, self._host, str(self._callers)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, KEY_VARIABLE: key},
        )  # fmt: skip
        assert self._process.stdout is not None
        try:
            kind, _, rest = self._process.stdout.readline().strip().partition(" ")
            if kind != "at":
                raise SetupError(f"The model {self._model} cannot be opened: {rest or 'its process died'}", fix=_FIX)
        except BaseException:
            self._end()
            raise
        self.address = f"{self._host}:{rest}/{key}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
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
        except (OSError, EOFError, AuthenticationError) as error:
            raise ModelError(f"The process that holds the model does not answer ({error}).", fix=_FIX) from error

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """See `Model`. Raises `ModelError` when the process is gone."""
        try:
            self._connection.send((tuple(messages), sampling, constraint))
            said = self._connection.recv()
        except (OSError, EOFError) as error:
            raise ModelError(f"The process that holds the model is gone ({error or 'it ended'}).", fix=_FIX) from error
        if isinstance(said, HandeyeError):
            raise said
        assert isinstance(said, Completion)
        return said

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def serve(model: Model, listener: Listener, key: bytes) -> None:
    """Answer every connection that knows the key in a thread of its own, one call of the model at a time."""
    lock = threading.Lock()
    while True:
        try:
            connection = listener.accept()
        except (OSError, EOFError):  # one that hung up again
            continue
        threading.Thread(target=_answer, args=(model, lock, connection, key), daemon=True).start()


def _answer(model: Model, lock: threading.Lock, connection: Connection[Any, Any], key: bytes) -> None:
    with connection:
        try:
            # Here and not where connections are accepted: one that says nothing must not keep the others out.
            deliver_challenge(connection, key)
            answer_challenge(connection, key)
            connection.send(model.name)
            while True:
                messages, sampling, constraint = connection.recv()
                with lock:
                    said = _reply(model, messages, sampling, constraint)
                connection.send(said)
        except (OSError, EOFError, AuthenticationError):
            return


def _reply(model: Model, messages: Sequence[Message], sampling: Sampling, constraint: Constraint | None) -> Completion | HandeyeError:
    try:
        return model.generate(messages, sampling, constraint)
    except HandeyeError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the episode that asked gets it as its row's error, and the others go on
        return ModelError(f"{type(error).__name__}: {error}")


def main() -> None:
    """Open the model that the first argument names, and serve it at the second until the input ends; the third says to how many."""
    from handeye.agent.models.registry import open_model

    os.environ.pop(MARK, None)
    name, host, callers = sys.argv[1:]
    key = bytes.fromhex(os.environ.pop(KEY_VARIABLE))
    sink = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        model = open_model(name)
    except HandeyeError as error:
        sink.write(f"no {' '.join(str(error).split())}\n")
        sink.flush()
        raise SystemExit(2) from error
    if isinstance(model, SharedModel):
        model.take_turns(int(callers))
    listener = Listener((host, 0))
    sink.write(f"at {listener.address[1]}\n")
    sink.flush()
    serve(model, listener, key)


def _end_with_input() -> None:
    """Whoever started this process holds its input open, and is gone when that ends, even while weights are being read."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
