"""What the models behind providers' own interfaces share: the limit on spend, trying again, and what is recorded of a call."""

from __future__ import annotations

import os
import random
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from handeye.agent.messages import Message, Picture
from handeye.agent.models.base import Completion, Constraint, Sampling, Usage
from handeye.agent.models.hosted.address import Provider, hosted_address
from handeye.agent.models.hosted.turns import Conversation, conversation_of
from handeye.agent.models.openai.address import find_key
from handeye.agent.models.openai.content import FAR_LEVEL, PictureEncoder
from handeye.agent.models.openai.faults import Fault, Retry, redacted
from handeye.agent.models.openai.model import FIRST_WAIT_S, LONGEST_BACK_OFF_S
from handeye.agent.models.openai.spend import Ledger
from handeye.tools.errors import ModelError

_NEEDED = frozenset({"model", "input", "messages", "tools", "max_tokens", "store", "instructions", "system", "betas"})
"""What a request is not itself without."""


class HostedModel(ABC):
    """A model behind its provider's own interface. Safe to use from several threads."""

    def __init__(self, argument: str, provider: Provider, environment: Mapping[str, str] | None = None) -> None:
        """Reads the address and finds the key in `environment` (None: the process's own); calls nobody.

        Raises `SetupError` for an address that cannot be meant, and where the provider's package is not installed.
        """
        self._provider = provider
        self._address, self._options = hosted_address(argument, provider)
        self.name = f"{provider.backend}:{self._address.name}"
        self.patience_s = 0.0
        self._key = find_key(self._address, os.environ if environment is None else environment)
        self._encoder = PictureEncoder(FAR_LEVEL)
        self._ledger = Ledger(self._options)
        self._refused: dict[str, str] = {}
        self._closed = threading.Event()

    @property
    def concurrency(self) -> int:
        """See `ConcurrentModel`."""
        return self._options.concurrency

    @property
    def spent(self) -> float:
        """What the calls of this object cost so far; 0 without prices."""
        return self._ledger.spent

    def describe(self) -> dict[str, Any]:
        """The provider's address, the model and its computer tool. Never the key."""
        return {"url": self._address.url, "model": self._address.model, "tool": self.tool}

    @property
    @abstractmethod
    def tool(self) -> str:
        """The computer tool that is offered."""

    @abstractmethod
    def body(self, conversation: Conversation, sampling: Sampling) -> dict[str, Any]:
        """The request."""

    @abstractmethod
    def send(self, body: dict[str, Any]) -> dict[str, Any] | Fault:
        """The answer as JSON values, or what was wrong."""

    @abstractmethod
    def read(self, answer: dict[str, Any], tools: bool) -> tuple[str, str, str, Usage]:
        """Of an answer: what the model gave, the words of a refusal (empty: none), how it ended, tokens."""

    @abstractmethod
    def close(self) -> None:
        """Close the connections. A second call does nothing."""

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """One reply: the provider's items as JSON where the first turn offers tools, else words. A `constraint` is not held to.

        Raises `ModelError` when the limit on spend is reached, and when there is no reply; `SetupError` for what the interface does not
        take.
        """
        if self._closed.is_set():
            raise ModelError(f"{self.name} is closed.", fix="open it again")
        self._ledger.check()
        begun = time.perf_counter()
        conversation = conversation_of(messages)
        body = self.body(conversation, sampling)
        encode_s = time.perf_counter() - begun
        tries: Counter[Retry] = Counter()
        while True:
            sent = {name: value for name, value in body.items() if name not in self._refused}
            answer = self.send(sent)
            if not isinstance(answer, Fault):
                break
            if answer.parameter and answer.parameter in sent and answer.parameter not in _NEEDED:
                self._refused[answer.parameter] = answer.said
                continue
            tries[answer.retry] += 1
            self._wait(answer, tries, begun)
        return self._completion(answer, bool(conversation.tools), constraint, begun, encode_s, tries.total())

    def picture(self, picture: Picture) -> str:
        """The data URL of a picture: PNG of the very pixels."""
        return self._encoder.url(picture)

    def redacted(self, text: str) -> str:
        """`text` without the key."""
        return redacted(text, self._key)

    def _wait(self, fault: Fault, tries: Counter[Retry], begun: float) -> None:
        """Wait for the next attempt. Raises `ModelError` when there is none to come."""
        allowed = {"never": 0, "once": min(1, self._options.retries), "later": self._options.retries}[fault.retry]
        patient = fault.retry == "later" and time.perf_counter() - begun < self.patience_s
        if tries[fault.retry] > allowed and not patient:
            tried = f" Tried {tries.total()} times." if tries.total() > 1 else ""
            raise ModelError(self.redacted(fault.message) + tried, fix=fault.fix)
        back_off = min(FIRST_WAIT_S * 2.0 ** min(tries.total() - 1, 10), LONGEST_BACK_OFF_S) * (1 - random.random() / 4)
        if self._closed.wait(back_off if fault.wait_s is None else fault.wait_s):
            raise ModelError(f"{self.name} was closed while it waited to try again. {self.redacted(fault.message)}", fix=fault.fix)

    def _completion(
        self, answer: dict[str, Any], tools: bool, constraint: Constraint | None, begun: float, encode_s: float, retries: int
    ) -> Completion:
        text, refusal, finish, usage = self.read(answer, tools)
        cost = self._ledger.charge(usage, None)
        if refusal:
            raise ModelError(self.redacted(f"The model behind {self._address.url} refused: {refusal[:500]}"), fix="say the goal otherwise")
        if not text:
            raise ModelError(f"{self._address.url} gave a reply with nothing in it ({finish}).", fix="allow more new tokens, or ask again")
        details: dict[str, Any] = {"finish_reason": finish, "server": self._provider.backend, "tool": self.tool if tools else None}
        details |= {"model": answer.get("model"), "dropped": dict(self._refused), "retries": retries, "cost": cost}
        details["constraint"] = "not held to: this interface has no such form" if constraint is not None else None
        timings = {"encode_s": encode_s, "total_s": time.perf_counter() - begun}
        told = {name: value for name, value in details.items() if value not in (None, {}, 0)}
        return Completion(self.redacted(text), usage, timings, told)
