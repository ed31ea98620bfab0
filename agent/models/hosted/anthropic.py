"""The backend `anthropic:MODEL`: Anthropic's Messages interface with its computer tool, over the `anthropic` package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handeye.agent.install_commands import install_command
from handeye.agent.models.base import Sampling, Usage
from handeye.agent.models.hosted import blocks
from handeye.agent.models.hosted.address import Provider, known_headers
from handeye.agent.models.hosted.model import HostedModel
from handeye.agent.models.hosted.turns import Conversation
from handeye.agent.models.openai.faults import Fault, not_the_protocol, read_fault
from handeye.tools.errors import SetupError

PROVIDER = Provider(
    "anthropic",
    "https://api.anthropic.com",
    "ANTHROPIC_API_KEY",
    "messages",
    "anthropic:claude-sonnet-5",
    tuple(blocks.BETAS),
)
NO_KEY = "none"
"""The package wants a key; this one is taken off each request again."""


class AnthropicModel(HostedModel):
    """A model with Anthropic's computer tool. See `HostedModel`."""

    def __init__(self, argument: str, environment: Mapping[str, str] | None = None) -> None:
        """See `HostedModel`."""
        super().__init__(argument, PROVIDER, environment)
        try:
            import anthropic
        except ImportError as error:
            raise SetupError("Anthropic's computer tool is called with the package anthropic.", fix=install_command("anthropic")) from error

        def only_our_headers(request: Any) -> None:
            for name in known_headers(request.headers, ("x-stainless-", "authorization", "x-api-key", "anthropic-workspace")):
                del request.headers[name]
            if self._key.value:
                request.headers["X-Api-Key"] = self._key.value

        timeout = anthropic.Timeout(self._options.timeout, connect=self._options.connect)
        http = anthropic.DefaultHttpxClient(follow_redirects=False, timeout=timeout, event_hooks={"request": [only_our_headers]})
        self._client = anthropic.Anthropic(api_key=NO_KEY, base_url=self._address.url, http_client=http, timeout=timeout, max_retries=0)

    @property
    def tool(self) -> str:
        """See `HostedModel`."""
        return self._options.tool or blocks.tool_for(self._address.model)

    def body(self, conversation: Conversation, sampling: Sampling) -> dict[str, Any]:
        """See `HostedModel`."""
        return blocks.body_of(self._address.model, self.tool, conversation, sampling, self.picture)

    def send(self, body: dict[str, Any]) -> dict[str, Any] | Fault:
        """See `HostedModel`."""
        import anthropic
        import httpx2

        parameters = tuple(name for name in body if name not in ("model", "messages"))
        sent = {name: value for name, value in body.items() if name != "betas"}
        headers = {"anthropic-beta": ",".join(body["betas"])} if body.get("betas") else {}
        try:
            answer = self._client.post("/v1/messages", cast_to=object, body=sent, options={"headers": headers})
        except (anthropic.AnthropicError, httpx2.RequestError) as error:
            return read_fault(error, self._address, self._key, parameters, heard=False, package=anthropic)
        except (ValueError, RecursionError):
            return not_the_protocol(self._address, "", self._key)
        if not isinstance(answer, dict) or not isinstance(answer.get("content"), list):
            return not_the_protocol(self._address, str(answer), self._key)
        return answer

    def read(self, answer: dict[str, Any], tools: bool) -> tuple[str, str, str, Usage]:
        """See `HostedModel`."""
        return blocks.text_of(answer, tools), blocks.refusal_of(answer), blocks.finish_of(answer), blocks.usage_of(answer)

    def close(self) -> None:
        """See `HostedModel`."""
        self._closed.set()
        self._client.close()


def anthropic_model(argument: str) -> AnthropicModel:
    """The model `anthropic:MODEL[@URL]?option=value`. Raises `SetupError` when it cannot be meant or a package is missing."""
    return AnthropicModel(argument)
