"""Holds a reply to a form while it is generated: JSON that obeys a schema, between two fixed texts. The grammar engine is llguidance."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from handeye.agent.install_commands import install_command
from handeye.agent.models.base import Constraint
from handeye.tools.errors import InvalidAction, SetupError

if TYPE_CHECKING:
    import torch


class FormMaker:
    """Makes forms for one tokenizer; reading a large vocabulary takes about a second, once."""

    def __init__(self, tokenizer: Any, vocabulary: int, ends: tuple[int, ...]) -> None:
        self._tokenizer, self._vocabulary, self._ends = tokenizer, vocabulary, ends
        self._read: Any = None

    def form(self, constraint: Constraint) -> Form:
        """A form at its beginning. Raises `InvalidAction` for a schema that cannot be turned into a grammar."""
        if not importlib.util.find_spec("llguidance"):
            raise SetupError("replies held to a form need the package llguidance.", fix=install_command("local"))
        import llguidance
        import llguidance.hf

        if self._read is None:
            self._read = llguidance.hf.from_tokenizer(self._tokenizer, n_vocab=self._vocabulary, eos_token=list(self._ends))
        grammar = _grammar(constraint, self._text)
        if fault := llguidance.LLMatcher.validate_grammar(grammar, self._read):
            raise InvalidAction(f"the schema cannot hold a reply to its form: {fault[:500]}", fix="use plainer parts of JSON schema")
        return Form(llguidance.LLMatcher(self._read, grammar), self._vocabulary)

    def _text(self, text: str) -> str:
        """`text` in the grammar's notation: tokens of the vocabulary that are markup stand as such, since a string never means them."""
        added = self._tokenizer.get_added_vocab()
        parts, rest = [], text
        while rest:
            marks = [(rest.find(mark), mark) for mark in added if mark in rest]
            at, mark = min(marks) if marks else (len(rest), "")
            if at:
                parts.append(json.dumps(rest[:at]))
            if mark:
                parts.append(f"<[{added[mark]}]>")
            rest = rest[at + len(mark) :]
        return " ".join(parts)


class Form:
    """How far one reply has filled its form."""

    def __init__(self, matcher: Any, vocabulary: int) -> None:
        self._matcher, self._vocabulary = matcher, vocabulary

    @property
    def complete(self) -> bool:
        """Whether nothing can follow."""
        return bool(self._matcher.is_stopped())

    def forbid(self, scores: torch.Tensor) -> None:
        """Set the scores, shape (vocabulary,), of all tokens that may not come next to minus infinity."""
        import torch

        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        allowed = torch.from_numpy(np.unpackbits(bits, bitorder="little")[: len(scores)].astype(bool)).to(scores.device)
        scores[: len(allowed)].masked_fill_(~allowed, float("-inf"))
        scores[len(allowed) :] = float("-inf")

    def take(self, token: int) -> None:
        """Go on by one token."""
        self._matcher.consume_token(token)


def _grammar(constraint: Constraint, text: Any) -> str:
    schema = json.dumps(
        dict(constraint.schema) | {"x-guidance": {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}}
    )
    return f"start: {text(constraint.before)} body {text(constraint.after)}\nbody: %json {schema}\n"
