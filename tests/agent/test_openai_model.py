"""The chat protocol against a real HTTP server."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from PIL import Image

from handeye.agent.messages import Message, Picture
from handeye.agent.models.base import Sampling
from handeye.agent.models.openai import OpenAIModel, openai_model
from handeye.tools.errors import ModelError, SetupError


class ChatServer:
    """Answers every request with `status` and `body`, and keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 200, b""
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        server = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append((self.path, dict(self.headers), body))
                self.send_response(server.status)
                self.send_header("Content-Length", str(len(server.body)))
                self.end_headers()
                self.wfile.write(server.body)

            def log_message(self, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def says(self, text: str) -> None:
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        self.body = json.dumps({"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}).encode()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[ChatServer]:
    chat = ChatServer()
    yield chat
    chat.close()


def test_sends_the_exact_pixels_and_reads_the_reply(server: ChatServer) -> None:
    server.says("hello")
    pixels = np.random.default_rng(0).integers(0, 256, (28, 56, 3), dtype=np.uint8)
    model = OpenAIModel("qwen", server.url, key="k")
    completion = model.generate(
        [Message("system", ("be brief",)), Message("user", ("look: ", Picture(pixels), " what?"))],
        Sampling(temperature=0.5, seed=3, stop=("END",), max_new_tokens=9),
    )
    model.close()

    path, headers, body = server.asked[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer k"
    assert (body["model"], body["temperature"], body["seed"], body["stop"], body["max_tokens"]) == ("qwen", 0.5, 3, ["END"], 9)
    parts = body["messages"][1]["content"]
    assert [part["type"] for part in parts] == ["text", "image_url", "text"]
    sent = Image.open(io.BytesIO(base64.b64decode(parts[1]["image_url"]["url"].split(",", 1)[1])))
    assert np.array_equal(np.asarray(sent), pixels)
    assert completion.text == "hello"
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (7, 3)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (404, b'{"error": "no such model"}', "no such model"),
        (500, b"boom", "HTTP 500"),
        (200, b"<html>", "does not speak"),
        (200, b'{"choices": []}', "does not speak"),
        (200, b"[]", "does not speak"),
        (200, b'{"choices": [{"message": {"content": null}}]}', "does not speak"),
    ],
)
def test_a_server_that_fails_is_a_model_error_in_words(server: ChatServer, status: int, body: bytes, says: str) -> None:
    server.status, server.body = status, body
    with pytest.raises(ModelError, match=says):
        OpenAIModel("qwen", server.url).generate([Message("user", ("hi",))])


def test_a_dead_server_names_the_address(server: ChatServer) -> None:
    server.close()
    with pytest.raises(ModelError, match=r"127\.0\.0\.1.*cannot be reached"):
        OpenAIModel("qwen", server.url).generate([Message("user", ("hi",))])


def test_an_address_that_is_none_is_a_model_error() -> None:
    with pytest.raises(ModelError):
        OpenAIModel("qwen", "not an address").generate([Message("user", ("hi",))])


def test_names() -> None:
    assert openai_model("Qwen/Qwen2.5-VL-7B-Instruct@http://host:1/v1").name == "openai:Qwen/Qwen2.5-VL-7B-Instruct@http://host:1/v1"
    assert openai_model("m").name == "openai:m@http://localhost:8000/v1"
    with pytest.raises(SetupError):
        openai_model("")
