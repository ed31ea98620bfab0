"""Which part of a prompt need not be computed again: key-value caches of earlier prompts, matched by token ids and picture contents.

The caches hold keys and values with rotary positions worked in, and positions depend on what stands before a token alone. So an equal
beginning means equal entries, and the rest is computed with positions taken over the whole prompt. Three things would go wrong in
silence, and are why this is not left to `generate` (figures: huggingface/transformers 4.57 and 5.23, QwenLM/Qwen3-VL#1412, #1454, #1685):
new pictures are dropped when a cache is given, the rope delta is state of the module that another conversation overwrites, and a reply
that is cut into tokens anew may not match what was generated.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from handeye.agent.models.local.prompt import Ids, Prompt

_NONE: Ids = np.zeros(0, dtype=np.int64)


class Slot:
    """One conversation's cache, and the keys of the tokens that it holds."""

    def __init__(self) -> None:
        self.cache: Any = None
        self.keys: Ids = _NONE

    def common(self, prompt: Prompt) -> int:
        """Tokens at the beginning of `prompt` that the cache holds, less what would cut a picture in two or leave nothing to compute."""
        most = min(len(self.keys), len(prompt) - 1)
        unlike = np.flatnonzero(self.keys[:most] != prompt.keys[:most])
        count = int(unlike[0]) if len(unlike) else most
        return next((seen.start for seen in prompt.seen if seen.start < count < seen.end), count)

    def crop(self, count: int) -> None:
        """Forget all but the first `count` tokens."""
        if self.cache is not None and (surplus := len(self.keys) - count):
            # A negative number is what both transformers 4 and 5 take.
            self.cache.crop(-surplus)
        self.keys = self.keys[:count]

    def forget(self) -> None:
        """Forget everything."""
        self.cache, self.keys = None, _NONE

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Forget everything if the block is left by an exception: whatever stopped it may have filled some layers and not others."""
        done = False
        try:
            yield
            done = True
        finally:
            if not done:
                self.forget()


class PrefixCaches:
    """As many conversations as `count`, the least recently used given up first."""

    def __init__(self, count: int) -> None:
        self._slots = [Slot() for _ in range(max(1, count))]
        self._keep = count > 0

    def take(self, prompt: Prompt) -> tuple[Slot, int]:
        """The slot that holds most of the beginning of `prompt`, cropped to it, and how much that is."""
        if not self._keep:
            self.forget()
        shared = [slot.common(prompt) for slot in self._slots]
        best = max(range(len(shared)), key=lambda index: shared[index])
        # A system turn in common is no conversation in common: it is copied from nowhere, and the other conversation keeps its cache.
        if shared[best] < len(self._slots[best].keys) // 2:
            best = 0
        slot = self._slots.pop(best)
        self._slots.append(slot)
        count = slot.common(prompt)
        slot.crop(count)
        if not count:
            slot.forget()
        return slot, count

    @property
    def held(self) -> bool:
        """Whether any conversation is kept."""
        return any(slot.cache is not None for slot in self._slots)

    def forget(self) -> None:
        """Forget every conversation."""
        for slot in self._slots:
            slot.forget()
