"""What the model's calls cost in one episode, whichever model it is."""

from __future__ import annotations

from handeye.agent.models.base import Completion

_MILLION = 1_000_000


class Spending:
    """Adds up the calls and says when the limit is reached."""

    def __init__(self, limit: float | None, prices: tuple[float, float] | None) -> None:
        """`limit` None: there is none. `prices`: of a million tokens of prompt and of reply, for a model that does not say what it cost."""
        self._limit, self._prices = limit, prices
        self._spent: float | None = None
        self._untold = False

    @property
    def spent(self) -> float | None:
        """What was spent so far; None where nobody knows of anything."""
        return self._spent

    def add(self, completion: Completion) -> None:
        """Count a call: by what it says it cost, else by its tokens."""
        cost = completion.details.get("cost")
        if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost < float("inf"):
            if self._prices is None:
                self._untold = True
                return
            usage = completion.usage
            cost = (usage.prompt_tokens * self._prices[0] + usage.completion_tokens * self._prices[1]) / _MILLION
        self._spent = (self._spent or 0.0) + cost

    def over(self) -> str:
        """Why no further call may be made, in words; empty: it may."""
        if self._limit is None:
            return ""
        if self._untold:
            return f"What the model's calls cost is not known, and the limit is {self._limit:g}: give price_in and price_out in its name."
        if self._spent is not None and self._spent >= self._limit:
            return f"The limit on cost is reached: {self._spent:.4f} of {self._limit:g}."
        return ""
