"""Any server that speaks the OpenAI-compatible chat protocol (vLLM, SGLang, llama.cpp, a hosted one)."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Sequence
from typing import Any

import httpx
from PIL import Image

from handeye.agent.messages import Message, Part, Video
from handeye.agent.models.base import Completion, Constraint, Sampling, Usage
from handeye.tools.errors import ModelError, SetupError

DEFAULT_URL = "http://localhost:8000/v1"
"""Where `vllm serve` listens by default."""
TIMEOUT_S = 600.0
"""A 72B model on one screen can take minutes; a dead server is noticed by the connection, not by this."""


class OpenAIModel:
    """A chat model behind HTTP. Pictures are sent as PNG, so the pixels arrive as the dialect made them."""

    def __init__(self, model: str, url: str = DEFAULT_URL, key: str | None = None, timeout_s: float = TIMEOUT_S) -> None:
        """`url` is the address up to and with `/v1`; `key` defaults to the environment variable OPENAI_API_KEY."""
        key = os.environ.get("OPENAI_API_KEY", "") if key is None else key
        self.name = f"openai:{model}@{url}"
        self._model = model
        self._url = url.rstrip("/")
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(timeout_s, connect=10.0),
            transport=httpx.HTTPTransport(retries=2),
        )

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """One chat completion. Raises `ModelError` when the server cannot be reached, refuses, or answers something else."""
        try:
            response = self._client.post(f"{self._url}/chat/completions", json=self._request(messages, sampling))
        except httpx.TimeoutException as error:
            raise ModelError(f"{self._url} did not answer in time.", fix="see whether the server is overloaded") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ModelError(f"{self._url} cannot be reached ({error}).", fix="start the server, or mend the address after @") from error
        if response.status_code != httpx.codes.OK:
            raise ModelError(f"{self._url} refused the request (HTTP {response.status_code}): {response.text[:500]}")
        try:
            return _completion(response.json())
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise ModelError(f"{self._url} does not speak the chat protocol: {response.text[:200]!r}") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _request(self, messages: Sequence[Message], sampling: Sampling) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": message.role, "content": [_part(part) for part in message.parts]} for message in messages],
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_new_tokens,
        }
        if sampling.seed is not None:
            request["seed"] = sampling.seed
        if sampling.stop:
            request["stop"] = list(sampling.stop)
        return request


def openai_model(argument: str) -> OpenAIModel:
    """The model `openai:MODEL@URL`. Raises `SetupError` when the name of the model is missing."""
    model, _, url = argument.partition("@")
    if not model:
        raise SetupError("which model?", fix=f"say --model openai:MODEL@{DEFAULT_URL}")
    return OpenAIModel(model, url or DEFAULT_URL)


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if isinstance(part, Video):
        raise ModelError("This backend sends pictures and no videos.")
    buffer = io.BytesIO()
    Image.fromarray(part.pixels).save(buffer, format="PNG", compress_level=1)
    return {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()}}


def _completion(data: dict[str, Any]) -> Completion:
    choice = data["choices"][0]
    usage = data.get("usage") or {}
    text = choice["message"]["content"]
    if not isinstance(text, str):
        raise TypeError("no text")
    return Completion(
        text,
        Usage(int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)),
        details={"finish_reason": choice.get("finish_reason")},
    )
