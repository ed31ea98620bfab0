"""Listens to a reply as it comes, and stops listening where it is complete."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from handeye.agent.dialects.hermes import CALL_BEGIN, CALL_END, dump
from handeye.agent.models.base import Usage

GRACE = 8
"""Chunks that are read after a stop text where somebody pays: the model mostly ends by itself there, and then the server says the true
count of tokens. A model that goes on is cut off."""


class Stopped(Exception):
    """Whoever waits for the reply does not want it any more, or it took too long; says why."""


@dataclass(eq=False)
class Heard:
    """What came so far."""

    text: str = ""
    spoke: bool = False
    """There was a text, be it an empty one."""
    reasoning: str = ""
    refusal: str = ""
    finish: str | None = None
    """The server's finish_reason."""
    choices: int = 0
    """Chunks that held a choice."""
    pieces: int = 0
    """Chunks that held text or thoughts: at least one token each."""
    calls: dict[int, list[str]] = field(default_factory=dict)
    """Calls that the server took out of the text, by their index: name and arguments."""
    stop: str | None = None
    """The stop text that was met."""
    counted: dict[str, int] = field(default_factory=dict)
    cost: float | None = None
    model: str = ""
    first_s: float | None = None
    """When the first piece came, by the clock of `time.perf_counter`."""

    @property
    def complete(self) -> bool:
        """The reply is all there: the server said so, or a stop text was met."""
        return self.finish is not None or self.stop is not None

    @property
    def reply(self) -> str:
        """The text, with the calls back in it in the form in which the Qwen family writes them.

        Servers with a tool parser (`transformers serve`, vLLM with --enable-auto-tool-choice) take them out.
        """
        written = (f'{CALL_BEGIN}{{"name": {dump(name)}, "arguments": {given or "{}"}}}\n{CALL_END}' for name, given in self.calls.values())
        return "\n".join(part for part in (self.text, *written) if part)

    @property
    def usage(self) -> Usage:
        """The count of tokens: the server's, and for the reply at least the number of pieces where there is none."""
        completion = self.counted.get("completion_tokens") or self.pieces
        return Usage(self.counted.get("prompt_tokens", 0), completion, self.counted.get("cached_tokens", 0))

    def take(self, chunk: object, stop: tuple[str, ...]) -> None:
        """Add a chunk. What holds nothing that we know is passed over."""
        if not isinstance(chunk, Mapping):
            return
        self._count(chunk)
        if isinstance(chunk.get("model"), str):
            self.model = chunk["model"]
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
            return
        self.choices += 1
        choice = choices[0]
        said = choice.get("delta") or choice.get("message")
        if isinstance(said, Mapping):
            self._hear(said, stop)
        if isinstance(choice.get("finish_reason"), str) and choice["finish_reason"]:
            self.finish = choice["finish_reason"]

    def _hear(self, said: Mapping[str, Any], stop: tuple[str, ...]) -> None:
        text = _text_of(said.get("content"))
        thought = _text_of(said.get("reasoning_content")) or _text_of(said.get("reasoning")) or ""
        self.refusal += _text_of(said.get("refusal")) or ""
        self._hear_calls(said.get("tool_calls"))
        if (text or thought) and self.first_s is None:
            self.first_s = time.perf_counter()
        self.pieces += bool(text or thought)
        self.reasoning += thought
        if text is None:
            return
        self.spoke = True
        if self.stop is None:
            begin = len(self.text)
            self.text += text
            if (found := _first_stop(self.text, stop, begin)) is not None:
                end, self.stop = found
                self.text = self.text[:end]

    def _hear_calls(self, said: object) -> None:
        """Add the pieces of calls: the name comes once, the arguments bit by bit."""
        for place, call in enumerate(said if isinstance(said, list) else ()):
            function = call.get("function") if isinstance(call, Mapping) else None
            if isinstance(function, Mapping):
                index = _number(call.get("index"))
                heard = self.calls.setdefault(place if index is None else index, ["", ""])
                heard[0] += _text_of(function.get("name")) or ""
                heard[1] += _text_of(function.get("arguments")) or ""
                self.pieces += 1

    def _count(self, chunk: Mapping[str, Any]) -> None:
        usage = chunk.get("usage")
        if isinstance(usage, Mapping):
            details = usage.get("prompt_tokens_details")
            cached = details.get("cached_tokens") if isinstance(details, Mapping) else None
            self._note(usage.get("prompt_tokens"), usage.get("completion_tokens"), cached)
            cost = usage.get("cost")
            if isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost < float("inf"):
                self.cost = float(cost)
        timings = chunk.get("timings")
        if isinstance(timings, Mapping):
            # llama.cpp: the prompt is what was computed and what was cached.
            cached, computed = _number(timings.get("cache_n")), _number(timings.get("prompt_n"))
            self._note(None if computed is None else computed + (cached or 0), timings.get("predicted_n"), cached)

    def _note(self, prompt: object, completion: object, cached: object) -> None:
        for name, value in (("prompt_tokens", prompt), ("completion_tokens", completion), ("cached_tokens", cached)):
            if (number := _number(value)) is not None:
                self.counted[name] = number


def listen(
    chunks: Iterable[object], heard: Heard, stop: tuple[str, ...], *, read_on: bool, deadline: float, unwanted: Callable[[], bool]
) -> None:
    """Read `chunks` into `heard` until the reply is complete.

    `read_on`: after a stop text up to `GRACE` chunks more, for the count of tokens. Raises `Stopped` when the clock of
    `time.perf_counter` passes `deadline` or the reply is `unwanted`, and whatever reading a chunk raises.
    """
    grace = GRACE if read_on else 0
    for chunk in chunks:
        heard.take(chunk, stop)
        if heard.stop is not None:
            if grace == 0:
                return
            grace -= 1
        if unwanted():
            raise Stopped("it is not wanted any more")
        if time.perf_counter() > deadline:
            raise Stopped("it took too long")


def _first_stop(text: str, stop: tuple[str, ...], begin: int) -> tuple[int, str] | None:
    """Where the earliest stop text ends that ends after `begin`, and which it is."""
    found: tuple[int, str] | None = None
    for word in stop:
        if not word:
            continue
        at = text.find(word, max(0, begin - len(word) + 1))
        if at >= 0 and (found is None or at + len(word) < found[0]):
            found = (at + len(word), word)
    return found


def _text_of(content: object) -> str | None:
    """The text of a content, which some servers give as a list of parts; None where there is none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, Mapping)]
        return "".join(part for part in parts if isinstance(part, str))
    return None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
