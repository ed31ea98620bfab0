"""What calls cost, and when to stop."""

from __future__ import annotations

import threading

from handeye.agent.models.base import Usage
from handeye.agent.models.openai.address import Options
from handeye.tools.errors import ModelError

_MILLION = 1_000_000


class Ledger:
    """Adds up what one model cost since it was opened. Safe to use from several threads."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._spent = 0.0

    @property
    def spent(self) -> float:
        """What was spent so far, in the currency of the prices (OpenRouter: its credits, US dollars)."""
        with self._lock:
            return self._spent

    def check(self) -> None:
        """Raises `ModelError` when the limit is reached. Calls that run at the same time are not counted before they end."""
        limit = self._options.max_cost
        if limit is not None and (spent := self.spent) >= limit:
            raise ModelError(f"The limit on spend is reached: {spent:.4f} of {limit:g}.", fix="raise max_cost in the model's name")

    def charge(self, usage: Usage, said: float | None, estimated_prompt: int = 0) -> float | None:
        """Add a call and give its cost: what the server said, else tokens times price; None where there is neither.

        `estimated_prompt` stands in for a prompt that the server did not count.
        """
        cost = said if said is not None else self._by_price(usage, estimated_prompt)
        if cost is not None:
            with self._lock:
                self._spent += cost
        return cost

    def _by_price(self, usage: Usage, estimated_prompt: int) -> float | None:
        options = self._options
        if options.price_in is None or options.price_out is None:
            return None
        prompt = usage.prompt_tokens or estimated_prompt
        cached = min(usage.cached_tokens, prompt)
        price_cached = options.price_in if options.price_cached is None else options.price_cached
        total = (prompt - cached) * options.price_in + cached * price_cached + usage.completion_tokens * options.price_out
        return total / _MILLION
