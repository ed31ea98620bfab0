"""The connection to one server: the only file that calls the `openai` package."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from handeye.agent.install_commands import install_command
from handeye.agent.models.openai.address import Address, Key
from handeye.agent.models.openai.faults import Fault, cut_off, error_in_reply, not_the_protocol, read_fault, redacted
from handeye.agent.models.openai.kinds import KINDS, OWNERS, ServerKind
from handeye.agent.models.openai.request import Request
from handeye.agent.models.openai.stream import Heard, Stopped, listen
from handeye.tools.errors import SetupError

if TYPE_CHECKING:
    import httpx2
    import openai

PROBE_S = 5.0
"""A server that does not list its models within this is asked no further: the plain protocol does."""
NAMED_MODELS = 12
"""Models that are listed in the message about an unknown one."""
PASSING = ("created", "permission")
"""What vLLM's list of models says otherwise each time: the clock, and random ids (class ModelCard in vllm-project/vllm)."""
SAID_LENGTH = 300
"""Characters of one thing that a server says of its model; the rest (descriptions, advertisements) tells no two models apart."""
NO_KEY = "none"
"""The `openai` package wants a key; this one is taken off each request again."""


class Server:
    """One server, called through the `openai` package. Safe to use from several threads."""

    def __init__(self, address: Address, key: Key) -> None:
        """Opens nothing yet. Raises `SetupError` where the `openai` package is not installed."""
        self.address, self._key = address, key
        self._client = _client(address, key)
        self._kind: ServerKind | None = KINDS[address.kind] if address.kind else None
        self._lock = threading.Lock()

    @property
    def near(self) -> bool:
        """It runs on this machine."""
        return (urlsplit(self.address.url).hostname or "") in ("localhost", "127.0.0.1", "::1")

    def kind(self) -> ServerKind:
        """What this server takes; where neither its name nor its options say so, its list of models is asked once."""
        with self._lock:
            if self._kind is None:
                owners = [str(model.get("owned_by", "")).lower() for model in self._models()]
                self._kind = KINDS[next((OWNERS[owner] for owner in owners if owner in OWNERS), "unknown")]
            return self._kind

    def ask(
        self, request: Request, heard: Heard, stop: tuple[str, ...], *, read_on: bool, deadline: float, unwanted: Callable[[], bool]
    ) -> Fault | None:
        """Send `request` and listen to the reply; the fault, if there was one. `heard` holds what came even then."""
        import httpx2
        import openai

        parameters = tuple(name for name in request.body if name not in ("model", "messages", "stream"))
        pages: list[str] = []
        try:
            with self._open(request.body) as stream:
                listen(_chunks(stream, pages), heard, stop, read_on=read_on, deadline=deadline, unwanted=unwanted)
        except (openai.OpenAIError, httpx2.RequestError) as error:
            if heard.complete:
                return None
            fault = read_fault(_as_openai(error), self.address, self._key, parameters, heard.choices > 0)
            return self._with_models(fault) if fault.unknown_model else fault
        except Stopped as reason:
            fix = "see whether the server is overloaded, or give it longer: ?timeout=SECONDS"
            return Fault(f"{self.address.url} was given up after {self.address.options.timeout:g} s: {reason}.", fix=fix)
        except (ValueError, RecursionError):
            # A line of the stream is no JSON, or its bytes are no text. The package's own errors come before.
            return not_the_protocol(self.address, "", self._key)
        if heard.complete or (heard.choices and pages):
            return None
        if heard.choices:
            return cut_off(self.address)
        return self._nothing("".join(pages))

    def describe(self) -> dict[str, Any]:
        """Kind, address, and what `GET /models` says of the model; nothing of that where the server does not answer. Never the key."""
        listed = self._models()
        own = next((model for model in listed if model.get("id") == self.address.model), {})
        return {
            "kind": self.kind().name,
            "url": self.address.url,
            "model": self.address.model,
            "listed": {
                name: self._said(value) for name, value in own.items() if name not in PASSING and isinstance(value, str | int | float)
            },
            "models": len(listed),
        }

    def close(self) -> None:
        """Close the connections. A second call does nothing."""
        self._client.close()

    def redacted(self, text: str) -> str:
        """`text` without the key."""
        return redacted(text, self._key)

    def _said(self, value: str | int | float) -> str | int | float:
        return self.redacted(value)[:SAID_LENGTH] if isinstance(value, str) else value

    def _nothing(self, body: str) -> Fault:
        """Why there was not one choice in what came."""
        try:
            data = json.loads(body) if body else {"choices": []}
        except (ValueError, RecursionError):
            data = None
        if isinstance(data, dict) and data.get("error"):
            return error_in_reply(self.address, data["error"], self._key)
        if isinstance(data, dict) and "choices" in data:
            fix = "see the server's log, and whether it serves a chat model"
            return Fault(f"{self.address.url} gave a reply without choices.", fix=fix, retry="once")
        return not_the_protocol(self.address, body, self._key)

    def _open(self, body: Mapping[str, Any]) -> openai.Stream[object]:
        import openai

        return self._client.post("/chat/completions", cast_to=object, body=dict(body), stream=True, stream_cls=openai.Stream[object])

    def _with_models(self, fault: Fault) -> Fault:
        names = [str(model.get("id")) for model in self._models()]
        if not names:
            return fault
        more = f" and {len(names) - NAMED_MODELS} more" if len(names) > NAMED_MODELS else ""
        fix = f"name one that it serves: {', '.join(names[:NAMED_MODELS])}{more}"
        return Fault(fault.message, fix=self.redacted(fix), said=fault.said)

    def _models(self) -> list[Mapping[str, Any]]:
        """The models that the server lists; none where it does not answer that. Whatever is wrong with it, the request itself will tell."""
        import httpx2
        import openai

        try:
            listed = self._client.get("/models", cast_to=object, options={"timeout": min(PROBE_S, self.address.options.connect)})
        except (openai.OpenAIError, httpx2.RequestError, ValueError):
            return []
        data = listed.get("data") if isinstance(listed, Mapping) else None
        return [model for model in data if isinstance(model, Mapping)] if isinstance(data, list) else []


def _client(address: Address, key: Key) -> openai.OpenAI:
    try:
        import httpx2
        import openai
    except ImportError as error:
        raise SetupError("The model behind `openai:` is called with the package openai.", fix=install_command("openai")) from error
    options = address.options

    def only_our_headers(request: Any) -> None:
        # The package adds what it finds in the environment (OPENAI_ORG_ID, OPENAI_CUSTOM_HEADERS, ...) whatever the host is.
        for name in [name for name in request.headers if name.lower().startswith(("openai-", "x-stainless-"))]:
            del request.headers[name]
        request.headers.pop("authorization", None)
        if key.value:
            request.headers["Authorization"] = f"Bearer {key.value}"

    # No redirects: screenshots would go where nobody sent them. No retries: the package's would repeat what cannot pass, as a spent quota.
    timeout = openai.Timeout(min(options.silence, options.timeout), connect=options.connect)
    try:
        # Reading the certificates takes longer than all the rest, and http needs none. An empty context trusts nobody.
        verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if address.url.startswith("http://") else True
        http = openai.DefaultHttpxClient(
            follow_redirects=False, timeout=timeout, verify=verify, event_hooks={"request": [only_our_headers]}
        )
        return openai.OpenAI(api_key=NO_KEY, base_url=address.url, http_client=http, timeout=timeout, max_retries=0)
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise SetupError(f"{address.url} is no address ({error}).", fix="mend the address after @") from None


def _as_openai(error: openai.OpenAIError | httpx2.RequestError) -> openai.OpenAIError:
    """The package's own error for one of the transport's that it let through, as it does while it reads the body of an error."""
    import httpx2
    import openai

    if isinstance(error, openai.OpenAIError):
        return error
    timeout = isinstance(error, httpx2.TimeoutException)
    mapped = openai.APITimeoutError(error.request) if timeout else openai.APIConnectionError(request=error.request)
    mapped.__cause__ = error
    return mapped


def _chunks(stream: openai.Stream[object], pages: list[str]) -> Iterator[object]:
    """The events of a stream. A server that does not stream gives its whole reply as one; what is no reply is left in `pages`."""
    if "event-stream" in stream.response.headers.get("content-type", ""):
        yield from stream
        return
    body = stream.response.read().decode("utf-8", "replace")
    if body.lstrip().startswith("data:"):
        lines = (line[5:].strip() for line in body.splitlines() if line.startswith("data:"))
        yield from (json.loads(line) for line in lines if line != "[DONE]")
        return
    pages.append(body)
    try:
        yield json.loads(body)
    except (ValueError, RecursionError):
        return
