"""The body of a request, and what a server turned out not to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handeye.agent.models.base import Constraint, Sampling
from handeye.agent.models.openai.constraint import forms_of, response_format
from handeye.agent.models.openai.kinds import Form, ServerKind

_OTHER_LIMIT = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_NEEDED = frozenset({"model", "messages", "stream", "continue_final_message", "add_generation_prompt"})


@dataclass(eq=False)
class Refusals:
    """What this server refused so far. Kept for as long as the model is open, so that each parameter is refused once."""

    parameters: dict[str, str] = field(default_factory=dict)
    """Name of the parameter and what the server said."""
    forms: dict[Form, str] = field(default_factory=dict)

    def add(self, request: Request, parameter: str, said: str) -> bool:
        """Note that `parameter` is not taken; False when the request did not have it, or cannot be without it."""
        if parameter == "provider":
            parameter = "response_format"
        if parameter == "response_format" and request.form is not None:
            self.forms[request.form] = said
            return True
        if parameter in _NEEDED or parameter not in request.body:
            return False
        self.parameters[parameter] = said
        return True


@dataclass(frozen=True)
class Request:
    """A body, and what the record has to say about it."""

    body: dict[str, Any]
    form: Form | None = None
    """How the reply is constrained; None where it is not."""
    not_sent: Mapping[str, Any] = field(default_factory=dict)
    """What was asked for and this kind of server has no parameter for."""
    dropped: Mapping[str, str] = field(default_factory=dict)
    """What was asked for and the server refused, with its words."""


def request_of(
    model: str,
    messages: list[dict[str, Any]],
    sampling: Sampling,
    constraint: Constraint | None,
    kind: ServerKind,
    refusals: Refusals,
) -> Request:
    """The request for one reply, without what the server refused before."""
    not_sent: dict[str, Any] = {}
    going_on = kind.going_on if messages and messages[-1]["role"] == "assistant" else {}
    wanted: dict[str, Any] = {
        "model": model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        kind.max_tokens: sampling.max_new_tokens,
        **kind.running_usage,
        **kind.extra,
        **going_on,
        **_tail_of_sampling(sampling, kind, not_sent),
    }
    if sampling.seed is not None:
        wanted["seed"] = sampling.seed
    if sampling.stop and kind.stop_kept:
        wanted["stop"] = list(sampling.stop)
        wanted[kind.stop_kept] = True
    dropped = {name: said for name, said in refusals.parameters.items() if name in wanted}
    body = {name: value for name, value in wanted.items() if name not in refusals.parameters}
    if kind.stop_kept in dropped:
        # A stop text that does not stay in the reply is worse than none: we would not see it.
        body.pop("stop", None)
    if kind.max_tokens in dropped and (other := _OTHER_LIMIT[kind.max_tokens]) not in refusals.parameters:
        body[other] = sampling.max_new_tokens
    if constraint is None:
        return Request(body, None, not_sent, dropped)
    return _constrained(body, constraint, kind, refusals, not_sent, dropped)


def _tail_of_sampling(sampling: Sampling, kind: ServerKind, not_sent: dict[str, Any]) -> dict[str, Any]:
    """What the plain protocol has no word for: top_k and the penalty on repetition."""
    found: dict[str, Any] = {}
    if kind.top_k and sampling.top_k > 0:
        found[kind.top_k] = sampling.top_k
    elif kind.top_k and kind.top_k_off is not None:
        found[kind.top_k] = kind.top_k_off
    elif sampling.top_k > 0:
        not_sent["top_k"] = sampling.top_k
    if kind.repetition_penalty and (kind.penalty_always or sampling.repetition_penalty != 1.0):
        found[kind.repetition_penalty] = sampling.repetition_penalty + (kind.penalty_off - 1.0)
    elif sampling.repetition_penalty != 1.0:
        not_sent["repetition_penalty"] = sampling.repetition_penalty
    return found


def _constrained(
    body: dict[str, Any],
    constraint: Constraint,
    kind: ServerKind,
    refusals: Refusals,
    not_sent: dict[str, Any],
    dropped: dict[str, str],
) -> Request:
    forms = forms_of(constraint, kind)
    dropped |= {f"response_format {form}": refusals.forms[form] for form in forms if form in refusals.forms}
    form = next((form for form in forms if form not in refusals.forms), None)
    if form is not None:
        body |= {"response_format": response_format(form, constraint, kind), **kind.constraint_extra}
    return Request(body, form, not_sent, dropped)
