"""The backend `openai-computer:MODEL`: OpenAI's Responses interface with its computer tool, over the `openai` package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handeye.agent.install_commands import install_command
from handeye.agent.models.base import Sampling, Usage
from handeye.agent.models.hosted import responses
from handeye.agent.models.hosted.address import Provider, known_headers
from handeye.agent.models.hosted.model import HostedModel
from handeye.agent.models.hosted.turns import Conversation
from handeye.agent.models.openai.faults import Fault, error_in_reply, not_the_protocol, read_fault
from handeye.agent.models.openai.server import NO_KEY
from handeye.tools.errors import SetupError

PROVIDER = Provider(
    "openai-computer",
    "https://api.openai.com/v1",
    "OPENAI_API_KEY",
    "responses",
    "openai-computer:computer-use-preview",
    responses.TOOLS,
)


class OpenAIComputerModel(HostedModel):
    """A model with OpenAI's computer tool. See `HostedModel`."""

    def __init__(self, argument: str, environment: Mapping[str, str] | None = None) -> None:
        """See `HostedModel`."""
        super().__init__(argument, PROVIDER, environment)
        try:
            import openai
        except ImportError as error:
            raise SetupError("OpenAI's computer tool is called with the package openai.", fix=install_command("openai")) from error

        def only_our_headers(request: Any) -> None:
            for name in known_headers(request.headers, ("openai-", "x-stainless-")):
                del request.headers[name]
            request.headers.pop("authorization", None)
            if self._key.value:
                request.headers["Authorization"] = f"Bearer {self._key.value}"

        timeout = openai.Timeout(self._options.timeout, connect=self._options.connect)
        http = openai.DefaultHttpxClient(follow_redirects=False, timeout=timeout, event_hooks={"request": [only_our_headers]})
        self._client = openai.OpenAI(api_key=NO_KEY, base_url=self._address.url, http_client=http, timeout=timeout, max_retries=0)

    @property
    def tool(self) -> str:
        """See `HostedModel`."""
        return self._options.tool or responses.tool_for(self._address.model)

    def body(self, conversation: Conversation, sampling: Sampling) -> dict[str, Any]:
        """See `HostedModel`."""
        return responses.body_of(self._address.model, self.tool, conversation, sampling, self.picture)

    def send(self, body: dict[str, Any]) -> dict[str, Any] | Fault:
        """See `HostedModel`."""
        import httpx2
        import openai

        parameters = tuple(name for name in body if name not in ("model", "input"))
        try:
            answer = self._client.post("/responses", cast_to=object, body=body)
        except (openai.OpenAIError, httpx2.RequestError) as error:
            return read_fault(error, self._address, self._key, parameters, heard=False)
        except (ValueError, RecursionError):
            return not_the_protocol(self._address, "", self._key)
        if not isinstance(answer, dict) or not isinstance(answer.get("output"), list):
            return not_the_protocol(self._address, str(answer), self._key)
        if answer.get("status") == "failed" or answer.get("error"):
            return error_in_reply(self._address, answer.get("error") or "it failed without a word", self._key)
        return answer

    def read(self, answer: dict[str, Any], tools: bool) -> tuple[str, str, str, Usage]:
        """See `HostedModel`."""
        refusal = responses.refusal_of(answer)
        return responses.text_of(answer, tools), refusal, responses.finish_of(answer), responses.usage_of(answer)

    def close(self) -> None:
        """See `HostedModel`."""
        self._closed.set()
        self._client.close()


def openai_computer_model(argument: str) -> OpenAIComputerModel:
    """The model `openai-computer:MODEL[@URL]?option=value`. Raises `SetupError` when it cannot be meant or a package is missing."""
    return OpenAIComputerModel(argument)
