"""A real HTTP server on the loopback that answers as chat servers do, well or badly, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Answer:
    """What is sent back: `body`, or `events` one by one (dicts as JSON, strings as they are, events waited for)."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    events: Iterable[dict[str, Any] | str | threading.Event] = ()
    done: bool = True
    cut: bool = False
    """Break the connection after the last event."""
    hang: threading.Event | None = None
    """Wait for this before anything is sent."""


def error(status: int, message: str, **more: Any) -> Answer:
    return Answer(status, json.dumps({"error": {"message": message, **more}}).encode())


def piece(text: str | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    delta: dict[str, Any] = {} if text is None else {"content": text}
    delta |= more.pop("delta", {})
    return {"model": "qwen", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def usage(prompt: int = 7, completion: int = 3, **more: Any) -> dict[str, Any]:
    return {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion, **more}}


def says(*texts: str, finish: str = "stop") -> Answer:
    return Answer(events=[*(piece(text) for text in texts), piece("", finish), usage()])


Script = Callable[[Asked], Answer]


class ChatServer:
    """Answers by `answers` in order, then for ever by the last of them; lists `models`. `hung_up` is set when a client leaves early."""

    def __init__(self) -> None:
        self.answers: list[Answer | Script] = [says("hello")]
        self.models: Answer = Answer(body=json.dumps({"data": [{"id": "qwen", "owned_by": "somebody"}]}).encode())
        self.asked: list[Asked] = []
        self.listed: list[Asked] = []
        self.hung_up = threading.Event()
        self.busy, self.busiest = 0, 0
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.listed.append(Asked(self.path, dict(self.headers), {}))
                self._send(server.models)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked = Asked(self.path, dict(self.headers), body)
                with server._lock:
                    number = len(server.asked)
                    server.asked.append(asked)
                    answer = server.answers[min(number, len(server.answers) - 1)]
                    server.busy += 1
                    server.busiest = max(server.busiest, server.busy)
                try:
                    self._send(answer if isinstance(answer, Answer) else answer(asked))
                except (BrokenPipeError, ConnectionResetError):
                    server.hung_up.set()
                    self.close_connection = True
                finally:
                    with server._lock:
                        server.busy -= 1

            def _send(self, answer: Answer) -> None:
                if answer.hang is not None:
                    answer.hang.wait(20)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.events:
                    self._stream(answer)
                    return
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def _stream(self, answer: Answer) -> None:
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for event in answer.events:
                    if isinstance(event, threading.Event):
                        event.wait(20)
                    else:
                        self._event(event if isinstance(event, str) else json.dumps(event))
                if answer.cut:
                    self.close_connection = True
                    self.connection.close()
                    return
                if answer.done:
                    self._event("[DONE]")
                self.wfile.write(b"0\r\n\r\n")

            def _event(self, text: str) -> None:
                data = f"data: {text}\n\n".encode()
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                self.wfile.flush()

            def log_message(self, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Clients that hang up are part of the tests."""

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"
        self._open = True
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def origin(self) -> str:
        """The address without a path."""
        return self.url.removesuffix("/v1")

    @property
    def body(self) -> dict[str, Any]:
        """What was asked last."""
        return self.asked[-1].body

    def is_a(self, owner: str) -> None:
        """Pass for a kind of server, by what it says of its models."""
        self.models = Answer(body=json.dumps({"data": [{"id": "qwen", "owned_by": owner}]}).encode())

    def close(self) -> None:
        if self._open:
            self._open = False
            self._http.shutdown()
            self._http.server_close()
