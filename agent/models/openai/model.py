"""The backend `openai:MODEL@URL`: vLLM, SGLang, llama.cpp, Ollama, DashScope, OpenRouter, OpenAI, and whatever else speaks the protocol.

How to start the servers, and what they make of coordinates: docs/servers.md.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Sampling
from handeye.agent.models.openai.address import find_key, read_address
from handeye.agent.models.openai.constraint import fit
from handeye.agent.models.openai.content import FAR_LEVEL, NEAR_LEVEL, Content, PictureEncoder, content_of
from handeye.agent.models.openai.faults import Fault, Retry
from handeye.agent.models.openai.kinds import KINDS, ServerKind
from handeye.agent.models.openai.request import Refusals, Request, request_of
from handeye.agent.models.openai.server import Server
from handeye.agent.models.openai.spend import Ledger
from handeye.agent.models.openai.stream import Heard
from handeye.tools.errors import ModelError, SetupError

FIRST_WAIT_S = 0.5
LONGEST_BACK_OFF_S = 8.0
"""Waiting doubles from the first to the longest, less up to a quarter by chance, as the `openai` package does it."""


@dataclass(frozen=True, eq=False)
class _Call:
    """One reply that is wanted, and when it was asked for."""

    messages: Sequence[Message]
    sampling: Sampling
    constraint: Constraint | None
    cancelled: threading.Event
    begun: float


class OpenAIModel:
    """A chat model behind HTTP, opened by `MODEL@URL?option=value`. Safe to use from several threads."""

    def __init__(self, argument: str, environment: Mapping[str, str] | None = None) -> None:
        """Reads the address and finds the key in `environment` (None: the process's own); calls nobody.

        Raises `SetupError` for an address that cannot be meant, and where the `openai` package is not installed.
        """
        self._address = read_address(argument)
        self.name = f"openai:{self._address.name}"
        self.patience_s = 0.0
        self._options = self._address.options
        self._server = Server(self._address, find_key(self._address, os.environ if environment is None else environment))
        self._encoder = PictureEncoder(NEAR_LEVEL if self._server.near else FAR_LEVEL)
        self._ledger = Ledger(self._options)
        self._refusals = Refusals()
        self._closed = threading.Event()

    @property
    def concurrency(self) -> int:
        """See `ConcurrentModel`."""
        return self._options.concurrency

    @property
    def spent(self) -> float:
        """What the calls of this object cost so far; 0 where there is neither a price nor a word of the server."""
        return self._ledger.spent

    def describe(self) -> dict[str, Any]:
        """The server's kind and address, and what it lists of the model: one request. Nothing where it does not answer."""
        return self._server.describe()

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """One reply. Raises `ModelError` when the limit on spend is reached, and when the server gives none."""
        return self._generate(messages, sampling, constraint, self._closed)

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], sampling: Sampling = Sampling(), constraint: Constraint | None = None
    ) -> tuple[Completion, ...]:
        """The replies in order, at most `concurrency` asked for at a time.

        Raises the first `ModelError`; what is still under way then is given up at its next token.
        """
        if not prompts:
            return ()
        cancelled = threading.Event()
        pool = ThreadPoolExecutor(min(self._options.concurrency, len(prompts)), thread_name_prefix="openai")
        try:
            futures = [pool.submit(self._generate, prompt, sampling, constraint, cancelled) for prompt in prompts]
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            failed: list[Future[Completion]] = [future for future in futures if future in done and future.exception() is not None]
            if failed:
                failed[0].result()
            return tuple(future.result() for future in futures)
        finally:
            cancelled.set()
            pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Close the connections. A second call does nothing."""
        self._closed.set()
        self._server.close()

    def _generate(
        self, messages: Sequence[Message], sampling: Sampling, constraint: Constraint | None, cancelled: threading.Event
    ) -> Completion:
        if self._closed.is_set():
            raise ModelError(f"{self.name} is closed.", fix="open it again")
        self._ledger.check()
        call = _Call(messages, sampling, constraint, cancelled, time.perf_counter())
        kind, tries = self._server.kind(), Counter[Retry]()
        self._check_beginning(messages, kind)
        asked = time.perf_counter()
        content = content_of(messages, kind, self._encoder)
        timings = {"encode_s": time.perf_counter() - asked}
        while True:
            request = request_of(self._address.model, content.messages, sampling, constraint, kind, self._refusals)
            heard, fault = self._attempt(call, request, content)
            if fault is None:
                return self._completion(call, request, content, heard, timings, tries.total())
            if fault.parameter and self._refusals.add(request, fault.parameter, fault.said):
                continue
            tries[fault.retry] += 1
            self._wait(call, fault, tries)
            self._ledger.check()

    def _check_beginning(self, messages: Sequence[Message], kind: ServerKind) -> None:
        """Raises `SetupError` for a beginning of the answer that this server would take for a whole one."""
        if messages and messages[-1].role == "assistant" and not kind.going_on:
            able = ", ".join(name for name, known in KINDS.items() if known.going_on)
            raise SetupError(
                f"{self._address.url} is not known to go on from the beginning of an answer (its kind: {kind.name}).",
                fix=f"use a server that does ({able}; if it is one of them say so, as ?kind=vllm), or ask without: --protocol point",
            )

    def _attempt(self, call: _Call, request: Request, content: Content) -> tuple[Heard, Fault | None]:
        heard = Heard()
        fault = self._server.ask(
            request,
            heard,
            call.sampling.stop,
            read_on=self._server.kind().billed or self._options.price_in is not None,
            deadline=time.perf_counter() + self._options.timeout,
            unwanted=lambda: call.cancelled.is_set() or self._closed.is_set(),
        )
        if fault is not None and heard.pieces:
            # What was cut off is paid for too.
            self._ledger.charge(heard.usage, heard.cost, content.estimated_tokens)
        return heard, fault

    def _wait(self, call: _Call, fault: Fault, tries: Counter[Retry]) -> None:
        """Wait for the next attempt. Raises `ModelError` when there is none to come."""
        allowed = {"never": 0, "once": min(1, self._options.retries), "later": self._options.retries}[fault.retry]
        patient = fault.retry == "later" and time.perf_counter() - call.begun < self.patience_s
        if tries[fault.retry] > allowed and not patient:
            tried = f" Tried {tries.total()} times." if tries.total() > 1 else ""
            raise ModelError(fault.message + tried, fix=fault.fix)
        back_off = min(FIRST_WAIT_S * 2.0 ** min(tries.total() - 1, 10), LONGEST_BACK_OFF_S) * (1 - random.random() / 4)
        if call.cancelled.wait(back_off if fault.wait_s is None else fault.wait_s):
            raise ModelError(f"{self.name} was closed or cancelled while it waited to try again. {fault.message}", fix=fault.fix)

    def _completion(
        self, call: _Call, request: Request, content: Content, heard: Heard, timings: dict[str, float], retries: int
    ) -> Completion:
        cost = self._ledger.charge(heard.usage, heard.cost, content.estimated_tokens)
        self._check(heard)
        details: dict[str, Any] = {"finish_reason": "stop" if heard.stop is not None else heard.finish, "server": self._server.kind().name}
        details |= {
            name: value
            for name, value in {
                "model": heard.model if heard.model != self._address.model else "",
                "stop": heard.stop,
                "tool_calls": "taken out of the text by the server, put back here" if heard.calls else "",
                "reasoning": heard.reasoning,
                "not_sent": dict(request.not_sent),
                "dropped": dict(request.dropped),
                "retries": retries,
                **content.notes,
            }.items()
            if value
        }
        if "prompt_tokens" not in heard.counted or "completion_tokens" not in heard.counted:
            details["usage"] = "not counted by the server: completion_tokens are the pieces that came, at least one token each"
        if cost is not None:
            details["cost"] = cost
            if heard.cost is None and "prompt_tokens" not in heard.counted:
                details["cost_estimated"] = True
        text = heard.reply
        if call.constraint is not None:
            fitted = fit(text, call.constraint, request.form, complete=heard.finish != "length")
            text, details["constraint"] = fitted.text, fitted.outcome
        if heard.first_s is not None:
            timings["first_token_s"] = heard.first_s - call.begun
        timings["total_s"] = time.perf_counter() - call.begun
        return Completion(self._server.redacted(text), heard.usage, timings, self._without_key(details))

    def _check(self, heard: Heard) -> None:
        """Raises `ModelError` for a reply that holds nothing to act on."""
        url = self._address.url
        if heard.refusal:
            raise ModelError(
                self._server.redacted(f"The model behind {url} refused: {heard.refusal.strip()[:500]}"), fix="say the goal otherwise"
            )
        if heard.finish == "content_filter":
            raise ModelError(f"The content filter of {url} held the reply back.", fix="say the goal otherwise, or use another server")
        if heard.reply or (heard.spoke and not heard.reasoning):
            return
        if heard.reasoning:
            how = "until its tokens were spent" if heard.finish == "length" else "and then said nothing"
            raise ModelError(f"The model behind {url} thought {how}.", fix="allow more new tokens, or switch its thinking off")
        raise ModelError(f"{url} gave a reply without text (null).", fix="see the server's log, and whether it serves a chat model")

    def _without_key(self, details: dict[str, Any]) -> dict[str, Any]:
        redact = self._server.redacted
        return {
            name: redact(value)
            if isinstance(value, str)
            else {key: redact(item) if isinstance(item, str) else item for key, item in value.items()}
            if isinstance(value, dict)
            else value
            for name, value in details.items()
        }


def openai_model(argument: str) -> OpenAIModel:
    """The model `openai:MODEL@URL?option=value`. Raises `SetupError` when it cannot be meant or the `openai` package is missing."""
    return OpenAIModel(argument)
